"""The options that several commands have, in the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from . import completion

__all__ = [
    "clock_option",
    "html_option",
    "is_dialect_option",
    "json_option",
    "long_timeout_option",
    "max_turns_option",
    "meets_dialect_option",
    "quiet_option",
    "scenarios_option",
    "seed_option",
    "timeout_option",
]

_Function = TypeVar("_Function", bound=Callable[..., Any])

scenarios_option = click.option(
    "--scenarios",
    "root",
    default="scenarios",
    show_default=True,
    metavar="DIR",
    shell_complete=completion.folders,
    help="Where they are.",
)
# The one is for programs that meet a Memtrace, the other for what is one.
meets_dialect_option = click.option(
    "--dialect",
    shell_complete=completion.dialects,
    default="0.2.0",
    show_default=True,
    help="Which Memtrace they meet.",
)
is_dialect_option = click.option(
    "--dialect",
    shell_complete=completion.dialects,
    help="Which Memtrace to be: 0.2.0 or documented.  [default: the seed's, or 0.2.0]",
)
clock_option = click.option(
    "--clock",
    default="virtual",
    show_default=True,
    type=click.Choice(["real", "virtual"]),
    help="A virtual clock stands still but for what moves it.",
)
seed_option = click.option(
    "--seed",
    metavar="FILE",
    shell_complete=completion.files,
    help="What is stored at the beginning: a snapshot of a world.",
)
max_turns_option = click.option(
    "--max-turns", type=click.IntRange(min=1), metavar="N", help="Requests to Claude that a program may make."
)
timeout_option = click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Wall time it may take."
)
# Ten minutes unless it is told; the other one leaves that to the scenario.
long_timeout_option = click.option(
    "--timeout",
    default=600.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Wall time it may take.",
)
html_option = click.option(
    "--html",
    "html_file",
    metavar="FILE",
    shell_complete=completion.files,
    help="Also write a report to FILE, to read in a browser.",
)


def json_option(what: str) -> Callable[[_Function], _Function]:
    """``--json [FILE]``: `what` as JSON; alone on standard output, or beside the lines in FILE."""
    words = f"{what} as JSON: alone on standard output, or besides in FILE."
    return click.option(
        "--json",
        "json_file",
        is_flag=False,
        flag_value="-",
        metavar="[FILE]",
        shell_complete=completion.files,
        help=words,
    )


def quiet_option(what: str) -> Callable[[_Function], _Function]:
    """``--quiet``: only `what` is printed."""
    return click.option("--quiet", "-q", is_flag=True, help=f"{what}.")
