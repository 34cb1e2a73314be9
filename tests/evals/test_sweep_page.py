"""docs/sweeps.md is true: its sweep runs and prints what is shown, its variants are read, its Python runs."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from click.testing import CliRunner

from fakememtrace.cli import cli
from fakememtrace.evals.sweeping import crossed, read_sweep
from fakememtrace.evals.sweeping.executors.cluster import Patience
from fakememtrace.evals.sweeping.sweep import AS_WRITTEN, AXES, DEFAULT

from .authors import EVALS
from .sweeps import sweep_file

PAGE = (EVALS.parent / "docs" / "sweeps.md").read_text("utf-8")


def blocks(language):
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_its_sweep_runs(tmp_path, monkeypatch):
    """The example can be copied into a file, and prints these lines."""
    monkeypatch.chdir(tmp_path)
    sweep_file(tmp_path, blocks("toml")[0])
    done = CliRunner().invoke(cli, ["sweep", "plans.toml"])
    assert done.exit_code == 0
    assert blocks("text")[0] in done.stdout
    assert done.stdout.endswith("SWEPT: 28 units: 28 scored\n")


def test_its_variants_are_read(tmp_path):
    """The example of prompts and tools is of a sweep, in which the evals with Claude have something to change."""
    head = f'title = "x"\n[cases]\nevals = ["abstains"]\n[where]\nevals = "{EVALS}"\n[axes]\n'
    axes = 'prompt = ["as written", "short"]\ntools = ["plain"]\n'
    found = crossed(read_sweep(sweep_file(tmp_path, head + axes + blocks("toml")[1])))
    assert len(found.units) == 4
    assert len(found.units[-1].edits) == 2


def test_its_python_runs():
    """The example asserts what it says."""
    (code,) = blocks("python")
    assert "assert " in code
    exec(compile(code, "the page", "exec"), {"__name__": "page"})


def test_its_table_is_the_code():
    """Every axis with what it changes, and the names of what is not changed."""
    table = re.search(r"^\| axis \|.*\n\|[- |]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    rows = [line.strip("| ").split(" | ") for line in table[1].splitlines()]
    assert [(axis, changes.replace("evals with Claude", "evals")) for axis, changes, _ in rows] == [
        (axis, ", ".join(kinds)) for axis, kinds in AXES.items()
    ]
    assert f"`{AS_WRITTEN}`" in PAGE
    assert f"`{DEFAULT}`" in PAGE


@pytest.mark.parametrize("words", re.findall(r"fakememtrace (sweep [^`\n#]+)", PAGE))
def test_every_command_shown_has_these_options(words):
    """No option is made up."""
    command = import_module("fakememtrace.commands.sweep").command
    known = {option for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z]+", words)) <= known


def test_its_seconds_are_the_code():
    """How long is waited for a scheduler and for a worker."""
    assert f"No scheduler within {Patience().scheduler:g} seconds, or no worker for {Patience().worker:g}," in PAGE
