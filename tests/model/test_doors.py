from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import httpx
import httpx2
import pytest

from fakememtrace.wire import Request, Response
from fakememtrace.world import World

from .machines import DoorAgainstHandle
from .running import run

Send = Callable[[Request], Response]


def parts(request: Request) -> dict[str, Any]:
    """The request as arguments of a client."""
    return {
        "method": request.method,
        "url": request.url,
        "headers": dict(request.headers),
        "content": request.body,
    }


def read(answer: Any) -> Response:
    """A client's answer as ours."""
    return Response(answer.status_code, tuple(answer.headers.items()), (answer.content,))


def through(client: Any, request: Request) -> Response:
    return read(client.request(**parts(request)))


def waiting(runner: Any, client: Any, request: Request) -> Response:
    """An asynchronous client, waited for."""
    return read(runner.run_until_complete(client.request(**parts(request))))


class Patched(DoorAgainstHandle):
    """The patched transports of `library`."""

    library: Any = httpx

    def connect(self) -> Send:
        """Through this door."""
        send = super().connect()
        if self.library is httpx:
            return send
        return functools.partial(through, self.cleanup.enter_context(self.library.Client()))


class Transport(DoorAgainstHandle):
    """A transport that a client takes; the world is not entered."""

    library: Any = httpx

    def connect(self) -> Send:
        """Through this door."""
        self.world = World(self.dialect)
        self.url, self.api_key = self.world.url, self.world.api_key
        name = self.library.__name__
        client = self.library.Client(transport=self.world.transport(name))
        return functools.partial(through, self.cleanup.enter_context(client))


class AsyncTransport(DoorAgainstHandle):
    """The asynchronous one."""

    library: Any = httpx

    def connect(self) -> Send:
        """Through this door."""
        self.world = World(self.dialect)
        self.url, self.api_key = self.world.url, self.world.api_key
        loop = asyncio.new_event_loop()
        self.cleanup.callback(loop.close)
        client = self.library.AsyncClient(transport=self.world.async_transport(self.library.__name__))
        self.cleanup.callback(lambda: loop.run_until_complete(client.aclose()))
        return functools.partial(waiting, loop, client)


class Server(DoorAgainstHandle):
    """A real server on a real socket; the twin is asked at the fake's own address."""

    def connect(self) -> Send:
        """Through this door."""
        self.world = World(self.dialect)
        self.url, self.api_key = self.world.url, self.world.api_key
        served = self.cleanup.enter_context(self.world.serve())
        client = self.cleanup.enter_context(httpx.Client())
        return lambda request: through(client, request._replace(origin=served))


DOORS = [
    (Patched, httpx, 6),
    (Patched, httpx2, 6),
    (Transport, httpx, 6),
    (Transport, httpx2, 6),
    (AsyncTransport, httpx, 4),
    (AsyncTransport, httpx2, 4),
    (Server, httpx, 4),
]


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
@pytest.mark.parametrize(("door", "library", "examples"), DOORS)
def test_a_door_changes_nothing(door: type, library: Any, examples: int, dialect: str) -> None:
    """Status, headers and body are what the world answers without a door, to the byte."""
    machine: Any = type(door.__name__, (door,), {"library": library, "dialect": dialect})
    run(machine, examples)
    assert machine.steps >= examples * 50 - 50


class Shouting(DoorAgainstHandle):
    """A door that changes a letter."""

    def connect(self) -> Send:
        """Through this door."""
        send = super().connect()
        return lambda request: changed(send(request))


def changed(response: Response) -> Response:
    """Another case for one word."""
    return response._replace(chunks=(response.body.replace(b"general", b"General"),))


def test_a_door_that_changes_something_is_noticed() -> None:
    """One letter is enough."""
    with pytest.raises(AssertionError, match="General"):
        run(Shouting, 6)
