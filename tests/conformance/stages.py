"""Worlds as stages: every door, with everything that a vector may need."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx

from fakememtrace import World
from fakememtrace.conformance import Stage
from fakememtrace.conformance.server import Server
from fakememtrace.memory.dialect import Dialect
from fakememtrace.wire import Request, Response

DOORS = ("handle", "patched", "transport", "async_transport", "server")


@contextmanager
def staged(dialect: str, door: str = "handle", **changes: Any) -> Iterator[Stage]:
    """A stage for a new world of `dialect` (with single attributes changed), entered through `door`."""
    world = World(Dialect(dialect).replace(**changes)) if changes else World(dialect)
    with _DOORS[door](world) as (send, origin):
        yield Stage(send, world.api_key, dialect, "t1", origin, _situations(world), world.clock.advance)


def _situations(world: World) -> Mapping[str, Callable[[], AbstractContextManager[Mapping[str, str]]]]:
    org, tenants = world.org("default"), world.memory.tenants
    return {
        "arc_down": lambda: _arcs(world, "down"),
        "bare_org": lambda: _given(bare_key=world.org("bare", arc=False).api_key),
        "clock": lambda: _given(),
        "default_org": lambda: _given(),
        "disabled_key": lambda: _given(disabled_key=org.new_key(enabled=False)),
        "expired_key": lambda: _given(expired_key=org.new_key(expires=world.clock.now())),
        "no_instances": lambda: _arcs(world, False),
        "other_org": lambda: _given(other_key=world.org("other").api_key),
        "read_key": lambda: _given(read_key=tenants.add_key(org.id, permissions="read")),
        "still_clock": lambda: _given(),
        "utc_zone": lambda: _given(),
    }


@contextmanager
def _given(**variables: str) -> Iterator[Mapping[str, str]]:
    yield variables


@contextmanager
def _arcs(world: World, state: bool | str) -> Iterator[Mapping[str, str]]:
    """Every Arc as `state` says, for as long as it lasts."""
    orgs = [world.memory.tenants.org(name) for name in world.memory.tenants.ids()]
    before = [org.arc for org in orgs]
    for org in orgs:
        org.arc = state if org.arc else False
    try:
        yield {}
    finally:
        for org, arc in zip(orgs, before, strict=True):
            org.arc = arc


def _answer(response: httpx.Response) -> Response:
    return Response(response.status_code, tuple(response.headers.multi_items()), (response.content,))


def _asking(client: httpx.Client) -> Callable[[Request], Response]:
    def send(request: Request) -> Response:
        headers = dict(request.headers)
        return _answer(client.request(request.method, request.url, headers=headers, content=request.body or None))

    return send


@contextmanager
def _handle(world: World) -> Iterator[tuple[Callable[[Request], Response], str]]:
    yield world.handle, world.url


@contextmanager
def _patched(world: World) -> Iterator[tuple[Callable[[Request], Response], str]]:
    with world, httpx.Client() as client:
        yield _asking(client), world.url


@contextmanager
def _transport(world: World) -> Iterator[tuple[Callable[[Request], Response], str]]:
    with httpx.Client(transport=world.transport()) as client:
        yield _asking(client), world.url


@contextmanager
def _async_transport(world: World) -> Iterator[tuple[Callable[[Request], Response], str]]:
    loop = asyncio.new_event_loop()
    client = httpx.AsyncClient(transport=world.async_transport())

    def send(request: Request) -> Response:
        headers = dict(request.headers)
        asked = client.request(request.method, request.url, headers=headers, content=request.body or None)
        return _answer(loop.run_until_complete(asked))

    try:
        yield send, world.url
    finally:
        loop.run_until_complete(client.aclose())
        loop.close()


@contextmanager
def _server(world: World) -> Iterator[tuple[Callable[[Request], Response], str]]:
    with world.serve() as url:
        yield Server(url).send, url


_DOORS: dict[str, Any] = {
    "handle": _handle,
    "patched": _patched,
    "transport": _transport,
    "async_transport": _async_transport,
    "server": _server,
}
