"""One org's memories: the rules of storing them, and the indexes that keep finding them fast."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from typing import Any, NamedTuple

from ..clock import Clock, Ids
from .buffer import WriteBuffer
from .dialect import Dialect
from .fieldindex import FieldIndex
from .forms import NewMemory, new_memory
from .records import Memory
from .refusal import Duplicate, NoArc, Refusal
from .rows import dedup_key, stored
from .textindex import TextIndex
from .timespan import HOUR

__all__ = ["DAY", "TIME", "MemoryStore", "Tally"]

DAY = 24 * HOUR
TIME = attrgetter("time")


class Tally(NamedTuple):
    """How many memories of an agent queries find: all, those of the last 24 hours, their errors, and by type."""

    memories: int
    recent: int
    recent_errors: int
    types: Mapping[str, int]


class MemoryStore:
    """The memories of one org, in order of creation, which is order of time.

    ``arc`` is ``"reachable"``, ``"unreachable"`` (only /health and /ready tell) or ``"none"``:
    an org without one is refused everything that touches memories.  ``rows`` are all memories,
    also those that no query finds yet; a memory's place in it is its position.
    """

    def __init__(self, org_id: str, clock: Clock, ids: Ids, dialect: Dialect, arc: str = "reachable") -> None:
        self.org_id, self.dialect, self.arc = org_id, dialect, arc
        self._shows_id = dialect.memory_id == "shown"
        self.rows: list[Memory] = []
        self._lines: list[bytes] = []
        self.texts = TextIndex(self.rows, str.casefold if dialect.content_match == "any_case" else str)
        self._clock, self._ids = clock, ids
        self._buffer = WriteBuffer(clock.micros(), dialect)
        self._fields = FieldIndex(self.rows)
        self._last_time: dict[str, int] = {}
        self._types: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._learned = 0

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
        if self.arc == "none":
            raise NoArc
        key = self.free_key(memory)
        stamp = self._clock.stamp()
        row = stored(memory, self.org_id, stamp, self._ids.count("mem_"), key, self._shows_id)
        self.rows.append(row)
        self._lines.append(row.row)
        self._buffer.wrote(stamp)
        return row

    def free_key(self, memory: NewMemory) -> str:
        """The dedup key of `memory`; a Duplicate when there is one with it, as :meth:`create` says."""
        now = self._clock.micros()
        if self._buffer.seen(now) > self._learned:
            self._learn(now)
        key = memory.dedup_key or dedup_key(memory)
        last = self._last_time.get(_as_sql(key) if memory.dedup_key else key)
        if last is not None and last > now - DAY:
            raise Duplicate
        return key

    def adopt(self, memory: Memory) -> None:
        """Put `memory` in as it is, by no rule; no other one may be later.  The write buffer takes it as written."""
        self.rows.append(memory)
        self._lines.append(memory.row)
        self._buffer.wrote(memory.time)

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

    def lines_at(self, positions: Sequence[int]) -> list[bytes]:
        """The JSON of the memories at `positions`."""
        # Kept apart from the memories: fewer places in memory are touched, which is most of the time of a list.
        lines, count = self._lines, len(positions)
        if count > 1 and abs(positions[0] - positions[-1]) == count - 1 and not self.has_ties:
            # Without ties positions go up or down only: these are all between two, as where one agent writes alone.
            low = min(positions[0], positions[-1])
            between = lines[low : low + count]
            return between if positions[0] == low else between[::-1]
        return [lines[position] for position in positions]

    def time_at(self, position: int) -> int:
        """The time of the memory at `position`, in microseconds since 1970."""
        return self.rows[position].time

    @property
    def has_ties(self) -> bool:
        """Whether any two memories are of one time."""
        return self._fields.has_ties

    def with_id(self, memory_id: str) -> Memory | None:
        """The memory with that memory_id, if a query finds it."""
        memory = self._fields.with_id(memory_id)
        return memory if memory and self.first_from(memory.time) < self.seen() else None

    def values(self, field: str) -> Iterable[str]:
        """The values that the memories have in `field`: an id, a type or ``tags_csv``."""
        return self._fields.values(field)

    def index(self, field: str, value: str) -> Sequence[int]:
        """The positions of the memories whose `field` (see :meth:`values`) is `value`."""
        return self._fields.positions(field, value)

    def importances(self) -> Sequence[float]:
        """The importance of each memory, by position."""
        return self._fields.importances()

    def between(self, indexes: Sequence[Sequence[int]], low: int, high: int) -> Sequence[int]:
        """The positions that are in any of `indexes`, from `low` to before `high`."""
        parts = [index[bisect_left(index, low) : bisect_left(index, high)] for index in indexes]
        return parts[0] if len(parts) == 1 else sorted(chain.from_iterable(parts))

    def seen(self) -> int:
        """The position before which memories are found by queries."""
        return self._buffer.seen(self.now())

    def first_after(self, time: int) -> int:
        """The position of the first memory later than `time`, which is in microseconds since 1970."""
        return self._fields.first_after(time)

    def first_from(self, time: int) -> int:
        """The position of the first memory at `time` or later."""
        return self._fields.first_from(time)

    def tally(self, agent_id: str) -> Tally:
        """What queries find of an agent, counted."""
        now = self.now()
        seen = self._learn(now)
        since = min(self.first_after(now - DAY), seen)
        rows, errors = self.index("agent_id", agent_id), self._fields.errors(agent_id)
        return Tally(
            _count(rows, 0, seen),
            _count(rows, since, seen),
            _count(errors, since, seen),
            self._types.get(agent_id, {}),
        )

    def _learn(self, now: int) -> int:
        """Take note of the keys and types of what has come to be seen until `now`; how much that is."""
        seen = self._buffer.seen(now)
        if seen > self._learned:
            for row in self.rows[self._learned : seen]:
                self._last_time[row.dedup_key] = row.time
                self._types[row.agent_id][row.memory_type] += 1
            self._learned = seen
        return seen


def _count(positions: Sequence[int], low: int, high: int) -> int:
    return bisect_left(positions, high) - bisect_left(positions, low)


def _numbered(index: int, item: Mapping[str, Any], status: int) -> NewMemory:
    try:
        return new_memory(item)
    except Refusal as problem:
        raise Refusal(status, f"failed to create memory {index}: {problem.text}") from None


def _as_sql(key: str) -> str:
    """`key` as the server's SQL asks for it: a backslash is doubled where nothing halves it again."""
    return key.replace("\0", "").replace("\\", "\\\\")
