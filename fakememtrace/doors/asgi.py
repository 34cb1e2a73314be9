"""The fakes of a world as an ASGI application: the Memtrace API at the root, and Claude's ``/v1/messages``."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from ..claude.fake import api_error
from ..errors import CallFailed, ProgramStopped
from ..wire import USES, Request, Response
from .control import MOST_BYTES
from .translate import World, lateness, needs_length

__all__ = ["App", "Extra", "Scope"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
# Answers the paths that are not the API's; None when a path is.
Extra = Callable[[Request], "Response | None"]

_MEBI = 1024 * 1024
# One byte more than each of them takes, which is all that it needs to see to refuse a body.
_MOST = {"api": 4 * _MEBI + 1, "v1": 32 * _MEBI + 1}
_MOST_OTHERS = MOST_BYTES + 1
_DROPPED = Response(0, ending="dropped")


class App:
    """Answers what comes in over HTTP from `world`, by the rules of every other door.

    The journal shows the requests at the fakes' own addresses, whatever the server's is.  The
    server may put a callable ``close_connection`` into the scope's ``state``: with it a fault
    ends the connection as it says; without, the application just stops sending.

    Args:
        world: what answers.
        extras: asked first, in order, about requests outside of the fakes' APIs.
        apart: what answers other paths, and takes its time: in a thread, while others are served.
    """

    def __init__(
        self,
        world: World,
        extras: Iterable[Extra] = (),
        apart: Mapping[str, Callable[[Request], Response]] | None = None,
    ) -> None:
        self._world, self._extras, self._apart = world, tuple(extras), dict(apart or {})
        self._memtrace, self._claude = world.addresses.home("memtrace"), world.addresses.home("claude")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One ASGI connection."""
        if scope["type"] != "http":
            await _other(scope, receive, send)
            return
        path, headers = _path(scope), _headers(scope["headers"])
        origin = self._claude if _is_for_claude(path, headers) else self._memtrace
        body = await _body(receive, _MOST.get(path.partition("/")[2].partition("/")[0], _MOST_OTHERS))
        if body is None:
            return
        method, query = scope["method"], scope["query_string"].decode("utf-8", "replace")
        request = Request(method, origin, path, query, headers, body)
        if path in self._apart:
            response = await asyncio.to_thread(self._apart[path], request)
        elif self._world.calls_out(origin, path):
            response = await asyncio.to_thread(self._answer, request)
        else:
            response = self._answer(request)
        late = lateness(self._world, response)
        if late and await _left_within(late, receive):
            return
        await _respond(response, method, send)
        if response.ending:
            await _hang_up(scope, receive)

    def _answer(self, request: Request) -> Response:
        for extra in self._extras:
            response = extra(request)
            if response is not None:
                return response
        for feature in filter(None, request.headers.get(USES, "").split(", ")):
            self._world.journal.note(feature)
        try:
            response = self._world.handle(request)
        except CallFailed:
            return _DROPPED
        except ProgramStopped as stop:
            # Whoever asked is a process of its own, which gets words, and nothing to try again.
            return api_error(400, "invalid_request_error", f"fakememtrace: {stop}; the program was stopped there.")
        # What is sent and what the client has read by then are different things, so here all of it goes by at once.
        self._world.clock.pass_by(sum(response.gaps[: len(response.chunks)]))
        return response


def _is_for_claude(path: str, headers: dict[str, str]) -> bool:
    if not path.startswith("/v1/"):
        return False
    return "anthropic-version" in headers or path == "/v1/messages" or path.startswith("/v1/messages/")


def _path(scope: Scope) -> str:
    raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
    return raw.partition(b"?")[0].decode("utf-8", "replace")


def _headers(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in pairs}
    return headers if len(headers) == len(pairs) else _joined(pairs)


def _joined(pairs: list[tuple[bytes, bytes]]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in pairs:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def _body(receive: Receive, most: int) -> bytes | None:
    """The body, no more than its first `most` bytes; None when the client went away."""
    pieces: list[bytes] = []
    size = 0
    while size < most:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        size += len(pieces[-1])
        if not message.get("more_body"):
            break
    return b"".join(pieces)[:most]


async def _left_within(seconds: float, receive: Receive) -> bool:
    """Wait; whether the client has left meanwhile, with which the wait is over."""
    try:
        await asyncio.wait_for(receive(), seconds)
    except asyncio.TimeoutError:
        return False
    return True


async def _respond(response: Response, method: str, send: Send) -> None:
    if response.ending == "dropped":
        return
    response = response.whole()
    headers = _encoded(response.headers)
    if needs_length(response) and method != "HEAD":
        headers = [*headers, (b"content-length", b"%d" % len(response.chunks[0]))]
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    *pieces, last = response.chunks or (b"",)
    for chunk in pieces:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": last, "more_body": bool(response.ending)})


async def _hang_up(scope: Scope, receive: Receive) -> None:
    close = scope.get("state", {}).get("close_connection")
    if close is not None:
        close(scope)
        while (await receive())["type"] != "http.disconnect":
            pass


@functools.lru_cache(maxsize=256)
def _encoded(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1", "replace")) for name, value in headers]


async def _other(scope: Scope, receive: Receive, send: Send) -> None:
    while scope["type"] == "lifespan":
        event = (await receive())["type"].rpartition(".")[2]
        await send({"type": f"lifespan.{event}.complete"})
        if event == "shutdown":
            return
