"""Which memories were stored after which answer of Claude, and for which of its calls of tools."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from ..claude.interaction import MESSAGES, Interaction
from ..claude.recording.rehearsal import Rehearsal
from ..journal import Exchange

__all__ = ["Followed", "calls_of"]

_CREATE = "POST /api/v1/memories"
_FACTS = ("content", "memory_type", "event_type", "tags", "importance", "agent_id", "session_id")
# A shorter text of a call may be part of anything.
_LEAST = 8

_Place = tuple[int, int | None]


class Followed:
    """The memories that were stored in a world, by what they followed.

    Args:
        rehearsal: what was asked, and what answered.
        journal: the exchanges of the world.
    """

    def __init__(self, rehearsal: Rehearsal, journal: Iterable[Exchange]) -> None:
        self._rehearsal = rehearsal
        self._rows: defaultdict[_Place, list[dict[str, Any]]] = defaultdict(list)
        # The places of those that answered so far, and of those that did not yet.
        self._past: list[int] = []
        self._left = list(range(len(rehearsal.answered)))
        for exchange in journal:
            self._follow(exchange)

    def rows(self, place: int, call: int | None) -> list[dict[str, Any]]:
        """What was stored after the answer with that place among all, for its call of that number or for none."""
        return self._rows.get((place, call), [])

    def _follow(self, exchange: Exchange) -> None:
        note = exchange.response.note if exchange.response else ""
        if exchange.service == "claude" and note.startswith("interaction "):
            self._answered(int(note.rpartition(" ")[2]))
        elif exchange.service == "memtrace" and note == _CREATE:
            for row in _stored(exchange):
                place = self._cause(row["content"])
                if place is not None:
                    self._rows[place].append(row)

    def _answered(self, number: int) -> None:
        place = next((place for place in self._left if self._rehearsal.answered[place].number == number), None)
        if place is not None:
            self._left.remove(place)
            self._past.append(place)

    def _cause(self, content: str) -> _Place | None:
        """The latest call that has the text of the memory, or else the latest answer; None before any."""
        for place in reversed(self._past):
            for number, call in enumerate(self._calls(place)):
                if _holds(call.get("input"), content):
                    return place, number
        if not self._past:
            return None
        last = self._past[-1]
        return last, 0 if len(self._calls(last)) == 1 else None

    def _calls(self, place: int) -> list[dict[str, Any]]:
        number = self._rehearsal.answered[place].number
        return calls_of(self._rehearsal.cassette.interactions[number - 1]) if number else []


def calls_of(this: Interaction) -> list[dict[str, Any]]:
    """The calls of tools in an answer."""
    content = this.response.get("content") if isinstance(this.response, dict) and this.endpoint == MESSAGES else None
    blocks = content if isinstance(content, list) else []
    return [block for block in blocks if isinstance(block, dict) and block.get("type") == "tool_use"]


def _holds(given: Any, content: str) -> bool:
    """Whether a text in the input of a call is the memory, or a part of it."""
    texts = [value for value in given.values() if isinstance(value, str)] if isinstance(given, dict) else []
    return any(text == content or (len(text) >= _LEAST and text in content) for text in texts)


def _stored(exchange: Exchange) -> Iterator[dict[str, Any]]:
    """The memories in the answer to a request to store some."""
    response = exchange.response
    if response is None or response.status >= 400:
        return
    try:
        body = json.loads(response.body)
    except ValueError:
        return
    for row in body.get("memories", [body]) if isinstance(body, dict) else ():
        if isinstance(row, dict) and isinstance(row.get("content"), str):
            yield {key: row[key] for key in _FACTS if key in row}
