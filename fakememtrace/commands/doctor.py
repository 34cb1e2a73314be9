"""``fakememtrace doctor``."""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING

import click

from .options import json_option, quiet_option
from .output import Output, show

if TYPE_CHECKING:
    from ..doctor.finding import Finding
    from ..report.text import Line

__all__ = ["command"]

_MARKS = {"ok": "green", "note": "cyan", "absent": "dim", "wrong": "bold red"}


@click.command("doctor", short_help="What is installed, intercepted, and wrong.")
@json_option("The findings")
@quiet_option("Only what is wrong")
def command(json_file: str | None, quiet: bool) -> None:
    """Say what is installed, what of it is intercepted, and what is wrong.

    Each HTTP library and SDK is asked to try it in a world.  Ends with 1 when something is wrong.

    Example:  fakememtrace doctor
    """
    from ..doctor.installed import installed
    from ..doctor.intercepted import intercepted
    from ..doctor.variables import variables

    out = Output(json_file)
    found = [*installed(), *variables(), *intercepted()]
    if not out.is_json:
        _show([one for one in found if one.state == "wrong" or not quiet])
    out.document({"findings": [one.to_json() for one in found]})
    if any(one.state == "wrong" for one in found):
        sys.exit(1)


def _show(found: list[Finding]) -> None:
    from ..report.text import Line
    from .tables import is_drawn, show_tree

    width = max((len(one.name) for one in found), default=0)
    for part, group in groupby(found, key=lambda one: one.part):
        findings = list(group)
        if is_drawn():
            show_tree(Line(part, "bold"), (_branch(one, width) for one in findings))
            continue
        lines = [Line(part, "bold")]
        for one in findings:
            lines.append(Line(f"  {one.state:6}  {one.name:{width}}  {one.words}", _MARKS[one.state]))
            lines += [Line(f"{'':{width + 12}}{one.advice}")] if one.advice else []
        show(lines)


def _branch(one: Finding, width: int) -> tuple[Line, list[Line]]:
    """The finding, and its advice below it."""
    from ..report.text import Line

    return Line(f"{one.state:6}  {one.name:{width}}  {one.words}", _MARKS[one.state]), [
        Line(one.advice)
    ] if one.advice else []
