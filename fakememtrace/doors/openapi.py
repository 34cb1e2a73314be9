"""``/openapi.json``: the Memtrace API of one dialect, described from the tables that answer it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..memory import forms, handlers
from ..memory.dialect import Dialect
from ..memory.gojson import Struct, integer, mapping, mapping_json, number, string, strings
from ..memory.routes import ROUTES, Route
from ..wire import Request, Response, json_response, text_response
from .schemas import components

__all__ = ["PATH", "OpenAPI", "document"]

PATH = "/openapi.json"

Schema = dict[str, Any]

_TYPES: dict[Any, Schema] = {
    integer: {"type": ["integer", "null"]},
    mapping: {"type": ["object", "null"]},
    mapping_json: {"type": ["object", "null"]},
    number: {"type": ["number", "null"]},
    string: {"type": ["string", "null"]},
    strings: {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
}
_ID: Schema = {"pattern": "^[a-zA-Z][a-zA-Z0-9_-]{0,127}$"}
_TYPE: Schema = {"pattern": "^[a-zA-Z][a-zA-Z0-9_]{0,63}$"}
# What a value must look like; elsewhere an empty one counts as absent.
_FORMS: dict[str, Schema] = {
    "agent_id": _ID,
    "session_id": _ID,
    "memory_type": {"enum": ["episodic", "session", "decision", "entity"]},
    "event_type": _TYPE,
    "content": {"minLength": 1},
    "name": {"minLength": 1},
    "tags": {"items": {"type": "string", "pattern": r"^[a-zA-Z0-9_.\-]{1,64}$"}},
    "memory_types": {"items": {"type": "string", **_TYPE}},
    "event_types": {"items": {"type": "string", **_TYPE}},
    "include_types": {"items": {"type": "string", **_TYPE}},
}
_LIST = ("agent_id", "session_id", "memory_type", "event_type", "tags", "since", "until", "order", "limit", "offset")
# What each route reads from its query, from its body, and the schema of its success.
_QUERIES: dict[Callable[..., Any], tuple[str, ...]] = {
    handlers.list_memories: _LIST,
    handlers.get_agent_memories: ("memory_type", "event_type", "since", "limit", "order"),
    handlers.get_session_memories: ("memory_type", "since", "limit", "order"),
    handlers.list_sessions: ("agent_id",),
}
_BODIES: dict[Callable[..., Any], Struct] = {
    handlers.create_memory: forms.MEMORY,
    handlers.search_memories: forms.SEARCH,
    handlers.register_agent: forms.AGENT,
    handlers.create_session: forms.SESSION,
    handlers.update_session: forms.SESSION_UPDATE,
    handlers.get_session_context: forms.CONTEXT,
}
_REQUIRED: dict[Callable[..., Any], list[str]] = {
    handlers.create_memory: ["agent_id", "content"],
    handlers.register_agent: ["name"],
    handlers.create_session: ["agent_id"],
}
_ANSWERS: dict[Callable[..., Any], tuple[int, str]] = {
    handlers.health: (200, "Health"),
    handlers.ready: (200, "Ready"),
    handlers.create_memory: (201, "Created"),
    handlers.list_memories: (200, "MemoryList"),
    handlers.get_memory: (200, "Memory"),
    handlers.search_memories: (200, "SearchResult"),
    handlers.register_agent: (201, "Agent"),
    handlers.list_agents: (200, "AgentList"),
    handlers.get_agent: (200, "Agent"),
    handlers.get_agent_memories: (200, "MemoryList"),
    handlers.get_agent_stats: (200, "Stats"),
    handlers.delete_agent: (204, ""),
    handlers.create_session: (201, "Session"),
    handlers.list_sessions: (200, "SessionList"),
    handlers.get_session: (200, "Session"),
    handlers.update_session: (200, "Session"),
    handlers.get_session_memories: (200, "MemoryList"),
    handlers.get_session_context: (200, "Context"),
}
_FILTERED = frozenset(
    {
        handlers.list_memories,
        handlers.search_memories,
        handlers.get_agent_memories,
        handlers.get_agent_stats,
        handlers.get_session_memories,
        handlers.get_session_context,
    }
)
_TOUCHING_MEMORIES = _FILTERED | {handlers.create_memory, handlers.get_memory}
_NOT_FOUND = frozenset({handlers.get_memory, handlers.get_agent, handlers.delete_agent, handlers.get_session})
_OF_SESSIONS = (handlers.update_session, handlers.get_session_context)
_REASONS = {
    400: "The request is not valid.",
    401: "The key is missing, unknown, disabled or expired.",
    404: "There is none with that id.",
    409: "There is one already.",
    413: "The body is larger than 4 MiB.",
    500: "Arc failed, or a value went to it unchecked.",
    503: "The org has no Arc instance.",
}


class OpenAPI:
    """Answers ``/openapi.json``, for the `dialect` of that moment; None for every other path."""

    def __init__(self, dialect: Callable[[], Dialect]) -> None:
        self._dialect = dialect

    def __call__(self, request: Request) -> Response | None:
        """The answer to `request`."""
        if request.path != PATH:
            return None
        if request.method == "GET":
            return json_response(200, document(self._dialect()))
        if request.method == "HEAD":
            return json_response(200, {})._replace(chunks=(b"",))
        return text_response(405, "Method Not Allowed", ("allow", "GET, HEAD"))


def document(dialect: Dialect) -> dict[str, Any]:
    """The OpenAPI 3.1 document of the Memtrace API as `dialect` has it."""
    paths: dict[str, Any] = {}
    for route in ROUTES:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, dialect)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Memtrace", "version": "0.2.0", "description": f"As fakememtrace serves it: {dialect.name}."},
        "paths": paths,
        "components": {
            "schemas": components(dialect),
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-api-key"},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _operation(route: Route, dialect: Dialect) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "summary": (route.handler.__doc__ or "").strip(),
        "parameters": _parameters(route),
        "responses": _responses(route, dialect),
    }
    if _needs_key(route):
        operation["security"] = [{"key": []}, {"bearer": []}]
    if route.handler in _BODIES:
        operation["requestBody"] = {
            "required": route.handler is not handlers.get_session_context,
            "content": {"application/json": {"schema": _body(route)}},
        }
    return operation


def _needs_key(route: Route) -> bool:
    return route.path.startswith("/api/v1")


def _parameters(route: Route) -> list[dict[str, Any]]:
    queries = [{"name": name, "in": "query", "schema": _parameter(name)} for name in _QUERIES.get(route.handler, ())]
    if "{id}" not in route.path:
        return queries
    return [{"name": "id", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}, *queries]


def _parameter(name: str) -> Schema:
    if name in ("limit", "offset"):
        return {"type": "integer"}
    return {"type": "string", **({} if name == "tags" else _FORMS.get(name, {}))}


def _body(route: Route) -> Schema:
    fields = _BODIES[route.handler].fields.items()
    required = _REQUIRED.get(route.handler, [])
    properties = {name: {**_TYPES[reader], **_FORMS.get(name, {})} for name, reader in fields}
    for name in required:
        properties[name]["type"] = "string"
    schema = {"type": "object", "properties": properties, "required": required}
    if route.handler is not handlers.create_memory:
        return schema
    batch = {"type": "object", "properties": {"memories": {"type": "array", "items": schema}}, "required": ["memories"]}
    return {"anyOf": [schema, batch]}


def _responses(route: Route, dialect: Dialect) -> dict[str, Any]:
    status, schema = _ANSWERS[route.handler]
    responses = {str(status): _response("Success.", schema)}
    for error in sorted(_errors(route, dialect)):
        responses[str(error)] = _response(_REASONS[error], "Error")
    if route.handler is handlers.ready:
        responses["503"] = _response("An Arc is not reachable, or there is none.", "NotReady")
    if _needs_key(route):
        responses["413"] = {
            "description": _REASONS[413],
            "content": {"text/plain": {"schema": {"type": "string"}}},
        }
    return responses


def _errors(route: Route, dialect: Dialect) -> set[int]:
    handler = route.handler
    errors = {401} if _needs_key(route) else set()
    if handler in _BODIES and handler is not handlers.get_session_context:
        errors.add(400)
    if handler in _FILTERED:
        errors.add(dialect.bad_filter)
    if handler in _TOUCHING_MEMORIES:
        # Without an Arc, and with one that is down.
        errors |= {500, 503}
    if handler in _NOT_FOUND or (handler in _OF_SESSIONS and dialect.unknown_session == "not_found"):
        errors.add(404)
    if handler in (handlers.create_memory, handlers.register_agent):
        errors.add(409)
    return errors


def _response(description: str, schema: str) -> dict[str, Any]:
    if not schema:
        return {"description": description}
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}
