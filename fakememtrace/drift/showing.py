"""What an answer of Memtrace shows: which memories, and how much of them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ABSENT", "CUT", "HINT_BYTES", "WHOLE", "Showing", "contents", "leaves", "occurs", "showing"]

ABSENT, CUT, WHOLE = "not shown", "cut", "whole"
# How much of a memory the released server's context shows.
HINT_BYTES = 80
# A shorter text may be part of anything.
_LEAST = 2


@dataclass(frozen=True)
class Showing:
    """What one answer says: its status, the lines of all its texts, and of each memory that it shows how much.

    ``is_context`` is whether it is the text that a model reads.
    """

    status: int
    pieces: frozenset[str] = frozenset()
    forms: Mapping[str, str] = field(default_factory=dict)
    is_context: bool = False

    @property
    def is_ok(self) -> bool:
        """Whether the call did what was asked."""
        return 0 < self.status < 400

    def form(self, content: str) -> str:
        """How much of that memory is shown."""
        return self.forms.get(content, ABSENT)


def showing(status: int, answer: str, known: Iterable[str]) -> Showing:
    """What the `answer` shows; `known` are the contents of the memories that there are."""
    value = _value(answer)
    texts = list(leaves(value)) if value is not None else [answer]
    pieces = frozenset(line.strip() for text in texts for line in text.splitlines() if len(line.strip()) >= _LEAST)
    if not isinstance(value, dict):
        return Showing(status, pieces)
    context = value.get("context")
    if isinstance(context, str):
        return Showing(status, pieces, dict(_in_context(context, known)), True)
    return Showing(status, pieces, dict.fromkeys(_in_rows(value), WHOLE))


def _cut(content: str) -> str:
    """The content as the released server's context has it."""
    encoded = content.encode("utf-8", "replace")
    return content if len(encoded) <= HINT_BYTES else encoded[:HINT_BYTES].decode("utf-8", "replace") + "..."


def contents(snapshot: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The memories of a snapshot, by their contents; of equal ones the newest."""
    rows = (row for org in snapshot.get("orgs", ()) for kind in ("memories", "waiting") for row in org.get(kind, ()))
    return {row["content"]: row for row in rows}


def leaves(value: Any) -> Iterator[str]:
    """Every text in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from leaves(one)


def occurs(piece: str, text: str) -> int:
    """How often a piece stands in a text, as it is or as JSON in it has it."""
    forms = dict.fromkeys([piece, json.dumps(piece)[1:-1], json.dumps(piece, ensure_ascii=False)[1:-1]])
    return sum(text.count(form) for form in forms)


def _in_context(text: str, known: Iterable[str]) -> Iterator[tuple[str, str]]:
    for content in known:
        if f"- {content}\n" in text or f": {content}\n" in text:
            yield content, WHOLE
        elif _cut(content) != content and f": {_cut(content)}\n" in text:
            yield content, CUT


def _in_rows(value: dict[str, Any]) -> Iterator[str]:
    rows = value.get("memories", value.get("results", [value]))
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("content"), str):
            yield row["content"]


def _value(answer: str) -> Any:
    try:
        return json.loads(answer)
    except (ValueError, RecursionError):
        return None
