"""What a person sees at a terminal, and what stands in a pipe and in CI."""

from __future__ import annotations

import os
import re
import sys
import threading
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli

from ..evals.helpers import BODY, case_file
from ..scenario.helpers import Folder

pty = pytest.importorskip("pty", reason="terminals of this kind are of POSIX")
TAPE = "scenarios/first/cassette.json"
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
LOOKS = [
    (("cassette", "check", "scenarios"), "canonical"),
    (("cassette", "show", TAPE), "├── "),
    (("dialects",), "─────"),
    (("eval", "--evals", "cases.toml"), "─────"),
    (("mutate", "--evals", "cases.toml", "--fault", "lost_write", "--dialect", "0.2.0"), "─────"),
]
UNMET = '[[request]]\nrun = 1\nnumber = 1\ncontains = ["no"]\n'
NAMES = [" ".join(words[:2]) for words, _ in LOOKS]


@contextmanager
def terminal(monkeypatch, stream):
    """A terminal in the place of a standard stream; what is given gets all that was written there, at the end."""
    ours, theirs = pty.openpty()
    seen, parts = [], []

    def read():
        # A terminal whose other end is closed says so by an error.
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                return
            if not part:
                return
            parts.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    with open(theirs, "w", encoding="utf-8") as screen, monkeypatch.context() as patched:  # noqa: PTH123
        patched.setattr(sys, stream, screen)
        yield seen
    reader.join()
    os.close(ours)
    seen.append(b"".join(parts).decode().replace("\r\n", "\n"))


def at_a_terminal(monkeypatch, *words, stream="stdout"):
    """What the command prints on that stream when it is a terminal."""
    with terminal(monkeypatch, stream) as seen, pytest.raises(SystemExit):
        cli.main(list(words), prog_name="fakememtrace")
    return seen[0]


def piped(*words):
    """What the command prints into a pipe."""
    return CliRunner().invoke(cli, words).stdout


@pytest.mark.parametrize(("words", "drawn"), LOOKS, ids=NAMES)
def test_a_person_sees_colours_and_drawings(project, bare, words, drawn):
    """At a terminal there is a table or a tree in colours; piped, with NO_COLOR and in CI there are plain lines."""
    case_file(project, BODY)
    plain = piped(*words)
    assert not ESCAPES.search(plain)
    assert drawn not in plain
    looked_at = at_a_terminal(bare, *words)
    assert ESCAPES.search(looked_at)
    assert drawn in looked_at
    for name in ("NO_COLOR", "CI"):
        with bare.context() as asked:
            asked.setenv(name, "1")
            assert at_a_terminal(asked, *words) == plain


def test_nothing_that_is_said_is_lost_in_a_drawing(project, bare):
    """The tree of a cassette has every word of the plain lines, in their order."""
    drawn = re.sub(r"[│├└─]", "", ESCAPES.sub("", at_a_terminal(bare, "cassette", "show", TAPE)))
    assert drawn.split() == piped("cassette", "show", TAPE).split()


def test_json_is_the_same_at_a_terminal(project, bare):
    """A document is not coloured."""
    assert at_a_terminal(bare, "dialects", "--json") == piped("dialects", "--json")


def test_a_bar_is_for_a_person(project, bare):
    """On standard error there is a bar at a terminal, which is gone at the end; lines elsewhere; nothing if quiet."""
    case_file(project, BODY)
    words = ("eval", "--evals", "cases.toml")
    bar = at_a_terminal(bare, *words, stream="stderr")
    assert "2/2" in bar
    assert bar.endswith("\x1b[2K")
    with bare.context() as asked:
        asked.setenv("NO_COLOR", "1")
        assert at_a_terminal(asked, *words, stream="stderr") == "evals: 1 of 2\nevals: 2 of 2\n"
    assert at_a_terminal(bare, *words, "--quiet", stream="stderr") == ""


def test_colours_can_be_asked_for(project, bare):
    """FORCE_COLOR colours what is piped, such as the log of a CI; NO_COLOR is stronger."""
    bare.setenv("CI", "1")
    bare.setenv("FORCE_COLOR", "1")
    assert ESCAPES.search(piped("dialects"))
    bare.setenv("NO_COLOR", "1")
    assert not ESCAPES.search(piped("dialects"))


@pytest.mark.parametrize(
    ("command", "rows"),
    [
        ("replay", ["passed demo 0.2.0 1 1 0 1 of 1 held", "FAILED other 0.2.0 1 1 0 0 of 1 held"]),
        ("diff", ["unchanged demo 0.2.0 1 of 1 -", "changed other 0.2.0 1 of 1 -"]),
        (
            "drift",
            ["no drift demo documented beside 0.2.0 1 of 1 0", "no drift other documented beside 0.2.0 1 of 1 0"],
        ),
    ],
)
def test_the_verdicts_on_several_scenarios_are_a_table(tmp_path, bare, command, rows):
    """Of each scenario what became of it, and how much there was; one line for each without a terminal."""
    bare.chdir(tmp_path)
    Folder(tmp_path / "scenarios")
    Folder(tmp_path / "scenarios", "other").write("expectations.toml", UNMET)
    shown = ESCAPES.sub("", at_a_terminal(bare, command, "--quiet"))
    table = [" ".join(line.split()) for line in shown.splitlines()]
    assert [line for line in table if line in rows] == rows
    assert any(line.startswith("verdict scenario ") for line in table)
