"""``fakememtrace init``."""

from __future__ import annotations

from pathlib import Path

import click

from .options import json_option, quiet_option
from .output import Output

__all__ = ["command"]

_NEXT = """
Next:  pip install "fakememtrace[scenarios]" pytest
       pytest tests/test_memory.py
       fakememtrace replay"""


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]")
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
    out.document({"files": [{"file": path, "written": is_new} for path, is_new in written]})
    if quiet or out.is_json:
        return
    for path, is_new in written:
        click.echo(f"{'wrote' if is_new else 'kept '}  {path}")
    if any(one.is_new for one in written):
        click.echo(_NEXT)
    else:
        click.echo("\nAll of it was there, so nothing was written.")
