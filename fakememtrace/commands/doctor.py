"""``fakememtrace doctor``."""

from __future__ import annotations

import json
import sys
from itertools import groupby
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..doctor.finding import Finding

__all__ = ["command"]

_MARKS = {"ok": "green", "note": "cyan", "absent": "dim", "wrong": "bold red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--quiet", "-q", is_flag=True, help="Only what is wrong.")
def command(as_json: bool, quiet: bool) -> None:
    """Say what is installed, what of it is intercepted, and what is wrong.

    Each HTTP library and SDK is asked to try it in a world.  Ends with 1 when something is wrong.

    Example:  fakememtrace doctor
    """
    from ..doctor.installed import installed
    from ..doctor.intercepted import intercepted
    from ..doctor.variables import variables

    found = [*installed(), *variables(), *intercepted()]
    if as_json:
        click.echo(json.dumps({"findings": [one.to_json() for one in found]}, indent=2, ensure_ascii=False))
    else:
        _show([one for one in found if one.state == "wrong" or not quiet])
    if any(one.state == "wrong" for one in found):
        sys.exit(1)


def _show(found: list[Finding]) -> None:
    from ..report.text import Line
    from .output import show

    width = max((len(one.name) for one in found), default=0)
    for part, findings in groupby(found, key=lambda one: one.part):
        lines = [Line(part, "bold")]
        for one in findings:
            lines.append(Line(f"  {one.state:6}  {one.name:{width}}  {one.words}", _MARKS[one.state]))
            lines += [Line(f"{'':{width + 12}}{one.advice}")] if one.advice else []
        show(lines)
