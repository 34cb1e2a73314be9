"""The modes, by the names that users of VCR know: what is asked for real, and what the file has afterwards."""

from __future__ import annotations

import httpx
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import AUTHORED, RECORDED
from fakememtrace.errors import CassetteError, UnexpectedTraffic, UnknownName, UsageError
from fakememtrace.world import World

from ..claude.helpers import interaction, request
from . import api as replies
from .programs import ask

HI, BYE = interaction(request("hi"), "authored hi"), interaction(request("bye"), "authored bye")
MODES = ["once", "new", "changed", "all"]


def kinds(path):
    """Of each interaction the first question, and whether it is recorded."""
    return [(one.messages[0]["content"], one.provenance.kind) for one in Cassette.load(path).interactions]


@pytest.mark.parametrize("mode", MODES)
def test_where_nothing_is_recorded_every_mode_records(api, tape, mode):
    """Without a file each of them asks, and writes it, its folders too."""
    path = tape.parent / "new" / "folders" / "tape.json"
    with World(cassette=path, record=mode):
        assert [ask("hi"), ask("hi"), ask("bye")] == ["Hello!"] * 3
    assert api.calls == 3
    assert kinds(path) == [("hi", RECORDED), ("hi", RECORDED), ("bye", RECORDED)]


@pytest.mark.parametrize("mode", ["none", "once"])
def test_none_and_once_only_replay_what_is_there(api, tape, mode):
    """Where there is a file nobody is asked, and what is not in it is a miss."""
    Cassette([HI]).save(tape)
    before = tape.read_text()
    with World(cassette=tape, record=mode) as world:
        assert ask("hi") == "authored hi"
        with pytest.raises(Exception, match="no recorded answer"):
            ask("bye")
        with pytest.raises(UnexpectedTraffic):
            world.journal.assert_clean()
    assert (api.calls, tape.read_text()) == (0, before)


def test_new_adds_what_is_not_recorded(api, tape):
    """What is recorded is replayed, and the rest stands after it."""
    Cassette([HI]).save(tape)
    with World(cassette=tape, record="new") as world:
        assert [ask("bye"), ask("hi"), ask("hi")] == ["Hello!", "authored hi", "Hello!"]
        world.journal.assert_clean()
    assert kinds(tape) == [("hi", AUTHORED), ("bye", RECORDED), ("hi", RECORDED)]


def test_new_fails_on_what_is_not_asked_for(api, tape):
    """What was recorded and is not asked for any more is told as ever."""
    Cassette([HI]).save(tape)
    with World(cassette=tape, record="new") as world:
        ask("bye")
        with pytest.raises(UnexpectedTraffic, match=r"1 of 2 recorded answers in tape\.json were never asked for"):
            world.journal.assert_clean()


def test_all_replaces_the_file(api, tape):
    """Everything is asked for, what is recorded too; at the end the file is a new one."""
    Cassette([HI, BYE]).save(tape)
    with World(cassette=tape, record="all") as world:
        assert ask("hi") == "Hello!"
        assert kinds(tape) == [("hi", AUTHORED), ("bye", AUTHORED)]
        world.journal.assert_clean()
    assert kinds(tape) == [("hi", RECORDED)]
    assert [path.name for path in tape.parent.iterdir()] == ["tape.json"]


@pytest.mark.parametrize("content", ['{"name": "agent"}', "[]", "interactions: []\nversion: 1\n", "Notes"])
def test_all_replaces_nothing_foreign(api, tape, content):
    """A file that is no cassette stays as it is, and nobody is asked."""
    tape.write_text(content)
    with pytest.raises(CassetteError) as refused:
        World(cassette=tape, record="all")
    assert str(refused.value) == (
        "tape.json: this is no fakememtrace cassette, so nothing is recorded over it.\n"
        "Name another file, or put that one elsewhere."
    )
    assert (tape.read_text(), api.calls) == (content, 0)


@pytest.mark.parametrize("content", ["", "{", '{"format": "fakememtrace-cassette", "version": 99}'])
def test_all_replaces_a_cassette_that_is_no_good(api, tape, content):
    """What is empty, broken or of another version is recorded anew: that was asked for."""
    tape.write_text(content)
    with World(cassette=tape, record="all"):
        ask("hi")
    assert kinds(tape) == [("hi", RECORDED)]


def test_all_without_a_request_changes_nothing(api, tape):
    """Who does not ask Claude at all leaves the file alone."""
    Cassette([HI]).save(tape)
    with World(cassette=tape, record="all") as world:
        world.journal.assert_clean()
    assert kinds(tape) == [("hi", AUTHORED)]


@pytest.mark.parametrize("mode", MODES)
def test_a_second_block_goes_on(api, tape, mode):
    """A world that is entered again goes on with its recording."""
    world = World(cassette=tape, record=mode)
    for said in ("hi", "bye"):
        with world:
            ask(said)
    assert kinds(tape) == [("hi", RECORDED), ("bye", RECORDED)]


@pytest.mark.parametrize("mode", ["new", "changed", "all"])
def test_what_asks_for_sure_needs_a_key_before_anything_runs(api, tape, monkeypatch, mode):
    """Without a key, or with the stand-in of an outer world, such a world is refused before it is there."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    expected = (
        f"record='{mode}' asks the real Claude, and there is no key for it.\n"
        "Expected ANTHROPIC_API_KEY (or ANTHROPIC_AUTH_TOKEN) in the environment.\n"
        "What to do: set it, or leave the recording out: what is recorded is replayed without a key."
    )
    with pytest.raises(UsageError) as refused:
        World(cassette=tape, record=mode)
    assert str(refused.value) == expected
    with World(), pytest.raises(UsageError) as refused:
        World(cassette=tape, record=mode)
    assert str(refused.value) == expected
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a token")
    World(cassette=tape, record=mode)


def test_once_needs_no_key_until_somebody_asks(api, tape, monkeypatch):
    """A test without Claude runs without a key; one that asks learns what is missing, and the stand-in is not sent."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with World(cassette=tape, record="once") as world:
        world.journal.assert_clean()
        with pytest.raises(Exception, match="there is no key for it"):
            ask("hi")
        (exchange,) = world.journal.unexpected()
    assert exchange.unexpected == (
        "the real Claude was to be asked, and there is no key for it: claude-x, 1 message, the last from user: "
        '"hi".\n'
        "Expected ANTHROPIC_API_KEY in the environment; the program has the stand-in of its world, which is never "
        "sent to the API.\n"
        "What to do: set it and record again."
    )
    assert api.calls == 0
    assert not tape.exists()


def test_the_stand_in_is_not_sent_beside_a_token(api, tape, monkeypatch):
    """Who has a token and no key is asked with the token alone."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a-token")
    with World(cassette=tape, record="once"):
        headers = {"authorization": "Bearer a-token", "x-api-key": "sk-ant-" + "fakememtrace"}
        httpx.post(f"{api.url}/v1/messages", json=request("hi"), headers=headers).raise_for_status()
    ((_, headers, _),) = api.asked
    assert headers["authorization"] == "Bearer a-token"
    assert "x-api-key" not in headers


def test_a_token_is_enough(api, tape, monkeypatch):
    """Who has a token and no key records with the SDK as it is."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "a-token")
    with World(cassette=tape, record="all"):
        assert ask("hi") == "Hello!"
    ((_, headers, _),) = api.asked
    assert headers["authorization"] == "Bearer a-token"
    assert "x-api-key" not in headers


def test_another_mode_is_refused(tape):
    """A mode that does not exist is told with the nearest one."""
    with pytest.raises(UnknownName) as refused:
        World(cassette=tape, record="al")
    assert str(refused.value) == (
        "unknown recording mode 'al'. Did you mean 'all'? Known: all, changed, new, none and once."
    )


@pytest.mark.parametrize(
    ("cassette", "found"), [(None, "no cassette"), (Cassette([HI]), "Cassette"), (lambda: None, "function")]
)
def test_a_recording_needs_a_file(api, cassette, found):
    """Where there is no file to write, that is said."""
    with pytest.raises(UsageError) as refused:
        World(cassette=cassette, record="new")
    assert str(refused.value) == (
        f"record='new' needs a file to record into; found {found}.\n"
        "Expected the path of a cassette, which need not exist: World(cassette=\"cassette.json\", record='new')."
    )


def test_a_cassette_knows_its_file(api, tape):
    """A Cassette that was loaded is recorded into its own file."""
    Cassette([HI]).save(tape)
    with World(cassette=Cassette.load(tape), record="new"):
        ask("bye")
    assert kinds(tape) == [("hi", AUTHORED), ("bye", RECORDED)]


def test_the_answer_is_not_replayed_before_it_is_recorded(api, tape):
    """Each call is asked for itself while a file is made, equal ones too, and replayed in that order."""
    api.will(replies.message("one"), replies.message("two"))
    with World(cassette=tape, record="once"):
        assert [ask("hi"), ask("hi")] == ["one", "two"]
    with World(cassette=tape):
        assert [ask("hi"), ask("hi")] == ["one", "two"]


def test_recording_is_said_while_the_api_answers(api, tape):
    """``claude.recording`` is true after an answer of the API, and not after one of the cassette."""
    Cassette([HI]).save(tape)
    with World(cassette=tape, record="new") as world:
        states = [world.claude.recording]
        for said in ("hi", "bye", "hi"):
            ask(said)
            states.append(world.claude.recording)
            assert world.waits is world.claude.recording
    assert states == [False, False, True, True]
