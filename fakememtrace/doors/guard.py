"""The guard at every socket: while a world is open, nothing that this process asks for leaves the machine.

An audit hook hears what Python's sockets are asked for, whichever library asks.  Two things it does not
hear: what a name was found to be, and a name that is handed to ``connect`` before the name has been
looked up.  So the functions of the module ``socket`` are stood over as well, as long as a world is open.

Nobody hears C libraries with sockets of their own (libpq, grpc, pycurl, uvloop), other programs, and
what goes over a connection that was made before.
"""

from __future__ import annotations

import functools
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary

from ..addresses import Addresses
from ..clock import Clock
from ..journal import Journal
from ..wire import Request
from .hosts import address_at_home, at_home, text_of
from .outward import is_outward
from .refusal import Refusal
from .unreachable import UNREACHABLE, SocketRefused

__all__ = ["SocketRefused", "enter", "leave"]

Function = Callable[..., Any]


class World(Protocol):
    """What the guard needs of a :class:`fakememtrace.World`."""

    @property
    def addresses(self) -> Addresses:
        """What is on this machine, and what is allowed."""
        ...

    @property
    def clock(self) -> Clock:
        """What time it is."""
        ...

    @property
    def journal(self) -> Journal:
        """What was asked."""
        ...

    @property
    def refusal(self) -> Refusal:
        """The words."""
        ...


_lock = threading.Lock()
# Replaced, never changed, so that the hook may look at it without the lock.
_worlds: tuple[World, ...] = ()
_is_hooked = False
# Our functions and what each stands over; None where a class had inherited it.
_originals: WeakKeyDictionary[Function, Function | None] = WeakKeyDictionary()
_IP = (socket.AF_INET, socket.AF_INET6)


def enter(world: World) -> None:
    """Let `world` say, until :func:`leave`, what may leave the machine; the world entered last does."""
    global _worlds, _is_hooked
    with _lock:
        if not _is_hooked:
            # It cannot be taken away again.
            sys.addaudithook(_hear)
            _is_hooked = True
        for patch in _patches():
            patch.apply()
        _worlds = (*_worlds, world)


def leave(world: World) -> None:
    """Undo the last :func:`enter` of `world`; without any world the module ``socket`` is as it was.

    Raises:
        ValueError: `world` was not entered.
    """
    global _worlds
    with _lock:
        last = max(index for index, entered in enumerate(_worlds) if entered is world)
        _worlds = _worlds[:last] + _worlds[last + 1 :]
        if not _worlds:
            for patch in _patches():
                patch.undo()


def _hear(event: str, arguments: tuple[Any, ...]) -> None:
    if not _worlds or event not in _TARGETS:
        return
    _check(event, arguments)


def _check(call: str, arguments: tuple[Any, ...]) -> None:
    """Refuse `call` where it would leave the machine, and have it in the journal first."""
    worlds, target = _worlds, _TARGETS[call](arguments)
    if not worlds or target is None or is_outward():
        return
    host = text_of(target[0])
    if not host or worlds[-1].addresses.is_open(host):
        return
    asked = [host, *(text_of(port) or port for port in target[1:2] if port is not None)]
    raise SocketRefused(_written_down(worlds[-1], call, asked, _scheme(arguments[0])))


def _written_down(world: World, call: str, asked: list[Any], scheme: str) -> str:
    host, *port = asked
    problem = world.refusal.of_call(f"{call}({', '.join(map(repr, asked))})", host)
    place = ":".join(map(str, [f"[{host}]" if ":" in host else host, *port]))
    request = Request("CONNECT", f"{scheme}://{place}", "")
    # Without the world's lock: its holder may be waiting for this very thread.
    world.journal.record(world.clock.micros(), "network", request, None, problem)
    return problem


def _scheme(asking: Any) -> str:
    return "udp" if getattr(asking, "type", None) == socket.SOCK_DGRAM else "tcp"


def _of_socket(arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The address; None for a socket of a family without hosts, such as a Unix socket."""
    asking, address = arguments
    return address if asking.family in _IP and isinstance(address, tuple) and address else None


def _of_lookup(arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return arguments[:2]


def _of_name(arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    return arguments[:1]


def _of_address(arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    address: tuple[Any, ...] = arguments[0]
    return address


# What is asked for, by the event: the host, and its port if there is one.
_TARGETS: dict[str, Callable[[tuple[Any, ...]], tuple[Any, ...] | None]] = {
    "socket.connect": _of_socket,
    "socket.getaddrinfo": _of_lookup,
    "socket.gethostbyaddr": _of_name,
    # Also raised by gethostbyname_ex.
    "socket.gethostbyname": _of_name,
    "socket.getnameinfo": _of_address,
    "socket.sendmsg": _of_socket,
    "socket.sendto": _of_socket,
}


class _Patch(NamedTuple):
    """One function of a module or a class, and what to make of it."""

    owner: Any
    name: str
    make: Callable[[Function], Function]

    def apply(self) -> None:
        found = getattr(self.owner, self.name, None)
        if found is not None and found not in _originals:
            ours = functools.wraps(found)(self.make(found))
            _originals[ours] = vars(self.owner).get(self.name)
            setattr(self.owner, self.name, ours)

    def undo(self) -> None:
        # Whoever has patched over ours stays; should ours come back, it does what the original does.
        while (found := vars(self.owner).get(self.name)) in _originals:
            original = _originals[found]
            if original is None:
                delattr(self.owner, self.name)
            else:
                setattr(self.owner, self.name, original)


def _patches() -> tuple[_Patch, ...]:
    # Not imported for this: without it a look-up is refused too, in the thread where it is done.
    loops = sys.modules.get("asyncio.base_events")
    return _of_sockets() if loops is None else (_Patch(loops.BaseEventLoop, "getaddrinfo", _in_loop), *_of_sockets())


@functools.cache
def _of_sockets() -> tuple[_Patch, ...]:
    return (
        _Patch(socket, "getaddrinfo", functools.partial(_looking_up, lambda rows: {row[4][0] for row in rows})),
        _Patch(socket, "gethostbyname", functools.partial(_looking_up, lambda address: [address])),
        _Patch(socket, "gethostbyname_ex", functools.partial(_looking_up, lambda found: found[2])),
        _Patch(socket, "gethostbyaddr", functools.partial(_looking_up, lambda found: found[2])),
        _Patch(socket.socket, "connect", functools.partial(_calling, "socket.connect", 1)),
        _Patch(socket.socket, "connect_ex", _trying),
        _Patch(socket.socket, "sendto", functools.partial(_calling, "socket.sendto", 2)),
        _Patch(socket.socket, "sendmsg", functools.partial(_calling, "socket.sendmsg", 4)),
    )


def _looking_up(addresses: Callable[[Any], Iterable[str]], original: Function) -> Function:
    """The look-up `original`, after which what an allowed name was found to be is allowed, too."""

    def look_up(*args: Any, **kwargs: Any) -> Any:
        worlds = _worlds
        if not worlds:
            return original(*args, **kwargs)
        if args:
            args = (at_home(args[0]), *args[1:])
        elif "host" in kwargs:
            kwargs["host"] = at_home(kwargs["host"])
        found = original(*args, **kwargs)
        if host := text_of(args[0] if args else kwargs.get("host")):
            worlds[-1].addresses.found(host, addresses(found))
        return found

    return look_up


def _calling(event: str, least: int, original: Function) -> Function:
    """The method `original`, whose last argument of at least so many is an address, asked before C looks a name up."""

    def call(self: Any, *args: Any) -> Any:
        if _worlds and len(args) >= least:
            _check(event, (self, args[-1]))
            args = (*args[:-1], address_at_home(args[-1]))
        return original(self, *args)

    return call


def _trying(original: Function) -> Function:
    """``connect_ex``, which returns the number of an error where ``connect`` raises it."""
    connect = _calling("socket.connect", 1, original)

    def connect_ex(self: Any, *args: Any) -> Any:
        try:
            return connect(self, *args)
        except SocketRefused:
            return UNREACHABLE

    return connect_ex


def _in_loop(original: Function) -> Function:
    """An event loop's look-up, asked before it goes to a thread, where nobody knows who asked."""

    async def getaddrinfo(self: Any, host: Any, port: Any, **options: Any) -> Any:
        if _worlds:
            _check("socket.getaddrinfo", (host, port))
        return await original(self, host, port, **options)

    return getaddrinfo
