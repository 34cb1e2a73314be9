"""Ids and times, which move whenever something happens before them, as labels that stay."""

from __future__ import annotations

import re

from ..clock import moment
from ..errors import ClockError
from ..world import World

__all__ = ["Labels"]

# What a time in UTC looks like, as Memtrace writes it and as Python does; and an id that a world has made.
_LIKELY = re.compile(r"(?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00))|(?P<id>[a-z]+_[0-9a-f]{24})")


class Labels:
    """The labels of a world: ``<agent 1>``, ``<session 2>``, ``<memory 3>`` in order of creation, and ``<time>``.

    Ids that somebody else made up, in a seed or in the program, stay as they are, and so do other times.
    """

    def __init__(self, world: World) -> None:
        tenants = world.memory.tenants
        with tenants.lock:
            agents = [agent for org in tenants.orgs() for agent in org.agents()]
            sessions = [session for org in tenants.orgs() for session in org.sessions()]
            stored = [memory for org in tenants.orgs() for memory in org.memories()]
        self._times = {agent.created_at for agent in agents} | {memory.time for memory in stored}
        self._times |= {at for one in sessions for at in (one.created_at, one.updated_at, one.closed_at) if at}
        self._ids = _numbered("agent", [agent.id for agent in agents])
        self._ids |= _numbered("session", [session.id for session in sessions])
        self._ids |= _numbered("memory", [memory.memory_id for memory in stored])

    def of(self, text: str) -> str:
        """`text` with every id and every time of the world as a label."""
        return _LIKELY.sub(self._label, text)

    def _label(self, found: re.Match[str]) -> str:
        if found["id"]:
            return self._ids.get(found[0], found[0])
        try:
            return "<time>" if moment(found[0]) in self._times else found[0]
        except ClockError:
            return found[0]


def _numbered(kind: str, ids: list[str]) -> dict[str, str]:
    return {one: f"<{kind} {number}>" for number, one in enumerate(ids, 1)}
