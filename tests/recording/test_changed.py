"""Mode ``changed``: which recorded conversation a request belongs to, what is asked again, and what stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.fake import FakeClaude
from fakememtrace.claude.recording.conversations import Followed, grouped
from fakememtrace.claude.recording.modes import Recording
from fakememtrace.claude.recording.rehearsal import Rehearsal
from fakememtrace.clock import Clock, Ids
from fakememtrace.world import World

from ..claude.helpers import interaction, request
from . import api as replies
from .programs import ask


def talk(name, turns=3, system="Be kind."):
    """A recorded conversation: what is said in turn n, and the answer to it."""
    said, found = [], []
    for turn in range(1, turns + 1):
        said.append(f"{name} {turn}")
        found.append(interaction(request(*said, system=system), f"to {name} {turn}"))
        said.append(found[-1].answer["content"])
    return found


def tell(name, turns=3, system="Be kind.", change=None):
    """Have that conversation, with another text in the turn `change`; the answers."""
    said, got = [], []
    for turn in range(1, turns + 1):
        said.append(f"{name} {turn}!" if turn == change else f"{name} {turn}")
        got.append(ask(*said, system=system))
        said.append([{"type": "text", "text": got[-1]}])
    return got


def told(path):
    """The last question of each interaction in the file, with the answer's text."""
    return [(one.messages[-1]["content"], one.answer["content"][0]["text"]) for one in Cassette.load(path).interactions]


@pytest.fixture
def recorded(api, tape):
    """A cassette with three conversations, of which the second is changed in the tests; the API counts its answers."""
    Cassette([*talk("a"), *talk("b"), *talk("c", 1)]).save(tape)
    api.reply = _counting(api)
    return tape


def _counting(api):
    def reply(path, headers, body):
        api.asked.append((path, headers, body))
        return replies.message(f"new {api.calls}")

    return reply


def announced(mode="changed"):
    """A recording, and what it announces."""
    said = []
    return Recording(mode, announce=said.append), said


def test_what_is_not_changed_is_replayed(api, recorded):
    """Where every request is recorded nobody is asked, nothing is announced, and the file stays byte for byte."""
    before = recorded.read_bytes()
    how, said = announced()
    with World(cassette=recorded, record=how) as world:
        assert [*tell("a"), *tell("b"), *tell("c", 1)][-1] == "to c 1"
        world.journal.assert_clean()
    assert (api.calls, said, recorded.read_bytes()) == (0, [], before)


def test_a_changed_conversation_is_recorded_again(api, recorded):
    """A conversation that begins differently is asked for, all of it, and stands where the old one stood."""
    how, said = announced()
    with World(cassette=recorded, record=how) as world:
        assert tell("a") == ["to a 1", "to a 2", "to a 3"]
        assert tell("b", system="Be rude.") == ["new 1", "new 2", "new 3"]
        assert tell("c", 1) == ["to c 1"]
        world.journal.assert_clean()
        plan = world.claude.answers.plan.lines()
    assert told(recorded) == [
        *[(f"a {n}", f"to a {n}") for n in (1, 2, 3)],
        *[(f"b {n}", f"new {n}") for n in (1, 2, 3)],
        ("c 1", "to c 1"),
    ]
    change = (
        "conversation 2: 3 calls in place of interactions 4-6 (system prompt), "
        'first claude-x, 1 message, the last from user: "b 1"'
    )
    assert said == [f"fakememtrace: recording into tape.json: {change}"]
    assert plan == ["tape.json: 3 calls", f"  {change}"]
    with World(cassette=recorded) as world:
        tell("a"), tell("b", system="Be rude."), tell("c", 1)
        world.journal.assert_clean()


def test_from_the_turn_that_differs_on(api, recorded):
    """The turns before the one that differs are the same requests, so they are replayed, and stay."""
    how, said = announced()
    with World(cassette=recorded, record=how) as world:
        tell("a"), tell("c", 1)
        assert tell("b", change=2) == ["to b 1", "new 1", "new 2"]
        world.journal.assert_clean()
    assert [line.partition(", first")[0] for line in said] == [
        "fakememtrace: recording into tape.json: conversation 2: 2 calls in place of interactions 5-6 (conversation)"
    ]
    assert told(recorded)[3:6] == [("b 1", "to b 1"), ("b 2!", "new 1"), ("b 3", "new 2")]


def test_a_conversation_that_got_shorter(api, recorded):
    """What the changed conversation does not ask for any more is gone with it."""
    with World(cassette=recorded, record="changed") as world:
        tell("a"), tell("c", 1)
        tell("b", turns=1, system="Be rude.")
        world.journal.assert_clean()
    assert told(recorded)[3:] == [("b 1", "new 1"), ("c 1", "to c 1")]


def test_a_conversation_that_got_longer(api, recorded):
    """A further turn is asked for; there is nothing to replace."""
    how, said = announced()
    with World(cassette=recorded, record=how) as world:
        tell("b"), tell("c", 1)
        assert tell("a", 4)[3:] == ["new 1"]
        world.journal.assert_clean()
    assert said[0].startswith("fakememtrace: recording into tape.json: conversation 1: 1 call (")
    assert told(recorded)[2:5] == [("a 3", "to a 3"), ("a 4", "new 1"), ("b 1", "to b 1")]


def test_a_new_conversation(api, recorded):
    """Where every recorded conversation is still had, another one is new, and stands at the end."""
    how, said = announced()
    with World(cassette=recorded, record=how) as world:
        tell("a"), tell("b"), tell("c", 1)
        assert tell("d", 1) == ["new 1"]
        world.journal.assert_clean()
    assert said[0].startswith("fakememtrace: recording into tape.json: a new conversation: 1 call (")
    assert told(recorded)[6:] == [("c 1", "to c 1"), ("d 1", "new 1")]


def test_a_new_conversation_replaces_nothing_that_is_still_had(api, recorded):
    """A new conversation that comes first looks like a recorded one, until that is asked for as it was."""
    with World(cassette=recorded, record="changed") as world:
        assert tell("d", 1) == ["new 1"]
        assert [*tell("a"), *tell("b"), *tell("c", 1)][0] == "to a 1"
        world.journal.assert_clean()
        assert world.claude.answers.plan.lines()[1].startswith("  a new conversation: 1 call (")
    assert told(recorded)[-1] == ("d 1", "new 1")


def test_a_conversation_that_is_gone_is_told(api, recorded):
    """What nobody asks for, and nothing has replaced, stays and is told as ever, by its number in the new file."""
    with World(cassette=recorded, record="changed") as world:
        tell("a", 1, system="Be rude."), tell("b")
        (problem,) = world.journal.problems()
    assert problem.startswith("1 of 5 recorded answers in tape.json were never asked for: interaction 5.")


def test_an_error_and_the_next_try_are_one_conversation(api, recorded):
    """The answer after an error belongs to the same conversation, and is counted there."""
    failed = replies.error(529, "overloaded_error", retry_after_ms="1")
    api.reply = lambda path, headers, body: (
        api.asked.append((path, headers, body)) or (failed if api.calls == 1 else replies.message(f"new {api.calls}"))
    )
    with World(cassette=recorded, record="changed") as world:
        tell("a"), tell("c", 1)
        assert tell("b", system="Be rude.") == ["new 2", "new 3", "new 4"]
        world.journal.assert_clean()
        assert world.claude.answers.plan.lines()[0] == "tape.json: 4 calls"
    assert [one.status for one in Cassette.load(recorded).interactions[3:7]] == [529, 200, 200, 200]


def test_which_interactions_are_one_conversation():
    """What begins with the messages and the answer of another goes on with it; the rest begins anew."""
    a, b = talk("a"), talk("b", 2)
    again = interaction(request("a 1", system="Be kind."), "to a 1 again")
    summary = interaction(request("a 1", "shortened", "go on"), "ok")
    tokens = interaction(request("b 1"), {"input_tokens": 3}, endpoint="count_tokens")
    failed = interaction(request("d"), {"type": "error"}, status=529)
    then = interaction(request("d"), "now")
    models = [interaction({"id": "claude-x"}, {}, endpoint="models") for _ in range(2)]
    order = [a[0], b[0], a[1], tokens, b[1], a[2], again, summary, failed, then, *models]
    # After "again" it is that one which begins with the same message: the last one wins.
    assert grouped(order) == [[1, 3, 6], [2, 4, 5], [7, 8], [9, 10], [11], [12]]


def test_the_place_of_what_is_new():
    """New interactions stand after what is left of the conversation that they replace, or where it began."""
    recorded = [*talk("a", 2), *talk("b", 2)]
    followed = Followed(recorded)
    changed = request("a 1", system="Be rude.")
    conversation = followed.differs(changed, "messages")
    followed.answered(interaction(changed, "new"), conversation, 5)
    followed.played(3)
    longer = request("b 1", recorded[2].answer["content"], "b 2!", system="Be kind.")
    conversation = followed.differs(longer, "messages")
    followed.answered(interaction(longer, "new"), conversation, 6)
    assert followed.arranged(6) == [5, 3, 6]


@pytest.fixture
def rehearsed(tmp_path, monkeypatch):
    """Has a program have conversations in a dry run; its answers and the plan."""
    monkeypatch.chdir(tmp_path)

    def run(mode, *conversations, is_recorded=True):
        if is_recorded:
            Cassette([*talk("a"), *talk("b")]).save("tape.json")
        with World(cassette=Path("tape.json"), record=Recording(mode, rehearse=True)) as world:
            got = [answer for one in conversations for answer in one()]
            world.journal.assert_clean()
            return got, world.claude.answers.plan().lines()

    return run


def test_a_rehearsal_of_what_is_recorded(rehearsed):
    """Where nothing changed nothing is to be recorded."""
    assert rehearsed("changed", lambda: tell("a"), lambda: tell("b")) == (
        ["to a 1", "to a 2", "to a 3", "to b 1", "to b 2", "to b 3"],
        ["tape.json: nothing to record"],
    )


def test_a_rehearsal_answers_what_changed(rehearsed):
    """What changed is answered by the recording at its place, so that the program runs through; nobody is asked."""
    got, plan = rehearsed("changed", lambda: tell("a", change=2), lambda: tell("b", system="Be rude."))
    assert got == ["to a 1", "to a 2", "to a 3", "to b 1", "to b 2", "to b 3"]
    assert "\n".join(plan) == (
        "tape.json: 5 calls\n"
        "  conversation 1: 2 calls in place of interactions 2-3 (conversation), "
        'first claude-x, 3 messages, the last from user: "a 2!"\n'
        "  conversation 2: 3 calls in place of interactions 4-6 (system prompt), "
        'first claude-x, 1 message, the last from user: "b 1"'
    )


def test_a_turn_after_a_change_is_a_call_though_it_is_recorded(rehearsed):
    """After an answer that will be another one, a request that is recorded now will not be by then."""

    def program():
        first = ask("a 1", system="Be kind.", max_tokens=7)
        return [first, ask("a 1", [{"type": "text", "text": first}], "a 2", system="Be kind.")]

    got, plan = rehearsed("changed", program, lambda: tell("b"))
    assert got[:2] == ["to a 1", "to a 2"]
    assert plan[0] == "tape.json: 2 calls"


def test_what_no_recording_is_like_ends_the_turn(rehearsed):
    """Where there is no answer at that place, the program gets one without content, and nobody knows what follows."""
    got, plan = rehearsed("changed", lambda: tell("a", 4), lambda: tell("b"), lambda: tell("c", 1))
    assert (got[3], got[-1]) == ("...", "...")
    assert [line.partition(" (")[0] for line in plan] == [
        "tape.json: at least 2 calls",
        "  conversation 1: 1 call",
        "  a new conversation: 1 call",
    ]


@pytest.mark.parametrize(
    ("mode", "recorded", "expected"),
    [
        ("all", True, ["tape.json: 4 calls", "everything is recorded anew", "everything is recorded anew"]),
        ("new", True, ["tape.json: at least 1 call", "conversation"]),
        ("once", False, ["tape.json: at least 4 calls", "nothing is recorded yet", "nothing is recorded yet"]),
        ("changed", False, ["tape.json: at least 4 calls", "nothing is recorded yet", "nothing is recorded yet"]),
    ],
)
def test_a_rehearsal_of_every_mode(rehearsed, mode, recorded, expected):
    """Each mode has its plan, and its reasons."""
    _, (first, *changes) = rehearsed(mode, lambda: tell("a", 3), lambda: tell("b", 1), is_recorded=recorded)
    if mode == "new":
        assert (first, changes) == ("tape.json: nothing to record", [])
        _, (first, *changes) = rehearsed(mode, lambda: tell("a", 4), lambda: tell("b"))
    assert [first, *(change.partition(" (")[2].partition(")")[0] for change in changes)] == expected


def test_once_replays_what_is_there_in_a_rehearsal(rehearsed, tmp_path):
    """Where mode ``once`` would ask nobody, a request that is not recorded stays a miss."""
    Cassette(talk("a", 1)).save(tmp_path / "tape.json")
    claude = FakeClaude(Clock(), Ids(), None)
    rehearsal = Rehearsal(tmp_path / "tape.json", Recording("once"), claude.player_of)
    assert rehearsal.play(request("b")).kind == "no such conversation"
    assert rehearsal.plan().changes == []


def test_other_endpoints_have_a_stand_in(rehearsed):
    """Counted tokens and models that are not recorded get an answer of their shape."""
    import anthropic

    def program():
        body = {key: value for key, value in request("new").items() if key != "max_tokens"}
        with anthropic.Anthropic() as claude:
            return [
                claude.messages.count_tokens(**body).input_tokens,
                len(claude.models.list().data),
                claude.models.retrieve("claude-y").id,
            ]

    got, plan = rehearsed("new", program)
    assert got == [1, 0, "claude-y"]
    assert plan[0] == "tape.json: at least 3 calls"
