"""What a call gives: the server's answers as values, with attributes or subscripted."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from datetime import datetime, timedelta, timezone
from typing import Any, TypeVar

from ..clock import moment
from ..errors import UnknownName
from .notes import Note, silent

__all__ = [
    "Agent",
    "AgentList",
    "AgentStats",
    "Memory",
    "MemoryList",
    "SearchResult",
    "Session",
    "SessionContext",
    "SessionList",
    "StoredMemories",
    "Unreadable",
    "Value",
    "noting",
    "read",
]

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
Kind = TypeVar("Kind", bound="Value")


class Unreadable(Exception):
    """An answer that is not what was asked for."""


class Value:
    """Base of the results: ``context.memory_count`` and ``context["memory_count"]`` are the same."""

    # Set for each value by read(), outside of the fields: it is no part of what the server said.
    _note: Note = staticmethod(silent)

    def __getitem__(self, name: str) -> Any:
        """The attribute `name`; UnknownName when there is none."""
        kind, known = type(self).__name__, [known for known in dir(self) if known[0] != "_"]
        if name not in known:
            raise UnknownName(f"field of {kind}", name, known)
        self._note(f'{kind}["{name}"]')
        return getattr(self, name)


@dataclass(frozen=True)
class Memory(Value):
    """A stored memory.  ``time`` is an aware datetime; what the server left out is None."""

    time: datetime
    org_id: str
    agent_id: str
    memory_type: str
    event_type: str
    content: str
    session_id: str | None = None
    metadata: dict[str, Any] | None = None
    tags: list[str] | None = None
    dedup_key: str | None = None
    importance: float | None = None
    parent_id: str | None = None
    memory_id: str | None = None

    @property
    def id(self) -> str | None:
        """The memory_id where the server sends one, else the dedup_key."""
        self._note("Memory.id")
        return self.memory_id or self.dedup_key


@dataclass(frozen=True)
class MemoryList(Value):
    """A list of memories, and whether there are more."""

    memories: list[Memory]
    count: int
    has_more: bool


@dataclass(frozen=True)
class StoredMemories(Value):
    """What was stored of a batch."""

    memories: list[Memory]
    count: int


@dataclass(frozen=True)
class SearchResult(Value):
    """What a search found, and how long the server took for it."""

    results: list[Memory]
    count: int
    query_time_ms: int

    @property
    def memories(self) -> list[Memory]:
        """The results."""
        self._note("SearchResult.memories")
        return self.results


@dataclass(frozen=True)
class Agent(Value):
    """A registered agent."""

    id: str
    org_id: str
    name: str
    created_at: datetime
    description: str | None = None
    config: dict[str, Any] | None = None
    last_active_at: datetime | None = None

    @property
    def agent_id(self) -> str:
        """The id."""
        self._note("Agent.agent_id")
        return self.id


@dataclass(frozen=True)
class AgentList(Value):
    """Agents, newest first."""

    agents: list[Agent]
    count: int


@dataclass(frozen=True)
class AgentStats(Value):
    """Counts of an agent's memories and sessions."""

    agent_id: str
    memory_count: int
    memories_24h: int
    errors_24h: int
    session_count: int
    active_sessions: int
    memory_types: dict[str, int]
    last_active_at: datetime | None = None


@dataclass(frozen=True)
class Session(Value):
    """A session; ``closed_at`` is None until it is closed."""

    id: str
    org_id: str
    agent_id: str
    status: str
    created_at: datetime
    updated_at: datetime
    metadata: dict[str, Any] | None = None
    closed_at: datetime | None = None

    @property
    def session_id(self) -> str:
        """The id."""
        self._note("Session.session_id")
        return self.id


@dataclass(frozen=True)
class SessionList(Value):
    """Sessions, newest first unless asked otherwise."""

    sessions: list[Session]
    count: int


@dataclass(frozen=True)
class SessionContext(Value):
    """A session's memories as the text that a model reads."""

    session_id: str
    context: str
    memory_count: int


def read(kind: type[Kind], data: Any, note: Note) -> Kind:
    """The `kind` that the JSON value `data` is; what it has beyond our fields is dropped.

    Raises:
        Unreadable: it is none.
    """
    if not isinstance(data, dict):
        raise Unreadable(f"{kind.__name__} is an object, and this is {data!r:.100}")
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        if data.get(field.name) is not None:
            values[field.name] = _converted(str(field.type), data[field.name], note)
        elif field.default is MISSING:
            raise Unreadable(f"{kind.__name__} has {field.name!r}, and this has not: {data!r:.100}")
    return noting(kind(**values), note)


def noting(value: Kind, note: Note) -> Kind:
    """`value`, whose uses that the released SDK does not have go to `note` from now on."""
    object.__setattr__(value, "_note", note)
    return value


_ITEMS: dict[str, type[Value]] = {f"list[{kind.__name__}]": kind for kind in (Memory, Agent, Session)}


def _converted(annotation: str, data: Any, note: Note) -> Any:
    if annotation.startswith("datetime"):
        return _EPOCH + timedelta(microseconds=moment(data))
    if annotation in _ITEMS:
        if not isinstance(data, list):
            raise Unreadable(f"{annotation} is an array, and this is {data!r:.100}")
        return [read(_ITEMS[annotation], item, note) for item in data]
    return data
