"""``fakememtrace cassette format``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from . import completion
from .options import json_option, quiet_option
from .output import Output

__all__ = ["command"]

_BROKEN, _CANONICAL, _REWRITTEN, _WOULD = "broken", "canonical", "rewritten", "would be rewritten"


@click.command("format", short_help="Rewrite cassettes in their canonical form.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...", shell_complete=completion.files)
@click.option("--check", is_flag=True, help="Write nothing: only name what would be rewritten.")
@json_option("What became of each file")
@quiet_option("Only what is broken")
def command(files: tuple[str, ...], check: bool, json_file: str | None, quiet: bool) -> None:
    """Rewrite cassettes in their canonical form.

    FILE may be a folder: then every cassette in it is looked at.  What an authored answer lacks is filled in.
    Ends with 0, and with 1 when a file is broken or (--check) would be rewritten.

    Example:  fakememtrace cassette format --check scenarios
    """
    from .cassette_files import cassettes

    out = Output(json_file)
    done = [_formatted(path, check) for path in cassettes(files)]
    for one in done:
        if one["state"] == _BROKEN:
            click.echo(one["problem"], err=True)
        elif one["state"] != _CANONICAL and not quiet and not out.is_json:
            click.echo(f"{one['file']} {one['state']}")
    out.document({"files": done})
    if any(one["state"] in (_BROKEN, _WOULD) for one in done):
        sys.exit(1)


def _formatted(path: Path, check: bool) -> dict[str, str]:
    """What became of the file, or would become of it."""
    from ..claude.cassette import Cassette
    from ..errors import FileError

    try:
        cassette = Cassette.load(path)
        is_canonical = cassette.is_canonical()
        if not is_canonical and not check:
            cassette.save(path)
    except FileError as error:
        return {"file": str(path), "state": _BROKEN, "problem": str(error)}
    return {"file": str(cassette), "state": _CANONICAL if is_canonical else _WOULD if check else _REWRITTEN}
