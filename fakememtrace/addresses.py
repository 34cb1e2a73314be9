"""Which fake stands behind which URL."""

from __future__ import annotations

from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from .errors import UsageError
from .wire import Request, Response

__all__ = ["Addresses", "Fake", "Service"]

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


class Fake(Protocol):
    """What stands behind a URL: one callable from request to response, shared by sync and async."""

    def handle(self, request: Request) -> Response:
        """Answer `request`."""
        ...


class Service(NamedTuple):
    """A fake, the name the journal knows it by, and the path that its URL starts with."""

    name: str
    fake: Fake
    prefix: str


class Addresses:
    """The URLs that are served, and what to do with all others.

    ``localhost``, ``127.0.0.1`` and ``::1`` are one host.  A URL may have a path (a gateway):
    then only what is below it belongs to the fake.
    """

    def __init__(self) -> None:
        self._services: dict[tuple[str, str, int | None], list[Service]] = {}
        self._known: dict[str, tuple[Service, ...]] = {}
        self._urls: dict[str, str] = {}

    def add(self, name: str, url: str, fake: Fake, source: str) -> None:
        """Serve `url` from `fake`; `source` says where the URL was given, for the error about it."""
        parts = urlsplit(url)
        if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
            raise UsageError(
                f"{source} is {url!r}, which is no URL. Expected scheme, host and port, "
                f'such as "http://localhost:9100". Correct or unset it.'
            )
        service = Service(name, fake, parts.path.rstrip("/"))
        behind = self._services.setdefault(_place(url), [])
        if service not in behind:
            behind.append(service)
            behind.sort(key=lambda other: -len(other.prefix))
        self._urls.setdefault(url, name)
        self._known.clear()

    def find(self, origin: str, path: str) -> Service | None:
        """The service that answers `path` at `origin`."""
        for service in self._behind(origin):
            if not service.prefix or path == service.prefix or path.startswith(service.prefix + "/"):
                return service
        return None

    def serves(self, origin: str) -> bool:
        """Whether any fake stands behind `origin`."""
        return bool(self._behind(origin))

    def passes_on(self, origin: str) -> bool:
        """Whether a request to `origin` goes to the real network: loopback, and no fake behind it."""
        return not self._behind(origin) and _place(origin)[1] == "localhost"

    def names(self) -> list[str]:
        """The services, each once, in the order they were added."""
        return list(dict.fromkeys(self._urls.values()))

    def listed(self) -> str:
        """``memtrace at http://localhost:9100, claude at https://api.anthropic.com``."""
        return ", ".join(f"{name} at {url}" for url, name in self._urls.items())

    def _behind(self, origin: str) -> tuple[Service, ...]:
        try:
            return self._known[origin]
        except KeyError:
            return self._known.setdefault(origin, tuple(self._services.get(_place(origin), ())))


def _place(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, so that two spellings of one address are equal."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme, "localhost" if host in _LOOPBACK else host, parts.port or _DEFAULT_PORTS.get(parts.scheme)
