"""docs/mutation.md is true: its Python runs, its tables are the code's, and what it shows is what is printed."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.evals.mutating.mutants import MUTANTS

from .authors import EVALS
from .test_catalogue import CASES

PAGE = (EVALS.parent / "docs" / "mutation.md").read_text("utf-8")


def block(language):
    """The first fenced block in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)[0]


def test_every_mutant_is_in_the_table():
    """Each with what happens under it, and with what an eval does that notices it."""
    rows = re.findall(r"^\| `(.*)` \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    assert rows == [(mutant.name, mutant.does, mutant.advice) for mutant in MUTANTS]


def test_its_python_runs(monkeypatch):
    """The example runs in the folder of a clone, and what it asserts holds."""
    assert "\nassert " in block("python")
    monkeypatch.chdir(EVALS.parent)
    exec(block("python"), {})


def test_what_it_shows_is_printed():
    """The table and the survivor are those of the catalogue without the eval that it names."""
    (gone,) = re.findall(r"without its eval `(.*?)`", PAGE)
    names = [case.name for case in CASES if case.name != gone]
    done = CliRunner().invoke(cli, ["mutate", "--evals", str(EVALS), "--fault", "dropped_field", *names])
    # Every new eval changes the number of them, and nothing else.
    assert re.sub(r"\d+ evals", "", done.stdout) == re.sub(r"\d+ evals", "", block("text"))


@pytest.mark.parametrize("line", re.findall(r"^\$ fakememtrace mutate(.*)$", PAGE, re.MULTILINE))
def test_every_command_shown_has_these_options(line):
    """No option is made up."""
    command = import_module("fakememtrace.commands.mutate").command
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z]+", line.partition(" -- ")[0])) <= known


def test_every_option_is_explained():
    """An option that the page leaves out is one that nobody finds."""
    command = import_module("fakememtrace.commands.mutate").command
    known = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    assert {option for option in known - {"--evals"} if option not in PAGE} == set()


def test_every_link_leads_somewhere():
    """What the page links to is there."""
    docs = EVALS.parent / "docs"
    assert [name for name in re.findall(r"\]\((.*?)\)", PAGE) if not (docs / name).is_file()] == []
