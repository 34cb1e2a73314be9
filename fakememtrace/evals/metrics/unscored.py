"""A score or none, and means that say how many there were."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import NamedTuple

__all__ = ["Mean", "Score", "mean", "percent"]

# None is unscored: neither 0 nor 1, and `+` refuses it.
Score = float | None


class Mean(NamedTuple):
    """The mean of what was scored (None when nothing was), and how much was scored and was not."""

    value: Score
    scored: int
    unscored: int

    def __str__(self) -> str:
        text = f"{percent(self.value)} of {self.scored}"
        return f"{text}, {self.unscored} unscored" if self.unscored else text


def mean(scores: Iterable[Score]) -> Mean:
    """The mean of those that are scored; the others are counted and change nothing."""
    every = list(scores)
    scored = [score for score in every if score is not None]
    value = math.fsum(scored) / len(scored) if scored else None
    return Mean(value, len(scored), len(every) - len(scored))


def percent(score: Score) -> str:
    """``56.9`` for 0.569, ``unscored`` for none."""
    return "unscored" if score is None else f"{100 * score:.1f}"
