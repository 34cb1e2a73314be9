"""The fake Memtrace server."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from ..clock import Clock, Ids
from ..faults.faults import Faults
from ..wire import JSON_TYPE, Request, Response, text_response
from .dialect import Dialect
from .gojson import encode
from .handlers import Call
from .records import Agent, Memory, Session
from .refusal import Refusal
from .routes import ROUTES, Match, Route, find, find_known
from .tenants import FIRST_ORG, Tenants
from .trouble import answer_in_trouble

__all__ = ["FakeMemtrace"]

_SHORT = 500
_MOST_BYTES = 4 * 1024 * 1024
_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH")
_CODES = {400: "invalid_request", 401: "unauthorized", 404: "not_found", 409: "conflict"}
_ANY_ORIGIN = ("access-control-allow-origin", "*")


class FakeMemtrace:
    """A Memtrace server: all its orgs, behind one callable.

    `clock` and `ids` are the only sources of time and ids; `api_key` opens the first org,
    ``org_default``.  More orgs and keys: :attr:`tenants`.  Of `faults`, those that strike memories
    are done here; `lock` is what the caller holds while it is asked.  ``started`` is when the server
    was, in microseconds since 1970.

    Raises:
        UnknownName: no such dialect.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        dialect: str | Dialect,
        api_key: str,
        faults: Faults | None = None,
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self.dialect = Dialect(dialect)
        routes = {"memtrace": [str(route) for route in ROUTES]}
        self.faults = faults if faults is not None else Faults(routes, lambda: self.tenants.ids())
        self.tenants = Tenants(clock, ids, self.dialect, lock)
        self._clock, self.started = clock, clock.micros()
        self._first = self.tenants.add_org(FIRST_ORG)
        self.tenants.add_key(FIRST_ORG, api_key)

    def handle(self, request: Request) -> Response:
        """The answer to `request`; it never raises.  Its note is the route, such as ``POST /api/v1/memories``."""
        path = request.path
        # What is long does not come again, and is not to be kept.
        match = find_known(path) if len(path) <= _SHORT else find(path)
        route = match.routes.get(request.method)
        try:
            response = self._answer(request, match, route)
        except Refusal as refusal:
            response = self._refused(refusal)
        except RecursionError:
            response = self._refused(Refusal(400, "invalid request body: exceeded max depth"))
        if request.method == "HEAD":
            length = ("content-length", str(len(response.body)))
            response = response._replace(headers=(*response.headers, length), chunks=(b"",), joint=None)
        if "origin" in request.headers:
            response = response._replace(headers=(*response.headers, _ANY_ORIGIN))
        return _noted(response, route.name) if route and not response.note else response

    def become(self, tenants: Tenants, dialect: Dialect, started: int) -> None:
        """Have these orgs, speak that dialect and run since `started` (microseconds since 1970) from now on."""
        self.tenants, self.dialect, self.started = tenants, dialect, started
        self._first = tenants.org(FIRST_ORG)

    def agents(self) -> list[Agent]:
        """The first org's agents, in order of creation."""
        return self._first.directory.agents()

    def sessions(self) -> list[Session]:
        """The first org's sessions, in order of creation."""
        return self._first.directory.sessions()

    def memories(self) -> list[Memory]:
        """The first org's memories, in order of creation, also those that no query finds yet."""
        return self._first.memories()

    def _answer(self, request: Request, match: Match, route: Route | None) -> Response:
        if len(request.body) > _MOST_BYTES:
            return text_response(413, "Request Entity Too Large")
        if request.method == "OPTIONS" and _is_preflight(request):
            return _preflight(request)
        org = self.tenants.opened_by(request.headers) if match.needs_key else self._first
        if route is None:
            return _no_route(request, match)
        call = Call(request, route.name, match.id, org.directory, org.store, self.tenants, self.dialect, self._uptime)
        if self.faults.on_memories or org.unsettled:
            return answer_in_trouble(route, call, org, self.faults)
        return route.handler(call)

    def _refused(self, refusal: Refusal) -> Response:
        if self.dialect.error_body == "code":
            body = {"error": _CODES.get(refusal.status, "internal_error"), "message": refusal.text}
        else:
            body = {"error": refusal.text}
        if refusal.hint:
            body["hint"] = refusal.hint
        return Response(refusal.status, JSON_TYPE, (encode(body),), fault=refusal.fault)

    def _uptime(self) -> str:
        return _go_duration(self._clock.micros() - self.started)


def _noted(response: Response, note: str) -> Response:
    # What response._replace(note=note) does, in half the time.
    status, headers, chunks, _, unexpected, fault, ending, delay, joint, *_ = response
    return Response(status, headers, chunks, note, unexpected, fault, ending, delay, joint)


def _no_route(request: Request, match: Match) -> Response:
    if match.routes:
        allowed = ", ".join(method for method in _METHODS if method in match.routes)
        return text_response(405, "Method Not Allowed", ("allow", allowed))
    return text_response(404, f"Cannot {request.method} {request.path}")


def _is_preflight(request: Request) -> bool:
    return "origin" in request.headers and "access-control-request-method" in request.headers


def _preflight(request: Request) -> Response:
    headers = [("access-control-allow-methods", "GET,POST,HEAD,PUT,DELETE,PATCH")]
    asked = request.headers.get("access-control-request-headers", "")
    if asked:
        headers.append(("access-control-allow-headers", asked))
    return Response(204, tuple(headers))


def _go_duration(micros: int) -> str:
    """`micros` as Go writes a duration: ``2h30m15s``, ``1.5s``, ``250ms``, ``0s``."""
    if micros < 1_000_000:
        return _below_a_second(micros)
    seconds, fraction = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{seconds}.{fraction:06d}".rstrip("0").rstrip(".") if fraction else str(seconds)
    return (f"{hours}h" if hours else "") + (f"{minutes}m" if hours or minutes else "") + f"{text}s"


def _below_a_second(micros: int) -> str:
    if micros == 0:
        return "0s"
    if micros < 1_000:
        return f"{micros}µs"
    return f"{micros / 1000:g}ms" if micros % 1000 == 0 else f"{micros // 1000}.{micros % 1000:03d}".rstrip("0") + "ms"
