"""Two that write one cassette: refused, both named, and nothing of either is lost."""

from __future__ import annotations

import subprocess
import sys
import threading

import anthropic
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.recording.claims import Claims
from fakememtrace.claude.recording.modes import Recording
from fakememtrace.world import World

from .programs import ask

CLAIMED = "{} would record into tape.json, which {} has recorded into: one of them would lose its answers.\n"
REFUSED = (
    CLAIMED + "Expected one test for each cassette that is written in a run.\n"
    "What to do: give each of them a cassette of its own: without a fixture claude_cassette a test has one that is "
    "called after it, and a fixture can have request.node.name in the path that it returns."
)
REFUSED_AT_ONCE = (
    CLAIMED + "Expected one world at a time for each cassette that is written.\n"
    "What to do: give each of them a cassette of its own; or make the second one when the first one has come to its "
    'end, with record="new".'
)


def refusal(world):
    """What the world says of a request that is not to be recorded."""
    with pytest.raises(anthropic.BadRequestError):
        ask("more")
    return world.journal.unexpected()[-1].unexpected


@pytest.mark.parametrize("mode", ["once", "new", "changed", "all"])
def test_two_worlds_at_once(api, tape, mode):
    """While one world records into a file, another one may not; afterwards it may."""
    first, second = (World(cassette=tape, record=Recording(mode, owner=name)) for name in ("one", "two"))
    with first:
        ask("hi")
        with second:
            assert refusal(second) == REFUSED_AT_ONCE.format("two", "one")
        before = api.calls
    assert [one.messages[0]["content"] for one in Cassette.load(tape).interactions] == ["hi"]
    with World(cassette=tape, record="new"):
        ask("bye")
    assert (before, len(Cassette.load(tape))) == (1, 2)


def test_two_worlds_of_one_line(api, tape):
    """Worlds that are opened at the same line are two all the same."""
    first, second = (World(cassette=tape, record="new") for _ in range(2))
    with first:
        ask("hi")
        with second:
            told = refusal(second)
            assert told == REFUSED_AT_ONCE.format(*2 * [told.partition(" would record")[0]])


def test_who_opened_the_world_is_named(api, tape):
    """A world of a program is called after the line that opened it."""
    with World(cassette=tape, record="once"):
        ask("hi")
        with World(cassette=tape.absolute(), record="new") as second:
            assert "test_claims.py:" in refusal(second).partition(" would record")[0]


def test_one_after_the_other(api, tape):
    """In one run two tests may not write one file, though each ends before the next one begins."""
    claims = Claims(tape.absolute().parent, "run")
    for name in ("one", "two"):
        with World(cassette=tape, record=Recording("new", owner=name, claims=claims)) as world:
            if name == "one":
                ask("hi")
            else:
                assert refusal(world) == REFUSED.format("two", "one")
    with World(cassette=tape, record=Recording("new", owner="one", claims=claims)):
        # The same test, run again.
        ask("hi"), ask("bye")
    assert len(Cassette.load(tape)) == 2


def test_once_knows_that_the_file_was_made_in_this_run(api, tape):
    """Where a test has just made the file, another one that misses something in it would have written it as well."""
    claims = Claims(tape.absolute().parent, "run")
    with World(cassette=tape, record=Recording("once", owner="one", claims=claims)):
        ask("hi")
    with World(cassette=tape, record=Recording("once", owner="two", claims=claims)) as world:
        assert ask("hi") == "Hello!"
        assert refusal(world) == REFUSED.format("two", "one")


def test_replaying_is_no_claim(api, tape):
    """Any number of tests may read one file, in every mode, while they write nothing."""
    with World(cassette=tape, record="once"):
        ask("hi")
    claims = Claims(tape.absolute().parent, "run")
    for mode in ("none", "once", "new", "changed"):
        with World(cassette=tape, record=Recording(mode, owner=mode, claims=claims)) as world:
            ask("hi")
            world.journal.assert_clean()
    assert claims.holder(tape) == ""


def test_a_run_does_not_see_the_claims_of_another(tmp_path):
    """Claims are of one run; another one in the same folder begins anew."""
    path = tmp_path / "tape.json"
    assert Claims(tmp_path, "one").take(path, object(), "a") == ""
    assert Claims(tmp_path, "one").take(path, object(), "b") == "a"
    assert Claims(tmp_path, "two").take(path, object(), "b") == ""
    assert [Claims(tmp_path, run).holder(path) for run in ("one", "two", "three")] == ["a", "b", ""]


def test_one_file_has_one_claim_however_it_is_called(tmp_path, monkeypatch):
    """A relative path, a link and the file itself are one file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path)
    for claims in (Claims(), Claims(tmp_path)):
        taker = object()
        assert claims.take(tmp_path / "tape.json", taker, "a") == ""
        assert claims.take(tmp_path / "link" / ".." / tmp_path.name / "tape.json", object(), "b") == "a"
        claims.give_back(tmp_path / "tape.json", taker)
    assert Claims().holder(tmp_path / "tape.json") == ""


RACER = """
import sys
from pathlib import Path
from fakememtrace.claude.recording.claims import Claims

folder, name = Path(sys.argv[1]), sys.argv[2]
input()
print(Claims(folder, "run").take(folder / "tape.json", object(), name))
"""


def test_of_many_processes_one_wins(tmp_path):
    """However many claim a file at the same moment, one has it, and all others learn its name."""
    racers = {
        name: subprocess.Popen(
            [sys.executable, "-c", RACER, str(tmp_path), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for name in ("one", "two", "three")
    }
    for racer in racers.values():
        racer.stdin.write("go\n")
        racer.stdin.flush()
    told = {name: racer.communicate()[0].strip() for name, racer in racers.items()}
    (winner,) = (name for name, other in told.items() if not other)
    assert {other for name, other in told.items() if name != winner} == {winner}


def test_a_name_that_is_being_written_is_waited_for(tmp_path):
    """Who comes a moment too late reads the whole name."""
    claims = Claims(tmp_path, "run")
    assert claims.take(tmp_path / "tape.json", object(), "") == ""
    (claim,) = tmp_path.glob("claim-*")
    claim.write_text("")
    later = threading.Timer(0.01, claim.write_text, args=("one\n",))
    later.start()
    assert claims.take(tmp_path / "tape.json", object(), "two") == "one"
    later.join()
