"""A request to Claude as text, in the form that cassettes have."""

from __future__ import annotations

import json

from ..claude.writing import request_as_written
from ..errors import UsageError
from ..report.visible import visible
from ..world import World
from .labels import Labels

__all__ = ["claude_request"]


def claude_request(world: World, number: int = -1) -> str:
    """The request to Claude with that number, from 1; -1 is the last one, -2 the one before it.

    It is JSON in which a prompt is a list of its lines, as in a cassette.

    Raises:
        UsageError: no such request was made.
    """
    calls = world.claude.calls
    if not 1 <= abs(number) <= len(calls):
        made = {0: "Claude was not asked", 1: "1 request was made"}.get(len(calls), f"{len(calls)} requests were made")
        raise UsageError(
            f"there is no request {number} to Claude: {made}.\n"
            "Expected a number from 1 on; -1 is the last request, -2 the one before it."
        )
    request = calls[number - 1 if number > 0 else number].request
    text = json.dumps(request_as_written(request), ensure_ascii=False, indent=2)
    return visible(Labels(world).of(text))
