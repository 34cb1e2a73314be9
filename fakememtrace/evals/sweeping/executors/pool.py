"""Several processes of this machine."""

from __future__ import annotations

import multiprocessing
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

from ...lifeline import end_with_parent
from ..running import run_unit
from ..unit import Unit
from .apart import apart
from .by_file import laid_down, picked_up, run_file
from .executor import Call

__all__ = ["Pool"]

# So many for each process wait for their turn; more would only be in memory.
_AHEAD = 2
Outcome = dict[str, Any]


class Pool:
    """Runs units by `call` in so many `workers`, each a process.

    When a process dies, those that were under way are run once more, each in a process of its own: what ends that,
    too, has crashed.
    """

    def __init__(self, workers: int, call: Call = run_unit) -> None:
        self._workers, self._call = workers, call

    def results(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, Outcome]]:
        """As they are done."""
        left = list(reversed(units))
        while left:
            suspects: list[Unit] = []
            with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch:
                yield from self._together(left, suspects, Path(scratch))
            for unit in suspects:
                yield unit, apart(unit, self._call)

    def _together(self, left: list[Unit], suspects: list[Unit], scratch: Path) -> Iterator[tuple[Unit, Outcome]]:
        """Run what is `left`, taking it from there; what was under way when a process died is among `suspects`."""
        others = set(multiprocessing.active_children())
        # Not forked: other threads of this process may hold locks.
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(self._workers, len(left)), context, end_with_parent)
        running: dict[Future[None], Unit] = {}
        try:
            while left or running:
                while left and len(running) < _AHEAD * self._workers:
                    unit = left.pop()
                    laid_down(scratch / unit.key, self._call, unit)
                    running[_submitted(pool, scratch / unit.key, unit, suspects)] = unit
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in [future for future in running if future in done]:
                    future.result()
                    unit = running.pop(future)
                    yield unit, _result(scratch / unit.key)
        except BrokenProcessPool:
            suspects += running.values()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            ours = set(multiprocessing.active_children()) - others
            for process in ours:
                process.kill()
            for process in ours:
                process.join()


def _submitted(pool: ProcessPoolExecutor, path: Path, unit: Unit, suspects: list[Unit]) -> Future[None]:
    try:
        return pool.submit(run_file, str(path))
    except BrokenProcessPool:
        # It was taken from what is left, and nothing else has it.
        suspects.append(unit)
        raise


def _result(path: Path) -> Outcome:
    found = picked_up(path)
    assert found is not None
    path.unlink()
    return found
