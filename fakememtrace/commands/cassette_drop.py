"""``fakememtrace cassette drop``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from . import completion
from .options import json_option, quiet_option
from .output import Output

if TYPE_CHECKING:
    from ..claude.cassette import Cassette

__all__ = ["command"]

_RANGE = re.compile(r"(\d+)(?:-(\d+))?")


@click.command("drop", short_help="Take interactions out of a cassette.")
@click.argument("file", metavar="FILE", shell_complete=completion.files)
@click.argument("numbers", nargs=-1, required=True, metavar="NUMBER...")
@json_option("What was dropped")
@quiet_option("Nothing, unless something is wrong")
def command(file: str, numbers: tuple[str, ...], json_file: str | None, quiet: bool) -> None:
    """Take interactions out of a cassette, such as those that nobody asks for any more.

    NUMBER is that of an interaction, or 3-5.  What is left is numbered anew and written in the canonical form; one
    that was an addition to a dropped one has all of it then.

    Example:  fakememtrace cassette drop agent.json 1 3-5
    """
    from ..claude.cassette import Cassette
    from ..claude.explain import ranges

    out = Output(json_file)
    cassette = Cassette.load(file)
    dropped = sorted({number for word in numbers for number in _numbers(word, cassette)})
    kept = [this for number, this in enumerate(cassette.interactions, 1) if number not in dropped]
    if not kept:
        raise UsageError(f"nothing would be left of {cassette}. Delete the file, if that is meant.")
    Cassette(kept, cassette.path).save(file)
    which = "interaction" if len(dropped) == 1 else "interactions"
    left = "1 interaction" if len(kept) == 1 else f"{len(kept)} interactions"
    if not quiet and not out.is_json:
        click.echo(f"{cassette}: {which} {ranges(dropped)} dropped, {left} left")
    out.document({"cassette": file, "dropped": dropped, "left": len(kept)})


def _numbers(word: str, cassette: Cassette) -> range:
    found = _RANGE.fullmatch(word)
    if found is None:
        raise UsageError(f"{word!r} is no number of an interaction. Expected one such as 3, or several as 3-5.")
    first, last = int(found[1]), int(found[2] or found[1])
    if not 1 <= first <= last <= len(cassette):
        raise UsageError(f"{cassette} has no interactions {word}. It has those from 1 to {len(cassette)}.")
    return range(first, last + 1)
