"""Every call that a client has, decided once: what is asked, and how the answer is read.

Nothing is sent here: a client sends the :class:`Call`, and has its answer read by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from .exceptions import InvalidRequest
from .kinds import MemoryType, check, encoded, path_id
from .notes import Note
from .requests import (
    AddMemoryRequest,
    ContextOptions,
    CreateSessionRequest,
    ListOptions,
    Model,
    RegisterAgentRequest,
    SearchQuery,
    SessionQuery,
    given,
)
from .sessions import found_sessions
from .values import (
    Agent,
    AgentList,
    AgentStats,
    Memory,
    MemoryList,
    SearchResult,
    Session,
    SessionContext,
    SessionList,
    StoredMemories,
    read,
)

__all__ = [
    "Call",
    "add_memories",
    "add_memory",
    "close_session",
    "create_session",
    "decide",
    "delete_agent",
    "get_agent",
    "get_agent_memories",
    "get_agent_stats",
    "get_session",
    "get_session_context",
    "get_session_memories",
    "list_agents",
    "list_memories",
    "list_sessions",
    "recall",
    "register_agent",
    "remember",
    "search_memories",
    "search_sessions",
]

Result = TypeVar("Result")
Features = tuple[str, ...]

_V1 = "/api/v1"


@dataclass(frozen=True)
class Call(Generic[Result]):
    """One request below ``/api/v1``, and how its answer is read.

    ``features`` are what it uses that the released SDK does not have.
    """

    method: str
    path: str
    read: Callable[[Any, Note], Result]
    features: Features = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    body: bytes | None = None


def remember(
    agent_id: str,
    content: str,
    *,
    session_id: str | None = None,
    memory_type: MemoryType | None = None,
    event_type: str | None = None,
    tags: list[str] | None = None,
    importance: float | None = None,
    metadata: dict[str, Any] | None = None,
    dedup_key: str | None = None,
    parent_id: str | None = None,
) -> Call[Memory]:
    """Store a memory, by default an ``episodic`` one of the event type ``general``."""
    extras = {
        "session_id": session_id,
        "memory_type": memory_type,
        "event_type": event_type,
        "tags": tags,
        "importance": importance,
        "metadata": metadata,
        "dedup_key": dedup_key,
        "parent_id": parent_id,
    }
    kinds = {"memory_type": memory_type or "episodic", "event_type": event_type or "general"}
    return _store("remember", extras, {"agent_id": agent_id, "content": content, **extras, **kinds})


def decide(
    agent_id: str,
    decision: str,
    reasoning: str,
    *,
    session_id: str | None = None,
    tags: list[str] | None = None,
    importance: float | None = None,
    metadata: dict[str, Any] | None = None,
) -> Call[Memory]:
    """Log a decision; the reasoning is kept in its metadata, beside what is given there."""
    extras = {"session_id": session_id, "tags": tags, "importance": importance, "metadata": metadata}
    fixed: dict[str, Any] = {"memory_type": "decision", "event_type": "decision"}
    if metadata is None or isinstance(metadata, dict):
        fixed["metadata"] = {**(metadata or {}), "reasoning": reasoning}
    return _store("decide", extras, {"agent_id": agent_id, "content": decision, **extras, **fixed})


def recall(agent_id: str, since: str = "24h") -> Call[MemoryList]:
    """An agent's memories of the time `since`, newest first, at most 100."""
    return _list(f"{_V1}/memories", ListOptions(agent_id=agent_id, since=since, order="desc", limit=100))


def add_memory(req: AddMemoryRequest | dict[str, Any] | None = None, **fields: Any) -> Call[Memory]:
    """Store a memory: an AddMemoryRequest, a dict, or its fields as keywords."""
    request, features = given(AddMemoryRequest, "add_memory", req, fields)
    return _post(f"{_V1}/memories", request.as_json(), partial(read, Memory), features)


def add_memories(memories: Iterable[AddMemoryRequest | dict[str, Any]]) -> Call[list[Memory]]:
    """Store several memories: AddMemoryRequests or dicts; those that were stored."""
    if isinstance(memories, (str, bytes, Mapping)) or not isinstance(memories, Iterable):
        raise InvalidRequest(
            f"add_memories was given {type(memories).__name__}. Expected a list of AddMemoryRequest(...) or dicts."
        )
    items = [given(AddMemoryRequest, "add_memories", memory, {}) for memory in memories]
    features = tuple(dict.fromkeys(feature for _, used in items for feature in used))
    return _post(f"{_V1}/memories", {"memories": [item.as_json() for item, _ in items]}, _stored, features)


def list_memories(opts: ListOptions | dict[str, Any] | None = None, **fields: Any) -> Call[MemoryList]:
    """Memories by their fields, tags and time: ListOptions, a dict, or their fields as keywords."""
    return _list(f"{_V1}/memories", *given(ListOptions, "list_memories", opts, fields))


def search_memories(query: SearchQuery | dict[str, Any] | None = None, **fields: Any) -> Call[SearchResult]:
    """Memories by their text and more: a SearchQuery, a dict, or its fields as keywords."""
    request, features = given(SearchQuery, "search_memories", query, fields)
    return _post(f"{_V1}/search", request.as_json(), partial(read, SearchResult), features)


def register_agent(req: RegisterAgentRequest | dict[str, Any] | None = None, **fields: Any) -> Call[Agent]:
    """Register an agent: a RegisterAgentRequest, a dict, or its fields as keywords."""
    request, features = given(RegisterAgentRequest, "register_agent", req, fields)
    return _post(f"{_V1}/agents", request.as_json(), partial(read, Agent), features)


def list_agents() -> Call[AgentList]:
    """All agents of the organization, newest first."""
    return Call("GET", f"{_V1}/agents", partial(read, AgentList))


def get_agent(agent_id: str) -> Call[Agent]:
    """An agent, by id or name."""
    return Call("GET", _agent(agent_id), partial(read, Agent))


def get_agent_stats(agent_id: str) -> Call[AgentStats]:
    """Counts of an agent's memories and sessions."""
    return Call("GET", f"{_agent(agent_id)}/stats", partial(read, AgentStats))


def get_agent_memories(
    agent_id: str, opts: ListOptions | dict[str, Any] | None = None, **fields: Any
) -> Call[MemoryList]:
    """An agent's memories, by default of the last 24 hours."""
    return _list(
        f"{_agent(agent_id)}/memories", *_optional(ListOptions, "get_agent_memories", opts, fields), "agent_id"
    )


def delete_agent(agent_id: str) -> Call[None]:
    """Remove an agent, by id."""
    return Call("DELETE", _agent(agent_id), _nothing)


def create_session(req: CreateSessionRequest | dict[str, Any] | None = None, **fields: Any) -> Call[Session]:
    """Start a session: a CreateSessionRequest, a dict, or its fields as keywords."""
    request, features = given(CreateSessionRequest, "create_session", req, fields)
    return _post(f"{_V1}/sessions", request.as_json(), partial(read, Session), features)


def get_session(session_id: str) -> Call[Session]:
    """A session."""
    return Call("GET", _session(session_id), partial(read, Session))


def get_session_context(
    session_id: str, opts: ContextOptions | dict[str, Any] | None = None, **fields: Any
) -> Call[SessionContext]:
    """A session's memories as the text that a model reads."""
    request, features = _optional(ContextOptions, "get_session_context", opts, fields)
    return _post(f"{_session(session_id)}/context", request.as_json(), partial(read, SessionContext), features)


def get_session_memories(
    session_id: str, opts: ListOptions | dict[str, Any] | None = None, **fields: Any
) -> Call[MemoryList]:
    """A session's memories."""
    options = _optional(ListOptions, "get_session_memories", opts, fields)
    return _list(f"{_session(session_id)}/memories", *options, "session_id")


def list_sessions(agent_id: str | None = None) -> Call[SessionList]:
    """All sessions, or an agent's, newest first."""
    return _sessions(agent_id, partial(read, SessionList))


def search_sessions(query: SessionQuery | dict[str, Any] | None = None, **fields: Any) -> Call[SessionList]:
    """The sessions whose metadata contains every given pair; newest first, or oldest first with ``order="asc"``.

    The server has no such route: all sessions are listed, and filtered here.
    """
    wanted, _ = given(SessionQuery, "search_sessions", query, fields)
    return _sessions(wanted.agent_id, partial(found_sessions, wanted), ("search_sessions",))


def close_session(session_id: str) -> Call[Session]:
    """Close a session."""
    return Call("PUT", _session(session_id), partial(read, Session), body=encoded({"status": "closed"}))


def _agent(agent_id: str) -> str:
    return f"{_V1}/agents/{quote(path_id('agent_id', agent_id), safe='')}"


def _session(session_id: str) -> str:
    return f"{_V1}/sessions/{quote(path_id('session_id', session_id), safe='')}"


def _post(path: str, body: dict[str, Any], reader: Callable[[Any, Note], Result], features: Features) -> Call[Result]:
    return Call("POST", path, reader, features, body=encoded(body))


def _store(method: str, extras: Mapping[str, Any], fields: dict[str, Any]) -> Call[Memory]:
    """The SDK's `method`, with `extras` that it does not have."""
    features = tuple(f"{method}({name})" for name, value in extras.items() if value is not None)
    return _post(f"{_V1}/memories", AddMemoryRequest(**fields).as_json(), partial(read, Memory), features)


def _list(path: str, options: ListOptions, features: Features = (), in_path: str = "") -> Call[MemoryList]:
    params = options.as_json()
    params.pop(in_path, None)
    return Call("GET", path, partial(read, MemoryList), features, params)


def _sessions(
    agent_id: str | None, reader: Callable[[Any, Note], SessionList], features: Features = ()
) -> Call[SessionList]:
    if not agent_id:
        return Call("GET", f"{_V1}/sessions", reader, features)
    check("agent_id", "str", agent_id)
    return Call("GET", f"{_V1}/sessions", reader, features, {"agent_id": agent_id})


def _optional(model: type[Model], method: str, opts: object, fields: Mapping[str, Any]) -> tuple[Model, Features]:
    if opts is None and not fields:
        return model(), ()
    return given(model, method, opts, fields)


def _nothing(_data: Any, _note: Note) -> None:
    """Whatever the server says to what has no result."""


def _stored(data: Any, note: Note) -> list[Memory]:
    return read(StoredMemories, data, note).memories
