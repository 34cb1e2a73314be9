"""From interactions to the entries of a cassette file."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .interaction import MESSAGES, Interaction, Provenance
from .lines import split_content, split_free, split_message, split_tools

__all__ = ["entries", "request_as_written"]

# Who is asked, what it is told, what it may do, what was said; anything else before the messages.
_FIRST = ("model", "max_tokens", "system", "tools")


def entries(interactions: Iterable[Interaction]) -> list[dict[str, Any]]:
    """The interactions as the file has them, each as what it adds to an earlier one."""
    writer = _Writer()
    return [writer.entry(interaction) for interaction in interactions]


class _Base(NamedTuple):
    """The earlier interaction that another is written as an addition to."""

    number: int
    interaction: Interaction
    continued: bool


class _Writer:
    def __init__(self) -> None:
        self._written: list[Interaction] = []
        self._by_conversation: dict[str, int] = {}
        self._by_parameters: dict[str, int] = {}
        self._by_value: defaultdict[tuple[str, str], list[int]] = defaultdict(list)

    def entry(self, this: Interaction) -> dict[str, Any]:
        base = self._continued(this) or self._alike(this)
        self._remember(this)
        entry: dict[str, Any] = {
            "number": len(self._written),
            "provenance": _origin(this.provenance),
            "duration_ms": this.duration_ms,
        }
        if this.endpoint != MESSAGES:
            entry["endpoint"] = this.endpoint
        if this.betas is not None:
            entry["betas"] = list(this.betas)
        if this.stream:
            entry["stream"] = True
        if base:
            entry["continues" if base.continued else "like"] = base.number
        entry["request"] = _request(this, base)
        if this.status != 200:
            entry["status"] = this.status
        if this.headers:
            entry["headers"] = this.headers
        if this.events:
            return {**entry, "events": [list(event) for event in this.events]}
        return {**entry, "response": split_message(this.response)}

    def _remember(self, this: Interaction) -> None:
        self._written.append(this)
        number = len(self._written)
        if self._by_parameters.setdefault(_digest(_parameters(this)), number) == number:
            for key, value in _parameters(this).items():
                self._by_value[key, _digest(value)].append(number)
        if this.status == 200 and this.endpoint == MESSAGES:
            self._by_conversation[list(_chain([*this.messages, this.answer]))[-1]] = number

    def _continued(self, this: Interaction) -> _Base | None:
        """The interaction whose conversation and answer come first in this one's, the longest such."""
        found = [digest for digest in _chain(this.messages[:-1]) if digest in self._by_conversation]
        return self._base(self._by_conversation[found[-1]], True) if found else None

    def _alike(self, this: Interaction) -> _Base | None:
        """The first interaction that shares the most parameters, by their length in the file."""
        same = self._by_parameters.get(_digest(_parameters(this)))
        if same:
            return self._base(same, False)
        shared: Counter[int] = Counter()
        for key, value in _parameters(this).items():
            length = len(json.dumps(value))
            for number in self._by_value.get((key, _digest(value)), ()):
                shared[number] += length
        best = max(shared, key=lambda number: (shared[number], -number), default=0)
        return self._base(best, False) if best else None

    def _base(self, number: int, continued: bool) -> _Base:
        return _Base(number, self._written[number - 1], continued)


def _origin(origin: Provenance) -> dict[str, str]:
    written = {"kind": origin.kind, "model": origin.model, "date": origin.date}
    return {**written, "usage": origin.usage} if origin.usage else written


def _parameters(this: Interaction) -> dict[str, Any]:
    return {key: value for key, value in this.request.items() if key != "messages"}


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _chain(messages: list[dict[str, Any]]) -> Iterator[str]:
    """A digest of the first message, of the first two, and so on."""
    running = hashlib.sha256()
    for message in messages:
        running.update(json.dumps(message, sort_keys=True).encode() + b"\n")
        yield running.hexdigest()


def _request(this: Interaction, base: _Base | None) -> dict[str, Any]:
    request = dict(this.request)
    if base is not None:
        before = base.interaction.request
        removed = {key: None for key in before if key not in request and key != "messages"}
        changed = {key: value for key, value in request.items() if key == "messages" or before.get(key) != value}
        request = {**removed, **changed}
        if base.continued:
            request["messages"] = this.messages[len(base.interaction.messages) + 1 :]
    return request_as_written(request)


def request_as_written(request: dict[str, Any]) -> dict[str, Any]:
    """A request as a file has it: the most telling first, the messages last, and texts as their lines."""
    return {key: _parameter(key, request[key]) for key in sorted(request, key=_position)}


def _position(key: str) -> tuple[int, str]:
    if key in _FIRST:
        return _FIRST.index(key), key
    return len(_FIRST) + (key == "messages"), key


def _parameter(key: str, value: Any) -> Any:
    if key == "system":
        return split_content(value)
    if key == "tools":
        return split_tools(value)
    if key == "messages" and isinstance(value, list):
        return [split_message(message) for message in value]
    return split_free(value)
