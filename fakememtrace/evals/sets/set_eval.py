"""A data-set eval: which questions are asked by which plans, and what is measured in the answers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from ..datasets.measure import Variant

__all__ = ["SetEval"]


class SetEval(NamedTuple):
    """One eval over a data set.

    ``set`` is the data set; every one of ``plans`` is asked in every one of ``dialects``, and of what comes back the
    ``metric`` of the first ``k`` is the score of a question (0 where the set has a measure of its own).  ``by`` says
    what a category is for the gate: the question's own, or its conversation.
    """

    name: str
    group: str
    title: str
    why: str
    set: str
    plans: tuple[str, ...]
    dialects: tuple[str, ...]
    metric: str
    k: int
    by: str
    baseline: Path
    path: Path

    @property
    def measure(self) -> str:
        """What is measured, such as ``recall@5``."""
        return f"{self.metric}@{self.k}" if self.k else self.metric

    @property
    def baseline_name(self) -> str:
        """What its baseline is called: scores of another measure are not comparable."""
        return f"{self.name}, {self.measure}"

    def variants(self, dialects: Sequence[str]) -> list[Variant]:
        """The ways in which is asked, in those of its dialects that are among `dialects`."""
        return [
            Variant(plan, dialect, (self.k,)) for dialect in self.dialects if dialect in dialects for plan in self.plans
        ]
