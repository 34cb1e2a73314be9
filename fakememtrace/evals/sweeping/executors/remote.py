"""What a worker of a cluster does."""

from __future__ import annotations

from typing import Any

from ..unit import Unit
from ..versions import Versions, here
from .apart import apart
from .executor import Call

__all__ = ["perform", "perform_apart", "versions"]


def versions(libraries: tuple[str, ...]) -> tuple[Any, ...]:
    """What this worker runs, as plain values."""
    return tuple(here(libraries))


def perform(call: Call, unit: Unit, wanted: tuple[Any, ...]) -> dict[str, Any]:
    """The ``result`` of `unit`; only what runs here where that ``differs`` from what is wanted."""
    mine = here(tuple(name for name, _ in Versions(*wanted).libraries))
    return {"result": call(unit)} if tuple(mine) == tuple(wanted) else {"differs": tuple(mine)}


def perform_apart(call: Call, unit: Unit, wanted: tuple[Any, ...]) -> dict[str, Any]:
    """The same in a process of its own, which a unit may end without ending the worker."""
    mine = here(tuple(name for name, _ in Versions(*wanted).libraries))
    return {"result": apart(unit, call)} if tuple(mine) == tuple(wanted) else {"differs": tuple(mine)}
