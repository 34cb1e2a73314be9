"""One org's memories: the rules of storing them, and the indexes that keep finding them fast."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from hashlib import sha256
from operator import attrgetter
from sys import intern
from typing import Any

from ..clock import Clock, Ids
from .buffer import WriteBuffer
from .dialect import Dialect
from .forms import NewMemory, new_memory
from .records import Memory
from .refusal import Duplicate, NoArc, Refusal
from .timespan import HOUR
from .views import memory_row

__all__ = ["DAY", "TIME", "MemoryStore"]

DAY = 24 * HOUR
TIME = attrgetter("time")


class MemoryStore:
    """The memories of one org, in order of creation, which is order of time.

    ``arc`` is ``"reachable"``, ``"unreachable"`` (only /health and /ready tell) or ``"none"``:
    an org without one is refused everything that touches memories.
    """

    def __init__(self, org_id: str, clock: Clock, ids: Ids, dialect: Dialect, arc: str = "reachable") -> None:
        self.org_id, self.dialect, self.arc = org_id, dialect, arc
        self.rows: list[Memory] = []
        self._clock, self._ids = clock, ids
        self._buffer = WriteBuffer(clock.micros(), dialect)
        self._by_agent: dict[str, list[Memory]] = {}
        self._by_session: dict[str, list[Memory]] = {}
        self._by_memory_type: dict[str, list[Memory]] = {}
        self._by_event_type: dict[str, list[Memory]] = {}
        self._indexes = {
            "agent_id": self._by_agent,
            "session_id": self._by_session,
            "memory_type": self._by_memory_type,
            "event_type": self._by_event_type,
        }
        self._by_id: dict[str, Memory] = {}
        self._last_time: dict[str, int] = {}
        self._keyed = 0

    def now(self) -> int:
        """The current time in microseconds since 1970."""
        return self._clock.micros()

    def require_arc(self) -> None:
        """Refuse an org that has no Arc."""
        if self.arc == "none":
            raise NoArc

    def create(self, memory: NewMemory) -> Memory:
        """Store `memory`.

        Raises:
            Duplicate: there is one with the same dedup key, younger than 24 hours and already found by queries.
            NoArc: the org has no Arc.
        """
        self.require_arc()
        key = memory.dedup_key or _dedup_key(memory)
        self._refuse_duplicate(key)
        return self._insert(memory, key)

    def create_all(self, items: list[dict[str, Any]]) -> list[Memory]:
        """Store the memories with the fields of `items`, one by one, without the duplicates.

        Raises:
            Refusal: one is invalid.  The dialect says whether those before it stay.
        """
        if self.dialect.invalid_batch == "refused":
            for index, item in enumerate(items):
                _numbered(index, item, 400)
        stored = []
        for index, item in enumerate(items):
            memory = _numbered(index, item, 500)
            try:
                stored.append(self.create(memory))
            except Duplicate:
                continue
        self.flush()
        return stored

    def flush(self) -> None:
        """Empty the write buffer, as every list, search and context does first."""
        self._buffer.flush(self.now())

    def with_id(self, memory_id: str) -> Memory | None:
        """The memory with that memory_id, if a query finds it."""
        memory = self._by_id.get(memory_id)
        return memory if memory and memory.time < self.horizon() else None

    def index(self, field: str, value: str) -> list[Memory]:
        """The memories whose `field` (an id or a type) is `value`, also those that no query finds yet."""
        return self._indexes[field].get(value, [])

    def horizon(self) -> int:
        """The time before which memories are found by queries, in microseconds since 1970."""
        seen = self._buffer.seen(self.now())
        return self.rows[seen].time if seen < len(self.rows) else self.now() + 1

    def found(self, field: str, value: str) -> list[Memory]:
        """The part of :meth:`index` that queries find."""
        rows = self.index(field, value)
        return rows[: bisect_left(rows, self.horizon(), key=TIME)]

    def _refuse_duplicate(self, key: str) -> None:
        now = self.now()
        seen = self._buffer.seen(now)
        if self._keyed < seen:
            self._last_time.update((row.dedup_key, row.time) for row in self.rows[self._keyed : seen])
            self._keyed = seen
        last = self._last_time.get(_as_sql(key))
        if last is not None and last > now - DAY:
            raise Duplicate

    def _insert(self, new: NewMemory, key: str) -> Memory:
        memory_id, time = self._ids.next("mem_"), self._clock.stamp()
        shown_id = memory_id if self.dialect.memory_id == "shown" else ""
        memory = Memory(
            time,
            memory_id,
            self.org_id,
            intern(new.agent_id),
            intern(new.session_id),
            intern(new.memory_type),
            intern(new.event_type),
            new.content,
            intern(new.tags_csv),
            key,
            new.importance,
            new.parent_id,
            memory_row(new, self.org_id, time, shown_id, key),
        )
        self._keep(memory)
        self._buffer.wrote(time)
        return memory

    def _keep(self, memory: Memory) -> None:
        self.rows.append(memory)
        self._by_agent.setdefault(memory.agent_id, []).append(memory)
        self._by_session.setdefault(memory.session_id, []).append(memory)
        self._by_memory_type.setdefault(memory.memory_type, []).append(memory)
        self._by_event_type.setdefault(memory.event_type, []).append(memory)
        if self.dialect.memory_lookup == "memory_id":
            self._by_id[memory.memory_id] = memory


def _numbered(index: int, item: Mapping[str, Any], status: int) -> NewMemory:
    try:
        return new_memory(item)
    except Refusal as problem:
        raise Refusal(status, f"failed to create memory {index}: {problem.text}") from None


def _dedup_key(memory: NewMemory) -> str:
    start = memory.content.encode()[:200]
    return sha256(f"{memory.agent_id}|{memory.event_type}|".encode() + start).hexdigest()[:32]


def _as_sql(key: str) -> str:
    """`key` as the server's SQL asks for it: a backslash is doubled where nothing halves it again."""
    return key.replace("\0", "").replace("\\", "\\\\")
