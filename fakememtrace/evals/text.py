"""Results as lines of text: the funnel as the headline, then a line for each eval."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..report.text import Line, labelled, printable
from .evaluation import Evaluation
from .funnel import funnel, losses
from .outcome import Result
from .sets.outcome import SetResult
from .tracing import STAGES

__all__ = ["funnel_table", "headline", "result_lines", "shown_value", "summary"]

_MARKS = {
    "passed": ("ok", "green"),
    "failed": ("FAILED", "bold red"),
    "crashed": ("CRASHED", "bold red"),
    "unscored": ("unscored", "yellow"),
}
_VERDICTS = {"passed": ("PASSED", "bold green"), "failed": ("FAILED", "bold red"), "ungated": ("UNGATED", "yellow")}


def headline(results: Sequence[Result]) -> Iterator[Line]:
    """The funnel of each dialect."""
    for dialect in dict.fromkeys(result.dialect for result in results):
        found = funnel(result for result in results if result.dialect == dialect)
        yield Line(f"{dialect}: {found.headline or 'no fact was traced'}", "bold")


def funnel_table(results: Sequence[Result]) -> tuple[list[str], list[list[str]]]:
    """The funnels as a table: a row for each stage with the facts that reached it, a column for each dialect."""
    dialects = list(dict.fromkeys(result.dialect for result in results))
    funnels = [funnel(result for result in results if result.dialect == dialect) for dialect in dialects]
    rows = [
        [words, *(f"{one.reached[stage]} of {one.of[stage]}" if one.of[stage] else "-" for one in funnels)]
        for stage, words in STAGES.items()
        if any(one.of[stage] for one in funnels)
    ]
    return ["facts", *dialects], rows


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


def summary(evaluation: Evaluation) -> Line:
    """The verdict on all of them."""
    word, style = _VERDICTS[evaluation.state]
    parts = [words for words in (_counted(evaluation.results), _gated(evaluation.sets)) if words]
    return Line(f"{word}: {'; '.join(parts)}", style)


def _counted(results: Sequence[Result]) -> str:
    """``126 of 126 passed (63 evals)``; nothing where there was no case."""
    if not results:
        return ""
    passed = sum(result.passed for result in results)
    unscored = sum(result.state == "unscored" for result in results)
    words = f"{passed} of {len(results)} passed ({_number(len({result.case for result in results}), 'eval')})"
    return f"{words}, {unscored} unscored" if unscored else words


def _gated(sets: Sequence[SetResult]) -> str:
    """``5 of 5 as good as before (2 data-set evals)``."""
    if not sets:
        return ""
    states = [gated.verdict.state for one in sets for gated in one.variants]
    words = f"{states.count('passed')} of {len(states)} as good as before ({_number(len(sets), 'data-set eval')})"
    crashed = sum(one.state == "crashed" for one in sets)
    counts = {"crashed": crashed, "worse": states.count("regression"), "cannot be gated": states.count("ungated")}
    return ", ".join([words, *(f"{count} {what}" for what, count in counts.items() if count)])


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


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
