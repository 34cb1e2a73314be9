"""The file that is recorded into: no secret is in its name, and it can be written before anybody is asked."""

from __future__ import annotations

from pathlib import Path

import anthropic
import pytest

from fakememtrace.claude.recording.places import cassette_of, obstacle
from fakememtrace.errors import UsageError
from fakememtrace.world import World

from .programs import ask

# Put together here, so that nobody takes this file for a leak.
KEY = "sk-ant-" + "api03-" + "Ab1" * 20
GITHUB = "gh" + "p_" + "Ab1" * 12
TELEGRAM = "123456789:" + "AA" + "Ab1" * 11


@pytest.mark.parametrize(
    ("secret", "shown"),
    [(KEY, "anthropic-api-key"), (GITHUB, "github-token"), (TELEGRAM, "telegram-token"), ("Bearer Ab1" * 6, "Bearer")],
    ids=["anthropic", "github", "telegram", "bearer"],
)
def test_a_secret_in_a_parameter_is_not_in_the_name(secret, shown):
    """The name says what stood there, and a digest tells it from others."""
    one, other = (cassette_of(Path("test_x.py"), [f"test_it[{text}-1]"]).name for text in (secret, f"{secret}x"))
    assert one.startswith("test_it-")
    assert shown in one
    assert "Ab1Ab1" not in one
    assert one != other


@pytest.mark.parametrize(
    ("name", "redact", "shown"),
    [
        (f"test-{KEY}", [], "anthropic-api-key, sk-ant… (73 characters)"),
        ("test-a-key-for-tests", [], "anthropic-api-key, a-k… (15 characters)"),
        ("test-Ada-Lovelace", ["Ada Lovelace"], "redacted, Ada… (12 characters)"),
    ],
)
def test_a_secret_in_the_name_is_refused(api, tape, name, redact, shown):
    """What is known, named, or a key of whoever records is told before anything runs, with what no name can have."""
    with pytest.raises(UsageError) as refused:
        World(cassette=f"{name}.json", record="once", redact=redact)
    assert str(refused.value) == (
        f"the name of the cassette holds what looks like a secret: {shown}.\n"
        "Expected a name that anybody may read: it is not redacted.\n"
        'What to do: where it comes from a parameter of the test, give that an id, pytest.param(..., id="key"); else '
        "name another file.  What is no secret, allow by its exact text, allow=[...]."
    )


def test_a_name_can_be_allowed(api, tape):
    """What only looks like a secret may be in it, where the user says so."""
    with World(cassette=f"{GITHUB}.json", record="once", allow=[GITHUB]):
        ask("hi")
    assert Path(f"{GITHUB}.json").exists()


@pytest.mark.parametrize("name", ["folder/tape.json", "folder/a/tape.json", "here"])
def test_where_nothing_can_be_written_nobody_is_asked(api, tape, name):
    """The program learns what is in the way, and nothing was paid for."""
    Path("folder").write_text("no folder")
    Path("here").mkdir()
    with World(cassette=name, record="all") as world:
        with pytest.raises(anthropic.BadRequestError):
            ask("hi")
        (exchange,) = world.journal.unexpected()
    reason = {"folder/tape.json": "File exists", "folder/a/tape.json": "Not a directory"}.get(name)
    problem = f"its folder cannot be made: {reason}" if reason else "it is a folder"
    assert exchange.unexpected == (
        f"{name} could not be written, so the real Claude was not asked: {problem}.\n"
        "Expected a file in a folder that can be written into, or made.\n"
        "What to do: name another file, or give yourself the right to write there."
    )
    assert api.calls == 0


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no such folder here")
@pytest.mark.parametrize(("folder", "doing"), [("/proc/nope", "made"), ("/proc", "written into")])
def test_what_looks_writable_is_tried(folder, doing):
    """Some folders cannot be written into whatever their rights say."""
    assert obstacle(Path(folder, "x.json")) == f"its folder cannot be {doing}: No such file or directory"


def test_a_look_leaves_no_file(tmp_path):
    """The folder is there afterwards, and empty."""
    assert obstacle(tmp_path / "a" / "b" / "x.json") == ""
    assert list((tmp_path / "a" / "b").iterdir()) == []
