"""All commands, as click knows them."""

from __future__ import annotations

from collections.abc import Iterator

import click

from fakememtrace.cli import cli

__all__ = ["COMMANDS", "EVERY", "context_of"]


def _found(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    yield name, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=name)
        for word in command.list_commands(context):
            below = command.get_command(context, word)
            assert below is not None
            yield from _found(below, f"{name} {word}".strip())


# By the words that are typed; the first, without a word, is fakememtrace itself.
EVERY = dict(_found(cli, ""))
COMMANDS = {name: command for name, command in EVERY.items() if not isinstance(command, click.Group)}


def context_of(name: str) -> click.Context:
    """The context of the command, as it is when it is called."""
    context = click.Context(cli, info_name="fakememtrace", **cli.context_settings)
    for word in name.split():
        command = context.command
        assert isinstance(command, click.Group)
        below = command.get_command(context, word)
        assert below is not None
        context = click.Context(below, context, info_name=word, **below.context_settings)
    return context
