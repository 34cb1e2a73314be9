"""``fakememtrace init``."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]

_NEXT = """
Next:  pip install "fakememtrace[scenarios]" pytest
       pytest tests/test_memory.py
       fakememtrace replay"""


@click.command("init")
@click.argument("folder", default=".", metavar="[DIR]")
def command(folder: str) -> None:
    """Write a first test, a first scenario and a workflow for CI into the project in DIR (this folder).

    They pass as they are; put your agent into them.  A file that is there already is left alone.

    Example:  fakememtrace init
    """
    from ..starting.start import start

    written = start(Path(folder))
    for path, is_new in written:
        click.echo(f"{'wrote' if is_new else 'kept '}  {path}")
    if any(one.is_new for one in written):
        click.echo(_NEXT)
    else:
        click.echo("\nAll of it was there, so nothing was written.")
