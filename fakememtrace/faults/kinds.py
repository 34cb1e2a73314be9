"""The kinds of faults, and what one fault is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["CLAUDE_ERRORS", "DROPPABLE", "KINDS", "READS", "Fault", "Kind"]

# The types of the Messages API's errors, and the status of each.
CLAUDE_ERRORS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}

# The routes whose answers are made from memories.
READS = (
    "GET /api/v1/memories",
    "GET /api/v1/memories/{id}",
    "POST /api/v1/search",
    "GET /api/v1/agents/{id}/memories",
    "GET /api/v1/agents/{id}/stats",
    "GET /api/v1/sessions/{id}/memories",
    "POST /api/v1/sessions/{id}/context",
)
# The fields of a memory that can be lost, each with what is stored where it is not sent; None: the server makes one.
DROPPABLE: Mapping[str, Any] = MappingProxyType(
    {
        "dedup_key": None,
        "event_type": "general",
        "importance": 0,
        "memory_type": "episodic",
        "metadata": {},
        "parent_id": "",
        "session_id": "",
        "tags": [],
    }
)
_VERSIONS: Mapping[str, Any] = MappingProxyType({"org": "", "route": "*", "same": ("agent_id", "event_type")})
_READ: Mapping[str, Any] = MappingProxyType({"org": "", "route": "*"})


class Kind(NamedTuple):
    """One kind of fault: its name, what it strikes, its options, and what it does.

    ``strikes`` is ``"route"`` (any request to a fake), ``"write"`` (a memory that is created) or
    ``"read"`` (an answer made from memories).  ``options`` are those it takes beside ``name``,
    ``after`` and ``times``, each with its default; ``...`` marks one that must be given.
    """

    name: str
    strikes: str
    options: Mapping[str, Any]
    meaning: str


KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "status",
            "route",
            {"route": "*", "status": ..., "body": None, "headers": MappingProxyType({})},
            "the answer is this status and body, and no fake sees the request",
        ),
        Kind("delay", "route", {"route": "*", "by": ...}, "the answer comes late, by the world's clock"),
        Kind(
            "drop",
            "route",
            {"route": "*", "handled": False},
            "the connection is closed without an answer, after the request was handled or before",
        ),
        Kind(
            "cut",
            "route",
            {"route": "*", "bytes": None, "events": None},
            "the connection is closed after so many bytes of the body, or after so many events of a stream",
        ),
        Kind(
            "stream_error",
            "route",
            {"route": "claude *", "events": 1, "error_type": "overloaded_error", "message": ""},
            "a stream ends with an error event after so many others; an answer that is no stream is that error instead",
        ),
        Kind(
            "malformed",
            "route",
            {"route": "*", "events": 1},
            "the JSON of an answer stops in the middle; in a stream, that of one event after so many others",
        ),
        Kind("lost_write", "write", {"org": ""}, "a memory is answered 201 and not stored"),
        Kind("late_write", "write", {"org": "", "by": ...}, "a memory is stored and found only after a span"),
        Kind(
            "truncated",
            "write",
            {"org": "", "bytes": None, "characters": None},
            "a memory is answered whole and stored with the start of its content only",
        ),
        Kind(
            "dropped_field",
            "write",
            {"org": "", "field": ...},
            "a memory is stored as if one of its fields had not been sent",
        ),
        Kind(
            "wrong_session",
            "write",
            {"org": ""},
            "a memory is stored under another session of its org: the one opened last, or else the one written to last",
        ),
        Kind(
            "wrong_agent",
            "write",
            {"org": ""},
            "a memory is stored under another agent of its org: the one registered last, or else the one that wrote "
            "last",
        ),
        Kind(
            "duplicate",
            "write",
            {"org": "", "where": "store", "route": "*"},
            "a memory is stored twice; or, where it is read, the newest memory of an answer is there twice",
        ),
        Kind(
            "false_duplicate",
            "write",
            {"org": "", "bytes": 200, "window": "24h"},
            "a memory that is no duplicate is refused as one, since an earlier one of its agent and event_type begins "
            "alike",
        ),
        Kind(
            "missed_duplicate",
            "write",
            {"org": ""},
            "a memory that is a duplicate is stored all the same",
        ),
        Kind(
            "foreign_row",
            "read",
            {"org": "", "route": "*", "of": ""},
            "the newest memory of another org that fits what is asked for is in the answer",
        ),
        Kind(
            "stray_row",
            "read",
            _READ,
            "the newest memory of the org that does not belong in an answer stands at its end",
        ),
        Kind(
            "stale_version",
            "read",
            _VERSIONS,
            "the newest memory that has an earlier version is missing from the answer; versions have the `same` fields",
        ),
        Kind(
            "lost_version",
            "read",
            _VERSIONS,
            "the newest memory that has a later version is missing from the answer",
        ),
        Kind("wrong_order", "read", _READ, "the memories of an answer stand in the reverse order"),
        Kind("wrong_time", "read", {**_READ, "by": ...}, "all memories are read as if they were older by a span"),
        Kind("short_answer", "read", _READ, "the last memory of an answer is missing"),
        Kind("empty_answer", "read", _READ, "all memories of an answer are missing"),
    )
}


class Fault(NamedTuple):
    """One fault: what the journal calls it, its kind, and when and how it strikes.

    It lets the first ``after`` calls that it is about go well, and strikes ``times`` times (None:
    for ever).  ``options`` are those of its kind.
    """

    name: str
    kind: str
    after: int
    times: int | None
    options: Mapping[str, Any]

    @property
    def strikes(self) -> str:
        """``"route"``, ``"write"`` or ``"read"``."""
        return "read" if self.options.get("where") == "read" else KINDS[self.kind].strikes

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; ``faults.add(**value)`` makes an equal one."""
        options = {name: _plain(value) for name, value in self.options.items()}
        return {"kind": self.kind, "name": self.name, "after": self.after, "times": self.times, **options}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else value
