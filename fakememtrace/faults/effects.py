"""What each kind of fault that strikes routes makes of an answer."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ..clock import duration
from ..wire import Response, json_response, text_response
from .kinds import CLAUDE_ERRORS, Fault

__all__ = ["affected", "scripted"]

_TYPES = {status: name for name, status in CLAUDE_ERRORS.items()}
# Those that Python calls by another name from 3.13 on, and one that it does not know.
_PHRASES = {
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    416: "Requested Range Not Satisfiable",
    422: "Unprocessable Entity",
    529: "Overloaded",
}
_PING = b"event: ping"


def scripted(service: str, fault: Fault) -> Response:
    """The answer of a `fault` that forestalls the one of `service`."""
    if fault.kind == "drop":
        return Response(0)
    status, body = fault.options["status"], fault.options["body"]
    headers = tuple(fault.options["headers"].items())
    if status in (204, 304):
        return Response(status, headers)
    if isinstance(body, str):
        return _typed(text_response(status, body), headers)
    return _typed(json_response(status, _error(service, status) if body is None else body), headers)


def affected(response: Response, service: str, fault: Fault) -> Response:
    """What `fault` makes of the `response` of `service`; what has lost its end already does not change any more."""
    if response.ending and fault.kind != "delay":
        return response._replace(ending="dropped") if fault.kind == "drop" else response
    return _EFFECTS[fault.kind](response, service, fault)


def _cut(response: Response, kept: int | None, events: int | None) -> Response:
    """`response` with the first `kept` bytes of its body or `events` of its stream; one that is no longer is whole."""
    chunks, size = response.whole().chunks, len(response.body)
    left = chunks[:events] if kept is None else _first_bytes(chunks, kept)
    if sum(map(len, left)) == size:
        return response
    headers = response.headers
    if len(chunks) == 1:
        headers = (*headers, ("content-length", str(size)))
    return response._replace(headers=headers, chunks=left, joint=None, ending="cut")


def _first_bytes(chunks: tuple[bytes, ...], kept: int) -> tuple[bytes, ...]:
    left = []
    for chunk in chunks:
        left.append(chunk[: max(kept, 0)])
        kept -= len(chunk)
    return tuple(chunk for chunk in left if chunk)


def _failing(response: Response, service: str, error_type: str, message: str, events: int) -> Response:
    """`response` with an error after so many `events`, or an error in its place; one that is no success stays."""
    if not 200 <= response.status < 300:
        return response
    status = CLAUDE_ERRORS[error_type]
    error = json_response(status, _error(service, status, message))
    if _is_stream(response):
        event = b"event: error\ndata: " + error.body + b"\n\n"
        return response._replace(chunks=(*response.chunks[:events], event))
    headers = (*error.headers, *_without(response, "content-length", "content-type"))
    return response._replace(status=status, headers=headers, chunks=error.chunks, joint=None)


def _malformed(response: Response, events: int) -> Response:
    """`response` with JSON that stops in the middle, where a transport sees nothing wrong."""
    if not _is_stream(response):
        headers = _without(response, "content-length")
        return response._replace(headers=headers, chunks=(_half(response.body),), joint=None)
    chunks = list(response.chunks)
    # No client looks at what a ping says.
    place = next((n for n in range(events, len(chunks)) if not chunks[n].startswith(_PING)), None)
    if place is None:
        return response
    start, name, data = chunks[place].rstrip(b"\n").partition(b"data: ")
    chunks[place] = start + name + _half(data) + b"\n\n"
    return response._replace(chunks=tuple(chunks))


_EFFECTS: dict[str, Callable[[Response, str, Fault], Response]] = {
    "status": lambda response, *_: response,
    "delay": lambda response, _, fault: response._replace(delay=response.delay + duration(fault.options["by"])),
    "drop": lambda response, *_: response._replace(ending="dropped"),
    "cut": lambda response, _, fault: _cut(response, fault.options["bytes"], fault.options["events"]),
    "stream_error": lambda response, service, fault: _failing(
        response, service, fault.options["error_type"], fault.options["message"], fault.options["events"]
    ),
    "malformed": lambda response, _, fault: _malformed(response, fault.options["events"]),
}


def _half(text: bytes) -> bytes:
    """The first half of `text`, no character cut in two."""
    end = len(text) // 2
    while end and text[end] & 0xC0 == 0x80:
        end -= 1
    return text[:end]


def _is_stream(response: Response) -> bool:
    return (response.header("content-type") or "").startswith("text/event-stream")


def _without(response: Response, *names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in response.headers if name.lower() not in names)


def _typed(response: Response, headers: tuple[tuple[str, str], ...]) -> Response:
    own = () if any(name == "content-type" for name, _ in headers) else response.headers
    return response._replace(headers=(*own, *headers))


def _error(service: str, status: int, message: str = "") -> Any:
    """An error body as the service writes them."""
    text = message or _phrase(status)
    if service == "claude":
        return {"type": "error", "error": {"type": _TYPES.get(status, "api_error"), "message": text}}
    return {"error": text}


def _phrase(status: int) -> str:
    try:
        return _PHRASES.get(status) or HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
