"""What a rehearsal shows, as plain JSON: conversation by conversation, and the lists of tools that were sent."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from ..claude.explain import describe, excerpt
from ..claude.interaction import ESTIMATED, MESSAGES, Interaction
from ..claude.recording.rehearsal import Answered, Rehearsal
from ..journal import Exchange
from .following import Followed, calls_of
from .surface import canonical

__all__ = ["told"]

# Everything that goes in, whether or not it comes out of a cache.
_IN = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


def told(rehearsal: Rehearsal, journal: Iterable[Exchange]) -> dict[str, Any]:
    """Every conversation, those that are recorded first, and every list of tools."""
    followed = Followed(rehearsal, journal)
    groups = rehearsal.followed.groups
    met = {answered.conversation: None for answered in rehearsal.answered}
    stand_for = {rehearsal.followed.group(number): number for number in met if number in rehearsal.followed.changed}
    recorded = [_Conversation(rehearsal, followed, stand_for.get(group, group), group) for group in range(len(groups))]
    new = [_Conversation(rehearsal, followed, number, None) for number in met if _is_new(rehearsal, number)]
    return {
        "conversations": [conversation.told() for conversation in (*recorded, *new)],
        "tools": list(_tools(rehearsal.answered)),
    }


def _is_new(rehearsal: Rehearsal, conversation: int) -> bool:
    return rehearsal.followed.group(conversation) is None


def _tools(answered: Iterable[Answered]) -> Iterator[list[Any]]:
    """Every list of tools once."""
    seen = set()
    for one in answered:
        tools = one.request.get("tools")
        if isinstance(tools, list) and tools:
            form = canonical(tools)
            key = json.dumps(form)
            if key not in seen:
                seen.add(key)
                yield form


class _Conversation:
    """The `conversation` of a rehearsal, which is or stands for the recorded one `group`; None where it is new."""

    def __init__(self, rehearsal: Rehearsal, followed: Followed, conversation: int, group: int | None) -> None:
        self._rehearsal, self._followed, self._group = rehearsal, followed, group
        self._numbers = [] if group is None else rehearsal.followed.groups[group]
        self._answered = [
            (place, one) for place, one in enumerate(rehearsal.answered) if one.conversation == conversation
        ]
        self._again = [(place, one) for place, one in self._answered if not one.is_own]

    def told(self) -> dict[str, Any]:
        """All there is to say of it."""
        again = list(self._recorded_again())
        asked = {one.number for _, one in self._answered}
        return {
            "conversation": 0 if self._group is None else self._group + 1,
            "begins": self._begins(),
            "interactions": list(self._numbers),
            "turn": self._turn(),
            "request": describe(self._first.request, self._first.endpoint) if self._again else "",
            "miss": self._first.miss.as_json() if self._again and self._first.miss else None,
            "calls": len(self._again),
            "unknown": len(self._again) - len(again),
            "again": again,
            "unasked": [number for number in self._numbers if number not in asked],
        }

    @property
    def _first(self) -> Answered:
        return self._again[0][1]

    def _begins(self) -> str:
        """Its first words, as they are sent where it is sent."""
        interactions = self._rehearsal.cassette.interactions
        if self._answered:
            one = self._answered[0][1]
            request, endpoint = one.request, one.endpoint
        else:
            request, endpoint = interactions[self._numbers[0] - 1].request, interactions[self._numbers[0] - 1].endpoint
        messages = request.get("messages")
        if isinstance(messages, list) and messages and isinstance(messages[0], dict):
            return excerpt(messages[0].get("content"))
        return describe(request, endpoint)

    def _turn(self) -> int:
        """The number of the first of its requests that is not recorded; 0 where all are."""
        return 1 + sum(place < self._again[0][0] for place, _ in self._answered) if self._again else 0

    def _recorded_again(self) -> Iterator[dict[str, Any]]:
        """The interactions that are to be replaced and whose place is asked for."""
        for place, one in self._again:
            if one.number in self._numbers:
                this = self._rehearsal.cassette.interactions[one.number - 1]
                yield {
                    "interaction": one.number,
                    "request": describe(one.request, one.endpoint),
                    **self._content(place, this),
                    "usage": _usage(this),
                }

    def _content(self, place: int, this: Interaction) -> dict[str, Any]:
        calls = [
            {"name": str(block.get("name")), "input": block.get("input"), "stored": self._followed.rows(place, number)}
            for number, block in enumerate(calls_of(this))
        ]
        response = this.response
        final = isinstance(response, dict) and this.status == 200 and response.get("stop_reason") != "tool_use"
        return {
            "calls": calls,
            "stored": self._followed.rows(place, None),
            "answer": _text(this) if final else "",
            "error": f"{this.status}" if this.status != 200 else "",
        }


def _blocks(this: Interaction) -> list[dict[str, Any]]:
    content = this.response.get("content") if isinstance(this.response, dict) and this.endpoint == MESSAGES else None
    return [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []


def _text(this: Interaction) -> str:
    return "".join(str(block.get("text", "")) for block in _blocks(this) if block.get("type") == "text")


def _usage(this: Interaction) -> dict[str, Any]:
    told = this.response.get("usage") if isinstance(this.response, dict) else None
    usage = {key: value for key, value in told.items() if type(value) is int} if isinstance(told, dict) else {}
    return {
        "input_tokens": sum(usage.get(key, 0) for key in _IN),
        "output_tokens": usage.get("output_tokens", 0),
        "estimated": this.provenance.usage == ESTIMATED,
    }
