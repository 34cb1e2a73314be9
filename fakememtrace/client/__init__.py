"""The client that the documentation of Memtrace shows, for programs that follow it (extra ``client``).

It is a real HTTP client: it works in a World of either dialect, and against a server.
"""

from __future__ import annotations

from .asynchronous import AsyncMemtrace
from .exceptions import (
    AuthenticationError,
    ConflictError,
    InvalidRequest,
    MemtraceError,
    NoArcInstanceError,
    NotFoundError,
)
from .requests import (
    AddMemoryRequest,
    ContextOptions,
    CreateSessionRequest,
    ListOptions,
    RegisterAgentRequest,
    SearchQuery,
    SessionQuery,
)
from .sync import Memtrace
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
)

__all__ = [
    "AddMemoryRequest",
    "Agent",
    "AgentList",
    "AgentStats",
    "AsyncMemtrace",
    "AuthenticationError",
    "ConflictError",
    "ContextOptions",
    "CreateSessionRequest",
    "InvalidRequest",
    "ListOptions",
    "Memory",
    "MemoryList",
    "Memtrace",
    "MemtraceError",
    "NoArcInstanceError",
    "NotFoundError",
    "RegisterAgentRequest",
    "SearchQuery",
    "SearchResult",
    "Session",
    "SessionContext",
    "SessionList",
    "SessionQuery",
]
