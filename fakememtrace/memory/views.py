"""Agents, sessions and memories as the JSON of the answers."""

from __future__ import annotations

from typing import Any

from ..clock import rfc3339
from .dialect import Dialect
from .forms import NewMemory
from .gojson import escaped, quoted
from .records import Agent, Session

__all__ = ["agent_view", "memory_row", "session_view"]

_SECOND = 1_000_000


def memory_row(memory: NewMemory, org_id: str, time: int, memory_id: str, dedup_key: str) -> bytes:
    """The JSON of `memory`, with a ``memory_id`` unless that is empty."""
    # Written piece by piece, since it is most of the cost of a write.
    heading, content, metadata, _, importance, parent_id = memory
    shown_id = f'"memory_id":"{memory_id}",' if memory_id else ""
    row = f'{{"time":"{rfc3339(time)}",{shown_id}"org_id":{quoted(org_id)},{heading.names_json}'
    row += f',"content":{quoted(content)}'
    if metadata:
        row += f',"metadata":{metadata}'
    row += f'{heading.tags_json},"dedup_key":{quoted(dedup_key)}'
    if importance:
        row += f',"importance":{importance!r}'
    if parent_id:
        row += f',"parent_id":{quoted(parent_id)}'
    return escaped(row + "}")


def agent_view(agent: Agent, dialect: Dialect, read_back: bool = True) -> dict[str, Any]:
    """The JSON value of `agent`; what is `read_back` from the database has whole seconds only."""
    created_at = agent.created_at - agent.created_at % _SECOND if read_back else agent.created_at
    view: dict[str, Any] = {"id": agent.id}
    if dialect.object_ids == "both":
        view["agent_id"] = agent.id
    view |= {"org_id": agent.org_id, "name": agent.name}
    if agent.description:
        view["description"] = agent.description
    if agent.config:
        view["config"] = agent.config
    view["created_at"] = rfc3339(created_at)
    return view


def session_view(session: Session, dialect: Dialect) -> dict[str, Any]:
    """The JSON value of `session`."""
    view: dict[str, Any] = {"id": session.id}
    if dialect.object_ids == "both":
        view["session_id"] = session.id
    view |= {"org_id": session.org_id, "agent_id": session.agent_id, "status": session.status}
    if session.metadata:
        view["metadata"] = session.metadata
    view |= {"created_at": rfc3339(session.created_at), "updated_at": rfc3339(session.updated_at)}
    if session.closed_at is not None:
        view["closed_at"] = rfc3339(session.closed_at)
    return view
