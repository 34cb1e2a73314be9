"""Where in an org's memories a value is, and when they were made."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import partial
from operator import attrgetter

from .records import Memory

__all__ = ["FieldIndex"]

_INDEXED = ("agent_id", "session_id", "memory_type", "event_type", "tags_csv")
_PICK = attrgetter("time", "importance", *_INDEXED)


class FieldIndex:
    """The positions in `rows`, which only grow, by the values of their fields.

    What was added is taken in when something is asked: most writes are not followed by a question.
    """

    def __init__(self, rows: Sequence[Memory]) -> None:
        self._rows = rows
        self._times = array("q")
        self._importances = array("d")
        self._ties = False
        self._fields = {field: _index() for field in _INDEXED}
        self._errors = _index()
        self._ids: dict[str, Memory] = {}
        self._identified = 0

    def positions(self, field: str, value: str) -> Sequence[int]:
        """Where the memories are whose `field` (an id, a type or ``tags_csv``) is `value`."""
        return self._known()[field].get(value, ())

    def values(self, field: str) -> Iterable[str]:
        """All values of `field`."""
        return self._known()[field]

    def errors(self, agent_id: str) -> Sequence[int]:
        """Where the agent's memories with event_type ``error`` are."""
        self._known()
        return self._errors.get(agent_id, ())

    def importances(self) -> Sequence[float]:
        """The importance of each memory, by position."""
        self._known()
        return self._importances

    def with_id(self, memory_id: str) -> Memory | None:
        """The memory with that memory_id."""
        # A table that most programs never need.
        self._ids.update((row.memory_id, row) for row in self._rows[self._identified :])
        self._identified = len(self._rows)
        return self._ids.get(memory_id)

    def first_after(self, time: int) -> int:
        """The position of the first memory later than `time`, which is in microseconds since 1970."""
        self._known()
        return bisect_right(self._times, time)

    def first_from(self, time: int) -> int:
        """The position of the first memory at `time` or later."""
        self._known()
        return bisect_left(self._times, time)

    @property
    def has_ties(self) -> bool:
        """Whether any two memories are of one time."""
        self._known()
        return self._ties

    def _known(self) -> dict[str, defaultdict[str, array[int]]]:
        if len(self._times) < len(self._rows):
            self._take_in(len(self._times))
        return self._fields

    def _take_in(self, start: int) -> None:
        agents, sessions, types, events, tags = self._fields.values()
        last = self._times[-1] if start else None
        for position, row in enumerate(self._rows[start:], start):
            time, importance, agent_id, session_id, memory_type, event_type, tags_csv = _PICK(row)
            agents[agent_id].append(position)
            sessions[session_id].append(position)
            types[memory_type].append(position)
            events[event_type].append(position)
            tags[tags_csv].append(position)
            if event_type == "error":
                self._errors[agent_id].append(position)
            self._ties = self._ties or time == last
            self._times.append(time)
            self._importances.append(importance)
            last = time


def _index() -> defaultdict[str, array[int]]:
    # Four bytes for each position, where a list would take nine.
    return defaultdict(partial(array, "I"))
