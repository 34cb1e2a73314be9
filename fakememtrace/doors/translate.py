"""One HTTP library's requests and responses, to and from ours.

httpx and httpx2 have the same classes under different names, so what is written here for one
holds for both.  Nothing imports either of them before a door asks for it.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import AsyncIterator, Iterator
from typing import Any, Protocol

from ..addresses import Addresses
from ..errors import NetworkRefused
from ..wire import Request, Response

__all__ = ["Library", "World", "library", "origin_of", "target_of"]

# With one of these the length of a body is settled already.
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_NO_BODY = frozenset({204, 304})


class World(Protocol):
    """What a door needs of a :class:`fakememtrace.World`."""

    @property
    def addresses(self) -> Addresses:
        """Which fake stands behind which URL."""
        ...

    @property
    def mounted(self) -> bool:
        """Whether a respx router is the door."""
        ...

    def handle(self, request: Request) -> Response:
        """Answer `request`, or raise NetworkRefused."""
        ...


class Library:
    """httpx or httpx2, as a door sees it."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self._response = module.Response
        self._one_chunk = module.ByteStream
        self._chunks = type("Chunks", (_Chunks, module.SyncByteStream, module.AsyncByteStream), {})
        # Named like the one that a test catches, which is what a traceback should say.
        self._refused = type(
            "NetworkRefused", (NetworkRefused, module.ConnectError), {"__module__": NetworkRefused.__module__}
        )

    def answer(self, world: World, request: Any) -> Any:
        """The library's response to its own `request`, whose body has been read.

        Raises:
            NetworkRefused: as the world does; it is the library's ConnectError as well.
        """
        path, query = target_of(request.url)
        inner = Request(
            request.method, origin_of(request.url), path, query, dict(request.headers.items()), request.content
        )
        try:
            response = world.handle(inner)
        except NetworkRefused as error:
            raise self._refused(str(error), request=request) from None
        return self._build(response)

    def _build(self, response: Response) -> Any:
        # Given as a stream, because a response made from content counts as consumed.
        if len(response.chunks) == 1:
            return self._response(
                response.status, headers=_framed(response), stream=self._one_chunk(response.chunks[0])
            )
        return self._response(response.status, headers=response.headers, stream=self._chunks(response.chunks))


class _Chunks:
    """A body in pieces, for sync and for async; it can be read again."""

    def __init__(self, chunks: tuple[bytes, ...]) -> None:
        self._pieces = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._pieces)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._pieces:
            yield chunk


@functools.cache
def library(name: str) -> Library:
    """The library `name`, ``httpx`` or ``httpx2``."""
    return Library(importlib.import_module(name))


def origin_of(url: Any) -> str:
    """Scheme, host and port of a library's URL: ``http://localhost:9100``, ``http://[::1]:9100``."""
    return f"{url.scheme}://{url.netloc.decode('ascii')}"


def target_of(url: Any) -> tuple[str, str]:
    """Path and query of a library's URL, percent-escapes not decoded."""
    path, _, query = url.raw_path.decode("ascii").partition("?")
    return path, query


def _framed(response: Response) -> tuple[tuple[str, str], ...]:
    if response.status in _NO_BODY or any(name.lower() in _FRAMING for name, _ in response.headers):
        return response.headers
    return (*response.headers, ("content-length", str(len(response.chunks[0]))))
