"""Which fake stands behind which URL."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple, Protocol
from urllib.parse import urlsplit

from .errors import UsageError
from .wire import Request, Response

__all__ = ["Addresses", "Fake", "Service", "bare_hosts", "is_local", "plain_host"]

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*")


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

    `allowed` are the hosts beyond this machine that may be reached all the same, exactly these.

    Raises:
        UsageError: one of them is no bare host.
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self.allowed = bare_hosts(allowed)
        # The allowed hosts, and what they were found to be.
        self._open = set(self.allowed)
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
        """Whether a request to `origin` goes to the real network: its host is open, and no fake behind it."""
        return not (self._known.get(origin) or self._behind(origin)) and self.is_open(_place(origin)[1])

    def is_open(self, host: str) -> bool:
        """Whether a socket may go to `host`: this machine, under its own name too, and what is allowed."""
        plain = plain_host(host)
        return is_local(plain) or plain in self._open or plain == _own_name()

    def found(self, host: str, addresses: Iterable[str]) -> None:
        """`host` was looked up: where it is allowed, its `addresses` are from now on."""
        plain = plain_host(host)
        if plain in self._open or plain == _own_name():
            self._open.update(map(plain_host, addresses))

    def hosts(self) -> list[str]:
        """The hosts that a fake stands behind, each once; this machine is ``localhost``."""
        return list(dict.fromkeys(host for _, host, _ in self._services))

    def urls(self, host: str) -> list[str]:
        """The URLs of `host` that a fake stands behind."""
        place = "localhost" if is_local(plain_host(host)) else plain_host(host)
        return [url for url in self._urls if plain_host(_place(url)[1]) == place]

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


@lru_cache(maxsize=1024)
def plain_host(host: str) -> str:
    """One spelling for each host: in lower case, without a last dot, as it is asked for over the wire."""
    if host == "<broadcast>":
        return "255.255.255.255"
    plain = host.lower().removesuffix(".")
    try:
        address = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return plain if plain.isascii() else _encoded(plain)
    return str(getattr(address, "ipv4_mapped", None) or address)


def _encoded(name: str) -> str:
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _own_name() -> str:
    return plain_host(socket.gethostname())


def bare_hosts(hosts: Iterable[str]) -> tuple[str, ...]:
    """Hosts that may be reached, each once and as a request has it.

    Raises:
        UsageError: one is none, such as a URL or a pattern.
    """
    if isinstance(hosts, str):
        raise UsageError(
            f"allow_hosts is the text {hosts!r}. Expected a list of hosts. Write allow_hosts=[{_quoted(hosts)}]."
        )
    return tuple(dict.fromkeys(map(_bare_host, hosts)))


def _bare_host(host: str) -> str:
    text = host if isinstance(host, str) else ""
    plain = plain_host(text)
    if _is_host(plain):
        return plain
    advice = "There are no wildcards: write out each host." if "*" in text else f"Write {_quoted(text)}."
    raise UsageError(
        f"allow_hosts has {host!r}, which is no host. "
        f"Expected a bare host, as the program asks for it: no scheme, no port, no path. {advice}"
    )


def _quoted(text: str) -> str:
    """The host that is most likely meant, as Python writes it."""
    try:
        meant = plain_host(urlsplit(text if "//" in text else f"//{text.strip()}").hostname or "")
    except ValueError:
        meant = ""
    return f'"{meant if _is_host(meant) else "api.example.com"}"'


def _is_host(plain: str) -> bool:
    try:
        ipaddress.ip_address(plain)
    except ValueError:
        return bool(_HOST.fullmatch(plain))
    return True


def _is_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in _DEFAULT_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
