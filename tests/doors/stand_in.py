"""What the tests of the doors use in place of a World, of a program, and of the network."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import TracebackType
from typing import Any

from fakememtrace.addresses import Addresses
from fakememtrace.doors import patched
from fakememtrace.errors import NetworkRefused
from fakememtrace.wire import Request, Response, json_response

MEMTRACE = "http://localhost:9100"
CLAUDE = "https://api.anthropic.com"
REFUSAL = "the host {host!r} is neither faked nor on this machine"
LIBRARIES = [name for name in ("httpx", "httpx2") if importlib.util.find_spec(name)]
METHODS = [
    ("HTTPTransport", "__init__"),
    ("HTTPTransport", "handle_request"),
    ("AsyncHTTPTransport", "__init__"),
    ("AsyncHTTPTransport", "handle_async_request"),
]


class StandIn:
    """A world of one answer, that keeps what it was asked."""

    def __init__(self, answer: Response | BaseException | None = None, name: str = "world") -> None:
        self.answer = answer or json_response(200, {"from": name})
        self.addresses = Addresses()
        self.addresses.add("memtrace", MEMTRACE, self, "MEMTRACE")
        self.addresses.add("claude", CLAUDE, self, "CLAUDE")
        self.mounted = False
        self.requests: list[Request] = []

    def calls_out(self, origin: str, path: str) -> bool:
        """Never."""
        return False

    def handle(self, request: Request) -> Response:
        """Answer `request` like every other."""
        self.requests.append(request)
        if not self.addresses.serves(request.origin):
            raise NetworkRefused(REFUSAL.format(host=request.origin))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def __enter__(self) -> StandIn:
        patched.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        patched.leave(self)


class Program:
    """A program that speaks one library, sync or async, seen from outside as sync."""

    def __init__(self, library: str, is_async: bool) -> None:
        self.module = importlib.import_module(library)
        self.is_async = is_async
        self._loop = asyncio.new_event_loop()

    def close(self) -> None:
        """End the event loop."""
        self._loop.run_until_complete(self._loop.shutdown_asyncgens())
        self._loop.close()

    def run(self, outcome: Any) -> Any:
        """The value of `outcome`, awaited where the program is asynchronous."""
        return self._loop.run_until_complete(outcome) if self.is_async else outcome

    def transport(self, **arguments: Any) -> Any:
        """The library's transport."""
        return (self.module.AsyncHTTPTransport if self.is_async else self.module.HTTPTransport)(**arguments)

    @contextlib.contextmanager
    def client(self, **arguments: Any) -> Iterator[Any]:
        """The library's client, closed afterwards."""
        client = (self.module.AsyncClient if self.is_async else self.module.Client)(**arguments)
        try:
            yield client
        finally:
            self.run(client.aclose() if self.is_async else client.close())

    def send(self, url: str, client: Any = None, method: str = "GET", **arguments: Any) -> Any:
        """The response, its body read; from a new client if none is given."""
        if client is not None:
            return self.run(client.request(method, url, **arguments))
        with self.client() as client:
            return self.run(client.request(method, url, **arguments))

    def raw_chunks(self, url: str) -> list[bytes]:
        """The pieces of the body, as a program sees them that streams."""
        with self.client() as client:
            return self.run(_async_chunks(client, url)) if self.is_async else _sync_chunks(client, url)

    def told_chunks(self, url: str, *sizes: int | None) -> list[list[bytes] | str]:
        """The pieces of the decoded body for each of the sizes, all of one response; or what its library raises."""
        with self.client() as client:
            return self.run(_async_told(client, url, sizes)) if self.is_async else _sync_told(client, url, sizes)

    def body(self, *pieces: bytes) -> Any:
        """A request body that can be read only once."""
        return _async_pieces(pieces) if self.is_async else iter(pieces)


def _sync_chunks(client: Any, url: str) -> list[bytes]:
    with client.stream("GET", url) as response:
        assert not response.is_stream_consumed
        return list(response.iter_raw())


async def _async_chunks(client: Any, url: str) -> list[bytes]:
    async with client.stream("GET", url) as response:
        assert not response.is_stream_consumed
        return [chunk async for chunk in response.aiter_raw()]


def _sync_told(client: Any, url: str, sizes: tuple[int | None, ...]) -> list[list[bytes] | str]:
    def once(size: int | None) -> list[bytes] | str:
        try:
            return list(response.iter_bytes(size))
        except RuntimeError as error:
            return type(error).__name__

    with client.stream("GET", url) as response:
        return [once(size) for size in sizes]


async def _async_told(client: Any, url: str, sizes: tuple[int | None, ...]) -> list[list[bytes] | str]:
    async def once(size: int | None) -> list[bytes] | str:
        try:
            return [piece async for piece in response.aiter_bytes(size)]
        except RuntimeError as error:
            return type(error).__name__

    async with client.stream("GET", url) as response:
        return [await once(size) for size in sizes]


async def _async_pieces(pieces: tuple[bytes, ...]) -> Any:
    for piece in pieces:
        yield piece


class _Echo(BaseHTTPRequestHandler):
    """Answers with the request's own body, or ``real`` when there is none."""

    def do_GET(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length) or b"real"
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Nothing: the peer of a Unix socket has no address."""
        return ""


class _UnixServer(socketserver.UnixStreamServer):
    def get_request(self) -> tuple[Any, Any]:
        return super().get_request()[0], ("unix", 0)


@contextlib.contextmanager
def running(server: socketserver.BaseServer) -> Iterator[Any]:
    """Let `server` serve in a thread."""
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def loopback_server() -> HTTPServer:
    """A real server on this machine, on a free port."""
    return HTTPServer(("127.0.0.1", 0), _Echo)


def unix_server(path: str) -> socketserver.BaseServer:
    """A real server behind the Unix socket `path`."""
    return _UnixServer(path, _Echo)
