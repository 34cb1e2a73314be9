"""A server on this machine that speaks the Messages API: what the real one is to the recorder."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

from fakememtrace.claude.sse import event_stream, events

from ..claude.helpers import answer

__all__ = ["Api", "Reply", "broken", "error", "html", "message", "serving", "stream"]


class Reply(NamedTuple):
    """One answer: ``chunks`` are sent one after the other; ``is_cut`` breaks the connection after them."""

    status: int = 200
    headers: Mapping[str, str] = {}
    chunks: tuple[bytes, ...] = ()
    is_cut: bool = False


def message(*blocks: Any, **fields: Any) -> Reply:
    """A message in JSON."""
    return json_reply(200, answer(*blocks, **fields), {"request-id": "req_message"})


def json_reply(status: int, value: Any, headers: Mapping[str, str] = {}) -> Reply:
    """Any JSON."""
    return Reply(status, {"content-type": "application/json", **headers}, (json.dumps(value).encode(),))


def stream(*blocks: Any, cut_after: int | None = None, ends_after: int | None = None) -> Reply:
    """A message as an event stream, each event sent for itself; it can break off, or end too early."""
    chunks = event_stream(events(answer(*blocks)))
    kind = {"content-type": "text/event-stream; charset=utf-8", "request-id": "req_stream"}
    return Reply(200, kind, chunks[: cut_after or ends_after], cut_after is not None)


def error(status: int, kind: str, **headers: str) -> Reply:
    """An error of the API."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return json_reply(status, {"type": "error", "error": {"type": kind, "message": f"This is {kind}."}}, names)


def html(status: int) -> Reply:
    """What a proxy before the API says; nobody needs to wait long before they try again."""
    return Reply(
        status, {"content-type": "text/html", "retry-after-ms": "1"}, (b"<html>\n<h1>Bad Gateway</h1>\n</html>",)
    )


def broken() -> Reply:
    """The connection is closed without an answer."""
    return Reply(0, is_cut=True)


class Api:
    """What the server answers and what it was asked.

    ``replies`` are given in their order, the last one again and again.  ``asked`` are path, headers and
    body of each request.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.replies: list[Reply] = [message("Hello!")]
        self.asked: list[tuple[str, dict[str, str], Any]] = []
        # Set by whoever lets a request wait.
        self.gate = threading.Event()
        self.gate.set()
        self.reached = threading.Event()
        self._given = 0

    def will(self, *replies: Reply) -> Api:
        """Answer so from now on."""
        self.replies, self._given = list(replies), 0
        return self

    @property
    def calls(self) -> int:
        """How often it was asked."""
        return len(self.asked)

    def reply(self, path: str, headers: dict[str, str], body: Any) -> Reply:
        """The next answer."""
        self.asked.append((path, headers, body))
        self.reached.set()
        self.gate.wait(30)
        reply = self.replies[min(self._given, len(self.replies) - 1)]
        self._given += 1
        return reply


class _Handler(BaseHTTPRequestHandler):
    api: Api
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.api.reply(self.path, headers, json.loads(body) if body else None)
        if reply.status:
            self.send_response(reply.status)
            for name, value in {**reply.headers, "transfer-encoding": "chunked"}.items():
                self.send_header(name, value)
            self.end_headers()
            self._send(reply)
        if reply.is_cut:
            self._hang_up()

    do_GET = do_POST  # noqa: N815

    def _send(self, reply: Reply) -> None:
        for chunk in reply.chunks:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(chunk), chunk))
            self.wfile.flush()
        if not reply.is_cut:
            self.wfile.write(b"0\r\n\r\n")

    def _hang_up(self) -> None:
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """Say nothing of clients that are gone."""


@contextlib.contextmanager
def serving() -> Iterator[Api]:
    """Let it serve in a thread, on a free port."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        api = Api(f"http://127.0.0.1:{server.server_port}")
        server.RequestHandlerClass = type("Handler", (_Handler,), {"api": api})
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield api
        finally:
            api.gate.set()
            server.shutdown()
            thread.join()
