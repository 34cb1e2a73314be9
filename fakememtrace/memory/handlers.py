"""One small function per route: from a call to its answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import unquote_plus

from ..wire import JSON_TYPE, Request, Response
from . import forms, query
from .context import session_context
from .dialect import Dialect
from .directory import Directory
from .gojson import GoJSONError, encode, parse
from .records import Memory
from .refusal import Refusal
from .store import MemoryStore
from .tenants import Tenants
from .views import agent_view, session_view

__all__ = [
    "Arrange",
    "Call",
    "Handler",
    "create_memory",
    "create_session",
    "delete_agent",
    "get_agent",
    "get_agent_memories",
    "get_agent_stats",
    "get_memory",
    "get_session",
    "get_session_context",
    "get_session_memories",
    "health",
    "is_batch",
    "list_agents",
    "list_memories",
    "list_sessions",
    "ready",
    "register_agent",
    "search_memories",
    "update_session",
]

# The fields of a memory that comes alone.
_ONE = forms.MEMORY.fields.keys()
_SHORT = 500


# What becomes of the memories of an answer, in their order, before it is made of them.
Arrange = Callable[[list[Memory]], list[Memory]]


class Call(NamedTuple):
    """A request that found its route: its name and its ``{id}``, what the caller's org has, and the server's state.

    Where a fault strikes an answer, it is made of what ``arrange`` makes of its memories.
    """

    request: Request
    route: str
    id: str
    directory: Directory
    store: MemoryStore
    tenants: Tenants
    dialect: Dialect
    uptime: Callable[[], str]
    arrange: Arrange | None = None


Handler = Callable[[Call], Response]


def health(call: Call) -> Response:
    """Whether the server runs."""
    return _json(200, {"arc": call.tenants.arcs(), "service": "memtrace", "status": "ok", "uptime": call.uptime()})


def ready(call: Call) -> Response:
    """Whether every Arc is reachable."""
    arcs = call.tenants.arcs()
    if not arcs:
        hint = "configure an Arc instance with `memtrace org add-arc`"
        return _json(503, {"arc": arcs, "hint": hint, "reason": "no_instances", "status": "not ready"})
    if not all(arcs.values()):
        return _json(503, {"arc": arcs, "status": "not ready"})
    return _json(200, {"arc": arcs, "status": "ready"})


def create_memory(call: Call) -> Response:
    """Store one memory, or a batch of them."""
    value = _value(call.request)
    # The fields of one memory and no others are by far the most common.
    items = () if type(value) is dict and value.keys() <= _ONE else _batch(value)
    if items:
        memories = call.store.create_all(items)
        return _rows(call, 201, "memories", [memory.row for memory in memories], f'"count":{len(memories)}')
    memory = call.store.create(forms.new_memory(forms.MEMORY.read(value)))
    return Response(201, JSON_TYPE, (memory.row,), call.route)


def is_batch(request: Request) -> bool:
    """Whether a request to create asks for several memories."""
    return bool(_batch(_value(request)))


def list_memories(call: Call) -> Response:
    """Memories by their fields, tags and time."""
    text, dialect = call.request.query, call.dialect
    asked = _question if len(text) <= _SHORT else _question.__wrapped__
    return _answered(call, asked(text, dialect.bad_filter, dialect.limit_over_1000))


def get_memory(call: Call) -> Response:
    """One memory."""
    store = call.store
    if call.dialect.memory_lookup == "memory_id":
        store.require_arc()
        store.flush()
        memory = store.with_id(call.id)
    else:
        found = query.search_selection({"content_contains": call.id, "limit": 1}, store.now(), call.dialect)
        memory = next(query.matching(store, found), None)
    if call.arrange:
        memory = next(iter(call.arrange([memory] if memory else [])), None)
    if memory is None:
        raise Refusal(404, "memory not found")
    return Response(200, JSON_TYPE, (memory.row,))


def search_memories(call: Call) -> Response:
    """Memories by their text, and by all that a list knows."""
    given = forms.search_struct(call.dialect).read(_value(call.request))
    store = call.store
    wanted = query.search_selection(given, store.now(), call.dialect)
    found = query.first(store, wanted, wanted.limit)
    lines = store.lines_at(found) if call.arrange is None else _arranged(store, found, call.arrange)
    return _rows(call, 200, "results", lines, f'"count":{len(lines)},"query_time_ms":0')


def register_agent(call: Call) -> Response:
    """A new agent."""
    given = forms.AGENT.read(_value(call.request))
    agent = call.directory.register(given.get("name", ""), given.get("description", ""), given.get("config", {}))
    return _json(201, agent_view(agent, call.dialect, read_back=False))


def list_agents(call: Call) -> Response:
    """All agents, newest first."""
    agents = [agent_view(agent, call.dialect) for agent in reversed(call.directory.agents())]
    return _json(200, {"agents": agents, "count": len(agents)})


def get_agent(call: Call) -> Response:
    """One agent, by id or name."""
    agent = call.directory.agent(call.id)
    if agent is None:
        raise Refusal(404, "agent not found")
    return _json(200, agent_view(agent, call.dialect))


def get_agent_memories(call: Call) -> Response:
    """An agent's memories, by default of the last 24 hours."""
    given = _only(_parameters(call.request.query), ("memory_type", "event_type", "since", "limit", "order"))
    return _list(call, {**given, "agent_id": call.id, "since": given.get("since") or "24h"})


def get_agent_stats(call: Call) -> Response:
    """Counts of an agent's memories and sessions."""
    return _json(200, query.stats(call.store, call.directory, call.id))


def delete_agent(call: Call) -> Response:
    """Remove an agent, by id."""
    call.directory.delete(call.id)
    return Response(204)


def create_session(call: Call) -> Response:
    """A new session."""
    given = forms.SESSION.read(_value(call.request))
    session = call.directory.create_session(given.get("agent_id", ""), given.get("metadata", {}))
    return _json(201, session_view(session, call.dialect))


def list_sessions(call: Call) -> Response:
    """All sessions, or an agent's, newest first."""
    sessions = call.directory.sessions(_parameters(call.request.query).get("agent_id", ""))
    views = [session_view(session, call.dialect) for session in reversed(sessions)]
    return _json(200, {"count": len(views), "sessions": views})


def get_session(call: Call) -> Response:
    """One session."""
    session = call.directory.session(call.id)
    if session is None:
        raise Refusal(404, "session not found")
    return _json(200, session_view(session, call.dialect))


def update_session(call: Call) -> Response:
    """Change a session's status and metadata."""
    given = forms.SESSION_UPDATE.read(_value(call.request))
    session = call.directory.update_session(call.id, given.get("status", ""), given.get("metadata"))
    return _json(200, session_view(session, call.dialect))


def get_session_memories(call: Call) -> Response:
    """A session's memories."""
    given = _only(_parameters(call.request.query), ("memory_type", "since", "limit", "order"))
    return _list(call, {**given, "session_id": call.id})


def get_session_context(call: Call) -> Response:
    """A session's memories as the text that a model reads."""
    try:
        given = forms.context_struct(call.dialect).read(_value(call.request))
    except Refusal:
        given = {}
    return _json(200, session_context(call.store, call.directory, call.id, given, call.arrange))


def _list(call: Call, parameters: Mapping[str, str]) -> Response:
    dialect = call.dialect
    return _answered(call, query.list_question(parameters, dialect.bad_filter, dialect.limit_over_1000))


# An agent asks for the same list again and again; only its times mean something else.
@lru_cache(maxsize=256)
def _question(text: str, bad_filter: int, over_1000: str) -> query.Question:
    return query.list_question(_parameters(text), bad_filter, over_1000)


def _answered(call: Call, question: query.Question) -> Response:
    store = call.store
    found, more = query.page(store, question.at(store.now(), call.dialect), question.asked)
    lines = store.lines_at(found) if call.arrange is None else _arranged(store, found, call.arrange)
    rest = f'"count":{len(lines)},"has_more":{"true" if more else "false"}'
    return _rows(call, 200, "memories", lines, rest)


def _arranged(store: MemoryStore, found: Sequence[int], arrange: Arrange) -> list[bytes]:
    """The JSON of what becomes of the memories at the positions that were `found`."""
    return [memory.row for memory in arrange([store.rows[position] for position in found])]


def _value(request: Request) -> Any:
    kind = request.headers.get("content-type", "")
    if kind != "application/json" and not kind.partition(";")[0].lower().endswith("json"):
        raise GoJSONError("Unprocessable Entity")
    return parse(request.body)


def _batch(value: Any) -> list[dict[str, Any]]:
    """The memories of a batch; none when `value` is not a well-typed one, which makes it a single memory."""
    try:
        items: list[dict[str, Any]] = forms.BATCH.read(value).get("memories", [])
    except GoJSONError:
        return []
    return items


def _parameters(query: str) -> Mapping[str, str]:
    """The query's parameters; of several with one name the first counts."""
    # What is long does not come again, and is not to be kept.
    return _parsed(query) if len(query) <= _SHORT else _parsed.__wrapped__(query)


@lru_cache(maxsize=256)
def _parsed(query: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        found.setdefault(unquote_plus(name), unquote_plus(value))
    return MappingProxyType(found)


def _only(parameters: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: parameters[name] for name in names if name in parameters}


def _json(status: int, value: Any) -> Response:
    return Response(status, JSON_TYPE, (encode(value),))


def _rows(call: Call, status: int, name: str, lines: list[bytes], rest: str) -> Response:
    head, tail = f'{{"{name}":['.encode(), f"],{rest}}}".encode()
    if not lines:
        return Response(status, JSON_TYPE, (head + tail,), call.route)
    if len(lines) == 1:
        return Response(status, JSON_TYPE, (head + lines[0] + tail,), call.route)
    return Response(status, JSON_TYPE, (head + lines[0], *lines[1:-1], lines[-1] + tail), call.route, joint=b",")
