"""An answer -> the result of the call, or the error that the server told."""

from __future__ import annotations

import json
from typing import TypeVar

from ..errors import ClockError
from .calls import Call
from .exceptions import AuthenticationError, ConflictError, MemtraceError, NoArcInstanceError, NotFoundError
from .notes import Note
from .values import Unreadable

__all__ = ["answered"]

Result = TypeVar("Result")

_ERRORS = {401: AuthenticationError, 404: NotFoundError, 409: ConflictError}


def answered(call: Call[Result], status: int, body: bytes, note: Note) -> Result:
    """The result of `call`, whose answer had this status and body.

    Raises:
        MemtraceError: the answer is an error, or not what was asked for.
    """
    if status >= 400:
        raise _error(status, body)
    try:
        return call.read(json.loads(body) if body else None, note)
    except (ValueError, RecursionError, Unreadable, ClockError) as problem:
        raise MemtraceError(
            f"the answer to {call.method} {call.path} cannot be read: {str(problem).removesuffix('.')}. "
            "Expected a Memtrace server's JSON; check that the base URL points to one.",
            status,
        ) from None


def _error(status: int, body: bytes) -> MemtraceError:
    message = _message(body) or f"HTTP {status}"
    if status in _ERRORS:
        return _ERRORS[status](message)
    if status == 503 and "arc instance" in message.lower():
        return NoArcInstanceError(message)
    return MemtraceError(message, status)


def _message(body: bytes) -> str:
    """The text of an error: ``{"error": text}``, ``{"error": code, "message": text}``, or no JSON at all."""
    text = body.decode("utf-8", "replace")
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if not isinstance(said, dict):
        return text
    return next((said[name] for name in ("message", "error") if said.get(name) and isinstance(said[name], str)), "")
