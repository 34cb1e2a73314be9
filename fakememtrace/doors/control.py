"""The control surface of a server: what a test in Python does with its world, for tests in other languages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl

from ..clock import Clock, rfc3339
from ..errors import UsageError, did_you_mean, listed
from ..journal import Exchange, Journal
from ..wire import Request, Response, json_response

__all__ = ["MOST_BYTES", "PREFIX", "Control"]

PREFIX = "/_fakememtrace"
# The largest body, which is a snapshot.
MOST_BYTES = 256 * 1024 * 1024

_MOST_EXCHANGES = 100
_SECRETS = frozenset({"x-api-key", "authorization", "cookie", "proxy-authorization"})


class _Faults(Protocol):
    def add(self, kind: str, **options: Any) -> Any: ...

    def remove(self, name: str) -> None: ...

    def clear(self) -> None: ...

    def to_json(self) -> list[dict[str, Any]]: ...


class Controlled(Protocol):
    """What the control surface needs of a :class:`fakememtrace.World`."""

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def journal(self) -> Journal:
        """What was asked and answered."""
        ...

    @property
    def faults(self) -> _Faults:
        """What goes wrong."""
        ...

    def reset(self) -> None:
        """Make everything as new."""
        ...

    def snapshot(self) -> dict[str, Any]:
        """Everything as plain JSON."""
        ...

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Make everything as it was in `snapshot`."""
        ...


class Ask(NamedTuple):
    """A request to the control surface: whose world, the JSON object of the body, the query."""

    world: Controlled
    given: dict[str, Any]
    query: Mapping[str, str]

    def need(self, name: str, example: str) -> Any:
        """The field `name`, which must be there and the only one."""
        self.only(name)
        if name not in self.given:
            raise UsageError(f'the body needs {name!r}, such as {{"{name}": "{example}"}}.')
        return self.given[name]

    def only(self, *names: str) -> None:
        """Refuse fields other than `names`."""
        for name in self.given:
            if name not in names:
                raise UsageError(
                    f"unknown field {name!r} in the body.{did_you_mean(name, names)} Known: {listed(names)}."
                )


class Control:
    """Answers what is below :data:`PREFIX`; None for every other path.

    Everything is JSON; what is wrong is a 400 whose ``error`` says what to do.  Requests from web
    pages (with an ``Origin``) are refused: any page could otherwise reset the server of whoever looks at it.
    """

    def __init__(self, world: Controlled) -> None:
        self._world = world

    def __call__(self, request: Request) -> Response | None:
        """The answer to `request`."""
        if request.path != PREFIX and not request.path.startswith(PREFIX + "/"):
            return None
        if "origin" in request.headers:
            return _error(403, "the control surface is for tests, and answers no web page.")
        return self._answer(request)

    def _answer(self, request: Request) -> Response:
        if len(request.body) > MOST_BYTES:
            return _error(
                413, f"the body is larger than {MOST_BYTES} bytes. Start the server with --seed FILE instead."
            )
        path = request.path[len(PREFIX) :] or "/"
        action = _ACTIONS.get((request.method, path))
        if action is None:
            return _no_action(request.method, path)
        try:
            return json_response(
                200,
                action(Ask(self._world, _object(request.body), dict(parse_qsl(request.query, keep_blank_values=True)))),
            )
        except UsageError as problem:
            return _error(400, str(problem))


def _index(_: Ask) -> Any:
    return {"actions": [f"{method} {PREFIX}{path}".rstrip("/") for method, path in _ACTIONS]}


def _clock(ask: Ask) -> Any:
    return {"now": rfc3339(ask.world.clock.micros()), "clock": "real" if ask.world.clock.is_real else "virtual"}


def _advance(ask: Ask) -> Any:
    ask.world.clock.advance(ask.need("by", "90m"))
    return _clock(ask)


def _move(ask: Ask) -> Any:
    ask.world.clock.move_to(ask.need("to", "2026-02-07T12:00:00Z"))
    return _clock(ask)


def _reset(ask: Ask) -> Any:
    ask.only()
    ask.world.reset()
    return {}


def _snapshot(ask: Ask) -> Any:
    return ask.world.snapshot()


def _restore(ask: Ask) -> Any:
    ask.world.restore(ask.given)
    return {}


def _faults(ask: Ask) -> Any:
    return {"faults": ask.world.faults.to_json()}


def _add_fault(ask: Ask) -> Any:
    options = dict(ask.given)
    kind = options.pop("kind", None)
    if not isinstance(kind, str) or "self" in options:
        raise UsageError(
            'the body needs "kind" and the options of that kind, such as {"kind": "status", "status": 503}.'
        )
    return ask.world.faults.add(kind, **options).to_json()


def _clear_faults(ask: Ask) -> Any:
    ask.only("name")
    if "name" in ask.given:
        ask.world.faults.remove(ask.given["name"])
    else:
        ask.world.faults.clear()
    return _faults(ask)


def _journal(ask: Ask) -> Any:
    known = ("after", "limit", "service", "unexpected")
    for name in ask.query:
        if name not in known:
            raise UsageError(f"unknown parameter {name!r}.{did_you_mean(name, known)} Known: {listed(known)}.")
    after, limit = (_count(ask.query, name, default) for name, default in (("after", 0), ("limit", _MOST_EXCHANGES)))
    service, unexpected = ask.query.get("service"), "unexpected" in ask.query
    found = (
        exchange
        for exchange in ask.world.journal
        if exchange.number > after and service in (None, exchange.service) and (exchange.unexpected or not unexpected)
    )
    journal = ask.world.journal
    return {"exchanges": _first(found, limit), "notes": journal.notes, "problems": journal.problems()}


_ACTIONS: dict[tuple[str, str], Callable[[Ask], Any]] = {
    ("GET", "/"): _index,
    ("GET", "/clock"): _clock,
    ("POST", "/clock/advance"): _advance,
    ("POST", "/clock/move"): _move,
    ("POST", "/reset"): _reset,
    ("GET", "/snapshot"): _snapshot,
    ("PUT", "/snapshot"): _restore,
    ("GET", "/faults"): _faults,
    ("POST", "/faults"): _add_fault,
    ("DELETE", "/faults"): _clear_faults,
    ("GET", "/journal"): _journal,
}


def _first(exchanges: Iterable[Exchange], limit: int) -> list[dict[str, Any]]:
    return [_plain(exchange) for _, exchange in zip(range(limit), exchanges, strict=False)]


def _plain(exchange: Exchange) -> dict[str, Any]:
    """An exchange as plain JSON, its secrets left out; bodies are text."""
    request, response = exchange.request, exchange.response
    return {
        "number": exchange.number,
        "at": rfc3339(exchange.at),
        "service": exchange.service,
        "method": request.method,
        "url": request.url,
        "headers": {name: value for name, value in request.headers.items() if name not in _SECRETS},
        "body": request.body.decode("utf-8", "replace"),
        "status": response.status if response else None,
        "answer": response.body.decode("utf-8", "replace") if response else None,
        "note": response.note if response else "",
        "fault": exchange.fault,
        "unexpected": exchange.unexpected,
    }


def _count(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise UsageError(f"{name} is {text!r}. Expected a whole number from 0.")
    return int(text)


def _object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError) as problem:
        raise UsageError(f"the body is not JSON ({problem}). Expected an object.") from None
    if not isinstance(value, dict):
        raise UsageError(f"the body is JSON, but no object. Expected one, such as {json.dumps({'by': '90m'})}.")
    return value


def _no_action(method: str, path: str) -> Response:
    methods = [known for known, at in _ACTIONS if at == path]
    if methods:
        response = _error(405, f"{PREFIX}{path} does not take {method}. It takes {listed(methods)}.")
        return response._replace(headers=(*response.headers, ("allow", ", ".join(methods))))
    paths = list(dict.fromkeys(PREFIX + at for _, at in _ACTIONS if at != "/"))
    return _error(404, f"there is no {PREFIX}{path}.{did_you_mean(PREFIX + path, paths)} There are {listed(paths)}.")


def _error(status: int, text: str) -> Response:
    return json_response(status, {"error": text})
