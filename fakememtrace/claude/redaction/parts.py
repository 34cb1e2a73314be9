"""All texts of an interaction: what the recorder looks at before it writes, and whoever looks for secrets later."""

from __future__ import annotations

from typing import Any

from ..interaction import Interaction

__all__ = ["parts"]


def parts(this: Interaction) -> dict[str, Any]:
    """Everything of `this` that is a text or holds some, by its name in a cassette.

    A stream is in it twice: event by event, and as the message that it adds up to, in which nothing is cut in pieces.
    """
    return {
        "request": this.request,
        "betas": list(this.betas or ()),
        "headers": this.headers,
        "response": this.response,
        "events": [event.data for event in this.events],
        "provenance": {"model": this.provenance.model, "date": this.provenance.date},
    }
