"""What pytest says of a marked test while it runs."""

from __future__ import annotations

from typing import Any

from ..metrics.unscored import mean
from .entry import Entry

__all__ = ["shown", "status"]


def status(entry: Entry, when: str) -> tuple[str, str, Any] | None:
    """Category, letter and word for pytest's report of the setup or the call; None where pytest has its own.

    A score of 1 is counted among what passed, a lower one as "scored below 1", and what has no score as "unscored".
    """
    values = [one.value for one in entry.scores]
    if when == "setup" or entry.skipped:
        return ("unscored", "u", ("UNSCORED", {"yellow": True})) if None in values else None
    if not values or None in values:
        return "unscored", "u", ("UNSCORED", {"yellow": True})
    word = f"SCORED {shown(mean(values).value)}" + (f" ({len(values)} items)" if len(values) > 1 else "")
    if all(value == 1 for value in values):
        return "passed", ".", (word, {"green": True})
    return "scored below 1", "b", (word, {"yellow": True})


def shown(value: float | None) -> str:
    """A score with three digits: ``0.667``, ``1.0``; ``unscored`` for none."""
    return "unscored" if value is None else str(round(value, 3))
