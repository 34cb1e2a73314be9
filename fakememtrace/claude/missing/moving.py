"""Memories that differ in nothing but their times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from ...clock import moment
from ...errors import ClockError
from .miss import MemoryDifference

__all__ = ["moved", "together"]

# From how many on memories whose time moved alike are told of together.
_TOGETHER = 3


def together(memories: Sequence[MemoryDifference]) -> Iterator[list[MemoryDifference]]:
    """The memories one by one, but those whose time moved alike at once."""
    for apart, group in groupby(memories, key=moved):
        members = list(group)
        if apart is not None and len(members) >= _TOGETHER:
            yield members
        else:
            yield from ([member] for member in members)


def moved(memory: MemoryDifference) -> int | None:
    """By how many microseconds the time moved, where that is all."""
    if memory.verb != "changed" or not memory.facts or not memory.facts[0].startswith("its time is "):
        return None
    if any(fact.startswith("its ") for fact in memory.facts[1:]):
        return None
    try:
        return moment(memory.sent_time) - moment(memory.recorded_time)
    except ClockError:
        return None
