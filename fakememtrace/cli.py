"""The command: parse, call one function, return an exit code (0 passed, 1 failed, 2 usage)."""

from __future__ import annotations

import signal
import sys
from importlib import import_module

import click

from . import __version__
from .errors import FakememtraceError, did_you_mean, listed

__all__ = ["main"]

_COMMANDS = ("cassette", "conform", "dialects", "record", "replay", "serve")


class _Commands(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            ctx.fail(f"unknown command {cmd_name!r}.{did_you_mean(cmd_name, _COMMANDS)} Known: {listed(_COMMANDS)}.")
        command: click.Command = import_module(f".commands.{cmd_name}", __package__).command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fakememtrace")
def cli() -> None:
    """Test agents with memory: a fake Memtrace, recorded Claude, replayed scenarios; all offline."""


def main() -> None:
    """The entry point: whatever is wrong is said in words."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    try:
        cli()
    except FakememtraceError as error:
        click.echo(f"fakememtrace: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"fakememtrace: {error.strerror or error}", err=True)
        sys.exit(1)


def _end(number: int, _: object) -> None:
    """End as after an error, so that what was begun is put away."""
    sys.exit(128 + number)
