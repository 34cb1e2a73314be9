"""One HTTP library's requests and responses, to and from ours.

httpx and httpx2 have the same classes under different names, so what is written here for one
holds for both.  Nothing imports either of them before a door asks for it.
"""

from __future__ import annotations

import functools
import importlib
import math
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from itertools import chain, repeat
from typing import Any, NamedTuple, Protocol

from ..addresses import Addresses
from ..clock import Clock
from ..errors import CallFailed, NetworkRefused
from ..journal import Journal
from ..wire import Headers, Request, Response
from . import pauses
from .holding import pause, pause_async

__all__ = ["Library", "Target", "World", "lateness", "library", "needs_length", "target_of"]

# A header of every request of Claude's SDK, and of its kin for other clouds.
_SDK = "x-stainless-lang"
# With one of these the length of a body is settled already.
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_NO_BODY = frozenset({204, 304})
# What the libraries themselves say about such a connection.
_DROPPED = "Server disconnected without sending a response."
_LATE = "The read operation timed out"
_CUT = "peer closed connection without sending complete message body"


class World(Protocol):
    """What a door needs of a :class:`fakememtrace.World`."""

    @property
    def addresses(self) -> Addresses:
        """Which fake stands behind which URL."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def journal(self) -> Journal:
        """What was asked and answered."""
        ...

    @property
    def mounted(self) -> bool:
        """Whether a respx router is the door."""
        ...

    @property
    def waits(self) -> bool:
        """Whether an SDK really waits before it tries again."""
        ...

    def calls_out(self, origin: str, path: str) -> bool:
        """Whether what is asked for there may be asked of the real API, which takes its time."""
        ...

    def handle(self, request: Request) -> Response:
        """Answer `request`, or raise NetworkRefused, or CallFailed where the real API gives no answer."""
        ...


class Target(NamedTuple):
    """What a request asks for: ``http://localhost:9100`` or ``http://[::1]:9100``, and path and query as they came."""

    origin: str
    path: str
    query: str


class Library:
    """httpx or httpx2, as a door sees it."""

    def __init__(self, module: Any) -> None:
        self.module = module
        self._response = module.Response
        self._plain_response = type("Response", (_Plain, module.Response), {"__module__": module.__name__})
        self._one_chunk = module.ByteStream
        self._chunks = type("Chunks", (_Chunks, module.SyncByteStream, module.AsyncByteStream), {})
        self._timed = type("TimedChunks", (_TimedChunks, module.SyncByteStream, module.AsyncByteStream), {})
        # Named like the one that a test catches, which is what a traceback should say.
        self._refused = type(
            "NetworkRefused", (NetworkRefused, module.ConnectError), {"__module__": NetworkRefused.__module__}
        )

    def answer(self, world: World, request: Any, target: Target) -> Any:
        """The library's response to its own `request`, whose body has been read.

        Raises:
            NetworkRefused: as the world does; it is the library's ConnectError as well.
            RemoteProtocolError: the library's own, where a fault drops the connection.
            ReadTimeout: the library's own, where a fault delays the answer for longer than the client waits.
            ConnectError, ...: the library's own, where Claude is recorded and the real API gives no answer.
        """
        asked = _read(request, target)
        response = self._asked(world, request, asked)
        while response.held:
            pause(response.held)
            response = self._asked(world, request, asked)
        if not response.delay and not response.ending:
            return self._whole(world, response)
        if late := lateness(world, response, _patience(request)):
            time.sleep(late)
        return self._in_trouble(world, response, request)

    async def answer_async(self, world: World, request: Any, target: Target) -> Any:
        """The same for an asynchronous program, which waits without holding up others."""
        asked = _read(request, target)
        if world.calls_out(target.origin, target.path):
            _pause_with(world, request.headers)
            thread = importlib.import_module("anyio").to_thread
            response = await thread.run_sync(self._asked, world, request, asked)
        else:
            response = self._asked(world, request, asked)
        while response.held:
            await pause_async(response.held)
            response = self._asked(world, request, asked)
        if late := lateness(world, response, _patience(request)):
            await importlib.import_module("anyio").sleep(late)
        return self._in_trouble(world, response, request)

    def _asked(self, world: World, request: Any, asked: Request) -> Response:
        _pause_with(world, asked.headers)
        try:
            return world.handle(asked)
        except NetworkRefused as error:
            raise self._refused(str(error), request=request) from None
        except CallFailed as failed:
            raise self._error(failed.kind, failed.problem, request) from None

    def _in_trouble(self, world: World, response: Response, request: Any) -> Any:
        if response.delay and response.delay > 1_000_000 * _patience(request):
            raise self._error("ReadTimeout", _LATE, request)
        return self._broken(world, response, request) if response.ending else self._whole(world, response)

    def _whole(self, world: World, response: Response) -> Any:
        status, headers, chunks, *_ = response
        # Given as a stream, because a response made from content counts as consumed.
        is_framed, is_encoded = _told_by(headers)
        made = self._response if is_encoded else self._plain_response
        if response.gaps:
            return made(status, headers=headers, stream=self._timed(response, world))
        if len(chunks) != 1 and not response.joint:
            return made(status, headers=headers, stream=self._chunks(chunks))
        body = chunks[0] if len(chunks) == 1 else response.body
        if status not in _NO_BODY and not is_framed:
            headers = (*headers, ("content-length", str(len(body))))
        try:
            return made(status, headers=headers, stream=self._one_chunk(body))
        except UnicodeEncodeError:
            # The library takes only ASCII for text; an answer can repeat what a request had.
            raw = [(name.encode(), value.encode()) for name, value in headers]
            return made(status, headers=raw, stream=self._one_chunk(body))

    def _broken(self, world: World, response: Response, request: Any) -> Any:
        if response.ending == "dropped":
            raise self._error("RemoteProtocolError", _DROPPED, request)
        problem = self._error("RemoteProtocolError", _CUT + _missing(response), request)
        body = self._timed(response, world, problem)
        return self._response(response.status, headers=response.headers, stream=body)

    def _error(self, name: str, text: str, request: Any) -> Exception:
        """The library's own exception; from httpx it is httpx2's as well, since respx shows us both as httpx."""
        own = getattr(self.module, name)
        other = sys.modules.get("httpx2")
        if other is not None and other is not self.module:
            own = type(name, (own, getattr(other, name)), {"__module__": own.__module__})
        error: Exception = own(text, request=request)
        return error


class _Plain:
    """A library's Response whose body is not encoded: it is read without looking for a decoder.

    That saves some 2 % of an ``add_memory``, and more where each event of a stream would be decoded.  What comes
    out of a pickle is the library's own.
    """

    _content: bytes

    def read(self: Any) -> bytes:
        if not hasattr(self, "_content"):
            self._content = b"".join(self.iter_raw())
        return bytes(self._content)

    async def aread(self: Any) -> bytes:
        if not hasattr(self, "_content"):
            self._content = b"".join([chunk async for chunk in self.aiter_raw()])
        return bytes(self._content)

    def iter_bytes(self: Any, chunk_size: int | None = None) -> Iterator[bytes]:
        is_whole = chunk_size is None and not hasattr(self, "_content")
        pieces: Iterator[bytes] = self.iter_raw() if is_whole else super().iter_bytes(chunk_size)  # type: ignore[misc]
        return pieces

    def aiter_bytes(self: Any, chunk_size: int | None = None) -> AsyncIterator[bytes]:
        is_whole = chunk_size is None and not hasattr(self, "_content")
        pieces: AsyncIterator[bytes] = self.aiter_raw() if is_whole else super().aiter_bytes(chunk_size)  # type: ignore[misc]
        return pieces

    def __reduce__(self: Any) -> tuple[Any, ...]:
        return object.__new__, (type(self).__mro__[2],), self.__getstate__()


class _Chunks:
    """A body in pieces, for sync and for async; it can be read again."""

    def __init__(self, chunks: tuple[bytes, ...]) -> None:
        self._pieces = chunks

    def __iter__(self) -> Iterator[bytes]:
        yield from self._pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self:
            yield chunk


class _TimedChunks(_Chunks):
    """The body of a `response`: its gaps move the world's clock while it is first read; a `problem` is its end."""

    def __init__(self, response: Response, world: World, problem: Exception | None = None) -> None:
        super().__init__(response.chunks)
        self._gaps, self._world, self._problem = response.gaps, world, problem

    def __iter__(self) -> Iterator[bytes]:
        gaps, self._gaps = self._gaps, ()
        for chunk, gap in zip(self._pieces, chain(gaps, repeat(0)), strict=False):
            yield chunk
            if gap:
                self._world.clock.pass_by(gap)
        if self._problem:
            raise self._problem


@functools.cache
def library(name: str) -> Library:
    """The library `name`, ``httpx`` or ``httpx2``."""
    return Library(importlib.import_module(name))


# A client sends the same headers again and again, but for a length.
@functools.lru_cache(maxsize=256)
def _plain(raw: tuple[tuple[bytes, bytes], ...]) -> Mapping[str, str] | None:
    """The headers by name; None where one is there twice or not ASCII, which the library itself has to read."""
    headers = {name.decode("ascii", "replace").lower(): value.decode("latin-1") for name, value in raw}
    plain = len(headers) == len(raw) and all(map(str.isascii, headers.values()))
    return Headers(headers) if plain else None


def target_of(url: Any) -> Target:
    """What a library's URL asks for; percent-escapes are not decoded."""
    return _target(url.scheme, url.netloc, url.raw_path)


@functools.lru_cache(maxsize=1024)
def _target(scheme: str, netloc: bytes, raw_path: bytes) -> Target:
    path, _, query = raw_path.decode("ascii").partition("?")
    return Target(f"{scheme}://{netloc.decode('ascii')}", path, query)


def needs_length(response: Response) -> bool:
    """Whether the length of the body is still to be said: there is a body, in one piece, and whole."""
    if response.ending or response.status in _NO_BODY or (len(response.chunks) != 1 and not response.joint):
        return False
    return not _told_by(response.headers)[0]


@functools.lru_cache(maxsize=256)
def _told_by(headers: tuple[tuple[str, str], ...]) -> tuple[bool, bool]:
    """Whether `headers` settle the length of the body, and whether they say that it is encoded."""
    names = {name.lower() for name, _ in headers}
    return bool(names & _FRAMING), "content-encoding" in names


def lateness(world: World, response: Response, patience: float = math.inf) -> float:
    """The seconds that a door has to wait before it gives `response`, or before the client gives up.

    `patience` is for how many seconds the client waits.  A virtual clock has moved instead.
    """
    return min(response.delay / 1_000_000, patience) if response.delay and world.clock.is_real else 0.0


def _pause_with(world: World, headers: Mapping[str, str]) -> None:
    """Let the pauses of an SDK after this request be those of `world`."""
    if _SDK in headers:
        pauses.served(world)


def _patience(request: Any) -> float:
    """The seconds that a client waits for an answer."""
    seconds = request.extensions.get("timeout", {}).get("read")
    return math.inf if seconds is None else float(seconds)


def _read(request: Any, target: Target) -> Request:
    """A library's own request, whose body has been read, as the fakes know it."""
    headers = _plain(tuple(request.headers.raw)) or dict(request.headers.items())
    return Request(request.method, *target, headers, request.content, _patience(request))


def _missing(response: Response) -> str:
    length = response.header("content-length")
    if length is None:
        return " (incomplete chunked read)"
    return f" (received {len(response.body)} bytes, expected {length})"
