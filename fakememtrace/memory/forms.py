"""What a request may say: the fields of every body, and the form of ids, types and tags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from sys import intern
from typing import Any, NamedTuple

from .dialect import Dialect
from .gojson import Struct, integer, mapping, mapping_json, number, string, strings
from .refusal import Refusal

__all__ = [
    "AGENT",
    "BATCH",
    "CONTEXT",
    "MEMORY",
    "SEARCH",
    "SESSION",
    "SESSION_UPDATE",
    "Heading",
    "NewMemory",
    "check_id",
    "check_tag",
    "check_type",
    "context_struct",
    "new_memory",
    "search_struct",
]

MEMORY = Struct(
    "memory.CreateRequest",
    {
        "agent_id": string,
        "session_id": string,
        "memory_type": string,
        "event_type": string,
        "content": string,
        "metadata": mapping_json,
        "tags": strings,
        "dedup_key": string,
        "importance": number,
        "parent_id": string,
    },
)
SEARCH = Struct(
    "memory.SearchQuery",
    {
        "agent_id": string,
        "session_id": string,
        "memory_types": strings,
        "event_types": strings,
        "tags": strings,
        "content_contains": string,
        "since": string,
        "until": string,
        "min_importance": number,
        "max_importance": number,
        "limit": integer,
        "offset": integer,
        "order": string,
    },
)
AGENT = Struct("agent.CreateRequest", {"name": string, "description": string, "config": mapping})
SESSION = Struct("session.CreateRequest", {"agent_id": string, "metadata": mapping})
SESSION_UPDATE = Struct("session.UpdateRequest", {"status": string, "metadata": mapping})
CONTEXT = Struct(
    "session.ContextOptions",
    {
        "max_tokens": integer,
        "include_types": strings,
        "exclude_types": strings,
        "since": string,
        "until": string,
        "order": string,
    },
)


def search_struct(dialect: Dialect) -> Struct:
    """The body of a search; what the dialect ignores is a field like any other unknown one."""
    return _SEARCHES[dialect.offset, dialect.max_importance]


def context_struct(dialect: Dialect) -> Struct:
    """The body of a context."""
    return CONTEXT if dialect.context_options == "honoured" else _CONTEXT


def _without(struct: Struct, *names: str) -> Struct:
    return Struct(struct.name, {name: reader for name, reader in struct.fields.items() if name not in names})


_CONTEXT = _without(CONTEXT, "until", "exclude_types", "order")
_SEARCHES = {
    ("honoured", "honoured"): SEARCH,
    ("honoured", "ignored"): _without(SEARCH, "max_importance"),
    ("ignored", "honoured"): _without(SEARCH, "offset"),
    ("ignored", "ignored"): _without(SEARCH, "offset", "max_importance"),
}


def _memories(value: Any) -> list[dict[str, Any]]:
    return [MEMORY.read(item) for item in (value if isinstance(value, list) else [])]


BATCH = Struct("memory.BatchCreateRequest", {"memories": _memories})

_MEMORY_TYPES = frozenset({"episodic", "session", "decision", "entity"})
# The same few ids, types and tags come again and again; nothing that is too long is looked up, since it would be kept.
_is_id = lru_cache(re.compile(r"[a-zA-Z][a-zA-Z0-9_-]{0,127}").fullmatch)
_is_type = lru_cache(re.compile(r"[a-zA-Z][a-zA-Z0-9_]{0,63}").fullmatch)
_is_tag = lru_cache(re.compile(r"[a-zA-Z0-9_.\-]{1,64}").fullmatch)


class Heading(NamedTuple):
    """What a memory has in common with many others, checked: ids, types, and tags joined by commas.

    ``names_json`` are the ids and types as the JSON of an answer has them, ``tags_json`` the tags;
    none of them needs quoting.
    """

    agent_id: str
    session_id: str
    memory_type: str
    event_type: str
    tags_csv: str
    names_json: str
    tags_json: str


class NewMemory(NamedTuple):
    """A memory that may be stored, its defaults filled in; ``metadata`` is JSON, empty when there is none."""

    heading: Heading
    content: str
    metadata: str
    dedup_key: str
    importance: float
    parent_id: str


def new_memory(fields: Mapping[str, Any]) -> NewMemory:
    """The memory that `fields`, as MEMORY reads them, ask for; a 400 Refusal when they are not valid."""
    get = fields.get
    agent_id, content = get("agent_id"), get("content")
    if not agent_id:
        raise Refusal(400, "agent_id is required")
    if not content:
        raise Refusal(400, "content is required")
    return NewMemory(
        _heading(
            agent_id,
            get("session_id", ""),
            get("memory_type") or "episodic",
            get("event_type") or "general",
            *get("tags", ()),
        ),
        content,
        get("metadata", ""),
        get("dedup_key", ""),
        get("importance", 0),
        get("parent_id", ""),
    )


# Agents write again and again in one session, and with the same few tags.
@lru_cache(maxsize=1024)
def _heading(agent_id: str, session_id: str, memory_type: str, event_type: str, *tags: str) -> Heading:
    if memory_type not in _MEMORY_TYPES:
        raise Refusal(400, f"invalid memory_type: {memory_type}")
    check_id("agent_id", agent_id, 400)
    check_id("session_id", session_id, 400)
    check_type("event_type", event_type, 400)
    for tag in tags:
        check_tag(f"tag '{tag}'", tag, 400)
    tags_csv = ",".join(tags)
    session = f'"session_id":"{session_id}",' if session_id else ""
    return Heading(
        intern(agent_id),
        intern(session_id),
        intern(memory_type),
        intern(event_type),
        intern(tags_csv),
        f'"agent_id":"{agent_id}",{session}"memory_type":"{memory_type}","event_type":"{event_type}"',
        ',"tags":["' + '","'.join(tags) + '"]' if tags_csv else "",
    )


def check_id(label: str, value: str, status: int) -> None:
    """Refuse `value` with `status` unless it is an id; empty is allowed."""
    if value and (len(value) > 128 or not _is_id(value)):
        raise Refusal(
            status, f"invalid {label}: invalid ID format: must be alphanumeric with underscores/hyphens, max 128 chars"
        )


def check_type(label: str, value: str, status: int) -> None:
    """Refuse `value` with `status` unless it has the form of a type; empty is allowed."""
    if value and (len(value) > 64 or not _is_type(value)):
        raise Refusal(
            status, f"invalid {label}: invalid type format: must be alphanumeric with underscores, max 64 chars"
        )


def check_tag(label: str, value: str, status: int) -> None:
    """Refuse `value` with `status` unless it has the form of a tag; empty is allowed."""
    if value and (len(value) > 64 or not _is_tag(value)):
        raise Refusal(
            status,
            f"invalid {label}: invalid tag format: must be alphanumeric with underscores/hyphens/dots, max 64 chars",
        )
