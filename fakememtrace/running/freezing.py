"""The virtual time for a program: what it reads and what it sleeps is on the world's clock (extra ``freeze``).

time-machine stands in for what tells the date (``time.time``, ``datetime.now``, ``date.today``, ``time.localtime``
and their kin, also where they were imported by name), and follows our clock.  It leaves sleeping alone, so that is
ours: ``time.sleep`` and ``asyncio.sleep`` move the clock and take no time.  ``time.perf_counter`` is, too.
``time.monotonic`` is not: event loops, locks and selectors wait by it for what really takes its time.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import threading
import time
import weakref
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from ..clock import DEFAULT_START, Clock
from ..errors import UsageError

__all__ = ["FollowedClock", "freeze"]

_NO_LIBRARY = '--freeze needs time-machine. Install it with: pip install "fakememtrace[freeze]"'
_OURS = "fakememtrace"
# How long a thread beside the main one waits between two looks at the clock, in seconds.
_LOOK = 0.005
# After so many turns of an event loop that is never idle, a sleeper wakes up all the same.
_TURNS = 1_000


class FollowedClock(Clock):
    """A virtual clock whose every move somebody else follows."""

    def __init__(self, start: str | datetime = DEFAULT_START) -> None:
        super().__init__(start)
        self._following = threading.Lock()
        self._traveller: Any = None
        self._told = self._micros

    def follow(self, traveller: Any) -> None:
        """Let `traveller`, who is where the clock stands now, be shifted with it."""
        with self._following:
            self._traveller, self._told = traveller, self._micros

    def stamp(self) -> int:
        """As any clock."""
        stamp = super().stamp()
        self._tell()
        return stamp

    def pass_by(self, micros: int) -> None:
        """As any clock."""
        super().pass_by(micros)
        self._tell()

    def restore(self, micros: int) -> None:
        """As any clock."""
        super().restore(micros)
        self._tell()

    def move_to(self, when: str | datetime) -> datetime:
        """As any clock."""
        moved = super().move_to(when)
        self._tell()
        return moved

    def reach(self, micros: int) -> None:
        """Stand at `micros` since 1970, or stay where it is later already."""
        self.pass_by(max(0, micros - self._micros))

    def _tell(self) -> None:
        with self._following:
            moved = self._micros - self._told
            if self._traveller is not None and moved:
                self._traveller.shift(timedelta(microseconds=moved))
            self._told += moved


def freeze(clock: FollowedClock) -> None:
    """Have this process live by `clock` from now on.

    Raises:
        UsageError: time-machine is not installed.
    """
    try:
        import time_machine
    except ModuleNotFoundError:
        raise UsageError(_NO_LIBRARY) from None
    clock.follow(time_machine.travel(clock.now(), tick=False).start())
    begin = clock.micros()
    replacements: dict[str, Any] = {
        "sleep": _Sleep(clock, time.sleep, time.monotonic),
        "perf_counter": lambda: (clock.micros() - begin) / 1_000_000,
        **_dates(time.asctime),
        "perf_counter_ns": lambda: (clock.micros() - begin) * 1_000,
    }
    for name, ours in replacements.items():
        setattr(time, name, ours)
    asyncio.sleep = asyncio.tasks.sleep = _async_sleep(clock, asyncio.sleep)


def _dates(original: Callable[..., str]) -> dict[str, Any]:
    """What tells the date in C, of its own accord, unless it is given one."""

    def asctime(*moment: Any) -> str:
        return original(*(moment or (time.localtime(),)))

    def ctime(*seconds: Any) -> str:
        return original(time.localtime(*seconds))

    return {"asctime": asctime, "ctime": ctime}


def _is_ours() -> bool:
    """Whether this thread is the server's, or another one of ours."""
    return threading.current_thread().name.startswith(_OURS)


class _Sleep:
    """``time.sleep`` on a virtual clock.

    In the main thread it moves the clock and takes no time.  In another one it ends when the clock has come so far,
    or after its real length, with which the clock comes there: a thread that wakes up every minute for ever would
    let the hours fly.
    """

    def __init__(self, clock: FollowedClock, original: Callable[[float], None], real: Callable[[], float]) -> None:
        self._clock, self._original, self._real = clock, original, real

    def __call__(self, seconds: float) -> None:
        if _is_ours() or seconds <= 0:
            # Also says what is wrong with a length below zero.
            self._original(seconds)
        elif threading.current_thread() is threading.main_thread():
            self._clock.pass_by(round(seconds * 1_000_000))
            self._original(0)
        else:
            self._wait(seconds)

    def _wait(self, seconds: float) -> None:
        target, last = self._clock.micros() + round(seconds * 1_000_000), self._real() + seconds
        while self._clock.micros() < target:
            left = last - self._real()
            if left <= 0:
                self._clock.reach(target)
                return
            self._original(min(left, _LOOK))


def _async_sleep(clock: FollowedClock, original: Callable[..., Any]) -> Callable[..., Any]:
    sleepers: WeakKeyDictionary[Any, _Sleepers] = WeakKeyDictionary()

    async def sleep(delay: float, result: Any = None) -> Any:
        """Sleep on the virtual clock."""
        if _is_ours() or delay <= 0:
            return await original(delay, result)
        loop = asyncio.get_running_loop()
        if loop not in sleepers:
            sleepers[loop] = _Sleepers(clock, weakref.proxy(loop))
        await sleepers[loop].sleep(delay)
        return result

    return sleep


class _Sleepers:
    """The tasks of one event loop that sleep: when no other has anything to do, the clock moves to the next of them."""

    def __init__(self, clock: FollowedClock, loop: Any) -> None:
        self._clock, self._loop = clock, loop
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._turns = 0
        self._is_asked = False

    async def sleep(self, delay: float) -> None:
        """Wait until the clock is so much later."""
        target = self._clock.micros() + round(delay * 1_000_000)
        future: asyncio.Future[None] = self._loop.create_future()
        heapq.heappush(self._waiting, (target, next(self._order), future))
        self._ask()
        await future

    def _ask(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            self._loop.call_soon(self._look)

    def _look(self) -> None:
        self._is_asked = False
        while self._waiting and self._waiting[0][2].done():
            heapq.heappop(self._waiting)
        if not self._waiting:
            return
        self._turns += 1
        # What a loop has to do is its own affair; without it, everybody has had one turn at least.
        if self._turns > 1 and (self._turns > _TURNS or not getattr(self._loop, "_ready", ())):
            target, _, future = heapq.heappop(self._waiting)
            self._turns = 0
            self._clock.reach(target)
            future.set_result(None)
        self._ask()
