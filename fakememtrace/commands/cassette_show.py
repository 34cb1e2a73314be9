"""``fakememtrace cassette show``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from . import completion
from .options import json_option
from .output import Output
from .tables import show_tree

if TYPE_CHECKING:
    from ..claude.cassette import Cassette
    from ..claude.interaction import Interaction
    from ..report.text import Line

__all__ = ["command"]


@click.command("show", short_help="Print a cassette as a person reads it.")
@click.argument("file", metavar="FILE", shell_complete=completion.files)
@click.option("--number", "-n", type=int, metavar="N", help="Only the interaction N, with its whole conversation.")
@click.option("--full", is_flag=True, help="Shorten no text, and describe the tools.")
@json_option("The interactions, each with its whole request,")
def command(file: str, number: int | None, full: bool, json_file: str | None) -> None:
    """Print a cassette as a person reads it.

    Of an interaction that continues another only what is new is shown.

    Example:  fakememtrace cassette show agent.json --number 2
    """
    from ..claude.cassette import Cassette
    from ..errors import UsageError
    from ..report.conversation import conversation_lines

    out = Output(json_file)
    cassette = Cassette.load(file)
    if number is not None and not 1 <= number <= len(cassette):
        known = f"one from 1 to {len(cassette)}" if len(cassette) else "a cassette that has some"
        raise UsageError(f"{cassette} has no interaction {number}. Expected {known}.")
    lines = conversation_lines(cassette, number, full)
    if out.is_watched:
        title, *rest = lines
        show_tree(title, _branches(rest))
    else:
        out.show(lines)
    out.document({"interactions": _values(cassette, number)})


def _branches(lines: Sequence[Line]) -> Iterator[tuple[Line, Sequence[Line]]]:
    """Each interaction with its lines; before each stands an empty line, and only its title is not indented."""
    starts = [at for at, line in enumerate(lines, 1) if not line.text and not lines[at].text.startswith(" ")]
    for start, end in zip(starts, [*(start - 1 for start in starts[1:]), len(lines)], strict=True):
        yield lines[start], lines[start + 1 : end]


def _values(cassette: Cassette, number: int | None) -> list[dict[str, Any]]:
    interactions = enumerate(cassette.interactions, 1)
    return [_value(this, one) for this, one in interactions if number in (None, this)]


def _value(number: int, this: Interaction) -> dict[str, Any]:
    origin = this.provenance
    return {
        "number": number,
        "provenance": {"kind": origin.kind, "model": origin.model, "date": origin.date, "usage": origin.usage},
        "endpoint": this.endpoint,
        "betas": None if this.betas is None else list(this.betas),
        "duration_ms": this.duration_ms,
        "stream": this.stream,
        "request": this.request,
        "status": this.status,
        "headers": this.headers,
        "response": this.response,
        "events": [list(event) for event in this.events],
    }
