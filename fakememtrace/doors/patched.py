"""The door that needs nothing from the program: the transports of httpx and httpx2 are patched.

The classes are patched, not the clients, so that a client made before the world was entered
comes in here as well.  Neither library is imported before the first :func:`enter`.
"""

from __future__ import annotations

import functools
import importlib.util
import threading
from collections.abc import Callable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from . import pauses
from .lazy_pool import LazyPool
from .outward import is_outward
from .translate import Library, Target, World, library, target_of

__all__ = ["enter", "innermost", "leave"]

Method = Callable[..., Any]

_lock = threading.Lock()
# Replaced, never changed, so that a request may look at it without the lock.
_worlds: tuple[World, ...] = ()
# Our functions and what each stands over.  Found by identity: other tools copy attributes.
_originals: WeakKeyDictionary[Method, Method] = WeakKeyDictionary()
# The place of `uds` among the positional arguments of a transport.
_UDS_POSITION = 7


def enter(world: World) -> None:
    """Let `world` serve, until :func:`leave`, before all worlds that were entered earlier."""
    global _worlds
    with _lock:
        if not _worlds:
            for patch in _patches():
                patch.apply()
        _worlds = (*_worlds, world)
    pauses.enter(world)


def leave(world: World) -> None:
    """Undo the last :func:`enter` of `world`; without any world the classes are as they were.

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
    pauses.leave(world)


def innermost() -> World | None:
    """The world that serves now."""
    worlds = _worlds
    return worlds[-1] if worlds else None


class _Patch(NamedTuple):
    """One method of one class, and what to make of the function that is found there."""

    owner: type
    name: str
    make: Callable[[Method], Method]

    def apply(self) -> None:
        found = vars(self.owner)[self.name]
        if found not in _originals:
            ours = functools.wraps(found)(self.make(found))
            _originals[ours] = found
            setattr(self.owner, self.name, ours)

    def undo(self) -> None:
        # Whoever has patched over ours stays; should ours come back, it does what the original does.
        while (found := vars(self.owner)[self.name]) in _originals:
            setattr(self.owner, self.name, _originals[found])


@functools.cache
def _patches() -> tuple[_Patch, ...]:
    installed = [name for name in ("httpx", "httpx2") if importlib.util.find_spec(name)]
    return tuple(patch for name in installed for patch in _patches_of(library(name)))


def _patches_of(library: Library) -> tuple[_Patch, ...]:
    sync, asynchronous = library.module.HTTPTransport, library.module.AsyncHTTPTransport
    return (
        _Patch(sync, "__init__", functools.partial(_lazy, sync)),
        _Patch(sync, "handle_request", functools.partial(_served, library)),
        _Patch(asynchronous, "__init__", functools.partial(_lazy, asynchronous)),
        _Patch(asynchronous, "handle_async_request", functools.partial(_served_async, library)),
    )


def _serving(transport: Any, request: Any, mocked: bool) -> tuple[World, Target] | None:
    """The world that `request` is for, and what it asks for; None when it goes where it would go without us.

    That is where everything goes that no fake stands behind when what we stand over is `mocked`.
    """
    if not _worlds or is_outward():
        return None
    world = _worlds[-1]
    if world.mounted or getattr(getattr(transport, "_pool", None), "_uds", None) is not None:
        # Served at another door; and a Unix socket has no address that is ours.
        return None
    target = target_of(request.url)
    if world.addresses.passes_on(target.origin) or (mocked and not world.addresses.serves(target.origin)):
        return None
    return world, target


def _is_mock(original: Method) -> bool:
    # Its own answers are for the rest of the network, which it refuses as we would.
    return getattr(original, "__module__", "").partition(".")[0] == "pytest_httpx"


def _served(library: Library, original: Method) -> Method:
    answer, mocked = library.answer, _is_mock(original)

    def handle_request(self: Any, request: Any) -> Any:
        serving = _serving(self, request, mocked)
        if serving is None:
            pauses.passed_on()
            return original(self, request)
        request.read()
        return answer(serving[0], request, serving[1])

    return handle_request


def _served_async(library: Library, original: Method) -> Method:
    mocked = _is_mock(original)

    async def handle_async_request(self: Any, request: Any) -> Any:
        serving = _serving(self, request, mocked)
        if serving is None:
            pauses.passed_on()
            return await original(self, request)
        await request.aread()
        return await library.answer_async(serving[0], request, serving[1])

    return handle_async_request


def _lazy(owner: Any, original: Method) -> Method:
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if innermost() is None or kwargs.get("uds") is not None or len(args) > _UDS_POSITION:
            original(self, *args, **kwargs)
        else:
            self._pool = LazyPool(functools.partial(_pool_of, owner, original, args, kwargs))

    return __init__


def _pool_of(owner: Any, original: Method, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    # Made in another transport: by now the first one may have been given a pool of its own.
    transport = owner.__new__(owner)
    original(transport, *args, **kwargs)
    return transport._pool
