"""The hall: one clock, one id source, one journal, the fakes, and the doors to them."""

from __future__ import annotations

import os
import threading
import traceback
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .addresses import Addresses, Fake
from .claude.cassette import Cassette
from .claude.fake import FakeClaude, api_error
from .claude.player import Answers
from .clock import DEFAULT_START, Clock, Ids
from .doors import patched
from .errors import NetworkRefused
from .journal import Journal
from .memory.dialect import Dialect
from .memory.fake import FakeMemtrace
from .wire import Request, Response

if TYPE_CHECKING:
    import respx

__all__ = ["World"]

MEMTRACE_URL = "http://localhost:9100"
CLAUDE_URL = "https://api.anthropic.com"
# Shaped like a real key (mtk_ and 32 bytes in URL-safe base64), and the same in every world.
MEMTRACE_API_KEY = "mtk_ZmFrZW1lbXRyYWNlLW5vdC1hLXNlY3JldC1hdC1hbGw"
CLAUDE_API_KEY = "sk-ant-fakememtrace"


class World:
    """A Memtrace server and a Claude API that exist only inside a ``with`` block.

        with World(cassette="cassette.json") as world:
            client = Memtrace(world.url, world.api_key)

    Inside the block every httpx and httpx2 client of the process that asks for the Memtrace
    URL (``http://localhost:9100`` and ``$MEMTRACE_URL``) or for Claude's
    (``https://api.anthropic.com`` and ``$ANTHROPIC_BASE_URL``) is served here.  Other loopback
    addresses are passed on; every other host is refused with :class:`NetworkRefused`.
    ``MEMTRACE_URL`` and ``MEMTRACE_API_KEY`` point programs here for as long as the block
    lasts, and ``ANTHROPIC_API_KEY`` is set where there is none.

    The state is made with the World: entering it again goes on where it was left.  Worlds
    nest; the innermost one serves.

    Args:
        dialect: which Memtrace to be, ``"0.2.0"`` (the released server) or ``"documented"``,
            or a Dialect.
        cassette: the recorded Claude responses: a path, a Cassette, or anything that answers
            like one (an Author).  Without it every request to Claude is a miss.
        start: the time the clock starts at, ISO 8601 with a time zone or an aware datetime.

    Raises:
        UnknownName: no such dialect.
        CassetteError: the cassette is missing, broken or foreign.
        ClockError: `start` cannot be read.
        UsageError: ``$MEMTRACE_URL`` or ``$ANTHROPIC_BASE_URL`` is no URL.
    """

    def __init__(
        self,
        dialect: str | Dialect = "0.2.0",
        cassette: str | os.PathLike[str] | Cassette | Answers | None = None,
        start: str | datetime = DEFAULT_START,
    ) -> None:
        self.url = os.environ.get("MEMTRACE_URL") or MEMTRACE_URL
        self.api_key = MEMTRACE_API_KEY
        self.clock = Clock(start)
        self.ids = Ids()
        self.journal = Journal()
        self.memory = FakeMemtrace(self.clock, self.ids, dialect, self.api_key)
        self.claude = FakeClaude(self.clock, self.ids, cassette)
        self.journal.settle_with(self.claude.open_ends)
        self.addresses = self._addresses()
        self._lock = threading.RLock()
        self._outer_environments: list[dict[str, str | None]] = []
        self._mounts: list[Any] = []

    def __enter__(self) -> World:
        self._outer_environments.append(_set_environment(self._environment()))
        patched.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        patched.leave(self)
        while self._mounts:
            self._mounts.pop().remove()
        _set_environment(self._outer_environments.pop())

    def mount(self, router: respx.MockRouter) -> None:
        """Put the fakes into `router` as ordinary routes, for tests that use respx (extra ``respx``).

        From here to the end of the block the router is the only door: it sees every request of
        httpx and of httpx2, and hands those for the fakes to them.
        """
        from .doors.respx_router import Mount

        self._mounts.append(Mount(self, router))

    @property
    def mounted(self) -> bool:
        """Whether a respx router is the door at this moment: mounted, and inside its own ``with`` block."""
        return any(mount.serving for mount in self._mounts)

    def handle(self, request: Request) -> Response:
        """Answer `request` from the fake that it is for, and write both into the journal.

        Raises:
            NetworkRefused: no fake stands behind the request's URL.
        """
        with self._lock:
            at = self.clock.micros()
            service = self.addresses.find(request.origin, request.path)
            if service is None:
                return self._refuse(at, request)
            inner = request._replace(path=request.path[len(service.prefix) :]) if service.prefix else request
            response = _answer(service.fake, inner)
            self.journal.record(at, service.name, request, response, response.unexpected)
            return response

    def _refuse(self, at: int, request: Request) -> Response:
        problem = (
            f"{request.method} {request.url} was refused: the host {urlsplit(request.origin).hostname!r} is neither "
            f"faked nor on this machine.\n"
            f"Served here: {self.addresses.listed()}; other loopback addresses are passed on.\n"
            "To have the call served here, point the program at one of these (MEMTRACE_URL, ANTHROPIC_BASE_URL); "
            "to answer it in the test, mount the world into a respx router and add a route for it."
        )
        if "anthropic-version" in request.headers:
            # The SDK would show a raised error as "Connection error.", after three tries.
            response = api_error(400, "invalid_request_error", problem)
            self.journal.record(at, "network", request, response, problem)
            return response
        self.journal.record(at, "network", request, None, problem)
        raise NetworkRefused(problem)

    def _addresses(self) -> Addresses:
        addresses = Addresses()
        addresses.add("memtrace", MEMTRACE_URL, self.memory, "the Memtrace URL")
        addresses.add("memtrace", self.url, self.memory, "$MEMTRACE_URL")
        addresses.add("claude", CLAUDE_URL, self.claude, "the Claude URL")
        addresses.add("claude", os.environ.get("ANTHROPIC_BASE_URL") or CLAUDE_URL, self.claude, "$ANTHROPIC_BASE_URL")
        return addresses

    def _environment(self) -> dict[str, str | None]:
        return {
            "MEMTRACE_URL": self.url,
            "MEMTRACE_API_KEY": self.api_key,
            "ANTHROPIC_API_KEY": os.environ.get("ANTHROPIC_API_KEY") or CLAUDE_API_KEY,
        }


def _answer(fake: Fake, request: Request) -> Response:
    """What `fake` answers; a defect of ours is an answer too, since SDKs hide what is raised here."""
    try:
        return fake.handle(request)
    except Exception:
        problem = (
            f"fakememtrace crashed while answering {request.method} {request.path}.\n"
            "This is a defect of fakememtrace; please report it with what follows.\n" + traceback.format_exc()
        )
        return api_error(500, "api_error", problem)._replace(unexpected=problem)


def _set_environment(values: dict[str, str | None]) -> dict[str, str | None]:
    """Set (or, for None, unset) the variables; what they were before."""
    before = {name: os.environ.get(name) for name in values}
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return before
