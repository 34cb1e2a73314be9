"""What a report shows: plain data, of accounts (:mod:`.account`) and of comparisons (:mod:`.sides`)."""

from __future__ import annotations

from typing import Any, NamedTuple

from .account import (
    CUT,
    FRAME,
    MEMORY,
    PLAIN,
    WHOLE,
    Account,
    Check,
    Diverged,
    Line,
    Mark,
    Memory,
    Miss,
    Run,
    Shown,
    Step,
    Text,
    Tool,
    Turn,
)
from .plain import as_plain
from .sides import Asked, Beside, Cause, Comparison, Conversation, Regression, Row, Section

__all__ = [
    "CUT",
    "FRAME",
    "MEMORY",
    "PLAIN",
    "WHOLE",
    "Account",
    "Asked",
    "Beside",
    "Cause",
    "Check",
    "Comparison",
    "Conversation",
    "Diverged",
    "Line",
    "Mark",
    "Memory",
    "Miss",
    "Page",
    "Regression",
    "Row",
    "Run",
    "Section",
    "Shown",
    "Step",
    "Text",
    "Tool",
    "Turn",
]


class Page(NamedTuple):
    """A report: what made it, what it is called, and what it shows.

    ``verdict`` is ``passed``, ``failed`` or empty; ``is_live`` is whether it shows a world that goes on.
    """

    command: str
    title: str
    verdict: str = ""
    summary: str = ""
    accounts: tuple[Account, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    regressions: tuple[Regression, ...] = ()
    is_live: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        values: dict[str, Any] = as_plain(self)
        return values
