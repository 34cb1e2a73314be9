"""Many things that happened, held against one expectation: enough of them fit, or the nearest is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..claude.missing.lines import alike
from .counting import Quantity
from .nearness import Gap, likeness, promising

__all__ = ["Candidate", "judged"]

_MOST_SHOWN = 5


class Candidate(NamedTuple):
    """One thing that happened: in words, how it differs from what was expected, and the texts expected and found."""

    told: str
    gaps: Sequence[Gap]
    texts: Sequence[tuple[str, str]]

    def nearness(self, like: Callable[[str, str], float]) -> float:
        """How near it is, where texts are so alike; a text that is quite another one differs in one value only."""
        total = sum(like(text, other) for text, other in self.texts)
        return total / max(1, len(self.texts)) - len(self.gaps) / 10


def judged(quantity: Quantity, candidates: Sequence[Candidate], what: str, nothing: str) -> str:
    """Why there are not as many that fit as there must be; empty when there are.

    `what` is what they are called after their number, `nothing` is told where there is none.
    """
    fitting = [one for one in candidates if not one.gaps]
    if quantity.holds(len(fitting)):
        return ""
    if len(fitting) > quantity.least or quantity.absent:
        return "\n".join([f"{len(fitting)} of {len(candidates)} {what}:", *_listed(fitting)])
    others = [one for one in candidates if one.gaps]
    lines = [f"{len(fitting)} of {len(candidates)} {what}:", *_listed(fitting)] if fitting else []
    if not candidates:
        lines.append(nothing)
    if others:
        lines += _nearest(others, f"nearest of {'the others' if fitting else f'{len(candidates)} {what}'}")
    return "\n".join(lines)


def _listed(candidates: Sequence[Candidate]) -> list[str]:
    more = len(candidates) - _MOST_SHOWN
    return [f"  {one.told}" for one in candidates[:_MOST_SHOWN]] + ([f"  and {more} more"] if more > 0 else [])


def _nearest(candidates: Sequence[Candidate], head: str) -> list[str]:
    close = promising(candidates, lambda one: one.nearness(alike))
    near = max(close, key=lambda one: one.nearness(likeness))
    return [f"{head}: {near.told}", *(f"  {gap}" for gap in near.gaps)]
