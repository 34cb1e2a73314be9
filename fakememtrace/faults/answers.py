"""What a door gets when a fault has struck."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from ..clock import Clock, duration
from ..wire import Response, json_response, text_response
from .kinds import Fault

__all__ = ["troubled"]

_CLAUDE_ERRORS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def troubled(service: str, faults: list[Fault], answer: Callable[[], Response], clock: Clock) -> Response:
    """The answer of `service` under route `faults`; `answer` asks the fake, where one of them does not forestall it."""
    first = next((fault for fault in faults if _forestalls(fault)), None)
    response = answer() if first is None else _scripted(service, first)
    for fault in faults:
        if fault.kind == "drop":
            response = response._replace(ending="dropped")
        elif fault.kind == "cut" and not response.ending:
            response = _cut(response, fault.options["bytes"])
        elif fault.kind == "delay":
            response = response._replace(delay=response.delay + duration(fault.options["by"]))
    clock.pass_by(response.delay)
    names = [response.fault] if response.fault else []
    return response._replace(fault=", ".join([*names, *(fault.name for fault in faults)]))


def _forestalls(fault: Fault) -> bool:
    return fault.kind == "status" or (fault.kind == "drop" and not fault.options["handled"])


def _scripted(service: str, fault: Fault) -> Response:
    if fault.kind == "drop":
        return Response(0)
    status, body = fault.options["status"], fault.options["body"]
    headers = tuple(fault.options["headers"].items())
    if status in (204, 304):
        return Response(status, headers)
    if isinstance(body, str):
        return _typed(text_response(status, body), headers)
    return _typed(json_response(status, _default(service, status) if body is None else body), headers)


def _typed(response: Response, headers: tuple[tuple[str, str], ...]) -> Response:
    own = () if any(name == "content-type" for name, _ in headers) else response.headers
    return response._replace(headers=(*own, *headers))


def _default(service: str, status: int) -> Any:
    """An error body as the service writes them."""
    try:
        text = HTTPStatus(status).phrase
    except ValueError:
        text = "Overloaded" if status == 529 else f"Status {status}"
    if service == "claude":
        return {"type": "error", "error": {"type": _CLAUDE_ERRORS.get(status, "api_error"), "message": text}}
    return {"error": text}


def _cut(response: Response, kept: int) -> Response:
    """`response` with the first `kept` bytes of its body; one that is not longer is whole."""
    if kept >= len(response.body):
        return response
    response = response.whole()
    headers = response.headers
    if len(response.chunks) == 1:
        headers = (*headers, ("content-length", str(len(response.body))))
    chunks = []
    for chunk in response.chunks:
        chunks.append(chunk[: max(kept, 0)])
        kept -= len(chunk)
    return response._replace(headers=headers, chunks=tuple(chunk for chunk in chunks if chunk), ending="cut")
