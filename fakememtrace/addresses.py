"""Which fake stands behind which URL."""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from .errors import UsageError
from .wire import Request, Response

__all__ = ["Addresses", "Fake", "Service", "is_local"]

_DEFAULT_PORTS = {"http": 80, "https": 443}


class Fake(Protocol):
    """What stands behind a URL: one callable from request to response, shared by sync and async."""

    def handle(self, request: Request) -> Response:
        """Answer `request`."""
        ...


class Service(NamedTuple):
    """A fake, the name the journal knows it by, the path of its URL, and the start of the paths below that it owns."""

    name: str
    fake: Fake
    prefix: str
    own: str = ""


class Addresses:
    """The URLs that are served, and what to do with all others.

    All names and addresses of this machine are one host.  A URL may have a path (a gateway):
    then only what is below it belongs to the fake.  Of several fakes at one URL each gets the paths
    that are its own, and the first one the rest.
    """

    def __init__(self) -> None:
        self._services: dict[tuple[str, str, int | None], list[Service]] = {}
        self._known: dict[str, tuple[Service, ...]] = {}
        self._urls: dict[str, str] = {}

    def add(self, name: str, url: str, fake: Fake, source: str, own: str = "") -> None:
        """Serve `url` from `fake`, which owns the paths below it that begin with `own`.

        `source` says where the URL was given, for the error about it.
        """
        if not _is_url(url):
            raise UsageError(
                f"{source} is {url!r}, which is no URL. Expected scheme, host and port, "
                f'such as "http://localhost:9100". Correct or unset it.'
            )
        service = Service(name, fake, urlsplit(url).path.rstrip("/"), own)
        behind = self._services.setdefault(_place(url), [])
        if service not in behind:
            behind.append(service)
            behind.sort(key=lambda other: -len(other.prefix))
        self._urls.setdefault(url, name)
        self._known.clear()

    def find(self, origin: str, path: str) -> Service | None:
        """The service that answers `path` at `origin`."""
        services = self._known.get(origin) or self._behind(origin)
        if len(services) == 1 and not services[0].prefix:
            return services[0]
        below = [service for service in services if _is_below(path, service.prefix)]
        alike = [service for service in below if service.prefix == below[0].prefix]
        owners = (service for service in alike if service.own and path.startswith(service.prefix + service.own))
        return next(owners, alike[0] if alike else None)

    def serves(self, origin: str) -> bool:
        """Whether any fake stands behind `origin`."""
        return bool(self._behind(origin))

    def passes_on(self, origin: str) -> bool:
        """Whether a request to `origin` goes to the real network: loopback, and no fake behind it."""
        return not (self._known.get(origin) or self._behind(origin)) and _place(origin)[1] == "localhost"

    def home(self, name: str) -> str:
        """The first URL of the service `name`, where it stands whatever the environment says."""
        return next(url for url, service in self._urls.items() if service == name)

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


@lru_cache(maxsize=256)
def _place(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, so that two spellings of one address are equal."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return parts.scheme, "localhost" if is_local(host) else host, parts.port or _DEFAULT_PORTS.get(parts.scheme)


def _is_below(path: str, prefix: str) -> bool:
    return not prefix or path == prefix or path.startswith(prefix + "/")


def is_local(host: str) -> bool:
    """Whether `host` is this machine: localhost and what ends in it, and every loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return False
    inside = getattr(address, "ipv4_mapped", None) or address
    # Connecting to the unspecified address reaches this machine.
    return inside.is_loopback or inside.is_unspecified


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
