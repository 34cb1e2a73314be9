"""The shapes of the Memtrace API's answers in one dialect, as JSON schemas."""

from __future__ import annotations

from typing import Any

from ..memory.dialect import Dialect

__all__ = ["components"]

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FREE: Schema = {"type": "object", "minProperties": 1}
_TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z$"}
_ARCS: Schema = {"type": "object", "additionalProperties": {"type": "boolean"}}
_MEMORY_TYPE: Schema = {"enum": ["episodic", "session", "decision", "entity"]}
_CODES = ["invalid_request", "unauthorized", "not_found", "conflict", "internal_error"]


def components(dialect: Dialect) -> dict[str, Schema]:
    """The schemas by name.  What a schema does not name, an answer does not have."""
    memory, both = _memory(dialect), dialect.object_ids == "both"
    return {
        "Health": _object(status={"const": "ok"}, service={"const": "memtrace"}, uptime=_TEXT, arc=_ARCS),
        "Ready": _object(status={"const": "ready"}, arc=_ARCS),
        "NotReady": _object({"reason": _TEXT, "hint": _TEXT}, status={"const": "not ready"}, arc=_ARCS),
        "Memory": memory,
        "Created": {"anyOf": [_ref("Memory"), _object(memories=_list("Memory"), count=_COUNT)]},
        "MemoryList": _object(memories=_list("Memory"), count=_COUNT, has_more={"type": "boolean"}),
        "SearchResult": _object(results=_list("Memory"), count=_COUNT, query_time_ms=_COUNT),
        "Agent": _object(
            {"description": _TEXT, "config": _FREE, "last_active_at": _TIME},
            **_ids("agent_id", both),
            org_id=_TEXT,
            name=_TEXT,
            created_at=_TIME,
        ),
        "AgentList": _object(agents=_list("Agent"), count=_COUNT),
        "Session": _object(
            {"metadata": _FREE, "closed_at": _TIME},
            **_ids("session_id", both),
            org_id=_TEXT,
            agent_id=_TEXT,
            status=_TEXT,
            created_at=_TIME,
            updated_at=_TIME,
        ),
        "SessionList": _object(sessions=_list("Session"), count=_COUNT),
        "Context": _object(session_id=_TEXT, context=_TEXT, memory_count=_COUNT),
        "Stats": _stats(),
        "Error": _error(dialect),
    }


def _memory(dialect: Dialect) -> Schema:
    optional = {
        "session_id": _TEXT,
        "metadata": _FREE,
        "tags": {"type": "array", "items": _TEXT, "minItems": 1},
        "importance": {"type": "number", "not": {"const": 0}},
        "parent_id": _TEXT,
    }
    return _object(
        optional,
        time=_TIME,
        **({"memory_id": _TEXT} if dialect.memory_id == "shown" else {}),
        org_id=_TEXT,
        agent_id=_TEXT,
        memory_type=_MEMORY_TYPE,
        event_type=_TEXT,
        content=_TEXT,
        dedup_key=_TEXT,
    )


def _stats() -> Schema:
    counts = dict.fromkeys(("memory_count", "memories_24h", "errors_24h", "session_count", "active_sessions"), _COUNT)
    types = {"type": "object", "additionalProperties": _COUNT}
    return _object({"last_active_at": _TIME}, agent_id=_TEXT, **counts, memory_types=types)


def _error(dialect: Dialect) -> Schema:
    if dialect.error_body == "code":
        return _object({"hint": _TEXT}, error={"enum": _CODES}, message=_TEXT)
    return _object({"hint": _TEXT}, error=_TEXT)


def _ids(name: str, both: bool) -> dict[str, Schema]:
    return {"id": _TEXT, name: _TEXT} if both else {"id": _TEXT}


def _object(optional: dict[str, Schema] | None = None, /, **required: Schema) -> Schema:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def _list(name: str) -> Schema:
    return {"type": "array", "items": _ref(name)}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
