"""``fakememtrace cassette``: what can be done with cassettes."""

from __future__ import annotations

from importlib import import_module

import click

from ..errors import did_you_mean, listed

__all__ = ["command"]

# In their order in the help; each is a module of its own beside this one.
_COMMANDS = ("check", "format", "import", "show")


class _Commands(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            ctx.fail(f"unknown command {cmd_name!r}.{did_you_mean(cmd_name, _COMMANDS)} Known: {listed(_COMMANDS)}.")
        command: click.Command = import_module(f".cassette_{cmd_name}", __package__).command
        return command


@click.group("cassette", cls=_Commands)
def command() -> None:
    """Look at cassettes, write them anew, and make them from recordings of other tools."""
