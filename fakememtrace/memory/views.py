"""Agents and sessions as the JSON of the answers."""

from __future__ import annotations

from typing import Any

from ..clock import rfc3339
from .dialect import Dialect
from .records import Agent, Session

__all__ = ["agent_view", "session_view"]

_SECOND = 1_000_000


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
