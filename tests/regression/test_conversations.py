"""What becomes of conversations when a program, its script or its memory changes."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.author import Turn, text, tool_use
from fakememtrace.regression.comparing import Limits, compare
from fakememtrace.regression.result import report
from fakememtrace.regression.text import comparison_lines, verdict

from .helpers import TURNS, Agent


@pytest.fixture
def agent(tmp_path, monkeypatch):
    """An agent with two conversations; we are in the folder above its scenarios."""
    monkeypatch.chdir(tmp_path)
    return Agent(tmp_path / "scenarios")


def compared(agent, limits=None):
    """The scenario beside its files as they are."""
    return compare(agent.path, "0.2.0", limits=limits)


def states(comparison):
    """What became of each conversation."""
    return [one.state for one in comparison.conversations]


def lines(comparison):
    """All of it as text."""
    return [line.text for line in (*comparison_lines(comparison), verdict(comparison))]


def test_nothing_changed(agent):
    """A program that asks what is recorded has nothing to record."""
    comparison = compared(agent)
    assert lines(comparison) == [
        "demo · 0.2.0 · Remembers what one drinks",
        "against the files as they are",
        "",
        '  conversation 1 · "I like tea." · interactions 1-3',
        "    unchanged",
        "",
        '  conversation 2 · "What do I like?" · interaction 4',
        "    unchanged",
        "",
        "  tools: 1 tool, not pinned; fakememtrace diff --update-tools does that",
        "  expectations: 1 of 1 held",
        "UNCHANGED demo (0.2.0): 2 conversations",
    ]
    assert (comparison.state, comparison.cost.calls) == ("unchanged", 0)


def test_a_changed_prompt(agent):
    """It is told where the prompt differs, and once only; and all that is to be recorded again, with its cost."""
    comparison = compared(agent.change("Be brief.", "Be very brief."))
    assert lines(comparison)[2:] == [
        "",
        '  conversation 1 · "I like tea." · interactions 1-3',
        "    changed from turn 1 on: system prompt",
        (
            "      the system prompt differs: no recorded answer for this request to Claude: claude-x, 1 message, "
            'the last from user: "I like tea.".'
        ),
        "      Nearest in scenarios/demo/cassette.json (0 of 4 played): interaction 1. It differs in: system prompt.",
        "",
        "      system prompt, line 2:",
        "            You are a helpful assistant.",
        "          - Be brief.",
        "          + Be {+very+} brief.",
        "            You know: nothing",
        "",
        "      (- as recorded, + as sent; [-...-] and {+...+} mark what changed in a line)",
        (
            "      What to do: if the change is meant, make it in the cassette too (or record again); otherwise undo "
            "it in the program."
        ),
        "    to record again: 3 calls, 502 tokens in and 65 out (estimated)",
        "      interaction 1",
        '        calls   remember {"content": "Likes tea", "importance": 0.7}',
        '        stores  "Likes tea" (episodic/general, importance: 0.7)',
        "      interaction 2",
        '        answers "Noted."',
        "      interaction 3",
        '        answers "Bye!"',
        "",
        '  conversation 2 · "What do I like?" · interaction 4',
        "    changed from turn 1 on: system prompt",
        "      the same difference as in conversation 1",
        "    to record again: 1 call, 101 tokens in and 9 out (estimated)",
        "      interaction 4",
        '        answers "Tea."',
        "",
        "  tools: 1 tool, not pinned; fakememtrace diff --update-tools does that",
        "  expectations: 1 of 1 held",
        (
            "CHANGED demo (0.2.0): 2 of 2 conversations changed, to record again: 4 calls, 603 tokens in and 74 out "
            "(estimated)"
        ),
    ]


def test_only_the_turns_from_the_change_on(agent):
    """What comes before the first turn that differs stays as it is."""
    comparison = compared(agent.change('"Bye."', '"Good bye."', "script.toml"))
    one, other = comparison.conversations
    assert (one.state, one.turn, one.request) == (
        "changed",
        3,
        'claude-x, 5 messages, the last from user: "Good bye."',
    )
    assert [each["interaction"] for each in one.again] == [3]
    assert other.state == "unchanged"


def test_a_changed_model(agent):
    """The model that was recorded and the one that is asked are named."""
    comparison = compared(agent.change('"claude-x"', '"claude-y"'))
    assert '      model: recorded "claude-x", sent "claude-y"' in lines(comparison)
    assert {one.miss["kind"] for one in comparison.conversations} == {"model or parameters"}


def test_a_changed_schema_of_a_tool(agent):
    """The property of the schema is named, beside both values."""
    comparison = compared(agent.change('"maximum": 1', '"maximum": 10'))
    assert "          remember.input_schema.properties.importance.maximum: recorded 1, sent 10" in lines(comparison)
    assert {one.miss["kind"] for one in comparison.conversations} == {"tool surface"}


def test_a_changed_memory(agent):
    """A memory that is stored in other words changes the conversation that is shown it, and is named there."""
    comparison = compared(agent.change('"content": content,', '"content": content.upper(),'))
    one, other = comparison.conversations
    assert (one.state, other.state) == ("unchanged", "changed")
    assert other.miss["kind"] == "memory block"
    (memory,) = other.miss["memories"]
    assert (memory["verb"], memory["content"], memory["facts"][0]) == ("changed", "Likes tea", 'here "LIKES TEA"')
    assert [check.held for check in comparison.failed] == [False]


def test_a_memory_that_is_not_shown_in_time(agent):
    """A memory that Memtrace does not show any more is named, and why."""
    comparison = compared(agent.change('"since": "7d"', '"since": "10m"'))
    one, other = comparison.conversations
    assert (one.state, other.state) == ("unchanged", "changed")
    assert [(memory["verb"], memory["content"]) for memory in other.miss["memories"]] == [("missing", "Likes tea")]


def test_a_conversation_that_grew(agent):
    """A further turn is told as that, and nobody knows what it costs."""
    comparison = compared(agent.change('"Bye."', '"Bye.", "And thanks."', "script.toml"))
    assert lines(comparison)[3:7] == [
        '  conversation 1 · "I like tea." · interactions 1-3',
        "    longer: goes on where the recorded one ends, with 1 request",
        '      request 4 is not recorded: claude-x, 7 messages, the last from user: "And thanks."',
        "    to record again: at least 1 call, never recorded, so nobody knows the tokens",
    ]
    assert states(comparison) == ["longer", "unchanged"]


def test_a_turn_that_is_gone(agent):
    """What nobody asks for any more at the end of a conversation costs nothing, and is a change."""
    comparison = compared(agent.change(', "Bye."', "", "script.toml"))
    assert lines(comparison)[3:5] == [
        '  conversation 1 · "I like tea." · interactions 1-3',
        "    shorter: interaction 3 no longer asked",
    ]
    assert lines(comparison)[-1] == "CHANGED demo (0.2.0): 1 of 2 conversations changed"


def test_a_turn_that_is_gone_from_a_changed_conversation(agent):
    """What is to be recorded again and what is not asked for any more are told apart."""
    comparison = compared(agent.change('"I like tea.", "Bye."', '"I like coffee."', "script.toml"))
    (one, _) = comparison.conversations
    assert ([each["interaction"] for each in one.again], one.unasked, one.calls) == ([1, 2], [3], 2)
    assert "    no longer asked: interaction 3" in lines(comparison)


def test_a_conversation_that_is_gone(agent):
    """A conversation that nobody has any more is named by its first words."""
    script = (agent.path / "script.toml").read_text("utf-8").partition("[[run]]\nafter")[0]
    comparison = compared(agent.write("script.toml", script))
    assert states(comparison) == ["unchanged", "no longer asked"]
    assert lines(comparison)[6:8] == ['  conversation 2 · "What do I like?" · interaction 4', "    no longer asked"]


def test_a_new_conversation(agent):
    """A new conversation does not make others look changed, wherever it is."""
    script = (agent.path / "script.toml").read_text("utf-8")
    new = '[[run]]\nsays = ["Who are you?"]\n\n'
    comparison = compared(agent.write("script.toml", script.replace("[[run]]", new + "[[run]]", 1)))
    assert states(comparison) == ["unchanged", "unchanged", "new"]
    one = comparison.conversations[-1]
    assert (one.conversation, one.begins, one.calls, one.unknown) == (0, '"Who are you?"', 1, 1)
    assert one.miss["kind"] == "no such conversation"


def test_a_conversation_in_other_words(agent):
    """A conversation that begins with nothing of what it was is that one, changed, where no other is."""
    comparison = compared(agent.change("What do I like?", "Tell me everything, please!", "script.toml"))
    assert states(comparison) == ["unchanged", "changed"]
    assert [each["interaction"] for each in comparison.conversations[1].again] == [4]


def test_a_program_that_raises(agent):
    """What was not reached is not called superfluous, and the costs are the least that they can be."""
    agent.change("Be brief.", "Be very brief.").change("    say(line", "    if line == 'Bye.\\n': 1 / 0\n    say(line")
    comparison = compared(agent)
    assert lines(comparison)[16:] == [
        "    to record again: at least 2 calls, 287 tokens in and 56 out (estimated)",
        "      interaction 1",
        '        calls   remember {"content": "Likes tea", "importance": 0.7}',
        '        stores  "Likes tea" (episodic/general, importance: 0.7)',
        "      interaction 2",
        '        answers "Noted."',
        "    not reached: interaction 3",
        "",
        '  conversation 2 · "What do I like?" · interaction 4',
        "    not reached",
        "",
        "  tools: 1 tool, not pinned; fakememtrace diff --update-tools does that",
        "",
        "  stopped",
        "    demo/program.py, line 50: the program raised ZeroDivisionError: division by zero",
        "    Expected: it comes to its end.",
        (
            "CHANGED demo (0.2.0): 1 of 2 conversations changed, 1 not reached, the program did not come to its end, "
            "to record again: at least 2 calls, 287 tokens in and 56 out (estimated)"
        ),
    ]


def test_a_program_that_is_gone(agent):
    """A process that ends at once is a change, and nothing else is said of it."""
    comparison = compared(agent.write("program.py", "import os\nos._exit(3)\n"))
    assert lines(comparison)[2:] == [
        "",
        "  stopped",
        "    demo/program.py: the process ended with exit code 3 before the program came to its end.",
        "    What to do: look for os._exit, a signal or a crash; what it printed is shown below.",
        "CHANGED demo (0.2.0): the program did not come to its end",
    ]


def test_limits(agent):
    """A program is stopped where it asks too often."""
    comparison = compared(agent, Limits(max_turns=1))
    assert comparison.stopped.partition("\n")[0].endswith("it asked Claude more than 1 time.")
    assert states(comparison) == ["not reached", "not reached"]


def test_expectations_and_other_problems_are_changes(agent):
    """A program that asks the same and does otherwise has changed too."""
    agent.change("[[memory]]", '[[memory]]\ncontent = "Likes beer"\n[[memory]]', "expectations.toml")
    comparison = compared(agent)
    assert (states(comparison), comparison.state) == (["unchanged", "unchanged"], "changed")
    assert lines(comparison)[-1] == "CHANGED demo (0.2.0): 2 conversations, 1 of 2 expectations not held"


def test_tools_in_one_answer_have_their_own_memories(agent):
    """Of several calls in one answer each shows what was stored for it."""
    calls = [tool_use("remember", content=f"Likes {what}", importance=0.7) for what in ("tea", "cake", "toast")]
    agent.record([Turn([text("Let me note that."), *calls], 1000), *TURNS[1:]])
    one = compared(agent.change("Be brief.", "Be very brief.")).conversations[0]
    assert [[row["content"] for row in call["stored"]] for call in one.again[0]["calls"]] == [
        ["Likes tea"],
        ["Likes cake"],
        ["Likes toast"],
    ]


def test_two_comparisons_are_the_same_bytes(agent):
    """The same program and the same files are told in the same words, down to the JSON."""
    agent.change("Be brief.", "Be very brief.").change('"maximum": 1', '"maximum": 10')
    one, other = (json.dumps(report([compared(agent)], None, "the files")) for _ in range(2))
    assert one == other
