"""The kinds of faults, and what one fault is."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["CLAUDE_ERRORS", "KINDS", "READS", "Fault", "Kind"]

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
            "duplicate",
            "write",
            {"org": "", "where": "store", "route": "*"},
            "a memory is stored twice; or, where it is read, the newest memory of an answer is there twice",
        ),
        Kind(
            "foreign_row",
            "read",
            {"org": "", "route": "*", "of": ""},
            "the newest memory of another org that fits what is asked for is in the answer",
        ),
        Kind(
            "stale_version",
            "read",
            {"org": "", "route": "*", "same": ("agent_id", "event_type")},
            "the newest memory that has an earlier version is missing from the answer; versions have the `same` fields",
        ),
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
