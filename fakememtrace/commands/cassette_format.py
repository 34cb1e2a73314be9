"""``fakememtrace cassette format``."""

from __future__ import annotations

import sys

import click

__all__ = ["command"]


@click.command("format")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--check", is_flag=True, help="Write nothing: only name what would be rewritten.")
def command(files: tuple[str, ...], check: bool) -> None:
    """Rewrite cassettes in their canonical form.

    FILE may be a folder: then every cassette in it is looked at.  What an authored answer lacks is filled in.
    Ends with 0, and with 1 when a file is broken or (--check) would be rewritten.

    Example:  fakememtrace cassette format --check scenarios
    """
    from ..claude.cassette import Cassette
    from ..errors import FileError
    from .cassette_files import cassettes

    failed = False
    for path in cassettes(files):
        try:
            cassette = Cassette.load(path)
            if cassette.is_canonical():
                continue
            if not check:
                cassette.save(path)
        except FileError as error:
            click.echo(f"{error}", err=True)
            failed = True
        else:
            click.echo(f"{cassette} would be rewritten" if check else f"{cassette} rewritten")
            failed = failed or check
    if failed:
        sys.exit(1)
