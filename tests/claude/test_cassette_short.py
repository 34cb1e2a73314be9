"""Short answers in a cassette file: what an authored one lacks is filled in, the same way each time."""

from __future__ import annotations

import hashlib
import json

import anthropic
import pytest

from fakememtrace.claude import author
from fakememtrace.claude.author import authored
from fakememtrace.claude.cassette import Cassette
from fakememtrace.errors import CassetteError
from fakememtrace.world import World

from .helpers import answer, request

DAY = "2026-11-22"
MADE_BY = "A cassette is made by fakememtrace's author or recorder and edited by hand."


def entry(response, *said, kind="authored", **fields):
    """One interaction as somebody writes it; its number is given by its place."""
    provenance = {"kind": kind, "model": "claude-x", "date": DAY}
    written = {"provenance": provenance, "request": request(*said), **fields}
    return written if response is None else {**written, "response": response}


def load(folder, *entries):
    """The cassette of a file with these interactions."""
    path = folder / "c.json"
    numbered = [{"number": number, **one} for number, one in enumerate(entries, 1)]
    document = {"format": "fakememtrace-cassette", "version": 1, "interactions": numbered}
    path.write_text(json.dumps(document), "utf-8")
    return Cassette.load(path)


def refused(folder, *entries):
    """The complaint about a file with these interactions, without its path."""
    with pytest.raises(CassetteError) as found:
        load(folder, *entries)
    return str(found.value).removeprefix(f"{folder / 'c.json'}, ")


SHORT = {
    "a text": ("Hello.", "Hello."),
    "lines": (["Hello.", "", "How are you?"], "Hello.\n\nHow are you?"),
    "marked lines": ({"$lines": ["Hello.", "You."]}, "Hello.\nYou."),
    "a block": ({"content": [{"type": "text", "text": ["Hello.", "You."]}]}, "Hello.\nYou."),
    "a call": (
        {"content": [{"type": "tool_use", "name": "recall"}, {"type": "tool_use", "name": "b", "input": {"n": 1}}]},
        [author.tool_use("recall"), author.tool_use("b", n=1)],
    ),
    "a search": (
        {
            "content": [
                {"type": "thinking", "thinking": "Hm"},
                {"type": "redacted_thinking"},
                {"type": "server_tool_use", "name": "web_search", "input": {"query": "tea"}},
                {
                    "type": "web_search_tool_result",
                    "content": [{"type": "web_search_result", "url": "https://tea.example", "title": "Tea"}],
                },
            ]
        },
        [
            author.thinking("Hm"),
            author.redacted_thinking(),
            author.server_tool_use("web_search", query="tea"),
            author.web_search_result(("https://tea.example", "Tea")),
        ],
    ),
}


@pytest.mark.parametrize(("short", "meant"), SHORT.values(), ids=SHORT)
def test_a_short_answer_is_the_one_that_an_author_makes(tmp_path, short, meant):
    """By hand in the file or with the author: the same answer, in every field, and whole to the SDK."""
    (read,) = load(tmp_path, entry(short, "hi")).interactions
    assert read == authored(meant, request("hi"), 1, DAY)
    anthropic.types.Message.model_validate(read.response)


@pytest.mark.parametrize("short", [short for short, _ in SHORT.values()], ids=SHORT)
def test_written_again_it_is_whole_and_stays_so(tmp_path, short):
    """The canonical form is the whole one: what is played stands in the file, and reading it changes nothing."""
    read = load(tmp_path, entry(short, "hi"))
    read.save(tmp_path / "whole.json")
    again = Cassette.load(tmp_path / "whole.json")
    assert again.interactions == read.interactions
    assert (again.is_canonical(), read.is_canonical()) == (True, False)
    (written,) = json.loads((tmp_path / "whole.json").read_text("utf-8"))["interactions"]
    assert written["response"]["id"] == read.interactions[0].response["id"]
    assert written["provenance"]["usage"] == "estimated"


def test_what_is_there_stays(tmp_path):
    """Only what is missing is filled in, and usage that was given is not called an estimate."""
    given = {"id": "msg_mine", "model": "claude-y", "stop_reason": "refusal", "content": [], "usage": USAGE}
    (read,) = load(tmp_path, entry(given, "hi")).interactions
    assert read.response == {**answer(**given), "content": []}
    assert read.provenance.usage == ""


USAGE = {"input_tokens": 7, "output_tokens": 0, "cache_read_input_tokens": 3}


def test_half_a_usage_is_completed(tmp_path):
    """Tokens that are told stay, the others are estimated, and the whole is called so."""
    (read,) = load(tmp_path, entry({"content": [], "usage": {"input_tokens": 7}}, "hi")).interactions
    assert read.response["usage"] == {"input_tokens": 7, "output_tokens": 1}
    assert read.provenance.usage == "estimated"


def test_a_conversation_goes_on_from_a_short_answer(tmp_path):
    """A later request has the answer with the ids that were played, and its results name the calls in their order."""
    calls = {"content": [{"type": "tool_use", "name": "remember"}, {"type": "tool_use", "name": "recall"}]}
    results = [{"type": "tool_result", "content": "stored"}, {"type": "tool_result", "content": "tea"}]
    second = {**entry("Done."), "continues": 1, "request": {"messages": [{"role": "user", "content": results}]}}
    tape = load(tmp_path, entry(calls, "hi"), second)
    with World(cassette=tape) as world:
        client = anthropic.Anthropic(max_retries=0)
        body = request("hi")
        first = client.messages.create(**body)
        ids = [block.id for block in first.content]
        told = [
            {"type": "tool_result", "tool_use_id": name, "content": text}
            for name, text in zip(ids, ("stored", "tea"), strict=True)
        ]
        body["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": told}]
        assert client.messages.create(**body).content[0].text == "Done."
        world.journal.assert_clean()


def test_a_result_that_names_its_call_keeps_it(tmp_path):
    """The others get the calls that are left."""
    calls = answer(
        *({"type": "tool_use", "id": f"toolu_{name}", "name": name, "input": {}} for name in ("a", "b", "c")),
        stop_reason="tool_use",
    )
    results = [{"type": "tool_result"}, {"type": "tool_result", "tool_use_id": "toolu_a"}, {"type": "tool_result"}]
    tape = load(tmp_path, entry(calls, "hi"), entry("Done.", "hi", calls["content"], results))
    told = tape.interactions[1].messages[-1]["content"]
    assert [block["tool_use_id"] for block in told] == ["toolu_b", "toolu_a", "toolu_c"]


def test_a_result_without_a_call_is_refused(tmp_path):
    """A result that answers nothing is not sent by any program."""
    results = [{"type": "tool_result", "content": "stored"}]
    assert refused(tmp_path, entry("Done.", "hi", "Hello.", results)) == (
        'interaction 1, "request", "messages"[2], "content"[0], "tool_use_id": expected a string, found nothing.\n'
        "Say which call it answers: there is no call left in the message before it."
    )


def drawn(prefix, place):
    """The id of what stands there."""
    return prefix + hashlib.sha256(f"{prefix}{place}".encode()).hexdigest()[:24]


def test_no_id_is_given_twice(tmp_path):
    """Where a whole interaction has the id that a short one would get, the short one gets another."""
    whole = answer({"type": "tool_use", "id": drawn("toolu_", "1.0"), "name": "a", "input": {}}, id=drawn("msg_", "1"))
    short = {"content": [{"type": "tool_use", "name": "b"}]}
    tape = load(tmp_path, entry(short, "first"), entry(whole, "second"))
    responses = [one.response for one in tape.interactions]
    assert [response["id"] for response in responses] == [drawn("msg_", "1+"), drawn("msg_", "1")]
    assert [response["content"][0]["id"] for response in responses] == [drawn("toolu_", "1.0+"), drawn("toolu_", "1.0")]


def test_an_id_that_a_request_names_is_still_given(tmp_path):
    """A result may name the id that its call gets: it is not taken by that."""
    results = [{"type": "tool_result", "tool_use_id": drawn("toolu_", "1.0"), "content": "stored"}]
    second = {**entry("Done."), "continues": 1, "request": {"messages": [{"role": "user", "content": results}]}}
    tape = load(tmp_path, entry({"content": [{"type": "tool_use", "name": "remember"}]}, "hi"), second)
    assert tape.interactions[0].response["content"][0]["id"] == drawn("toolu_", "1.0")


def test_a_short_error(tmp_path):
    """An error needs its message only; its types follow from the status, and what is no such error stays."""
    tape = load(
        tmp_path,
        entry({"error": {"message": "Overloaded"}}, "a", status=529),
        entry({"error": {"type": "billing_error", "message": "No"}}, "b", status=400),
        entry({"detail": "Bad gateway"}, "c", status=502),
        entry("Bad gateway", "d", status=502),
    )
    assert [one.response for one in tape.interactions] == [
        {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
        {"type": "error", "error": {"type": "billing_error", "message": "No"}},
        {"detail": "Bad gateway"},
        "Bad gateway",
    ]
    assert {one.provenance.usage for one in tape.interactions} == {""}


def test_a_short_count(tmp_path):
    """Counted tokens are estimated as those of an answer are."""
    tape = load(tmp_path, entry({}, "hi", endpoint="count_tokens"), entry("Hello", "hi"))
    counted, answered = tape.interactions
    assert counted.response == {"input_tokens": answered.response["usage"]["input_tokens"]}
    assert counted.provenance.usage == "estimated"


@pytest.mark.parametrize("key", ["id", "type", "role", "model", "usage"])
def test_what_was_recorded_is_whole(tmp_path, key):
    """In a recorded answer nothing is filled in: what is missing is complained about."""
    response = {name: value for name, value in answer("Hello").items() if name != key}
    expected = "an object" if key == "usage" else "a string"
    assert refused(tmp_path, entry(response, "hi", kind="recorded")) == (
        f'interaction 1, "response", "{key}": expected {expected}, found nothing.\n'
        "Only what is authored is filled in; what was recorded is whole. Record it again, or call it authored if it is."
    )


def test_a_recorded_answer_is_no_text(tmp_path):
    """Only an authored answer can be a text alone."""
    assert refused(tmp_path, entry("Hello", "hi", kind="recorded")) == (
        f'interaction 1, "response": expected an object; only an error can be a text.\n{MADE_BY}'
    )


@pytest.mark.parametrize(
    ("response", "problem"),
    [
        (7, '"response": expected an object, found a whole number.'),
        ([], '"response": expected an object, found a list.'),
        (["one line"], '"response": expected an object, found a list.'),
        (["Hi", 3], '"response": expected an object, found a list.'),
        ({"content": "Hi"}, '"response", "content": expected a list of content blocks, each with a type.'),
        ({}, '"response", "content": expected a list of content blocks, each with a type.'),
        ({"content": [{"text": "Hi"}]}, '"response", "content"[0], "type": expected a string, found nothing.'),
        ({"content": [{"type": ["a"]}]}, '"response", "content"[0], "type": expected a string, found a list.'),
        (
            {"content": [{"type": "tool_use", "id": 3, "name": "n"}]},
            '"response", "content"[0], "id": expected a string, found a whole number.',
        ),
        (
            {"content": [{"type": "web_search_tool_result", "content": []}]},
            '"response", "content"[0], "tool_use_id": expected a string, found nothing.',
        ),
        ({"content": [], "usage": 3}, '"response", "usage": expected an object, found a whole number.'),
    ],
)
def test_what_cannot_be_completed_is_refused(tmp_path, response, problem):
    """What is missing is filled in, what is wrong is not made right."""
    assert refused(tmp_path, entry(response, "hi")) == f"interaction 1, {problem}\n{MADE_BY}"


@pytest.mark.parametrize(
    ("provenance", "problem"),
    [
        (
            {"usage": "guessed"},
            (
                "interaction 1, \"provenance\", \"usage\": expected 'estimated', found 'guessed'.\n"
                "Leave it out where the tokens were counted."
            ),
        ),
        (
            {"usages": "estimated"},
            (
                "interaction 1, \"provenance\": unknown key 'usages'. Did you mean 'usage'?\n"
                "Known: kind, model, date and usage."
            ),
        ),
    ],
)
def test_provenance_knows_these_words(tmp_path, provenance, problem):
    """Nothing that somebody wrote is lost without a word."""
    written = entry("Hello", "hi")
    written["provenance"].update(provenance)
    assert refused(tmp_path, entry("Hello", "ho"), written) == problem.replace("interaction 1", "interaction 2")
