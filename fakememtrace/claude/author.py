"""Answers written by hand: content blocks, and an author that answers requests with them in order.

What is made here is always labelled ``authored``, and its usage is an estimate of four
characters a token.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..clock import Ids
from . import explain
from .cassette import Cassette
from .interaction import AUTHORED, MESSAGES, Interaction, Provenance
from .player import Miss, Play

__all__ = ["Author", "Turn", "text", "tool_use"]

Block = dict[str, Any]
_CHARACTERS_PER_TOKEN = 4


def text(words: str) -> Block:
    """A text block."""
    return {"type": "text", "text": words}


def tool_use(name: str, **arguments: Any) -> Block:
    """A call of the tool `name`; its id is given when the turn is played."""
    return {"type": "tool_use", "id": None, "name": name, "input": arguments}


class Turn(NamedTuple):
    """One answer: its blocks, and how long Claude takes for it in milliseconds."""

    blocks: Sequence[Block]
    duration_ms: int


class Author:
    """Answers each request with the next turn and keeps both, as a cassette.

    Give it to a World in place of a cassette, run the program, and save ``cassette``.

    Args:
        turns: the answers, in the order in which they will be asked for.
        date: the day on which they were written, ISO 8601.
    """

    def __init__(self, turns: Iterable[Turn], date: str) -> None:
        self._turns = list(turns)
        self._date = date
        self._ids = Ids()
        self.cassette = Cassette()

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The next turn, whatever was asked; a Miss when there is none left."""
        number = len(self.cassette) + 1
        if number > len(self._turns):
            return Miss(
                f"the author has no turn {number} for this request to Claude: {explain.describe(request)}.\n"
                f"Expected at most {len(self._turns)} requests.\nWhat to do: write the turn."
            )
        turn = self._turns[number - 1]
        model = str(request.get("model"))
        self.cassette.interactions.append(
            Interaction(
                # A copy: the program may go on to change what it sent.
                request=json.loads(json.dumps(request)),
                response=self._message(turn.blocks, request),
                provenance=Provenance(AUTHORED, model, self._date),
                duration_ms=turn.duration_ms,
            )
        )
        return Play(number, self.cassette.interactions[-1])

    def open_ends(self) -> str:
        """The turns that were not asked for, in words; empty when there is none."""
        left = len(self._turns) - len(self.cassette)
        return f"{left} of {len(self._turns)} authored turns were never asked for." if left else ""

    def _message(self, blocks: Sequence[Block], request: dict[str, Any]) -> dict[str, Any]:
        content = [self._with_id(block) for block in blocks]
        calls_tools = any(block["type"] == "tool_use" for block in content)
        return {
            "id": self._ids.next("msg_"),
            "type": "message",
            "role": "assistant",
            "model": request.get("model"),
            "content": content,
            "stop_reason": "tool_use" if calls_tools else "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": _tokens(request), "output_tokens": _tokens(content)},
        }

    def _with_id(self, block: Block) -> Block:
        return {**block, "id": self._ids.next("toolu_")} if block["type"] == "tool_use" else block


def _tokens(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False)) // _CHARACTERS_PER_TOKEN + 1
