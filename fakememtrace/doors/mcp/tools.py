"""The seven tools: what a model is told of each, and the request to Memtrace that it stands for.

The names, arguments, defaults and requests are those of Memtrace's own MCP server; the words are ours, and promise
what its words promise.  As there, an empty argument counts as one that was not given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from .arguments import Arguments, amount, choice, choices, share, table, text, texts

__all__ = ["INSTRUCTIONS", "TOOLS", "Ask", "Given", "Tool"]

INSTRUCTIONS = (
    "Memtrace is a memory that outlives the conversation: store what will matter later, and recall or search it "
    "before you ask again. Memories belong to a time; say how far back to look."
)

# The arguments of one call, checked.
Given = Mapping[str, Any]

_V1 = "/api/v1"


class Ask(NamedTuple):
    """A request to Memtrace: ``body`` is what its JSON says, ``query`` what stands behind the path."""

    method: str
    path: str
    query: Mapping[str, Any] = {}
    body: Mapping[str, Any] | None = None


class Tool(NamedTuple):
    """A tool: its name, what it is for, its arguments, and what it asks Memtrace.

    What a model is given is the answer's JSON, or only the text of that answer's ``field``.
    """

    name: str
    description: str
    arguments: Arguments
    ask: Callable[[Given], Ask]
    field: str = ""


def _remember(given: Given) -> Ask:
    kinds = {"memory_type": given.get("memory_type") or "episodic", "event_type": given.get("event_type") or "general"}
    return Ask("POST", f"{_V1}/memories", body=_told({**given, **kinds}))


def _recall(given: Given) -> Ask:
    window = {"since": given.get("since") or "24h", "limit": _limit(given), "order": "desc"}
    return Ask("GET", f"{_V1}/memories", query=_told({**given, **window}))


def _search(given: Given) -> Ask:
    return Ask("POST", f"{_V1}/search", body=_told({**given, "limit": _limit(given), "order": "desc"}))


def _decide(given: Given) -> Ask:
    kinds = {"memory_type": "decision", "event_type": "decision"}
    body = {"agent_id": given["agent_id"], **kinds, "content": given["decision"]}
    return Ask("POST", f"{_V1}/memories", body={**body, "metadata": {"reasoning": given["reasoning"]}})


def _session_create(given: Given) -> Ask:
    return Ask("POST", f"{_V1}/sessions", body=_told(given))


def _session_context(given: Given) -> Ask:
    options = {name: value for name, value in given.items() if name != "session_id"}
    return Ask("POST", f"{_V1}/sessions/{quote(given['session_id'], safe='')}/context", body=_told(options))


def _agent_register(given: Given) -> Ask:
    return Ask("POST", f"{_V1}/agents", body=_told(given))


def _told(given: Given) -> dict[str, Any]:
    """What is not empty; 0 is empty, too."""
    return {name: value for name, value in given.items() if value}


def _limit(given: Given) -> int:
    # A schema takes 50.0 for a whole number, and Memtrace does not.
    return int(given.get("limit") or 50)


_AGENT = text("The agent's id")

TOOLS: Mapping[str, Tool] = {
    tool.name: tool
    for tool in (
        Tool(
            "memtrace_remember",
            "Store a memory: an action, an observation, an event, or anything else to know again later.",
            Arguments(
                {
                    "agent_id": _AGENT,
                    "content": text("What to remember"),
                    "memory_type": choice("What kind of memory it is", "episodic"),
                    "event_type": text("What happened, such as page_crawled, error or api_call", "general"),
                    "session_id": text("The session that the memory belongs to"),
                    "tags": texts("Tags to find it by"),
                    "importance": share("How important it is, from 0 to 1"),
                    "metadata": table("Anything else about it, as names and values"),
                },
                ("agent_id", "content"),
            ),
            _remember,
        ),
        Tool(
            "memtrace_recall",
            "Get an agent's recent memories, the newest first.",
            Arguments(
                {
                    "agent_id": _AGENT,
                    "since": text("How far back to look, such as 2h, 24h or 7d", "24h"),
                    "session_id": text("Only memories of this session"),
                    "memory_type": choice("Only memories of this kind"),
                    "limit": amount("How many memories at most", 50),
                },
                ("agent_id",),
            ),
            _recall,
        ),
        Tool(
            "memtrace_search",
            "Find memories by text, kind, tags, importance and time; every filter that is given must match.",
            Arguments(
                {
                    "agent_id": text("Only memories of this agent, by its id"),
                    "content_contains": text("A text that the memory contains"),
                    "memory_types": choices("Only memories of these kinds"),
                    "tags": texts("Only memories with all of these tags"),
                    "since": text("How far back to look, such as 2h or 24h"),
                    "min_importance": share("Only memories that are at least so important, from 0 to 1"),
                    "limit": amount("How many memories at most", 50),
                },
                (),
            ),
            _search,
        ),
        Tool(
            "memtrace_decide",
            "Log a decision and the reason for it, so that others can follow later what was decided and why.",
            Arguments(
                {
                    "agent_id": _AGENT,
                    "decision": text("What was decided"),
                    "reasoning": text("Why it was decided"),
                },
                ("agent_id", "decision", "reasoning"),
            ),
            _decide,
        ),
        Tool(
            "memtrace_session_create",
            "Start a session, which holds together the memories of one piece of work.",
            Arguments(
                {
                    "agent_id": text("The id of the agent whose session it is"),
                    "metadata": table("What the session is about, such as a goal, as names and values"),
                },
                ("agent_id",),
            ),
            _session_create,
        ),
        Tool(
            "memtrace_session_context",
            "Get the memories of a session as Markdown, grouped by kind and ready to be put into a prompt.",
            Arguments(
                {
                    "session_id": text("The session's id"),
                    "since": text("How far back to look, such as 4h. Left out: the whole session"),
                    "include_types": choices("Only memories of these kinds. Left out: all"),
                    "max_tokens": amount("About how many tokens the text may have"),
                },
                ("session_id",),
            ),
            _session_context,
            "context",
        ),
        Tool(
            "memtrace_agent_register",
            "Register an agent. Do this before you store memories for it.",
            Arguments(
                {
                    "name": text("The agent's name, which serves as its id"),
                    "description": text("What the agent does"),
                },
                ("name",),
            ),
            _agent_register,
        ),
    )
}
