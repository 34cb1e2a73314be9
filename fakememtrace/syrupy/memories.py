"""The state of Memtrace as text."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

from ..memory.records import Memory
from ..memory.tenants import Org
from ..report.visible import visible
from ..world import World
from .labels import Labels
from .lines import labelled, value

__all__ = ["memories"]


def memories(world: World, org: str | None = None) -> str:
    """All agents, sessions and memories of a world, or of one `org` of it, in order of creation.

    Agents are called by their names, sessions and memories by their numbers.
    """
    labels, numbers = Labels(world), count(1)
    tenants = world.memory.tenants
    with tenants.lock:
        orgs = tenants.orgs()
        parts = {one.name: list(_org(one, numbers)) for one in orgs}
    shown = {name: lines for name, lines in parts.items() if org in (None, name) and lines}
    heads = len(orgs) > 1 and org is None
    blocks = ["\n".join([f"org {name}", "", *lines] if heads else lines) for name, lines in shown.items()]
    return visible(labels.of("\n\n".join(blocks))) or "nothing is stored"


def _org(org: Org, numbers: Iterator[int]) -> Iterator[str]:
    for agent in org.agents():
        yield from labelled("agent", f"{agent.name} {agent.id}")
        yield from _facts(description=agent.description, config=agent.config)
    for session in org.sessions():
        yield from labelled("session", f"{session.id} of {session.agent_id}, {session.status}")
        yield from _facts(metadata=session.metadata)
    for memory in org.store.rows:
        yield from _memory(memory, next(numbers), "held back" if memory.memory_id in org.late_until else "")
    for memory in org.waiting:
        yield from _memory(memory, next(numbers), "waits until Arc is there")


def _memory(memory: Memory, number: int, state: str) -> Iterator[str]:
    yield from labelled(f"memory {number}", memory.content)
    yield from _facts(
        agent=memory.agent_id,
        session=memory.session_id,
        type=f"{memory.memory_type}/{memory.event_type}",
        tags=memory.tags,
        importance=memory.importance,
        metadata=memory.metadata,
        parent=memory.parent_id,
        state=state,
    )


def _facts(**facts: object) -> Iterator[str]:
    for name, fact in facts.items():
        if fact:
            yield from labelled("", f"  {name}: {fact if isinstance(fact, str) else value(fact)}")
