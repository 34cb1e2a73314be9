"""A sweep from its units to its report: what the folder has is taken, the rest is run and kept as it comes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from .combined import combined
from .crossing import Crossed
from .executors import Executor, Stopped
from .folder import Folder
from .running import CRASHED, crash
from .sweep import Sweep

__all__ = ["Stopped", "Swept", "sweep"]

_GONE = "its file is gone from the folder of the sweep"
# Is told how many units are done, of how many.
Progress = Callable[[int, int], None]


class Swept(NamedTuple):
    """The report of a sweep; how many units were in the folder and how many were run; what was damaged there."""

    report: dict[str, Any]
    taken: int
    run: int
    damaged: tuple[str, ...]


def _silent(_done: int, _of: int) -> None:
    pass


def sweep(what: Sweep, units: Crossed, executor: Executor, folder: Folder, progress: Progress = _silent) -> Swept:
    """Run what `folder` does not have of `units`, and combine all; the report is the same whoever runs them.

    Raises:
        Stopped: not all could be run; what was is in the folder.
    """
    left = [unit for unit in units.units if folder.taken(unit) is None]
    every = len(units.units)
    taken = every - len(left)
    crashed: dict[str, dict[str, Any]] = {}
    progress(taken, every)
    for done, (unit, result) in enumerate(executor.results(left), taken + 1):
        folder.keep(unit, result)
        if result["state"] == CRASHED:
            crashed[unit.key] = result
        progress(done, every)
    report = combined(what, units, lambda unit: crashed.get(unit.key) or folder.taken(unit) or crash(_GONE))
    folder.report(report)
    return Swept(report, taken, len(left), tuple(folder.damaged))
