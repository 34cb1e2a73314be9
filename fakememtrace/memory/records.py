"""What the fake keeps: agents, sessions, memories."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

__all__ = ["Agent", "Memory", "Session"]


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

    ``time`` is in microseconds since 1970, ``tags_csv`` the tags joined by commas, and ``row``
    the memory as the JSON that every answer is joined from.  What was not given is empty.
    """

    time: int
    memory_id: str
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
    def tags(self) -> list[str]:
        """The tags, in the order they were given."""
        return self.tags_csv.split(",") if self.tags_csv else []

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata; empty when there is none."""
        # Rarely asked for, and already in the row: a second copy would double what a memory weighs.
        metadata: dict[str, Any] = json.loads(self.row).get("metadata", {})
        return metadata
