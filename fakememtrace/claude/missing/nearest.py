"""Which recording a request is most like."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..cassette import Cassette
from ..matching.normal import listed
from ..matching.parts import text_of
from ..matching.rules import Matching
from . import lines

__all__ = ["nearest"]

_PARTS = ("model", "system", "tools")
# Of so many that are as like as each other the texts are compared.
_MOST, _MOST_SYSTEMS = 500, 20

# Where patterns are looked for, no more text than this is looked at: it is only about which recording is shown.
_MOST_CHARACTERS = 500_000

_Score = tuple[int, int]


def nearest(sent: dict[str, Any], cassette: Cassette, candidates: Iterable[int], matching: Matching) -> int:
    """The number of that of the `candidates` that is most like the form `sent`; the first of several.

    Equal parts and an equal conversation count most, then how much of the conversation is the same,
    then how like each other the last messages and the system prompts are.
    """
    look = _Look(sent, matching)
    scores = {number: look.score(cassette.interactions[number - 1].request) for number in candidates}
    best = max(scores.values())
    tied = [number for number, score in scores.items() if score == best][:_MOST]
    if len(tied) == 1:
        return tied[0]
    requests = {number: cassette.interactions[number - 1].request for number in tied}
    alike = {number: look.last_message(request) for number, request in requests.items()}
    likeliest = sorted(tied, key=lambda number: (-alike[number], number))[:_MOST_SYSTEMS]
    return max(likeliest, key=lambda number: (alike[number] + look.system(requests[number]), -number))


class _Look:
    """Compares one request with many that have most of their parts in common: each part is looked at once."""

    def __init__(self, sent: dict[str, Any], matching: Matching) -> None:
        self._sent, self._matching = sent, matching
        self._messages = listed(sent.get("messages"))
        self._is_plain, self._left = matching == Matching(), _MOST_CHARACTERS
        self._last = text_of(_content(self._messages[-1])) if self._messages else ""
        self._lines = frozenset(text_of(sent.get("system")).split("\n"))
        self._ends = [_end(message) for message in self._messages]
        # By the identity of what is recorded, which the cassette keeps alive.
        self._equal: dict[tuple[str, int], bool] = {}
        self._forms: dict[int, Any] = {}
        self._systems: dict[int, float] = {}

    def score(self, recorded: dict[str, Any]) -> _Score:
        """How like it is: equal parts, then messages that are the same minus those that are not."""
        before = listed(recorded.get("messages")) if self._matching.looks_at("messages") else []
        same = self._common_length(before)
        apart = max(len(before), len(self._messages)) - same
        parts = sum(self._is_equal(part, recorded.get(part)) for part in _PARTS)
        return parts + (3 if not apart else 0), same - apart

    def last_message(self, recorded: dict[str, Any]) -> float:
        """How like each other the last messages are."""
        messages = listed(recorded.get("messages"))
        return lines.alike(text_of(_content(self._form(messages[-1]))), self._last) if messages else 0.0

    def system(self, recorded: dict[str, Any]) -> float:
        """How many lines the system prompts have in common."""
        value = recorded.get("system")
        if id(value) not in self._systems:
            own = frozenset(text_of(self._matching.form({"system": value}).get("system")).split("\n"))
            self._systems[id(value)] = 2 * len(own & self._lines) / (len(own) + len(self._lines))
        return self._systems[id(value)]

    def _is_equal(self, part: str, value: Any) -> bool:
        key = part, id(value)
        if key not in self._equal:
            self._equal[key] = self._left > 0 and self._matching.form({part: value}).get(part) == self._sent.get(part)
            self._left -= len(value) if isinstance(value, str) and not self._is_plain else 0
        return self._equal[key]

    def _common_length(self, messages: Sequence[Any]) -> int:
        """How many messages are the same, from the first one on and from the last one back."""
        most = min(len(messages), len(self._messages))
        start = next((n for n in range(most) if not self._is_same(messages[n], n)), most)
        left = range(1, most - start + 1)
        return start + next((n - 1 for n in left if not self._is_same(messages[-n], -n)), most - start)

    def _is_same(self, message: Any, index: int) -> bool:
        """Whether a recorded message is the one that is sent with that index."""
        if self._is_plain and _end(message) != self._ends[index]:
            return False
        return bool(self._form(message) == self._messages[index])

    def _form(self, message: Any) -> Any:
        if id(message) not in self._forms:
            self._forms[id(message)] = next(iter(self._matching.form({"messages": [message]})["messages"]), None)
        return self._forms[id(message)]


def _end(value: Any) -> Any:
    """The text at the end of a message, as quickly as it can be had."""
    while not isinstance(value, str):
        if isinstance(value, list) and value:
            value = value[-1]
        elif isinstance(value, dict):
            value = value.get("content", value.get("text"))
        else:
            return None
    return value


def _content(message: Any) -> Any:
    return message.get("content") if isinstance(message, dict) else None
