"""A cassette is written turn by turn: each run replays what is answered, and stops at the next request."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fakememtrace import CassetteError, World
from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.drafting import Draft, Unanswered
from fakememtrace.errors import ProgramStopped

from ..claude.helpers import TOOL, request
from .helpers import ASK, PROGRAMS, command, run

LAST = "Then run the same command again: it comes to the next request."
SUMMARY = "fakememtrace: agent.py: {}, 0 memories stored, nothing unexpected"


def draft(path):
    """A draft as the command makes it, on a day that does not go by."""
    return Draft(path, World().claude.player_of, lambda: "2026-11-22")


def asked(path, body, **more):
    """What a draft that is opened anew says to a request."""
    with pytest.raises(Unanswered) as stopped:
        draft(path).play(body, **more)
    return stopped.value.words


def answered(path, response):
    """Write by hand the answer that is missing."""
    text = path.read_text("utf-8")
    assert text.count('"response": null') == 1
    path.write_text(text.replace('"response": null', f'"response":   {response}'), "utf-8")


def test_a_program_comes_to_a_full_replay_turn_by_turn(tmp_path):
    """Run, answer, run again: after the last answer the draft is a cassette, and the replay has the same bytes."""
    written = [
        '{"content": [{"type": "tool_use", "name": "save_note", "input": {"text": "Ada: tea"}}]}',
        '"Noted: you drink tea."',
        '"Tea, you said."',
    ]
    words = ["run", str(PROGRAMS / "notes.py"), "ada"]
    said = "I drink tea.\nWhat do I drink?\n"
    for number, response in enumerate(written, 1):
        ran = command(*words, "--draft", "notes.json", cwd=tmp_path, said=said)
        assert ran.code == 1
        assert f"fakememtrace: notes.json, interaction {number}, has no answer yet. It is this request" in ran.err
        assert ran.last.endswith("nothing unexpected, stopped")
        answered(tmp_path / "notes.json", response)
    before = (tmp_path / "notes.json").read_bytes()
    last = command(*words, "--draft", "notes.json", cwd=tmp_path, said=said)
    assert (last.code, last.out) == (0, "> I drink tea.\nNoted: you drink tea.\n> What do I drink?\nTea, you said.\n")
    assert last.err == (
        "1 notes kept\n"
        "fakememtrace: notes.json has an answer to every request: it is a cassette now, for --cassette notes.json\n\n"
        "fakememtrace: notes.py: 3 requests to Claude, 1 memory stored, nothing unexpected\n"
    )
    assert (tmp_path / "notes.json").read_bytes() == before
    replays = [command(*words, "--cassette", "notes.json", cwd=tmp_path, said=said) for _ in range(2)]
    assert replays[0] == replays[1] == (0, last.out, f"1 notes kept\n{last.last}\n")


def test_a_stop_says_which_request_and_where_to_write(tmp_path):
    """One paragraph: the request, the place of the answer, and an example that is right for its tools."""
    ran = run(tmp_path, ASK, "--draft", "d.json", said="hi\n")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == (
        "fakememtrace: d.json, interaction 1, has no answer yet. "
        'It is this request to Claude: claude-x, 1 message, the last from user: "hi".\n'
        'What to do: write the answer there in place of "response": null, a text:\n'
        '  "response": "Hello!"\n'
        f"{LAST}\n\n" + SUMMARY.format("1 request to Claude") + ", stopped\n"
    )
    assert run(tmp_path, ASK, "--draft", "d.json", said="hi\n") == ran


def test_an_example_has_the_shape_of_the_first_tool(tmp_path, monkeypatch):
    """Where the request offers tools, the call of one is shown with what it must be told."""
    monkeypatch.chdir(tmp_path)
    properties = {"content": {"type": "string"}, "tags": {"type": "array"}, "importance": {"type": ["number", "null"]}}
    schema = {"type": "object", "properties": properties, "required": [*properties, 3]}
    tool = {**TOOL, "input_schema": schema}
    assert asked(tmp_path / "d.json", request("hi", tools=[tool])) == (
        "d.json, interaction 1, has no answer yet. "
        'It is this request to Claude: claude-x, 1 message, the last from user: "hi".\n'
        'What to do: write the answer there in place of "response": null, a text, or the call of a tool:\n'
        '  "response": "Hello!"\n'
        '  "response": {"content": [{"type": "tool_use", "name": "remember", '
        '"input": {"content": "...", "tags": [], "importance": "..."}}]}\n'
        f"{LAST}"
    )


@pytest.mark.parametrize("tools", [7, [7], [{"name": "x", "input_schema": {"required": 3, "properties": []}}]])
def test_tools_of_any_shape_are_no_trouble(tmp_path, tools):
    """What a program sends in place of tools is written down as it is."""
    assert "has no answer yet" in asked(tmp_path / "d.json", request("hi", tools=tools))


def test_what_somebody_wrote_stays_to_the_byte(tmp_path):
    """Whatever the layout of what is there, the next request is put in behind it."""
    file = tmp_path / "d.json"
    asked(file, request("a"))
    mine = file.read_text("utf-8").replace("\n  ", "\r\n\t").replace("null", '  {"content": [ ]  }')
    file.write_bytes(mine.encode())
    asked(file, request("b"))
    now = file.read_bytes().decode()
    head, tail = mine.rsplit("}", 2)[0], mine.rsplit("]", 1)[1]
    assert now.startswith(head + "}")
    assert now.endswith("]" + tail)
    assert [one.messages[0]["content"] for one in draft(file).player.cassette.interactions] == ["a", "b"]


def test_what_is_written_while_the_program_runs_is_not_lost(tmp_path):
    """The file is read again before a request is put in."""
    file = tmp_path / "d.json"
    asked(file, request("a"))
    answered(file, '"A"')
    running = draft(file)
    asked(file, request("b"))
    answered(file, '"B"')
    with pytest.raises(Unanswered):
        running.play(request("c"))
    texts = [one["response"] for one in json.loads(file.read_text("utf-8"))["interactions"]]
    assert texts == ["A", "B", None]


def test_a_request_that_changed_takes_the_place_of_the_one_before(tmp_path):
    """An unanswered request that the program does not make any more is replaced, as long as nobody wrote there."""
    file = tmp_path / "d.json"
    asked(file, request("one prompt"))
    asked(file, request("another prompt"))
    assert len(json.loads(file.read_text("utf-8"))["interactions"]) == 1
    text = file.read_text("utf-8").replace('"duration_ms": 0', '"duration_ms": 700')
    file.write_text(text, "utf-8")
    asked(file, request("a third prompt"))
    interactions = json.loads(file.read_text("utf-8"))["interactions"]
    assert [one["request"]["messages"][0]["content"] for one in interactions] == ["another prompt", "a third prompt"]


def test_a_later_turn_continues_the_conversation(tmp_path):
    """The skeleton has only what is new, also after an answer in its short form."""
    file = tmp_path / "d.json"
    asked(file, request("a"))
    answered(file, '"A"')
    said = draft(file).play(request("a")).interaction.answer
    asked(file, request("a", said["content"], "b"))
    entry = json.loads(file.read_text("utf-8"))["interactions"][1]
    assert (entry["continues"], entry["request"]) == (1, {"messages": [{"role": "user", "content": "b"}]})


def test_after_the_stop_nothing_is_answered(tmp_path):
    """A program that goes on all the same is stopped again, and no second request is put in."""
    tape = draft(tmp_path / "d.json")
    for text in ("a", "b"):
        with pytest.raises(Unanswered, match="interaction 1 of the draft has no answer yet"):
            tape.play(request(text))
    assert len(json.loads((tmp_path / "d.json").read_text("utf-8"))["interactions"]) == 1
    assert not tape.is_whole


def test_tokens_are_counted_without_a_stop(tmp_path):
    """What can be estimated is no question to the author."""
    tape = draft(tmp_path / "d.json")
    counted = tape.play(request("hi"), "count_tokens").interaction.response["input_tokens"]
    assert counted > 0
    with pytest.raises(Unanswered):
        tape.play(request("hi"))
    again = draft(tmp_path / "d.json")
    assert again.play(request("hi"), "count_tokens").interaction.response["input_tokens"] == counted
    assert len(again.player.cassette) == 2


def test_a_question_for_models_is_stopped_in_its_own_words(tmp_path):
    """Nobody answers that with a text."""
    assert asked(tmp_path / "d.json", {"limit": "3"}, endpoint="models").split("\n")[1:3] == [
        'What to do: write the answer there in place of "response": null, what the API answers:',
        '  "response": {...}',
    ]


def test_a_secret_is_not_written(tmp_path):
    """What looks like a secret stops the program in the words of the recorder, and nothing is written."""
    with pytest.raises(ProgramStopped) as stopped:
        draft(tmp_path / "d.json").play(request("my token: tok_9fJ2kLmQ8xZr4VbN6wTyU1cE"))
    assert "looks like a secret, so nothing was written." in str(stopped.value)
    assert not (tmp_path / "d.json").exists()


def test_elsewhere_a_draft_is_refused_with_the_number(tmp_path, monkeypatch):
    """Who takes an unfinished draft for a cassette is told which answer is missing, and the ways to it."""
    monkeypatch.chdir(tmp_path)
    asked(tmp_path / "d.json", request("hi"))
    with pytest.raises(CassetteError) as refused:
        Cassette.load("d.json")
    assert str(refused.value) == (
        "d.json, interaction 1: it has no answer yet: write one or record it.\n"
        'Its "response" can be a text, "response": "Hello!", or a message, "response": {"content": [...]}; '
        "to record it, take it out and record what is new."
    )


def test_a_request_that_is_another_one_in_every_run_is_told_of(tmp_path, monkeypatch):
    """Whose answer was not asked for, and in which words the prompt differs, so that nobody writes answers for ever."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "d.json"
    first = asked(file, request("hi", system="It is 10:00:01."))
    assert "It is not that of" not in first
    answered(file, '"Hello!"')
    assert asked(file, request("hi", system="It is 10:00:02.")) == (
        "d.json, interaction 2, has no answer yet. "
        'It is this request to Claude: claude-x, 1 message, the last from user: "hi".\n'
        "It is not that of interaction 1, whose answer was not asked for. It differs in: system prompt.\n\n"
        "system prompt:\n"
        "    - It is 10:00:[-01-].\n"
        "    + It is 10:00:{+02+}.\n\n"
        "(- as recorded, + as sent; [-...-] and {+...+} mark what changed in a line)\n"
        "Where that changes by itself in every run, the draft never comes to an end: with --freeze the time stands "
        "still, and what is drawn at random needs a seed.\n"
        'What to do: write the answer there in place of "response": null, a text:\n'
        '  "response": "Hello!"\n'
        f"{LAST}"
    )


def test_what_goes_on_from_an_answer_is_not_compared_with_it(tmp_path):
    """Where all that is answered was asked for, or is still unanswered, there is nothing that it should have been."""
    file = tmp_path / "d.json"
    asked(file, request("a"))
    assert "It is not that of" not in asked(file, request("b"))
    answered(file, '"B"')
    tape = draft(file)
    tape.play(request("b"))
    with pytest.raises(Unanswered) as stopped:
        tape.play(request("b", [{"type": "text", "text": "B"}], "c"))
    assert "It is not that of" not in stopped.value.words


def test_a_time_in_the_prompt_stands_still_with_freeze(tmp_path):
    """The way out that is told is one: the second run asks for the answer that was written after the first."""
    program = ASK.replace(
        "for line", "import datetime\nprint(ask(f'It is {datetime.datetime.now()}'))\nsys.exit()\nfor line"
    )
    assert run(tmp_path, program, "--freeze", "--draft", "d.json").code == 1
    answered(tmp_path / "d.json", '"Noon."')
    ran = run(tmp_path, program, "--freeze", "--draft", "d.json")
    assert (ran.code, ran.out) == (0, "Noon.\n")


def test_what_the_program_does_not_ask_for_any_more_keeps_a_draft_from_being_a_cassette(tmp_path):
    """The numbers are told with the command that takes them out, after which the replay is clean."""
    for said, answer in (("old\n", '"Old."'), ("new\n", '"New."')):
        run(tmp_path, ASK, "--draft", "d.json", said=said)
        answered(tmp_path / "d.json", answer)
    ran = run(tmp_path, ASK, "--draft", "d.json", said="new\n")
    assert (ran.code, ran.out) == (1, "New.\n")
    assert (
        "fakememtrace: d.json has an answer to every request, and others that this run did not ask for. Where no run "
        "needs them: fakememtrace cassette drop d.json 1\n"
    ) in ran.err
    assert "it is a cassette now" not in ran.err
    dropped = command("cassette", "drop", "d.json", "1", cwd=tmp_path)
    assert (dropped.code, dropped.out) == (0, "d.json: interaction 1 dropped, 1 interaction left\n")
    assert run(tmp_path, ASK, "--cassette", "d.json", said="new\n").code == 0


WRONG_ANSWERS = [
    (
        '{"content": [{"type": "text", "text": "x"}, {"type": "tool_us", "name": "remember", "input": {}}]}',
        (
            "\"content\"[1], \"type\": unknown type of a content block 'tool_us'. Did you mean 'tool_use'?\n"
            "Known: text, thinking, redacted_thinking, tool_use, server_tool_use and web_search_tool_result."
        ),
    ),
    (
        '{"content": [{"type": "tool_use", "name": "remembr", "input": {}}]}',
        "\"content\"[0], \"name\": the request offers no tool 'remembr'. Did you mean 'remember'?\nIt offers remember.",
    ),
]


@pytest.mark.parametrize(("response", "words"), WRONG_ANSWERS, ids=["type", "tool"])
def test_a_slip_in_an_answer_is_refused_before_the_program_runs(tmp_path, monkeypatch, response, words):
    """A block or a tool that there is not would reach the program, and fail far away from the slip."""
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "d.json"
    asked(file, request("hi", tools=[TOOL]))
    answered(file, response)
    with pytest.raises(CassetteError) as refused:
        draft(Path("d.json"))
    assert str(refused.value) == f'd.json, interaction 1, "response", {words}'


def test_a_tool_where_none_is_offered_is_a_slip(tmp_path):
    """The advice is the answer that can be given."""
    asked(tmp_path / "d.json", request("hi"))
    answered(tmp_path / "d.json", '{"content": [{"type": "tool_use", "name": "remember", "input": {}}]}')
    with pytest.raises(CassetteError, match=r"no tool 'remember'\.\nIt offers none: answer with a text\."):
        draft(tmp_path / "d.json")


@pytest.mark.parametrize("kind", ["mcp_tool_use", "web_fetch_tool_result", "compaction"])
def test_a_block_of_a_newer_type_is_no_slip(tmp_path, kind):
    """What the API calls by an older name, or by a new one, is taken as it is."""
    asked(tmp_path / "d.json", request("hi", tools=[TOOL]))
    answered(tmp_path / "d.json", json.dumps({"content": [{"type": kind}]}))
    assert draft(tmp_path / "d.json").play(request("hi", tools=[TOOL])).number == 1


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "the file is empty."),
        ('{"format": "fakememtrace-cassette", "version": 1, "inter', "the file ends in the middle: it was cut short."),
        ('{"log": {}}', "this is no fakememtrace cassette but a HAR file."),
        ('{"format": "fakememtrace-cassette", "version": 1}', "expected a list, found null."),
        ('{"format": "fakememtrace-cassette", "version": 1, "interactions": [3]}', "expected an object, found"),
    ],
)
def test_a_broken_draft_is_refused_and_stays(tmp_path, text, problem):
    """What is no cassette is not written to."""
    (tmp_path / "d.json").write_text(text, "utf-8")
    ran = run(tmp_path, ASK, "--draft", "d.json", said="hi\n")
    assert ran.code == 2
    assert re.fullmatch(rf"fakememtrace: d\.json.*: {re.escape(problem)}.*\n.*\n", ran.err, re.DOTALL), ran.err
    assert (tmp_path / "d.json").read_text("utf-8") == text


def test_a_program_that_swallows_the_stop_is_ended(tmp_path):
    """Even who catches everything, in a thread, and waits for ever, ends; the stop is told."""
    program = ASK.replace(
        "for line in sys.stdin:\n    print(ask(line.strip()))",
        "import threading\n"
        "def work():\n    while True:\n        try: ask('hi')\n        except BaseException: pass\n"
        "threading.Thread(target=work).start()\nthreading.Event().wait()",
    )
    ran = run(tmp_path, program, "--draft", "d.json")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.startswith("fakememtrace: d.json, interaction 1, has no answer yet.")
    assert ran.last.endswith(", stopped")
