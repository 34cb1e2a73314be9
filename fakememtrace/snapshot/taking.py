"""From a world's state to plain JSON."""

from __future__ import annotations

import json
from typing import Any

from ..clock import Clock, Ids, rfc3339
from ..memory.dialect import Dialect
from ..memory.fake import FakeMemtrace
from ..memory.records import Agent, Memory, Session
from ..memory.tenants import Key, Org

__all__ = ["FORMAT", "VERSION", "as_text", "taken"]

FORMAT = "fakememtrace-world"
VERSION = 1


def taken(
    clock: Clock, ids: Ids, memory: FakeMemtrace, played: list[int], faults: list[dict[str, Any]]
) -> dict[str, Any]:
    """The snapshot; what is empty or as usual is left out, so that one state has one form."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "dialect": _dialect(memory.dialect),
        "start": rfc3339(memory.started),
        "clock": rfc3339(clock.micros()),
        "ids": ids.counts(),
        "orgs": [_org(org) for org in memory.tenants.orgs()],
        "claude": {"played": played},
        "faults": faults,
    }


def as_text(snapshot: dict[str, Any]) -> str:
    """The text of a file with that snapshot."""
    return json.dumps(snapshot, ensure_ascii=False, indent=2) + "\n"


def _dialect(dialect: Dialect) -> dict[str, Any]:
    preset = dialect.name.partition(",")[0]
    usual = Dialect(preset).values()
    return {"preset": preset} | {name: value for name, value in dialect.values().items() if usual[name] != value}


def _org(org: Org) -> dict[str, Any]:
    found = org.store.seen()
    memories = [
        _memory(memory) | ({} if position < found else {"found": False})
        for position, memory in enumerate(org.store.rows)
    ]
    return _filled(
        name=org.name,
        arc=org.arc,
        founded_at=rfc3339(org.founded_at),
        keys=[_key(key) for key in org.keys],
        agents=[_agent(agent) for agent in org.agents()],
        sessions=[_session(session) for session in org.sessions()],
        memories=memories,
        waiting=[_memory(memory) for memory in org.waiting],
        late_until={memory_id: rfc3339(until) for memory_id, until in sorted(org.late_until.items())},
        flushed_at=[rfc3339(at) for at in org.flushed_at],
    )


def _key(key: Key) -> dict[str, Any]:
    value: dict[str, Any] = {"key": key.text, "permissions": key.permissions}
    if key.expires_at is not None:
        value["expires_at"] = rfc3339(key.expires_at)
    return value if key.enabled else value | {"enabled": False}


def _agent(agent: Agent) -> dict[str, Any]:
    return _filled(
        id=agent.id,
        name=agent.name,
        description=agent.description,
        config=agent.config,
        created_at=rfc3339(agent.created_at),
    )


def _session(session: Session) -> dict[str, Any]:
    return _filled(
        id=session.id,
        agent_id=session.agent_id,
        status=session.status,
        metadata=session.metadata,
        created_at=rfc3339(session.created_at),
        updated_at=rfc3339(session.updated_at),
        closed_at=None if session.closed_at is None else rfc3339(session.closed_at),
    )


def _memory(memory: Memory) -> dict[str, Any]:
    return _filled(
        id=memory.memory_id,
        time=rfc3339(memory.time),
        agent_id=memory.agent_id,
        session_id=memory.session_id,
        memory_type=memory.memory_type,
        event_type=memory.event_type,
        content=memory.content,
        metadata=memory.metadata,
        tags=memory.tags,
        dedup_key=memory.dedup_key,
        importance=memory.importance or None,
        parent_id=memory.parent_id,
    )


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}
