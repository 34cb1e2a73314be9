"""Results as lines of text: the funnel as the headline, then a line for each eval."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..report.text import Line, labelled, printable
from .funnel import funnel, losses
from .outcome import Result
from .tracing import STAGES

__all__ = ["headline", "result_lines", "shown_value", "summary"]

_MARKS = {
    "passed": ("ok", "green"),
    "failed": ("FAILED", "bold red"),
    "crashed": ("CRASHED", "bold red"),
    "unscored": ("unscored", "yellow"),
}


def headline(results: Sequence[Result]) -> Iterator[Line]:
    """The funnel of each dialect."""
    for dialect in dict.fromkeys(result.dialect for result in results):
        found = funnel(result for result in results if result.dialect == dialect)
        yield Line(f"{dialect}: {found.headline}", "bold")


def result_lines(result: Result, losses_too: bool = True) -> Iterator[Line]:
    """A line for one eval in one dialect, what is wrong with it, and where its facts were lost."""
    mark, style = _MARKS[result.state]
    lost = sum(bool(trace.lost) for trace in result.traces)
    came = f"{len(result.traces) - lost} of {len(result.traces)} came back" if result.traces else "no fact traced"
    spent = f"{result.calls} calls, {result.tokens} tokens"
    yield Line(f"{mark.ljust(9)}{result.case} ({result.dialect}): {came}; {spent}", style)
    if result.words:
        yield from labelled("", printable(result.words), style)
    if losses_too:
        yield from _lost(result)


def summary(results: Sequence[Result]) -> Line:
    """The verdict on all of them."""
    bad = [result for result in results if result.state in ("failed", "crashed")]
    unscored = [result for result in results if result.state == "unscored"]
    names = len({result.case for result in results})
    counted = "1 eval" if names == 1 else f"{names} evals"
    words = f"{len(results) - len(bad) - len(unscored)} of {len(results)} passed ({counted})"
    if unscored:
        words += f", {len(unscored)} unscored"
    return Line(f"FAILED: {words}", "bold red") if bad else Line(f"PASSED: {words}", "bold green")


def shown_value(value: Any) -> str:
    """An expected or found value for people: a curve as its ranges."""
    if isinstance(value, dict):
        return ", ".join(f"{label}: {shown_value(item)}" for label, item in value.items())
    if isinstance(value, list):
        return f"[{', '.join(map(shown_value, value))}]"
    return value if isinstance(value, str) else json.dumps(value)


def _lost(result: Result) -> Iterator[Line]:
    """One line for each fact and stage at which a read lost it; the first of a curve stands for the others."""
    alike = groupby(losses([result]), lambda loss: (loss.probe, loss.fact, loss.lost))
    for (probe, fact, lost), group in alike:
        first, *others = group
        which = f" at {first.variant}" if first.variant else ""
        more = f" (and {len(others)} more)" if others else ""
        yield from labelled("  lost", f"{fact}, {probe}{which}, before it was {STAGES[lost]}: {first.why}{more}", "dim")
