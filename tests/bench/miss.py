"""How long the explanation of an unrecorded request takes."""

from __future__ import annotations

from functools import partial
from typing import Any

import anthropic

from fakememtrace.claude.cassette import Cassette
from fakememtrace.world import World

from .dialogues import cassette
from .floors import claude
from .harness import Plan, Row, interleaved, seconds

__all__ = ["rows"]

_LENGTH = 1_000


def rows(plan: Plan) -> list[Row]:
    """A miss after an edited prompt, and one after an edited message."""
    tape = cassette(_LENGTH)
    recorded = tape.interactions[_LENGTH // 2].request
    question = {"role": "user", "content": "Something that nobody has asked."}
    misses = {
        f"a miss among {_LENGTH:,}: edited system prompt": {**recorded, "system": recorded["system"] + "\nBe brief."},
        f"a miss among {_LENGTH:,}: edited last message": {
            **recorded,
            "messages": [*recorded["messages"][:-1], question],
        },
    }
    measured = interleaved({what: partial(_miss, tape, body) for what, body in misses.items()}, plan.rounds)
    return [measured.row(what, note="target 50 ms") for what in misses]


def _miss(tape: Cassette, body: dict[str, Any]) -> float:
    with World(cassette=tape):
        return seconds(partial(_refused, claude()), [body])


def _refused(client: anthropic.Anthropic, body: dict[str, Any]) -> None:
    try:
        client.messages.create(**body)
    except anthropic.BadRequestError:
        return
    raise AssertionError("the request is recorded after all")
