"""The world of a program, and of the processes that it starts."""

from __future__ import annotations

import http.client
import os
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from ..doors.refusal import Refusal
from ..errors import NetworkRefused, ProgramStopped
from ..wire import Request, Response
from ..world import World

__all__ = ["Forwarded", "RunWorld"]

# How long the program's own process may take for an answer, in seconds.
_PATIENCE = 60.0
# Said anew by whoever hands the answer on.
_OF_THE_WAY = frozenset({"connection", "content-length", "transfer-encoding"})
_REASON = "a program under fakememtrace run has no network"
_ADVICE = (
    "leave the call out, or answer it with something on this machine; to let a host through, say --allow-host HOST; "
    "where that is your Memtrace, set MEMTRACE_URL to its URL, and it is served"
)


class RunWorld(World):
    """A World for one process, which tells when it stops the program; a process forked from it asks this one.

    ``on_stop`` is called with what stops the program, in the thread that asked; ``url_of_server`` is where other
    processes are served, or empty.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal = Refusal(self.addresses, reason=_REASON, advice=_ADVICE)
        self._process = os.getpid()
        self.url_of_server = ""
        self.on_stop: Callable[[ProgramStopped], None] = _nothing

    def handle(self, request: Request) -> Response:
        """Answer `request`; see :meth:`World.handle`."""
        if os.getpid() != self._process:
            return _forwarded(self, request, self.url_of_server)
        try:
            return super().handle(request)
        except ProgramStopped as stop:
            self.on_stop(stop)
            raise


class Forwarded(World):
    """The World of a process that a program started: what it is asked for, the program's own World answers.

    Args:
        url: where that one is served.
        hosts: the hosts that may be reached all the same.
    """

    def __init__(self, url: str, hosts: Iterable[str] = ()) -> None:
        super().__init__(allow_hosts=hosts)
        self.refusal = Refusal(self.addresses, reason=_REASON, advice=_ADVICE)
        self._server = url

    def handle(self, request: Request) -> Response:
        """Answer `request`; see :meth:`World.handle`."""
        return _forwarded(self, request, self._server)

    def _variables(self) -> dict[str, str]:
        # They are set already.
        return {}


def _forwarded(world: World, request: Request, server: str) -> Response:
    service = world.addresses.find(request.origin, request.path)
    if service is None:
        raise NetworkRefused(world.refusal.of_request(request, urlsplit(request.origin).hostname or ""))
    if not server:
        raise NetworkRefused(
            f"{request.method} {request.url} comes from a process that the program forked, and cannot be served.\n"
            'What to do: pip install "fakememtrace[server]", with which it is.'
        )
    path = request.path[len(service.prefix) :] + (f"?{request.query}" if request.query else "")
    connection = http.client.HTTPConnection(urlsplit(server).netloc, timeout=_PATIENCE)
    try:
        headers = {name: value for name, value in request.headers.items() if name not in _OF_THE_WAY}
        connection.request(request.method, path, request.body, headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as problem:
        raise NetworkRefused(
            f"{request.method} {request.url} is answered by the program that started this process, and that gives no "
            f"answer any more ({type(problem).__name__}).\nWhat to do: let it wait for the processes that it starts."
        ) from None
    finally:
        connection.close()
    kept = tuple((name, value) for name, value in answer.getheaders() if name.lower() not in _OF_THE_WAY)
    return Response(answer.status, kept, (body,))


def _nothing(_: ProgramStopped) -> None:
    pass
