"""The hall: one clock, one id source, one journal, the fakes, and the doors to them."""

from __future__ import annotations

import os
import threading
import traceback
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import variables
from .addresses import Addresses, Service
from .claude.cassette import Cassette
from .claude.fake import FakeClaude, api_error
from .claude.player import Answers
from .clock import DEFAULT_START, Clock, Ids
from .doors import patched
from .errors import ClockError, NetworkRefused, ProgramStopped
from .faults.answers import troubled
from .faults.faults import Faults
from .files import write_whole
from .journal import Journal
from .memory.dialect import Dialect
from .memory.fake import FakeMemtrace
from .memory.routes import ROUTES
from .memory.tenants import Org
from .wire import Request, Response

if TYPE_CHECKING:
    import respx

    from .snapshot.restoring import Plan

__all__ = ["World"]

MEMTRACE_URL = "http://localhost:9100"
CLAUDE_URL = "https://api.anthropic.com"
# Shaped like a real key (mtk_ and 32 bytes in URL-safe base64), and the same in every world.
MEMTRACE_API_KEY = "mtk_ZmFrZW1lbXRyYWNlLW5vdC1hLXNlY3JldC1hdC1hbGw"
CLAUDE_API_KEY = "sk-ant-fakememtrace"
# What is Claude's where the Memtrace server has the same address.
_CLAUDE_PATHS = "/v1/"
_FAULT_ROUTES = {"memtrace": [str(route) for route in ROUTES], "claude": ["POST /v1/messages"]}


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
    nest; the innermost one serves the whole process, so worlds in parallel threads would get
    into each other's way: use one for all of them, or processes.

    Args:
        dialect: which Memtrace to be, ``"0.2.0"`` (the released server) or ``"documented"``,
            or a Dialect.
        cassette: the recorded Claude responses: a path, a Cassette, or anything that answers
            like one (an Author).  Without it every request to Claude is a miss.
        start: the time the clock starts at, ISO 8601 with a time zone or an aware datetime.
        api_key: what opens the first org; the same in every world unless given.
        clock: the clock itself, such as a RealClock; then `start` is not looked at.
        seed: what there is at the beginning: a file or a dict, as :meth:`snapshot` makes them or
            written by hand.  A `dialect` comes before the seed's, the seed's start before `start`.

    Raises:
        UnknownName: no such dialect.
        SnapshotError: the seed is missing, broken or foreign.
        CassetteError: the cassette is missing, broken or foreign.
        ClockError: `start` cannot be read.
        UsageError: ``$MEMTRACE_URL`` or ``$ANTHROPIC_BASE_URL`` is no URL.
    """

    def __init__(
        self,
        dialect: str | Dialect | None = None,
        cassette: str | os.PathLike[str] | Cassette | Answers | None = None,
        start: str | datetime = DEFAULT_START,
        *,
        api_key: str = MEMTRACE_API_KEY,
        clock: Clock | None = None,
        seed: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    ) -> None:
        self.url = os.environ.get("MEMTRACE_URL") or MEMTRACE_URL
        self.api_key = api_key
        self.clock = clock or Clock(start)
        self.ids = Ids()
        self.journal = Journal()
        self._lock = threading.RLock()
        self.faults = Faults(_FAULT_ROUTES, lambda: self.memory.tenants.ids(), self._lock)
        self.memory = FakeMemtrace(self.clock, self.ids, dialect or "0.2.0", api_key, self.faults, self._lock)
        self.claude = FakeClaude(self.clock, self.ids, cassette)
        self._start, self._dialect = self.clock.micros(), self.memory.dialect
        self.journal.settle_with(self.claude.open_ends)
        self.addresses = self._addresses()
        self._mounts: list[Any] = []
        self._begin: Plan | None = None
        if seed is not None:
            self._begin = self._planned(seed, dialect, whole=False)
            self._put_back(self._begin)

    def __enter__(self) -> World:
        variables.enter(self, self._variables())
        patched.enter(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        patched.leave(self)
        variables.leave(self)
        while self._mounts:
            self._mounts.pop().remove()

    def mount(self, router: respx.MockRouter) -> None:
        """Put the fakes into `router` as ordinary routes, for tests that use respx (extra ``respx``).

        From here to the end of the block the router is the only door: it sees every request of
        httpx and of httpx2, hands those for the fakes to them, and refuses itself what no route
        answers.  Add your own routes first: the first that matches answers.
        """
        from .doors.respx_router import Mount

        self._mounts.append(Mount(self, router))

    @property
    def mounted(self) -> bool:
        """Whether a respx router is the door at this moment: mounted, and inside its own ``with`` block."""
        return bool(self._mounts) and any(mount.serving for mount in self._mounts)

    def transport(self, library: str = "httpx") -> Any:
        """A transport for clients that take one: ``httpx.Client(transport=world.transport())``.

        It answers what is answered inside the ``with`` block, and needs none.  `library` is
        ``"httpx"`` or ``"httpx2"``.

        Raises:
            UnknownName: no such library.
            UsageError: it is not installed.
        """
        from .doors.transports import transport

        return transport(self, library)

    def async_transport(self, library: str = "httpx") -> Any:
        """The same for ``httpx.AsyncClient``."""
        from .doors.transports import async_transport

        return async_transport(self, library)

    def serve(self, port: int = 0, control: bool = False) -> AbstractContextManager[str]:
        """A real HTTP server on this machine, for a program in another process or language (extra ``server``).

            with world.serve() as url:
                subprocess.run([...], env={**os.environ, "MEMTRACE_URL": url})

        The Memtrace API is at the URL's root, Claude's is at ``/v1/messages``.  Port 0 is any free
        one; `control` adds the control surface below ``/_fakememtrace``.

        Raises:
            UsageError: the port is in use, or uvicorn is not installed.
        """
        from .doors.server import serving

        return serving(self, port, control)

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
            try:
                response = self._struck(service, inner) if self.faults.on_routes else service.fake.handle(inner)
            except ClockError:
                # No defect of ours: a delay leads past the last year that a clock can tell.
                raise
            except Exception:
                response = _crashed(inner)
            except ProgramStopped as stop:
                # Written down first: a program can swallow it, or be in a thread where nobody sees it.
                self.journal.record(at, service.name, request, None, f"{stop}; the program was stopped there.")
                raise
            self.journal.record(at, service.name, request, response, response.unexpected)
            return response

    def org(self, name: str, arc: bool | str | None = None) -> Org:
        """The org called `name`, made with a key of its own if there is none yet.

        ``world.org("default")`` is the one that ``world.api_key`` opens.  `arc` is whether it has an
        Arc: True, ``"down"`` or False; an org that is there already keeps its own unless this is given.

        Raises:
            UsageError: no such name can be.
            UnknownName: `arc` is neither of the three.
        """
        with self._lock:
            return self.memory.tenants.named(name, arc)

    def snapshot(self) -> dict[str, Any]:
        """The whole state as plain JSON: one state gives the same text, always.

        Clock, ids, orgs with their keys, agents, sessions and memories (also those that no query
        finds yet), the dialect, the faults, and which recordings were played.  The journal is not
        in it: it says what happened, and restoring does not undo that.
        """
        from .snapshot.taking import taken

        with self._lock:
            return taken(self.clock, self.ids, self.memory, self.claude.played(), self.faults.to_json())

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the snapshot to the file `path`, whole or not at all; ``World(seed=path)`` begins with it."""
        from .snapshot.taking import as_text

        write_whole(path, as_text(self.snapshot()))

    def restore(self, snapshot: str | os.PathLike[str] | Mapping[str, Any]) -> None:
        """Be as the world was when `snapshot` was taken; it may also be the path of a saved one.

        Orgs that were handed out before are of the past: ask :meth:`org` for them again.

        Raises:
            SnapshotError: it is missing, broken, foreign or newer; nothing was changed.
        """
        plan = self._planned(snapshot, None, whole=True)
        with self._lock:
            self._put_back(plan)

    def reset(self) -> None:
        """Be as new: the clock at its start, nothing stored but the seed, no fault, no exchange, nothing played."""
        with self._lock:
            self._put_back(self._begin or self._planned({}, self._dialect, whole=False))
            self.claude.forget()
            self.journal.clear()

    def _planned(
        self,
        given: str | os.PathLike[str] | Mapping[str, Any],
        dialect: str | Dialect | None,
        whole: bool,
    ) -> Plan:
        from .snapshot.reading import opened, read
        from .snapshot.restoring import planned

        source = "the snapshot" if whole else "the seed"
        if isinstance(given, (str, os.PathLike)):
            source, given = str(given), opened(given)
        start = self.clock.micros() if self.clock.is_real else self._start
        return planned(read(given, source, whole), source, Dialect(dialect) if dialect else None, start)

    def _put_back(self, plan: Plan) -> None:
        from .snapshot.restoring import put_back

        put_back(plan, self.clock, self.ids, self.memory, self.claude, self.faults, self.api_key)

    def _struck(self, service: Service, request: Request) -> Response:
        struck = self.faults.on_request(service.name, request)
        if not struck:
            return service.fake.handle(request)
        return troubled(service.name, struck, lambda: service.fake.handle(request), self.clock)

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
        claude = os.environ.get("ANTHROPIC_BASE_URL") or CLAUDE_URL
        addresses.add("claude", CLAUDE_URL, self.claude, "the Claude URL", _CLAUDE_PATHS)
        addresses.add("claude", claude, self.claude, "$ANTHROPIC_BASE_URL", _CLAUDE_PATHS)
        return addresses

    def _variables(self) -> dict[str, str]:
        return {
            "MEMTRACE_URL": self.url,
            "MEMTRACE_API_KEY": self.api_key,
            "ANTHROPIC_API_KEY": os.environ.get("ANTHROPIC_API_KEY") or CLAUDE_API_KEY,
        }


def _crashed(request: Request) -> Response:
    """The answer when a fake raises: a defect of ours is an answer too, since SDKs hide what is raised here."""
    problem = (
        f"fakememtrace crashed while answering {request.method} {request.path}.\n"
        "This is a defect of fakememtrace; please report it with what follows.\n" + traceback.format_exc()
    )
    return api_error(500, "api_error", problem)._replace(unexpected=problem)
