"""One unit after the other, in the process that asks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ..running import run_unit
from ..unit import Unit
from .executor import Call

__all__ = ["ALONE", "Alone"]


class Alone:
    """Runs units here, by `call`."""

    def __init__(self, call: Call = run_unit) -> None:
        self._call = call

    def results(self, units: Sequence[Unit]) -> Iterator[tuple[Unit, dict[str, Any]]]:
        """In their order."""
        for unit in units:
            yield unit, self._call(unit)


ALONE = Alone()
