"""docs/your-agent.md is true: who types it from the top to the end gets what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.commands.run import command as run_command

from .helpers import command

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "your-agent.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(python|json|console)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def typed(folder, line):
    """What the command of a line of the page prints, output and errors as a terminal shows them, and its exit code."""
    name, *words = shlex.split(line)
    assert name == "fakememtrace"
    ran = command(*words, cwd=folder)
    return ran.out + ran.err, ran.code


def test_the_walk_through_works_when_typed(tmp_path):
    """Each program is saved, each answer written into the gap, each command run: in the order of the page."""
    names = iter(("agent.py", "later.py"))
    steps = 0
    for language, text in BLOCKS:
        if language == "python":
            (tmp_path / next(names)).write_text(text, "utf-8")
        elif language == "json":
            draft = tmp_path / "agent.json"
            before = draft.read_text("utf-8")
            assert before.count('"response": null') == 1
            draft.write_text(before.replace('"response": null', text.strip()), "utf-8")
        else:
            line, _, shown = text.removeprefix("$ ").partition("\n")
            printed, code = typed(tmp_path, line)
            steps += 1
            if shown:
                assert printed == shown
                assert code == int(", stopped" in shown)
            else:
                # The one that is told in words below it.
                assert code == 1
                assert '"I have read Emma, twice."' in printed
    assert steps == PAGE.count("$ fakememtrace ") == 6
    assert len(Cassette.load(tmp_path / "agent.json")) == 2


def test_every_option_is_in_the_table():
    """The table has each option of the command, in the order of its help, and no other."""
    known = [parameter.opts[0] for parameter in run_command.params if parameter.opts[0].startswith("--")]
    assert re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE) == known


@pytest.mark.parametrize("name", re.findall(r"\]\((.*?)\)", PAGE))
def test_every_link_leads_somewhere(name):
    """What the page links to is there."""
    assert (DOCS / name).is_file()
