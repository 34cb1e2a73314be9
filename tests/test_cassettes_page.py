"""docs/cassettes.md is true: its examples run, its commands print what is shown, its tables are the code's."""

from __future__ import annotations

import inspect
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from fakememtrace.claude import author, entry
from fakememtrace.claude.blocks import __all__ as blocks_all
from fakememtrace.claude.cassette import Cassette
from fakememtrace.cli import cli

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "cassettes.md").read_text("utf-8")


def blocks(language):
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def first_cells(heading):
    """The first cell of each row of the table with that heading, without its ticks."""
    table = re.search(rf"^\| {heading} \|.*\n\|[- |]+\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    return [line.strip("| ").split(" | ")[0].strip("`") for line in table[1].splitlines()]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A working directory with the cassette of the page in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-page")
    (tmp_path / "cassette.json").write_text(blocks("json")[0], "utf-8")
    return tmp_path


@pytest.mark.parametrize("code", blocks("python"))
def test_every_python_block_runs(code, folder):
    """Every example runs as it stands and asserts what it says."""
    assert "assert " in code
    exec(compile(code, "the page", "exec"), {"__name__": "page"})


def test_the_authored_cassette_is_whole(folder):
    """What the first example saves is canonical, and has the turns in their order."""
    exec(compile(blocks("python")[0], "the page", "exec"), {"__name__": "page"})
    saved = Cassette.load("cassette.json")
    assert saved.is_canonical()
    assert [one.status for one in saved.interactions] == [529, 200, 200]


def test_the_commands_print_what_is_shown(folder):
    """Each command of the page, in its order, prints what stands below it."""
    (console,) = blocks("console")
    asked = re.findall(r"^\$ fakememtrace (.*)\n((?:(?!\$ ).*\n)*)", console, re.MULTILINE)
    assert len(asked) == console.count("$ ")
    for words, shown in asked:
        result = CliRunner().invoke(cli, shlex.split(words))
        assert (result.exit_code, result.output) == (0, shown), words


def test_every_key_is_in_the_table():
    """The table has each key of an interaction, in the order in which they are written."""
    assert first_cells("key") == list(entry._KEYS)


def test_every_builder_is_in_the_table():
    """The table has each function that writes a part of an answer, with its parameters."""
    shown = {row.partition("(")[0].removeprefix("author."): row for row in first_cells("written")}
    assert sorted(shown) == sorted([*(name for name in blocks_all if name != "Block"), "error"])
    for name, row in shown.items():
        parameters = [parameter.strip(" *)").partition("=")[0] for parameter in row.partition("(")[2].split(",")]
        known = list(inspect.signature(getattr(author, name)).parameters)
        assert sorted(filter(None, parameters)) == sorted(known), name


def test_every_option_that_is_shown_exists():
    """No option is made up."""
    commands = [cli.get_command(None, "cassette").get_command(None, name) for name in ("check", "format", "show")]
    known = {option for command in commands for parameter in command.params for option in parameter.opts}
    assert set(re.findall(r"--[a-z]+", PAGE)) <= known


def test_every_link_leads_somewhere():
    """What the page links to is there."""
    assert [name for name in re.findall(r"\]\((.*?)\)", PAGE) if not (DOCS / name).is_file()] == []
