"""The loss funnel: how many facts came how far, and for each lost one the stage and the memory that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from .outcome import Result, Trace
from .tracing import STAGES

__all__ = ["Funnel", "Loss", "funnel", "losses"]


class Loss(NamedTuple):
    """A fact that was lost in a case: where it was looked for, at which stage it was lost, and what shows that."""

    case: str
    dialect: str
    probe: str
    fact: str
    variant: str
    lost: str
    why: str


class Funnel(NamedTuple):
    """For each stage how many facts were to reach it at all, and how many did."""

    of: dict[str, int]
    reached: dict[str, int]

    @property
    def headline(self) -> str:
        """One line: ``said 12 → stored 11 → ...``; where Claude has no part in most of them, ``2 of 3`` of the rest."""
        return " → ".join(f"{words} {self._number(stage)}" for stage, words in STAGES.items() if self.of[stage])

    def _number(self, stage: str) -> str:
        reached, of = self.reached[stage], self.of[stage]
        return str(reached) if of == self.of["said"] else f"{reached} of {of}"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"of": self.of, "reached": self.reached, "headline": self.headline}


def funnel(results: Iterable[Result]) -> Funnel:
    """The funnel of all that was looked for."""
    of, reached = dict.fromkeys(STAGES, 0), dict.fromkeys(STAGES, 0)
    for result in results:
        for trace in result.traces:
            for stage in trace.stages:
                of[stage] += 1
            for stage in _reached(trace):
                reached[stage] += 1
    return Funnel(of, reached)


def losses(results: Iterable[Result]) -> Iterator[Loss]:
    """Every fact that was lost, in the order of the results."""
    for result in results:
        for trace in result.traces:
            if trace.lost:
                yield Loss(
                    *(result.case, result.dialect, trace.probe, trace.fact, trace.variant),
                    *(trace.lost, trace.why),
                )


def _reached(trace: Trace) -> tuple[str, ...]:
    return trace.stages[: trace.stages.index(trace.lost)] if trace.lost else trace.stages
