"""docs/telegram.md is true: its example runs, its errors are ours, its table is the code's."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from fakememtrace import ScenarioError, World
from fakememtrace.telegram import fake, reading

from .helpers import Client

PAGE = (Path(__file__).parents[2] / "docs" / "telegram.md").read_text("utf-8")


def blocks(language):
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


@pytest.fixture
def updates(tmp_path, monkeypatch):
    """The script of the page, in the working directory."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "updates.toml"
    path.write_text(blocks("toml")[0], "utf-8")
    return path


def test_the_example_runs(updates):
    """It asserts what it says."""
    (code,) = blocks("python")
    assert code.count("assert ") == 3
    exec(compile(code, "the page", "exec"), {"__name__": "page"})


def test_the_errors_are_those_shown(updates):
    """A slip in the script, an update that is not answered, and a method that is not served."""
    slip, unanswered, unserved = blocks("text")
    with World(telegram="updates.toml") as world:
        Client("1000001:fakememtrace").poll(timeout=0)
        answer = Client("1000001:fakememtrace").ask("setMyCommands")
    assert world.telegram.open_ends().startswith(unanswered)
    assert answer["description"].split() == ["Bad", "Request:", *unserved.split()]
    updates.write_text(updates.read_text("utf-8").replace('bot = "Juan"', 'bot = "Jaun"'), "utf-8")
    with pytest.raises(ScenarioError) as refused:
        World(telegram="updates.toml")
    assert str(refused.value) == slip.rstrip("\n")


def test_every_field_is_in_the_table():
    """The table has each field of each table, once, and no other."""
    rows = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| `[[")]
    told = {(row[0].strip("`[]"), name) for row in rows for name in re.findall(r"`(\w+)`", row[1])}
    readers = {"bot": reading._bot, "user": reading._customer, "update": reading._Updates._update}
    known = {
        (table, name)
        for table, reader in readers.items()
        for name in re.findall(r'"(\w+)"', re.search(r"\.only\((.*?)\)", inspect.getsource(reader))[1])
    }
    assert told == known


def test_every_method_that_is_served_is_named():
    """The list is the code's."""
    served = PAGE.partition("## What is served\n")[2].partition(", with")[0]
    assert set(re.findall(r"\w+", served)) - {"and"} == set(fake._SERVED)
