"""``fakememtrace init``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import completion
from .options import json_option, quiet_option
from .output import Output

if TYPE_CHECKING:
    from ..starting.start import Written

__all__ = ["command"]


@click.command("init", short_help="Write a first test, a scenario and a workflow.")
@click.argument("folder", default=".", metavar="[DIR]", shell_complete=completion.folders)
@json_option("Which files were written")
@quiet_option("Nothing, unless something is wrong")
def command(folder: str, json_file: str | None, quiet: bool) -> None:
    """Write a first test, a first scenario and a workflow for CI into the project in DIR (this folder).

    They pass as they are; put your agent into them.  A file that is there already is left alone.

    Example:  fakememtrace init
    """
    from ..starting.start import start

    out = Output(json_file)
    written = start(Path(folder))
    out.document({"files": [{"file": one.path, "written": one.is_new} for one in written]})
    if quiet or out.is_json:
        return
    for one in written:
        click.echo(f"{_state(one)}  {one.path}")
    click.echo(f"\n{_next(written)}")


def _state(one: Written) -> str:
    if one.is_new:
        return "wrote"
    return "kept " if one.is_there else "left "


def _next(written: Sequence[Written]) -> str:
    """What was not written and why, and what to type where something was."""
    new = [one.path for one in written if one.is_new]
    said = []
    if not all(one.is_there for one in written):
        said.append("A part of that scenario was there, so the rest of it was left out.")
    if not new:
        return "\n".join(said or ["All of it was there, so nothing was written."])
    steps = ['pip install "fakememtrace[scenarios]" pytest']
    steps += [f"pytest {path}" for path in new if path.startswith("tests/")]
    if any(path.startswith("scenarios/") for path in new):
        steps.append("fakememtrace replay")
    return "\n".join([*said, "Next:  " + "\n       ".join(steps)])
