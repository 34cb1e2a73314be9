"""docs/verify.md is true about the commands that it shows."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from fakememtrace import Dialect

PAGE = (Path(__file__).parents[1] / "docs" / "verify.md").read_text("utf-8")


def options(name: str) -> set[str]:
    """The long options of a command."""
    command = import_module(f"fakememtrace.commands.{name}").command
    return {option for parameter in command.params for option in parameter.opts if option.startswith("--")}


def test_every_option_of_conform_is_explained() -> None:
    """An option that the page leaves out is one that nobody finds."""
    assert options("conform") - set(re.findall(r"--[a-z]+", PAGE)) == set()


@pytest.mark.parametrize("line", re.findall(r"fakememtrace (?:conform|serve) [^`\n]+", PAGE))
def test_every_command_shown_has_these_options(line: str) -> None:
    """No option is made up."""
    assert set(re.findall(r"--[a-z]+", line)) <= options(line.split()[1])


def test_the_parts_that_it_names_exist() -> None:
    """The example runs a section and a vector that are there."""
    from fakememtrace.conformance import chosen, load

    found = {vector.id for vector in chosen(load(), ["context", "stats/by-name"])}
    assert "stats/by-name" in found
    assert any(name.startswith("context/") for name in found)


def test_the_dialect_that_it_shows_can_be_made() -> None:
    """The example changes an attribute to a value that it can take."""
    (name, value) = re.findall(r'Dialect\("0.2.0"\)\.replace\((\w+)=("\w+")\)', PAGE)[0]
    assert Dialect("0.2.0").replace(**{name: ast.literal_eval(value)}) != Dialect("0.2.0")
