"""What the fake keeps: agents, sessions, memories."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from ..clock import drawn

__all__ = ["Agent", "Memory", "Session", "joined_tags", "memory_id_of"]

_TIME_AT = len('{"time":"')


class Agent(NamedTuple):
    """A registered agent.  ``created_at`` is in microseconds since 1970."""

    id: str
    org_id: str
    name: str
    description: str
    config: dict[str, Any]
    created_at: int


class Session(NamedTuple):
    """A session.  Times are in microseconds since 1970; ``closed_at`` is None until it is closed."""

    id: str
    org_id: str
    agent_id: str
    status: str
    metadata: dict[str, Any]
    created_at: int
    updated_at: int
    closed_at: int | None = None


class Memory(NamedTuple):
    """A memory.

    ``time`` is in microseconds since 1970, ``identity`` the memory_id or the number that it is drawn
    with, ``tags_csv`` the tags joined by commas, and ``row`` the memory as the JSON that every answer
    is joined from; it begins with the time.  What was not given is empty.
    """

    time: int
    identity: int | str
    org_id: str
    agent_id: str
    session_id: str
    memory_type: str
    event_type: str
    content: str
    tags_csv: str
    dedup_key: str
    importance: float
    parent_id: str
    row: bytes

    @property
    def memory_id(self) -> str:
        """The id, which the released server shows to nobody."""
        return memory_id_of(self.identity)

    @property
    def shown_time(self) -> str:
        """The time as it is shown: RFC 3339, in UTC."""
        # Formatting it anew takes five times as long, and a context has a hundred of them.
        return self.row[_TIME_AT : self.row.index(b'"', _TIME_AT)].decode()

    @property
    def tags(self) -> list[str]:
        """The tags, in the order they were given."""
        return joined_tags(self.tags_csv)

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata; empty when there is none."""
        # Rarely asked for, and already in the row: a second copy would double what a memory weighs.
        metadata: dict[str, Any] = json.loads(self.row).get("metadata", {})
        return metadata


def memory_id_of(identity: int | str) -> str:
    """The memory_id: the `identity` itself, or what is drawn with that number."""
    return identity if isinstance(identity, str) else drawn("mem_", identity)


def joined_tags(csv: str) -> list[str]:
    """The tags that `csv` joins."""
    return csv.split(",") if csv else []
