"""A server behind a URL, asked with the standard library: paths and bodies go out exactly as they are."""

from __future__ import annotations

import ipaddress
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from ..errors import UsageError
from ..wire import Request, Response
from .runner import NoAnswer

__all__ = ["Server"]

_TIMEOUT = 30.0


class Server:
    """The server at `url`: scheme, host, and where needed port and path.

    Raises:
        UsageError: `url` is no such URL.
    """

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._parts = _parsed(url)
        self._prefix = self._parts.path.rstrip("/")

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine by its name: ``localhost`` or a loopback address."""
        host = self._parts.hostname or ""
        try:
            return ipaddress.ip_address(host).is_loopback
        except ValueError:
            return host == "localhost"

    def send(self, request: Request) -> Response:
        """The answer to `request`, over a connection of its own; NoAnswer when there is none."""
        connection = self._connection()
        try:
            self._write(connection, request)
            answer = connection.getresponse()
            return Response(answer.status, tuple(answer.getheaders()), (answer.read(),))
        except (OSError, HTTPException) as problem:
            raise NoAnswer(f"{type(problem).__name__}: {problem}") from None
        finally:
            connection.close()

    def _write(self, connection: HTTPConnection, request: Request) -> None:
        target = self._prefix + request.path + (f"?{request.query}" if request.query else "")
        try:
            connection.request(request.method, target, request.body or None, dict(request.headers))
        except (BrokenPipeError, ConnectionResetError):
            # A body that is too large may be refused before it is all sent; the answer is there then.
            if connection.sock is None:
                raise

    def _connection(self) -> HTTPConnection:
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        return kind(self._parts.hostname or "", self._parts.port, timeout=_TIMEOUT)


def _parsed(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in ("http", "https") and parts.hostname and not parts.query and parts.port != 0:
            return parts
    except ValueError:
        pass
    raise UsageError(
        f"{url!r} is no URL of a server. Expected scheme, host and where needed a port, "
        'such as "http://localhost:9100". Correct it.'
    )
