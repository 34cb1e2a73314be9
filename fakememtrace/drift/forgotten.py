"""Decisions that no context shows on either side, since they belong to no session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .result import MEMORY, Finding, Place, Shown
from .sentences import headline, question, summary
from .showing import ABSENT, contents, showing
from .side import Call, Side
from .trying import History

__all__ = ["forgotten"]

_CONTEXT = "POST /api/v1/sessions/{id}/context"
_FACT = "stored in no session"


def forgotten(side: Side, history: History, findings: Sequence[Finding]) -> list[Finding]:
    """A notice of the decisions that were there when a context was read, and stand in none, nor in a finding."""
    told = {memory.content for finding in findings for place in finding.places for memory in place.memories}
    places = [place for call in side.calls if call.route == _CONTEXT for place in _place(call, history, told)]
    return [Finding(MEMORY, headline(["context_scope"], "decision"), places=places)] if places else []


def _place(call: Call, history: History, told: set[str]) -> list[Place]:
    known = contents(history.before(call))
    shown = showing(call.status, call.answer, known)
    agents = _of_session(call, history.before(call))
    missing = [
        Shown(content, ABSENT, ABSENT, _FACT)
        for content, row in known.items()
        if row["memory_type"] == "decision" and not row.get("session_id") and row["agent_id"] in agents
        if shown.form(content) == ABSENT and content not in told
    ]
    words = summary(shown), ""
    return [Place(call.run, [], call.asked, question(call), call.where, *words, missing)] if missing else []


def _of_session(call: Call, state: Mapping[str, Any]) -> set[str]:
    """The agents that the session of a context is of, or that stored something in it; their names, too."""
    name = call.request.path.rstrip("/").split("/")[-2]
    found: set[str] = set()
    for org in state["orgs"]:
        found |= {one["agent_id"] for one in org.get("sessions", ()) if one["id"] == name}
        found |= {one["agent_id"] for one in org.get("memories", ()) if one.get("session_id") == name}
        found |= {one["name"] for one in org.get("agents", ()) if one["id"] in found}
    return found
