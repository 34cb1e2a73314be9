"""A group of commands, each of which is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

import click

from ..errors import did_you_mean, listed

__all__ = ["LazyGroup"]


class LazyGroup(click.Group):
    """The commands `names`, in their order in the help; NAME is ``command`` in the module PREFIX + NAME beside this."""

    names: tuple[str, ...] = ()
    prefix = ""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, as they are given."""
        return list(self.names)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name; an unknown one is refused with what is nearest."""
        if cmd_name not in self.names:
            if ctx.resilient_parsing:
                # A shell completes a line that is no command of ours: there is nothing to propose.
                return None
            ctx.fail(f"unknown command {cmd_name!r}.{did_you_mean(cmd_name, self.names)} Known: {listed(self.names)}.")
        command: click.Command = import_module(f".{self.prefix}{cmd_name}", __package__).command
        return command
