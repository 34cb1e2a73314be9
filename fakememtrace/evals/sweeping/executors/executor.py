"""The protocol of executors, and which one is meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

from ....errors import UsageError
from ..unit import Unit

__all__ = ["Call", "Executor", "Stopped", "executor"]

# Runs one unit: a function of a module, so that another process can be told which.
Call = Callable[[Unit], dict[str, Any]]


class Executor(Protocol):
    """Runs units."""

    def results(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, dict[str, Any]]]:
        """Every unit with its result, in the order in which they are done; each comes once.

        Raises:
            Stopped: it cannot go on.
        """
        ...


class Stopped(UsageError):
    """An executor that cannot go on, through no fault of a unit."""


def executor(workers: int = 1, scheduler: str = "") -> Executor:
    """Units run by so many processes of this machine, this one if it is one; or by a Dask `scheduler`.

    Raises:
        UsageError: the address is none, or Dask is not installed.
    """
    if scheduler:
        # Imported when needed: Dask takes half a second.
        from .cluster import Cluster

        return Cluster(scheduler)
    if workers > 1:
        from .pool import Pool

        return Pool(workers)
    from .alone import ALONE

    return ALONE
