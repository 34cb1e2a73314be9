"""Agents, their stats, and sessions: sections 3 and 6."""

from __future__ import annotations

from typing import Any

from fakememtrace.wire import Request

from .base import ID, ID_FORM, Base
from .reading import fields_of, query_of_url
from .refused import Refused
from .times import DAY, rfc3339, whole_seconds

__all__ = ["Agents", "Sessions"]


class Agents(Base):
    """Section 3, agents, and section 6."""

    def register_agent(self, request: Request) -> tuple[int, Any]:
        """A name is taken once."""
        body = fields_of(request, {"name": str, "description": str, "config": dict})
        if not body["name"]:
            raise Refused(400, "name is required")
        if any(agent["name"] == body["name"] for agent in self.agents):
            raise Refused(409, f"agent '{body['name']}' already exists in this organization")
        agent = {"org_id": self.org_id, **body, "created_at": self.stamp(), "id": self.new_id("agent_")}
        self.agents.append(agent)
        return 201, self.agent_json(agent, rfc3339(agent["created_at"]))

    def agent_json(self, agent: dict[str, Any], created_at: str) -> dict[str, Any]:
        """An agent on the wire."""
        shown = {name: agent[name] for name in ("id", "org_id", "name")} | {"created_at": created_at}
        shown |= {name: agent[name] for name in ("description", "config") if agent[name]}
        return shown | ({"agent_id": agent["id"]} if self.dialect["object_ids"] == "both" else {})

    def list_agents(self, request: Request) -> tuple[int, Any]:
        """Newest first."""
        found = [self.agent_json(agent, whole_seconds(agent["created_at"])) for agent in reversed(self.agents)]
        return 200, {"agents": found, "count": len(found)}

    def get_agent(self, sought: str, request: Request) -> tuple[int, Any]:
        """By the id, or by the name."""
        for field in ("id", "name"):
            for agent in self.agents:
                if agent[field] == sought:
                    return 200, self.agent_json(agent, whole_seconds(agent["created_at"]))
        raise Refused(404, "agent not found")

    def delete_agent(self, sought: str, request: Request) -> tuple[int, Any]:
        """By the id only."""
        for agent in self.agents:
            if agent["id"] == sought:
                referenced = any(session["agent_id"] == sought for session in self.sessions)
                if referenced and self.dialect["session_agent"] == "registered_id":
                    raise Refused(404, "FOREIGN KEY constraint failed")
                self.agents.remove(agent)
                return 204, ""
        raise Refused(404, "agent not found")

    def stats(self, agent_id: str, request: Request) -> tuple[int, Any]:
        """Section 6."""
        self.check_form(ID, agent_id, f"invalid agent_id: {ID_FORM}")
        mine = [memory for memory in self.seen() if memory["agent_id"] == agent_id]
        today = [memory for memory in mine if memory["time"] > self.now - DAY]
        sessions = [session for session in self.sessions if session["agent_id"] == agent_id]
        types = sorted({memory["memory_type"] for memory in mine})
        return 200, {
            "agent_id": agent_id,
            "memory_count": len(mine),
            "memories_24h": len(today),
            "errors_24h": len([memory for memory in today if memory["event_type"] == "error"]),
            "session_count": len(sessions),
            "active_sessions": len([session for session in sessions if session["status"] == "active"]),
            "memory_types": {name: len([m for m in mine if m["memory_type"] == name]) for name in types},
        }


class Sessions(Base):
    """Section 3, sessions."""

    def create_session(self, request: Request) -> tuple[int, Any]:
        """For an agent whose id is registered."""
        body = fields_of(request, {"agent_id": str, "metadata": dict})
        if not body["agent_id"]:
            raise Refused(400, "agent_id is required")
        known = any(agent["id"] == body["agent_id"] for agent in self.agents)
        if self.dialect["session_agent"] == "registered_id" and not known:
            raise Refused(400, "failed to create session: FOREIGN KEY constraint failed")
        time = self.stamp()
        session = {"org_id": self.org_id, **body, "status": "active", "created_at": time, "updated_at": time}
        session |= {"closed_at": None, "id": self.new_id("sess_")}
        self.sessions.append(session)
        return 201, self.session_json(session)

    def session_json(self, session: dict[str, Any]) -> dict[str, Any]:
        """A session on the wire."""
        shown = {name: session[name] for name in ("id", "org_id", "agent_id", "status")}
        times = ("created_at", "updated_at", "closed_at")
        shown |= {name: rfc3339(session[name]) for name in times if session[name] is not None}
        shown |= {"metadata": session["metadata"]} if session["metadata"] else {}
        return shown | ({"session_id": session["id"]} if self.dialect["object_ids"] == "both" else {})

    def find_session(self, sought: str) -> dict[str, Any] | None:
        """The session with that id."""
        return next((session for session in self.sessions if session["id"] == sought), None)

    def list_sessions(self, request: Request) -> tuple[int, Any]:
        """Newest first, of one agent or of all."""
        agent_id = query_of_url(request).get("agent_id", "")
        wanted = [session for session in self.sessions if agent_id in ("", session["agent_id"])]
        return 200, {"sessions": [self.session_json(session) for session in reversed(wanted)], "count": len(wanted)}

    def get_session(self, sought: str, request: Request) -> tuple[int, Any]:
        """By the id."""
        session = self.find_session(sought)
        if session is None:
            raise Refused(404, "session not found")
        return 200, self.session_json(session)

    def update_session(self, sought: str, request: Request) -> tuple[int, Any]:
        """Any status will do."""
        body = fields_of(request, {"status": str, "metadata": dict}, absent=None)
        session = self.find_session(sought)
        if session is None:
            raise Refused(404 if self.dialect["unknown_session"] == "not_found" else 400, "session not found")
        session["updated_at"] = self.stamp()
        session["status"] = body["status"] or session["status"]
        if body["status"] == "closed":
            session["closed_at"] = session["updated_at"]
        if body["metadata"] is not None:
            merged = self.dialect["session_update_metadata"] == "merged"
            session["metadata"] = (session["metadata"] if merged else {}) | body["metadata"]
        return 200, self.session_json(session)
