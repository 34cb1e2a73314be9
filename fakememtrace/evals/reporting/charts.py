"""What the page draws: bars as plain numbers, from 0 to 1."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..funnel import funnel
from ..gating.verdict import shown
from ..outcome import Result
from ..sets.outcome import SetResult
from ..tracing import STAGES

__all__ = ["Bar", "Funnels", "Metric", "funnels", "metrics"]


class Bar(NamedTuple):
    """A stage of the funnel: its name, its share of those that were to reach it, and both in words."""

    name: str
    share: float
    words: str


class Funnels(NamedTuple):
    """The funnel of one dialect."""

    dialect: str
    headline: str
    bars: tuple[Bar, ...]


class Metric(NamedTuple):
    """What a variant of a data-set eval was worth: before and now, as shares (None: nothing) and in words."""

    name: str
    state: str
    before: float | None
    now: float | None
    words: str


def funnels(results: Sequence[Result]) -> Iterator[Funnels]:
    """The funnel of each dialect, without the stages that nothing was to reach."""
    for dialect in dict.fromkeys(result.dialect for result in results):
        found = funnel(result for result in results if result.dialect == dialect)
        bars = (
            Bar(words, found.reached[stage] / found.of[stage], f"{found.reached[stage]} of {found.of[stage]}")
            for stage, words in STAGES.items()
            if found.of[stage]
        )
        yield Funnels(dialect, found.headline, tuple(bars))


def metrics(sets: Iterable[SetResult]) -> Iterator[Metric]:
    """Every variant of every data-set eval."""
    for one in sets:
        for gated in one.variants:
            verdict = gated.verdict
            words = f"{shown(verdict.mean_before)} → {shown(verdict.mean_now)}"
            name = f"{verdict.name} · {one.measure}"
            yield Metric(name, verdict.state, _share(verdict.mean_before), _share(verdict.mean_now), words)


def _share(value: float | None) -> float | None:
    return None if value is None else min(max(value, 0.0), 1.0)
