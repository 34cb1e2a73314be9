"""Whether the program has done all that it does of itself: it is quiet, and its bots wait for what comes.

A poll that is held looks again and again.  The program is quiet when, for some looks of every poll that
is held, nothing was asked of any fake, no task of the poll's event loop and no thread got any further,
and none is at work whose end is still to come: in a pool, or asleep on the loop's clock.

Real time counts for nothing in this but in two cases that a sound program does not meet: one that never
becomes quiet is taken to be so after `grace`, and one that never answers is given up after `patience`.
"""

from __future__ import annotations

import asyncio
import concurrent.futures.thread
import contextlib
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple
from weakref import WeakSet

from ..wire import PAUSE, Request

__all__ = ["Watch"]

# The state of a thread that would go on if it were let.
_RUNNING = b"R"
# So many looks in which nothing moves are quiet.
_LOOKS = 25
# Where a thread of a pool waits for work.
_POOL = concurrent.futures.thread._worker.__code__


class _Scene(NamedTuple):
    """What a look sees of the program: how far its threads and tasks are, and which of these will go on by themselves.

    Threads are told by where they stand and what they have used of the processor, tasks by what they wait for.
    """

    threads: dict[int, tuple[int, int, tuple[bytes, ...]]]
    tasks: dict[Any, Any]
    busy_threads: frozenset[int]
    sleepers: frozenset[Any]

    def is_like(self, other: _Scene | None) -> bool:
        """Whether nothing has moved between the two."""
        if other is None or self.threads != other.threads or not _stand(self.tasks, other.tasks):
            return False
        return not any(used[:1] == (_RUNNING,) for _, _, used in self.threads.values())


class _Hold:
    """A poll that is held."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.thread = threading.get_ident()
        self.loop = _running_loop()
        self.task = asyncio.current_task(self.loop) if self.loop else None
        self.exchanges = -1
        self.scene: _Scene | None = None
        self.still = self.waited = 0


class Watch:
    """The polls that are held, and what they see.

    Args:
        exchanges: how many exchanges there were by now, of all fakes.
        away: whether a fake is asking somebody else at this moment.
    """

    def __init__(self, exchanges: Callable[[], int], away: Callable[[], bool]) -> None:
        self.grace, self.patience = 3.0, 10.0
        self._exchanges, self._away = exchanges, away
        self._holds: dict[str, _Hold] = {}
        # The bots that were answered, and have not come back.
        self._gone: set[str] = set()
        # Polls whose bot has another one since.
        self._ousted: list[Request] = []
        # What was at work or asleep when the last update came, and so has nothing to do with it.
        self._threads: frozenset[int] = frozenset()
        self._sleepers: WeakSet[Any] = WeakSet()
        self._came = False

    def holds(self, bot: str) -> bool:
        """Whether a poll of `bot` is held."""
        return bot in self._holds

    def is_ousted(self, request: Request) -> bool:
        """Whether this poll was held, and its bot polled once more meanwhile; asked once."""
        others = [ousted for ousted in self._ousted if ousted is not request]
        is_ousted = len(others) < len(self._ousted)
        self._ousted = others
        return is_ousted

    def waited(self, bot: str) -> float:
        """For how many seconds the poll of `bot` has been held while nothing was asked of any fake."""
        return self._holds[bot].waited * PAUSE

    def look(self, bot: str, request: Request) -> None:
        """The poll `request` of `bot` is held, and looks."""
        hold = self._holds.get(bot)
        if hold is None or hold.request is not request:
            self._ousted += [hold.request] if hold else []
            hold = self._holds[bot] = _Hold(request)
        self.came_back(bot)
        exchanges, scene = self._exchanges(), self._scene(hold)
        if exchanges != hold.exchanges or self._away():
            hold.still = hold.waited = 0
        elif self._works(scene) or not scene.is_like(hold.scene):
            hold.still = 0
        hold.still, hold.waited = hold.still + 1, hold.waited + 1
        hold.exchanges, hold.scene = exchanges, scene

    def begin(self) -> None:
        """A new run of the program: nobody is here yet."""
        self._holds.clear()
        self._gone.clear()
        self._came = False

    def came_back(self, bot: str) -> None:
        """`bot` polls, and is waited for no more."""
        self._gone.discard(bot)

    def leave(self, bot: str, request: Request) -> None:
        """The poll `request` is held no more, and nothing came of it."""
        hold = self._holds.get(bot)
        if hold is not None and hold.request is request:
            del self._holds[bot]

    def answered(self, bot: str) -> None:
        """What was held of `bot` is answered with something: it has to come back before anything else."""
        scenes = [hold.scene for hold in self._holds.values() if hold.scene]
        self._threads = frozenset().union(*(scene.busy_threads for scene in scenes))
        self._sleepers = WeakSet(task for scene in scenes for task in scene.sleepers)
        self._came = True
        if self._holds.pop(bot, None):
            self._gone.add(bot)

    def quiet(self, wanted: set[str]) -> bool:
        """Whether the program is quiet, and the `wanted` bots wait, as do those that went on with an answer."""
        is_here = not self._gone and wanted <= self._holds.keys()
        if is_here and self._all(lambda hold: hold.still >= _LOOKS):
            return True
        return self._all(lambda hold: hold.waited * PAUSE >= self.grace)

    def tired(self) -> bool:
        """Whether nothing has come of anything for so long that nothing will."""
        return self._all(lambda hold: hold.waited * PAUSE >= self.patience)

    def _all(self, holds_for: Callable[[_Hold], bool]) -> bool:
        """Whether that is so for every poll, as it looked since anything was asked."""
        exchanges = self._exchanges()
        return all(hold.exchanges == exchanges and holds_for(hold) for hold in self._holds.values())

    def _scene(self, hold: _Hold) -> _Scene:
        frames = self._others()
        # Frames by their ids: one that is kept would keep all that its function has.
        used = _used()
        threads = {at: (id(frame), frame.f_lasti, used.get(at, ())) for at, frame in frames.items()}
        busy = frozenset(thread for thread, frame in frames.items() if _is_in_pool(frame))
        tasks = self._tasks(hold.loop) if hold.loop else {}
        asleep = _asleep(hold.loop, self.patience) if tasks else frozenset()
        return _Scene(threads, tasks, busy, frozenset(task for task, awaited in tasks.items() if awaited in asleep))

    def _works(self, scene: _Scene) -> bool:
        if not self._came:
            return False
        return bool(scene.busy_threads - self._threads) or any(task not in self._sleepers for task in scene.sleepers)

    def _others(self) -> dict[int, FrameType]:
        """Where every thread stands that is no poll's."""
        polls = {hold.thread for hold in self._holds.values()}
        return {thread: frame for thread, frame in sys._current_frames().items() if thread not in polls}

    def _tasks(self, loop: Any) -> dict[Any, Any]:
        """What every task of `loop` waits for that is no poll's."""
        polls = {hold.task for hold in self._holds.values()}
        return {task: getattr(task, "_fut_waiter", task) for task in asyncio.all_tasks(loop) if task not in polls}


def _stand(one: dict[Any, Any], other: dict[Any, Any]) -> bool:
    # Who waits for nothing goes on at the next turn of the loop.
    return one.keys() == other.keys() and all(value is other[key] is not None for key, value in one.items())


def _used() -> dict[int, tuple[bytes, ...]]:
    """What each thread is doing and has used of the processor, where the system tells.

    A thread is only ever seen where it lets others in, which in a small loop is one place.
    """
    used = {}
    for thread in threading.enumerate():
        with contextlib.suppress(OSError):
            told = Path(f"/proc/self/task/{thread.native_id}/stat").read_bytes().rpartition(b")")[2].split()
            used[thread.ident or 0] = (told[0], *told[11:13])
    return used


def _is_in_pool(frame: FrameType | None) -> bool:
    """Whether that is a thread of a pool that has work."""
    inside = frame
    while inside is not None and inside.f_code is not _POOL:
        inside = inside.f_back
    return inside is not None and inside is not frame


def _asleep(loop: Any, longest: float) -> frozenset[Any]:
    """The futures that the loop's own clock brings about, within the next seconds."""
    until = loop.time() + longest
    timers = [timer for timer in getattr(loop, "_scheduled", ()) if not timer.cancelled() and timer.when() <= until]
    return frozenset(future for timer in timers for future in timer._args or () if asyncio.isfuture(future))


def _running_loop() -> Any:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
