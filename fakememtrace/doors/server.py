"""The door that needs no Python on the other side: a real HTTP server, under uvicorn."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ..errors import UsageError
from ..wire import Request, Response
from .asgi import App, Extra, Scope
from .control import Control
from .openapi import OpenAPI
from .translate import World

try:
    import uvicorn
    from uvicorn.protocols.http.auto import AutoHTTPProtocol
except ModuleNotFoundError:
    raise UsageError('the server needs uvicorn. Install it with: pip install "fakememtrace[server]"') from None

__all__ = ["app", "listen", "run", "serving", "url_of"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1"}
# How long a stopping server waits for answers that are under way, in seconds.
_PATIENCE = 1.0
# How many turns of the event loop a connection takes from its arrival to its protocol, and one to spare.
_TURNS = 5
# Longer than clients keep an idle connection, so that none is closed under a request.
_KEEP_ALIVE = 75


def app(world: Any, control: bool = False, apart: Mapping[str, Callable[[Request], Response]] | None = None) -> App:
    """The application: the fakes of `world`, ``/openapi.json``, and the control surface if asked for.

    `apart` is what answers further paths, each in a thread.
    """
    extras: list[Extra] = [OpenAPI(lambda: world.memory.dialect)]
    if control:
        extras.append(Control(world))
    return App(world, extras, apart)


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at `host` and `port`; port 0 is any free one.

    Raises:
        UsageError: the address is taken, not this machine's, or not allowed.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (OSError, UnicodeError) as problem:
        raise UsageError(_unknown_host(host, problem)) from None
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)
    except OSError as problem:
        listener.close()
        raise UsageError(_no_listener(host, port, problem)) from None
    return listener


def url_of(listener: socket.socket) -> str:
    """The URL at which this machine finds `listener`."""
    host, port = listener.getsockname()[:2]
    host = _WILDCARDS.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def run(application: App, listener: socket.socket, started: Callable[[], None]) -> None:
    """Serve until SIGINT or SIGTERM, and call `started` once requests are answered.

    A second signal does not wait for the answers that are under way.
    """
    _Server(application, started).run([listener])


@contextlib.contextmanager
def serving(
    world: World,
    port: int = 0,
    control: bool = False,
    apart: Mapping[str, Callable[[Request], Response]] | None = None,
) -> Iterator[str]:
    """The URL of a server in a thread of this process, on loopback, until the end of the block; `apart` as of `app`.

    Raises:
        UsageError: the port is taken.
    """
    listener = listen("127.0.0.1", port)
    url, ready = url_of(listener), threading.Event()
    server = _Server(app(world, control, apart), ready.set)
    thread = threading.Thread(
        target=_in_thread, args=(server, listener, ready), name=f"fakememtrace {url}", daemon=True
    )
    thread.start()
    ready.wait()
    try:
        yield url
    finally:
        server.stop()
        thread.join()


def _in_thread(server: _Server, listener: socket.socket, ready: threading.Event) -> None:
    try:
        server.run([listener])
    finally:
        # Where it could not start, nobody must wait for it.
        ready.set()
        listener.close()


class _Server(uvicorn.Server):
    """A uvicorn server that ends at once when told to, without a word, and leaves no connection open."""

    def __init__(self, application: App, ready: Callable[[], None]) -> None:
        self._connections: dict[Any, asyncio.Transport] = {}
        self._ready = ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._told: asyncio.Event | None = None
        config = uvicorn.Config(
            application,
            http=_tracking(self._connections),
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level="critical",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=None,
        )
        super().__init__(config)

    def stop(self) -> None:
        """End soon; told twice, without waiting for the answers under way.  From any thread."""
        again, self.should_exit = self.should_exit, True
        if self._loop and self._told:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._hang_up if again else self._told.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin; every scope's state has what closes its connection."""
        self.lifespan.state["close_connection"] = self._close
        await super().startup(sockets)

    async def main_loop(self) -> None:
        """Wait to be told."""
        self._loop, self._told = asyncio.get_running_loop(), asyncio.Event()
        await self.on_tick(0)
        self._ready()
        if not self.should_exit:
            await self._told.wait()
        # A connection that is accepted while its listener is closed would be left hanging.
        for _ in range(_TURNS):
            await asyncio.sleep(0)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let the answers under way be finished, but not for ever."""
        patience = asyncio.get_running_loop().call_later(_PATIENCE, self._hang_up)
        await super().shutdown(sockets)
        patience.cancel()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM; unlike uvicorn, which then dies of them, end well."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._signalled) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _signalled(self, number: int, frame: Any) -> None:
        self.stop()

    def _hang_up(self) -> None:
        for transport in list(self._connections.values()):
            transport.abort()

    def _close(self, scope: Scope) -> None:
        transport = self._connections.get(scope["client"])
        if transport is not None:
            transport.close()


def _tracking(connections: dict[Any, asyncio.Transport]) -> type[asyncio.Protocol]:
    """Uvicorn's protocol, which also keeps the open `connections` by the client's address."""

    class Tracking(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            self._address = _peer(transport)
            connections[self._address] = transport

        def connection_lost(self, error: Exception | None) -> None:
            connections.pop(self._address, None)
            super().connection_lost(error)

    return Tracking


def _peer(transport: asyncio.Transport) -> tuple[str, int] | None:
    peer = transport.get_extra_info("peername")
    # A client may be gone again before it is accepted.
    return (str(peer[0]), int(peer[1])) if peer else None


def _unknown_host(host: str, problem: Exception) -> str:
    return f"the host {host!r} cannot be found: {problem}. Name an address of this machine, such as 127.0.0.1."


def _no_listener(host: str, port: int, problem: OSError) -> str:
    if problem.errno == errno.EADDRINUSE:
        return f"port {port} of {host} is in use. Stop what listens there, or take another port; 0 is any free one."
    if problem.errno == errno.EACCES:
        return f"port {port} of {host} is not allowed to this user. Take one from 1024 on; 0 is any free one."
    return f"the server cannot listen at {host}, port {port}: {problem.strerror}. Name an address of this machine."
