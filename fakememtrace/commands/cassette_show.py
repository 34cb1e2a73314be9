"""``fakememtrace cassette show``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from .output import show

if TYPE_CHECKING:
    from ..claude.cassette import Cassette
    from ..claude.interaction import Interaction

__all__ = ["command"]


@click.command("show")
@click.argument("file", metavar="FILE")
@click.option("--number", "-n", type=int, metavar="N", help="Only the interaction N, with its whole conversation.")
@click.option("--full", is_flag=True, help="Shorten no text, and describe the tools.")
@click.option("--json", "as_json", is_flag=True, help="Print the interactions as JSON, each with its whole request.")
def command(file: str, number: int | None, full: bool, as_json: bool) -> None:
    """Print a cassette as a person reads it.

    Of an interaction that continues another only what is new is shown.

    Example:  fakememtrace cassette show scenarios/single_agent/cassette.json -n 2
    """
    from ..claude.cassette import Cassette
    from ..errors import UsageError
    from ..report.conversation import conversation_lines

    cassette = Cassette.load(file)
    if number is not None and not 1 <= number <= len(cassette):
        known = f"one from 1 to {len(cassette)}" if len(cassette) else "a cassette that has some"
        raise UsageError(f"{cassette} has no interaction {number}. Expected {known}.")
    if as_json:
        click.echo(json.dumps({"interactions": _values(cassette, number)}, indent=2))
    else:
        show(conversation_lines(cassette, number, full))


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
