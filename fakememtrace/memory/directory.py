"""One org's agents and sessions, and the rules between them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from ..clock import Clock, Ids
from .dialect import Dialect
from .records import Agent, Session
from .refusal import Refusal

__all__ = ["Directory"]

_FOREIGN_KEY = "FOREIGN KEY constraint failed"


class Directory:
    """The agents and sessions of one org, in order of creation."""

    def __init__(self, org_id: str, clock: Clock, ids: Ids, dialect: Dialect) -> None:
        self._org_id, self._clock, self._ids, self._dialect = org_id, clock, ids, dialect
        self._agents: dict[str, Agent] = {}
        self._agent_ids: dict[str, str] = {}
        self._sessions: dict[str, Session] = {}
        self._sessions_of: defaultdict[str, list[str]] = defaultdict(list)

    def agents(self) -> list[Agent]:
        """All agents, oldest first."""
        return list(self._agents.values())

    def sessions(self, agent_id: str = "") -> list[Session]:
        """All sessions, or those created for exactly `agent_id`, oldest first."""
        if not agent_id:
            return list(self._sessions.values())
        return [self._sessions[session_id] for session_id in self._sessions_of.get(agent_id, ())]

    def agent(self, id_or_name: str) -> Agent | None:
        """The agent with that id or name."""
        return self._agents.get(id_or_name) or self._agents.get(self._agent_ids.get(id_or_name, ""))

    def session(self, session_id: str) -> Session | None:
        """The session with that id."""
        return self._sessions.get(session_id)

    def adopt_agent(self, agent: Agent) -> None:
        """Put `agent` in as it is, after those that are there."""
        self._agents[agent.id] = agent
        self._agent_ids[agent.name] = agent.id

    def adopt_session(self, session: Session) -> None:
        """Put `session` in as it is, after those that are there."""
        self._sessions[session.id] = session
        self._sessions_of[session.agent_id].append(session.id)

    def register(self, name: str, description: str, config: dict[str, Any]) -> Agent:
        """A new agent; a Refusal when the name is empty (400) or taken (409)."""
        if not name:
            raise Refusal(400, "name is required")
        if name in self._agent_ids:
            raise Refusal(409, f"agent '{name}' already exists in this organization")
        agent = Agent(self._ids.next("agent_"), self._org_id, name, description, config, self._clock.stamp())
        self._agents[agent.id] = agent
        self._agent_ids[name] = agent.id
        return agent

    def delete(self, agent_id: str) -> None:
        """Remove an agent; a 404 Refusal when there is none with that id, or when it has sessions."""
        agent = self._agents.get(agent_id)
        if agent is None:
            raise Refusal(404, "agent not found")
        if self._bound_to_agents() and self.sessions(agent_id):
            raise Refusal(404, _FOREIGN_KEY)
        del self._agents[agent_id], self._agent_ids[agent.name]

    def create_session(self, agent_id: str, metadata: dict[str, Any]) -> Session:
        """A new active session; a 400 Refusal when the dialect does not take that agent_id."""
        if not agent_id:
            raise Refusal(400, "agent_id is required")
        if self._bound_to_agents() and agent_id not in self._agents:
            raise Refusal(400, f"failed to create session: {_FOREIGN_KEY}")
        session_id, at = self._ids.next("sess_"), self._clock.stamp()
        session = Session(session_id, self._org_id, agent_id, "active", metadata, at, at)
        self.adopt_session(session)
        return session

    def update_session(self, session_id: str, status: str, metadata: dict[str, Any] | None) -> Session:
        """Change a session; an empty `status` and a `metadata` of None leave what was there.

        An unknown session is a Refusal: 400 or 404, as the dialect says.
        """
        session = self._sessions.get(session_id)
        if session is None:
            raise Refusal(404 if self._dialect.unknown_session == "not_found" else 400, "session not found")
        at = self._clock.stamp()
        session = session._replace(updated_at=at, status=status or session.status)
        if status == "closed":
            session = session._replace(closed_at=at)
        if metadata is not None:
            session = session._replace(metadata=self._updated(session.metadata, metadata))
        self._sessions[session_id] = session
        return session

    def _updated(self, before: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        if self._dialect.session_update_metadata == "merged":
            return dict(sorted((before | given).items()))
        return given

    def _bound_to_agents(self) -> bool:
        return self._dialect.session_agent == "registered_id"
