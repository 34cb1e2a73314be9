"""Ids and times, which move whenever something happens before them, as labels that stay."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..clock import rfc3339
from ..world import World

__all__ = ["Labels"]

_TIME = "<time>"
# What times and ids look like that a world makes; whether it is one, the world says.
_LIKELY = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|[a-z]+_[0-9a-f]{24}")


class Labels:
    """The labels of a world: ``<agent 1>``, ``<session 2>``, ``<memory 3>`` in order of creation, and ``<time>``.

    Ids that somebody else made up, in a seed or in the program, stay as they are.
    """

    def __init__(self, world: World) -> None:
        self._known = dict(_labels(world))

    def of(self, text: str) -> str:
        """`text` with every id and every time of the world as a label."""
        return _LIKELY.sub(lambda found: self._known.get(found[0], found[0]), text)


def _labels(world: World) -> Iterator[tuple[str, str]]:
    tenants = world.memory.tenants
    with tenants.lock:
        agents = [agent for org in tenants.orgs() for agent in org.agents()]
        sessions = [session for org in tenants.orgs() for session in org.sessions()]
        stored = [memory for org in tenants.orgs() for memory in org.memories()]
    times = [agent.created_at for agent in agents]
    times += [at for one in sessions for at in (one.created_at, one.updated_at, one.closed_at) if at is not None]
    yield from ((rfc3339(at), _TIME) for at in times)
    yield from ((memory.shown_time, _TIME) for memory in stored)
    for kind, ids in (
        ("agent", [agent.id for agent in agents]),
        ("session", [session.id for session in sessions]),
        ("memory", [memory.memory_id for memory in stored]),
    ):
        yield from ((one, f"<{kind} {number}>") for number, one in enumerate(ids, 1))
