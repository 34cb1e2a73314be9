"""In what differs what two sides hold at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from .side import Who

__all__ = ["stored_differences"]

# What a memory is, whenever it was stored and whatever it is called.
_FACTS = ("content", "memory_type", "event_type", "agent_id", "session_id", "tags", "importance", "metadata")
_SESSION = ("id", "agent_id", "status", "metadata")


def stored_differences(
    first: Mapping[str, Any], second: Mapping[str, Any], one: Who, other: Who
) -> list[dict[str, str]]:
    """What only one of two states has: the name of the side, what it is, and its values."""
    mine, its = Counter(_held(first)), Counter(_held(second))
    return [*_only(mine - its, one.name), *_only(its - mine, other.name)]


def _only(left: Counter[tuple[str, str]], name: str) -> Iterator[dict[str, str]]:
    for (kind, text), count in left.items():
        yield {"only_on": name, "kind": kind, "value": text, "count": str(count)}


def _held(state: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for org in state["orgs"]:
        for kind, facts in (("memories", _FACTS), ("waiting", _FACTS), ("sessions", _SESSION)):
            for row in org.get(kind, ()):
                held = {key: row[key] for key in facts if key in row}
                yield "session" if kind == "sessions" else "memory", json.dumps(held, ensure_ascii=False)
