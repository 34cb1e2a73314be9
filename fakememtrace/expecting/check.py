"""An expectation, and what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from .evidence import Evidence

__all__ = ["Check", "Expectation"]


class Check(NamedTuple):
    """One expectation and whether it held, which is its truth; ``detail`` shows the nearest thing that did happen.

    So ``assert stored(world, contains="tea")`` fails when it did not hold, and its words say why.
    """

    expected: str
    held: bool
    detail: str = ""

    def __bool__(self) -> bool:
        return self.held

    def __str__(self) -> str:
        return f"held: {self.expected}" if self.held else f"expected: {self.expected}\nfound: {self.detail}"

    def __repr__(self) -> str:
        # On one line: pytest shows it in the middle of others.
        lines = [self.expected, *(line.strip() for line in self.detail.splitlines())]
        return f"<{'held' if self.held else 'not held'}: {' | '.join(lines)}>"


@dataclass(frozen=True)
class Expectation:
    """One thing that must hold: its words, and how to look for it (what is wrong in words, or nothing)."""

    text: str
    look: Callable[[Evidence], str]

    def check(self, evidence: Evidence) -> Check:
        """Look for it in the evidence."""
        detail = self.look(evidence)
        return Check(self.text, not detail, detail)
