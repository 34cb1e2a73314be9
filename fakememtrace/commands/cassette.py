"""``fakememtrace cassette``: what can be done with cassettes."""

from __future__ import annotations

import click

from .group import LazyGroup

__all__ = ["command"]


class _Commands(LazyGroup):
    names = ("check", "drop", "format", "import", "show")
    prefix = "cassette_"


@click.group("cassette", short_help="Look at cassettes, change them, import them.", cls=_Commands)
def command() -> None:
    """Look at cassettes, change them, and make them from recordings of other tools.

    Example:  fakememtrace cassette check scenarios tests
    """
