"""The command: parse, call one function, return an exit code (0 passed, 1 failed, 2 usage)."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import click

from . import __version__
from .commands.group import LazyGroup
from .errors import FakememtraceError

__all__ = ["main"]

_COMMANDS = (
    "cassette",
    "conform",
    "dialects",
    "diff",
    "doctor",
    "drift",
    "eval",
    "init",
    "mcp",
    "mutate",
    "record",
    "replay",
    "run",
    "serve",
    "sweep",
)


class _Commands(LazyGroup):
    names = _COMMANDS

    def invoke(self, ctx: click.Context) -> Any:
        """As any group; Ctrl-C ends it as a shell expects, and not with the 1 of what failed."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("fakememtrace: interrupted", err=True)
            _end(signal.SIGINT, None)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fakememtrace")
def cli() -> None:
    """Test agents with memory: a fake Memtrace, recorded Claude, replayed scenarios; all offline.

    Example:  fakememtrace replay single_agent
    """


def main() -> None:
    """The entry point: whatever is wrong is said in words."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), _end)
    _open_streams()
    try:
        cli(prog_name="fakememtrace")
    except FakememtraceError as error:
        click.echo(f"fakememtrace: {error}", err=True)
        sys.exit(error.exit_code)
    except OSError as error:
        click.echo(f"fakememtrace: {_told(error)}", err=True)
        sys.exit(1)


def _told(error: OSError) -> str:
    """What the system refused, and of which file where it says so."""
    words = f"{error.strerror or error}"
    if error.filename is None:
        return words
    return f"{error.filename}: {words}.\nCheck the path, and that you may read and write there."


def _open_streams() -> None:
    """Whoever started us with a closed output (``>&-``) wants none of it; to write to it is no mistake of theirs."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open as long as we are


def _end(number: int, _: object) -> None:
    """End as after an error, so that what was begun is put away."""
    sys.exit(128 + number)
