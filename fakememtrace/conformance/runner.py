"""Vectors against a server, through anything that takes a Request and gives a Response."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import quote

from ..wire import Request, Response
from .matching import Difference, differences, shown, value_at
from .vector import NEEDS, Advance, Send, Vector, fill

__all__ = ["Left", "NoAnswer", "Outcome", "Run", "Stage", "prefix_of"]

_API = "/api/v1"
_AGENTS = f"{_API}/agents"
_Situation = Callable[[], AbstractContextManager[Mapping[str, str]]]


class NoAnswer(Exception):
    """A request that got no answer; its text says why."""


class Stage(NamedTuple):
    """A server to be put to the test, and what it can be made to do.

    ``send`` raises NoAnswer when there is none.  ``run`` is part of every name that is made, and
    must be new for each run against one server: letters and digits, at most 16.  ``situations``
    are the needs that can be given (see NEEDS), each a context manager that arranges one for as
    long as a vector lasts and gives its variables.  ``advance`` moves the server's clock.
    ``again`` is asked, with the number of tries so far, whether a read that does not show what was
    expected is to be repeated: a live server may take its time to show what was written.
    """

    send: Callable[[Request], Response]
    key: str
    dialect: str
    run: str
    origin: str = "http://localhost:9100"
    situations: Mapping[str, _Situation] = {}
    advance: Callable[[str], object] | None = None
    again: Callable[[int], bool] = lambda _: False

    def lacks(self, vector: Vector) -> list[str]:
        """The needs of `vector` that cannot be given."""
        return [need for need in vector.needs if need not in self.situations]


class Outcome(NamedTuple):
    """What became of a vector: ``passed``, ``differing`` or ``skipped``.

    ``reason`` says why it was skipped or what kept a request from being answered.  Of a differing
    one, ``request`` and ``response`` are the exchange that differs, and ``differences`` say where.
    """

    vector: Vector
    state: str
    reason: str = ""
    request: Request | None = None
    response: Response | None = None
    differences: Sequence[Difference] = ()


class Left(NamedTuple):
    """What :meth:`Run.clean_up` did: how many agents were deleted, and the ids of those the server kept."""

    deleted: int
    kept: list[str]


class _Differs(Exception):
    def __init__(self, request: Request, response: Response | None, found: list[Difference], reason: str = "") -> None:
        self.request, self.response, self.differences, self.reason = request, response, found, reason


def prefix_of(run: str) -> str:
    """What every name begins with that a run makes."""
    return f"conf_{run}_"


class Run:
    """One run of vectors against one server; it remembers what it created."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._agents: list[tuple[str, str]] = []
        self._count = 0

    def check(self, vector: Vector) -> Outcome:
        """Send the steps of `vector` and compare the answers."""
        lacking = self._stage.lacks(vector)
        if lacking:
            return Outcome(vector, "skipped", "it needs " + " and ".join(NEEDS[need].what for need in lacking))
        self._count += 1
        me = f"{prefix_of(self._stage.run)}{self._count:04d}"
        variables = {"key": self._stage.key, "me": me, "me128": me.ljust(128, "x")}
        try:
            with ExitStack() as stack:
                for need in vector.needs:
                    variables |= stack.enter_context(self._stage.situations[need]())
                for step in vector.steps[self._stage.dialect]:
                    self._take(step, variables)
        except _Differs as found:
            return Outcome(vector, "differing", found.reason, found.request, found.response, found.differences)
        return Outcome(vector, "passed")

    def clean_up(self) -> Left:
        """Delete the agents that were created and that the server lets go; one with sessions may have to stay."""
        kept, deleted = [], 0
        while self._agents:
            agent_id, key = self._agents.pop()
            request = Request("DELETE", self._stage.origin, _path_of(agent_id), headers={"x-api-key": key})
            try:
                gone = self._stage.send(request).status == 204
            except NoAnswer:
                gone = False
            deleted += gone
            kept += [] if gone else [agent_id]
        return Left(deleted, kept)

    def _take(self, step: Send | Advance, variables: dict[str, str]) -> None:
        if isinstance(step, Advance):
            assert self._stage.advance is not None, "a stage with the situation `clock` has an `advance`"
            self._stage.advance(step.span)
            return
        request = _request(step, variables, self._stage.origin)
        expect = fill(step.expect, variables)
        response = self._ask(step, request, expect)
        variables |= _kept(step, request, response)

    def _ask(self, step: Send, request: Request, expect: Mapping[str, Any]) -> Response:
        tries = 0
        while True:
            tries += 1
            response = self._send(request)
            found = differences(expect, response, self._stage.dialect)
            if not found:
                return response
            if not (step.reads and self._stage.again(tries)):
                raise _Differs(request, response, found)

    def _send(self, request: Request) -> Response:
        try:
            response = self._stage.send(request)
        except NoAnswer as problem:
            raise _Differs(request, None, [], f"no answer: {problem}") from None
        self._note(request, response)
        return response

    def _note(self, request: Request, response: Response) -> None:
        """Keep the list of agents that are there because of this run, whatever was expected."""
        if request.method == "DELETE" and response.status == 204:
            self._agents = [agent for agent in self._agents if request.path != _path_of(agent[0])]
        elif request.method == "POST" and request.path == _AGENTS and response.status == 201:
            agent_id = value_at(_parsed(response), "id")
            if isinstance(agent_id, str):
                self._agents.append((agent_id, request.headers.get("x-api-key", self._stage.key)))


def _path_of(agent_id: str) -> str:
    return f"{_AGENTS}/{quote(agent_id, safe='')}"


def _request(step: Send, variables: Mapping[str, str], origin: str) -> Request:
    path, _, query = fill(step.target, variables).partition("?")
    body = _body(step, variables)
    headers: dict[str, str | None] = {}
    if path.lower().startswith(_API):
        headers["x-api-key"] = variables["key"]
    if body:
        headers["content-type"] = "application/json"
    headers |= fill(step.headers, variables)
    sent = {name: value for name, value in headers.items() if value is not None}
    return Request(step.method, origin, path, query, sent, body)


def _body(step: Send, variables: Mapping[str, str]) -> bytes:
    value = fill(step.body, variables)
    if step.form == "json":
        value = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    body: bytes = value.encode("latin-1" if step.form == "latin1" else "utf-8")
    return body.ljust(step.pad)


def _kept(step: Send, request: Request, response: Response) -> dict[str, str]:
    body = _parsed(response) if step.keep else None
    kept: dict[str, str] = {}
    for name, source in step.keep.items():
        place, _, zone = source.partition(" ")
        value = value_at(body, place)
        if not isinstance(value, str):
            raise _Differs(request, response, [Difference(place, "a text", shown(value))])
        kept[name] = _in_zone(value, zone) if zone else value
    return kept


def _in_zone(time: str, zone: str) -> str:
    """The moment `time` (UTC, with Z) as a clock at ``+02:00`` shows it, or in UTC without an offset (``none``)."""
    if zone == "none":
        return time[:-1]
    hours, minutes = zone[1:].split(":")
    shift = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if zone[0] == "-" else 1)
    return (datetime.fromisoformat(time[:19]) + shift).isoformat() + time[19:-1] + zone


def _parsed(response: Response) -> Any:
    try:
        return json.loads(response.body)
    except ValueError:
        return None
