"""The options that every command has, in the same words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from . import completion

__all__ = ["json_option", "quiet_option"]

_Function = TypeVar("_Function", bound=Callable[..., Any])


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
