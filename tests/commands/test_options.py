"""What all commands have in common: --json, --quiet, and a help that teaches."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from .tree import COMMANDS, EVERY, context_of

# Each with its reason; docs/reference/commands.md gives the same.
WITHOUT_JSON = {"mcp": "its standard output is the protocol, JSON already"}
WITHOUT_QUIET = {
    "cassette show": "it prints nothing but what was asked for",
    "dialects": "it prints nothing but what was asked for",
    "mcp": "what it says is for a person who started it by hand",
    "run": "it would take it from the program that it runs",
}


def option(name: str, word: str) -> click.Parameter | None:
    """The command's option of that name."""
    return next((one for one in COMMANDS[name].params if word in one.opts), None)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_json(name):
    """--json [FILE] is there, of the one manner that all have, or there is a reason why not."""
    found = option(name, "--json")
    assert (found is None) == (name in WITHOUT_JSON)
    if found is not None:
        assert (found.name, found.metavar, found._flag_needs_value) == ("json_file", "[FILE]", True)
        assert found.help.endswith(" as JSON: alone on standard output, or besides in FILE.")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_quiet(name):
    """--quiet and -q are there, or there is a reason why not."""
    found = option(name, "--quiet")
    assert (found is None) == (name in WITHOUT_QUIET)
    if found is not None:
        assert set(found.opts) == {"--quiet", "-q"}


@pytest.mark.parametrize("name", EVERY)
def test_help_shows_an_example_that_parses(name):
    """Each help has an example of that command, unbroken on 80 columns, whose words the command takes."""
    context = context_of(name)
    examples = [line for line in context.get_help().splitlines() if "Example:" in line]
    assert examples
    for line in examples:
        assert len(line) <= 80
        _, words = line.split("fakememtrace", 1)
        typed = shlex.split(words)
        assert typed[: len(name.split())] == name.split()
        parsed(typed)


def parsed(typed: list[str]) -> click.Context:
    """The context of the innermost command that these words call; nothing is run."""
    context = EVERY[""].make_context("fakememtrace", list(typed))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(context, [*context._protected_args, *context.args])
        context = command.make_context(name, rest, parent=context)
    return context


def test_an_example_that_does_not_parse_is_noticed():
    """What the test above rests on: a wrong word in an example is an error."""
    with pytest.raises(click.NoSuchOption):
        parsed(["replay", "--dialekt", "0.2.0"])
    with pytest.raises(click.MissingParameter):
        parsed(["cassette", "show"])


@pytest.mark.parametrize("name", [name for name, one in EVERY.items() if isinstance(one, click.Group)])
def test_no_line_of_the_list_of_commands_is_cut(name):
    """What each command is for is said whole, also on 80 columns."""
    assert "..." not in re.sub(r"\]\.\.\.", "", context_of(name).get_help())
