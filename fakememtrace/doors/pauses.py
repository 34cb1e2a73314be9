"""The pauses of an SDK between its tries, on the clock of the world that answers it.

Claude's SDK sleeps before it tries again: for as long as the answer says, or for a time that grows
with each try and has a random part.  Where the answer came from an open world whose clock is
virtual, there is nothing to wait for: that clock moves on by the pause instead, which has no random
part then, and a date to wait for is read by that clock.  While answers are recorded the SDK waits
as well, since the real API wants the pause.

Only the names ``time``, ``anyio`` and ``random`` of the SDK's own module are exchanged, and only
until the last world is left.  Which world a pause belongs to is told by the context, which it shares
with the request before it: the same thread, or the same task.
"""

from __future__ import annotations

import random
import sys
import threading
import time
import weakref
from contextvars import ContextVar
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .translate import World

__all__ = ["enter", "leave", "passed_on", "served"]

# Where every generation of the SDK sleeps.
_SDK = "anthropic._base_client"
# The SDK has the function itself, whatever the module's is replaced with.
_draw = random.random

_lock = threading.Lock()
# Replaced, never changed, so that a request may look at it without the lock.
_open: tuple[World, ...] = ()
# Who answered the last request of this context; None where it went its own way.
_server: ContextVar[weakref.ref[World] | None] = ContextVar("_server", default=None)


def enter(world: World) -> None:
    """Let the pauses after what `world` answers be on its clock, until :func:`leave`."""
    global _open
    with _lock:
        _open = (*_open, world)


def leave(world: World) -> None:
    """Undo one :func:`enter` of `world`; without any world the SDK is as it was."""
    global _open
    with _lock:
        last = max(index for index, entered in enumerate(_open) if entered is world)
        _open = _open[:last] + _open[last + 1 :]
        if not _open:
            _restore()


def served(world: World) -> None:
    """What an SDK asks for in this context is answered by `world`, and so is the pause after it."""
    _server.set(weakref.ref(world))
    # It may have been imported since the world was entered.
    module = sys.modules.get(_SDK)
    if module is not None and module is not _exchanged_in():
        with _lock:
            if _open:
                _restore()
                _exchange(module)


def passed_on() -> None:
    """What is asked for in this context goes where it would go without us, and so does the pause after it."""
    _server.set(None)


class _Exchange(NamedTuple):
    """One name of a module, what it stood for, and what it stands for now."""

    module: ModuleType
    name: str
    before: Any
    ours: Any


_exchanges: tuple[_Exchange, ...] = ()


def _exchanged_in() -> ModuleType | None:
    exchanges = _exchanges
    return exchanges[0].module if exchanges else None


def _exchange(module: ModuleType) -> None:
    global _exchanges
    ours: dict[str, tuple[Any, Any]] = {
        "time": (time, _Time()),
        "anyio": (sys.modules.get("anyio"), _Anyio()),
        "random": (_draw, _random),
    }
    # Whoever has put something else there meant it.
    _exchanges = tuple(
        _Exchange(module, name, before, stand_in)
        for name, (before, stand_in) in ours.items()
        if before is not None and vars(module).get(name) is before
    )
    for one in _exchanges:
        setattr(module, one.name, one.ours)


def _restore() -> None:
    global _exchanges
    for one in _exchanges:
        if vars(one.module).get(one.name) is one.ours:
            setattr(one.module, one.name, one.before)
    _exchanges = ()


def _world() -> World | None:
    """The world whose virtual clock the pauses of this context move; None where there is none."""
    server = _server.get()
    world = server() if server else None
    is_open = any(entered is world for entered in _open)
    return world if world is not None and is_open and not world.clock.is_real else None


def _moved(seconds: float) -> bool:
    """Move the clock by a pause; whether nobody needs to wait besides."""
    world = _world()
    if world is None:
        return False
    # While answers are recorded too: later, when they are replayed, it is the same time.
    world.clock.pass_by(round(max(seconds, 0) * 1_000_000))
    return not world.waits


class _Time:
    """The module ``time``, but for what is on a world's clock."""

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)

    def sleep(self, seconds: float) -> None:
        if not _moved(seconds):
            time.sleep(seconds)

    def time(self) -> float:
        world = _world()
        return time.time() if world is None or world.waits else world.clock.micros() / 1_000_000


class _Anyio:
    """The module ``anyio``, but for its sleep."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.modules["anyio"], name)

    async def sleep(self, seconds: float) -> None:
        # Others get their turn in any case.
        await sys.modules["anyio"].sleep(0 if _moved(seconds) else seconds)


def _random() -> float:
    return _draw() if _world() is None else 0.0
