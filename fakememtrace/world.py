"""The hall: one clock, one id source, one journal, the fakes, and the doors to them."""

from __future__ import annotations

import os
import re
import sys
import threading
import traceback
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from . import variables
from .addresses import Addresses, Service
from .claude.cassette import Cassette
from .claude.fake import FakeClaude, api_error
from .claude.matching.rules import Matching
from .claude.player import Answers
from .claude.responder import Function
from .clock import DEFAULT_START, Clock, Ids
from .doors import guard, patched
from .doors.refusal import Refusal
from .errors import CallFailed, ClockError, NetworkRefused, ProgramStopped
from .faults.answers import answered
from .faults.faults import Faults
from .files import write_whole
from .journal import Journal
from .memory.dialect import Dialect
from .memory.fake import FakeMemtrace
from .memory.routes import ROUTES
from .memory.tenants import Org
from .telegram.presence import Presence
from .wire import Request, Response

if TYPE_CHECKING:
    import respx

    from .claude.missing.knowledge import Knowledge
    from .claude.recording.modes import Recording
    from .snapshot.restoring import Plan
    from .telegram.fake import FakeTelegram

__all__ = ["World"]

MEMTRACE_URL = "http://localhost:9100"
CLAUDE_URL = "https://api.anthropic.com"
# Shaped like a real key (mtk_ and 32 bytes in URL-safe base64), and the same in every world.
MEMTRACE_API_KEY = "mtk_ZmFrZW1lbXRyYWNlLW5vdC1hLXNlY3JldC1hdC1hbGw"
CLAUDE_API_KEY = "sk-ant-fakememtrace"
# What is Claude's where the Memtrace server has the same address.
_CLAUDE_PATHS = "/v1/"
_FAULT_ROUTES = {
    "memtrace": [str(route) for route in ROUTES],
    "claude": ["POST /v1/messages", "POST /v1/messages/count_tokens", "GET /v1/models", "GET /v1/models/{id}"],
}


class World:
    """A Memtrace server and a Claude API that exist only inside a ``with`` block.

        with World(cassette="cassette.json") as world:
            client = Memtrace(world.url, world.api_key)

    Inside the block every httpx and httpx2 client of the process that asks for the Memtrace
    URL (``http://localhost:9100`` and ``$MEMTRACE_URL``) or for Claude's
    (``https://api.anthropic.com`` and ``$ANTHROPIC_BASE_URL``) is served here.  Other loopback
    addresses are passed on; every other host is refused with :class:`NetworkRefused`, to every
    other library too, down to the sockets of Python.
    ``MEMTRACE_URL`` and ``MEMTRACE_API_KEY`` point programs here for as long as the block
    lasts, and ``ANTHROPIC_API_KEY`` is set where there is none.

    The state is made with the World: entering it again goes on where it was left.  Worlds
    nest; the innermost one serves the whole process, so worlds in parallel threads would get
    into each other's way: use one for all of them, or processes.

    Args:
        dialect: which Memtrace to be, ``"0.2.0"`` (the released server) or ``"documented"``,
            or a Dialect.
        cassette: the recorded Claude responses: a path, a Cassette, anything that answers like one
            (an Author), or a function from a request to its answer (see :class:`Responder`).  Without
            it every request to Claude is a miss.
        start: the time the clock starts at, ISO 8601 with a time zone or an aware datetime.
        api_key: what opens the first org; the same in every world unless given.
        clock: the clock itself, such as a RealClock; then `start` is not looked at.
        seed: what there is at the beginning: a file or a dict, as :meth:`snapshot` makes them or
            written by hand.  A `dialect` comes before the seed's, the seed's start before `start`.
        allow_hosts: hosts beyond this machine that may be reached all the same, exactly these:
            ``["api.example.com"]``.
        matching: when a request to Claude is the one that the cassette has, such as
            ``Matching().ignore("model")``; everything counts unless told otherwise.
        record: whether the real Claude is asked, and its answers kept in `cassette`: ``"none"``; ``"once"``
            (when that file is not there); ``"new"`` (what is not in it); ``"changed"`` (conversations that
            differ, which replace what was there); ``"all"``.  What replaces recordings does so at the end of
            the block, if all went well there.
        redact: texts and compiled patterns that are replaced in what is recorded, beside keys and the like.
        allow: texts that only look like secrets; with others nothing is recorded.
        telegram: who writes to which Telegram bot, and when: a TOML file, or a mapping like one.  Then the Bot API
            (``https://api.telegram.org``) is served here, too.

    Raises:
        UnknownName: no such dialect, or no such way to record.
        SnapshotError: the seed is missing, broken or foreign.
        CassetteError: the cassette is missing, broken or foreign.
        ClockError: `start` cannot be read.
        ScenarioError: the script of updates is missing or broken.
        UsageError: ``$MEMTRACE_URL`` or ``$ANTHROPIC_BASE_URL`` is no URL, or an allowed host no bare host;
            or there is no key or no file to record with.
    """

    def __init__(
        self,
        dialect: str | Dialect | None = None,
        cassette: str | os.PathLike[str] | Cassette | Answers | Function | None = None,
        start: str | datetime = DEFAULT_START,
        *,
        api_key: str = MEMTRACE_API_KEY,
        clock: Clock | None = None,
        seed: str | os.PathLike[str] | Mapping[str, Any] | None = None,
        allow_hosts: Iterable[str] = (),
        matching: Matching | None = None,
        record: str | Recording = "none",
        redact: Iterable[str | re.Pattern[str]] = (),
        allow: Iterable[str] = (),
        telegram: str | os.PathLike[str] | Mapping[str, Any] | None = None,
    ) -> None:
        self.url = os.environ.get("MEMTRACE_URL") or MEMTRACE_URL
        self.api_key = api_key
        self.clock = clock or Clock(start)
        self.ids = Ids()
        self.journal = Journal()
        self._lock = threading.RLock()
        self.faults = Faults(_FAULT_ROUTES, lambda: self.memory.tenants.ids(), self._lock)
        self.memory = FakeMemtrace(self.clock, self.ids, dialect or "0.2.0", api_key, self.faults, self._lock)
        replays = record == "none" and not redact
        self.claude = FakeClaude(self.clock, self.ids, cassette if replays else None, matching, self._recalled)
        if not replays:
            self._record(cassette, record, redact, allow)
        self._start, self._dialect = self.clock.micros(), self.memory.dialect
        self.journal.settle_with(self.claude.open_ends)
        self.addresses = self._addresses(allow_hosts)
        self.refusal = Refusal(self.addresses)
        self._telegram = Presence(telegram, self.addresses, self.clock, self.journal, self._lock)
        self._mounts: list[Any] = []
        self._begin: Plan | None = None
        if seed is not None:
            self._begin = self._planned(seed, dialect, whole=False)
            self._put_back(self._begin)

    def __enter__(self) -> World:
        with ExitStack() as undo:
            self._telegram.enter()
            undo.callback(self._telegram.leave)
            variables.enter(self, self._variables())
            undo.callback(variables.leave, self)
            patched.enter(self)
            undo.callback(patched.leave, self)
            guard.enter(self)
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._telegram.leave()
        guard.leave(self)
        patched.leave(self)
        variables.leave(self)
        while self._mounts:
            self._mounts.pop().remove()
        if not self.claude.by_hand:
            left = self.claude.finish(kind is None and not self.journal.unexpected())
            if left:
                print(f"fakememtrace: {left}", file=sys.stderr)

    def mount(self, router: respx.MockRouter) -> None:
        """Put the fakes into `router` as ordinary routes, for tests that use respx (extra ``respx``).

        From here to the end of the block the router is the only door: it sees every request of
        httpx and of httpx2, hands those for the fakes to them, and refuses itself what no route
        answers.  Add your own routes first: the first that matches answers.
        """
        from .doors.respx_router import Mount

        self._mounts.append(Mount(self, router))

    @property
    def telegram(self) -> FakeTelegram:
        """The Bot API; UsageError where the world has no script of updates."""
        return self._telegram.fake

    @property
    def mounted(self) -> bool:
        """Whether a respx router is the door at this moment: mounted, and inside its own ``with`` block."""
        return bool(self._mounts) and any(mount.serving for mount in self._mounts)

    @property
    def waits(self) -> bool:
        """Whether an SDK that is served here really waits before it tries again.

        It does where the clock is real, and where the answers are being recorded: then the real API
        wants the pause.  Else the clock moves on by it, and no time passes.
        """
        return self.clock.is_real or self.claude.recording

    def calls_out(self, origin: str, path: str) -> bool:
        """Whether what is asked for there may be asked of the real Claude, which takes its time."""
        if not self.claude.may_call:
            return False
        service = self.addresses.find(origin, path)
        return service is not None and service.fake is self.claude

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
        """A real HTTP server on this machine, for a program in another process or language (extra ``server``)::

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
            CallFailed: Claude is recorded, and the real one gives no answer.
        """
        with self._lock:
            at = self.clock.micros()
            service = self.addresses.find(request.origin, request.path)
            if service is None:
                return self._refuse(at, request)
            inner = _below(request, service.prefix) if service.prefix else request
            try:
                response = self._struck(service, inner) if self.faults.on_routes else service.fake.handle(inner)
                if response.silent:
                    return response
            except ClockError:
                # No defect of ours: a delay leads past the last year that a clock can tell.
                raise
            except CallFailed as failed:
                response = Response(0, note=f"not recorded: {failed}", ending="dropped")
                self.journal.record(at, service.name, request, response)
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
            self._telegram.refuse_snapshots()
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
            self._telegram.refuse_snapshots()
            self._put_back(plan)

    def reset(self) -> None:
        """Be as new: the clock at its start, nothing stored but the seed, no fault, no exchange, nothing played."""
        with self._lock:
            self._put_back(self._begin or self._planned({}, self._dialect, whole=False))
            self.claude.forget()
            self._telegram.forget()
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
        if service.name == "telegram":
            # Its own troubles are in the script; a poll that is held would count as many.
            return service.fake.handle(request)
        tape = self.claude if service.fake is self.claude else None
        return answered(self.faults, service.name, request, lambda: service.fake.handle(request), self.clock, tape)

    def _refuse(self, at: int, request: Request) -> Response:
        problem = self.refusal.of_request(request, urlsplit(request.origin).hostname or "")
        if "anthropic-version" in request.headers:
            # The SDK would show a raised error as "Connection error.", after three tries.
            response = api_error(400, "invalid_request_error", problem)
            self.journal.record(at, "network", request, response, problem)
            return response
        self.journal.record(at, "network", request, None, problem)
        raise NetworkRefused(problem)

    def _addresses(self, allowed: Iterable[str]) -> Addresses:
        addresses = Addresses(allowed)
        addresses.add("memtrace", MEMTRACE_URL, self.memory, "the Memtrace URL")
        addresses.add("memtrace", self.url, self.memory, "$MEMTRACE_URL")
        claude = os.environ.get("ANTHROPIC_BASE_URL") or CLAUDE_URL
        addresses.add("claude", CLAUDE_URL, self.claude, "the Claude URL", _CLAUDE_PATHS)
        addresses.add("claude", claude, self.claude, "$ANTHROPIC_BASE_URL", _CLAUDE_PATHS)
        return addresses

    def _record(
        self,
        cassette: Any,
        record: str | Recording,
        redact: Iterable[str | re.Pattern[str]],
        allow: Iterable[str],
    ) -> None:
        from .claude.recording.begin import begin
        from .claude.recording.modes import Recording
        from .doors.callers import caller
        from .doors.outward import forward

        if not isinstance(record, Recording):
            owner = f"the world opened at {caller(sys._getframe())}"
            record = Recording(record, redact, allow, owner)
        begin(self.claude, cassette, record, forward, self._apart)

    @contextmanager
    def _apart(self) -> Iterator[None]:
        """Let others in while a thread that answers a request waits for somebody else."""
        try:
            self._lock.release()
        except RuntimeError:
            # Claude was asked directly, and nobody is kept out.
            yield
            return
        self._telegram.away += 1
        try:
            yield
        finally:
            self._lock.acquire()
            self._telegram.away -= 1

    def _recalled(self) -> Knowledge:
        # Imported when needed: most worlds explain nothing.
        from .recollection import recalled

        return recalled(self.memory, self.journal)

    def _variables(self) -> dict[str, str]:
        key = os.environ.get("ANTHROPIC_API_KEY")
        variables = {"MEMTRACE_URL": self.url, "MEMTRACE_API_KEY": self.api_key, **self._telegram.variables()}
        if not key and self.claude.may_call and os.environ.get("ANTHROPIC_AUTH_TOKEN"):
            # The SDK would take the stand-in and not the token, with which the real Claude is to be asked.
            return variables
        return {**variables, "ANTHROPIC_API_KEY": key or CLAUDE_API_KEY}


def _below(request: Request, prefix: str) -> Request:
    """The request as a fake sees it that stands below a path; its URL stays."""
    return request._replace(origin=request.origin + prefix, path=request.path[len(prefix) :])


def _crashed(request: Request) -> Response:
    """The answer when a fake raises: a defect of ours is an answer too, since SDKs hide what is raised here."""
    problem = (
        f"fakememtrace crashed while answering {request.method} {request.path}.\n"
        "This is a defect of fakememtrace; please report it with what follows.\n" + traceback.format_exc()
    )
    return api_error(500, "api_error", problem)._replace(unexpected=problem)
