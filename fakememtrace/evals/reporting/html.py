"""A run of evals as one HTML page that needs nothing else, and looks like every other report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from ...report.html import document
from ..evaluation import Evaluation
from ..outcome import Result
from ..sets.outcome import SetResult
from ..sets.text import told
from ..text import shown_value, summary
from ..tracing import STAGES
from .charts import funnels, metrics

__all__ = ["html"]

# So many lines say why at the top of the page.
_FEW = 2
# How the states of cases and of data-set evals look.
_LOOKS = {"passed": "good", "unscored": "warn", "ungated": "warn"}


class _Traced(NamedTuple):
    """How far a fact came in a read: for the first of a curve, and how many others of it came as far."""

    probe: str
    fact: str
    text: str
    stage: str
    is_lost: bool
    why: str
    variant: str
    others: int


class _Failing(NamedTuple):
    """What did not pass, where it stands on the page, and why in a few lines."""

    name: str
    state: str
    place: str
    words: tuple[str, ...]


def html(evaluation: Evaluation) -> str:
    """The whole page."""
    groups = [(name, list(some)) for name, some in groupby(evaluation.results, lambda result: result.group)]
    return document(
        "eval.html",
        styles=("eval.css",),
        filters={"look": _look, "lines": str.splitlines, "shown": shown_value, "traced": _traced},
        told=told,
        summary=summary(evaluation).text,
        state=evaluation.state,
        funnels=list(funnels(evaluation.results)),
        metrics=list(metrics(evaluation.sets)),
        groups=groups,
        failing=[*_failing_sets(evaluation.sets), *_failing_cases(groups)],
        sets=evaluation.sets,
        left_out=evaluation.left_out,
    )


def _failing_cases(groups: Sequence[tuple[str, Sequence[Result]]]) -> Iterator[_Failing]:
    for number, (_, results) in enumerate(groups, 1):
        for place, result in enumerate(results, 1):
            if not result.passed:
                lost = [f"lost: {one.why}" for one in result.traces if one.lost]
                words = (*result.words.splitlines()[:_FEW], *lost[:1])
                name = f"{result.case} ({result.dialect})"
                yield _Failing(name, result.state, f"group{number}-{place}", words)


def _failing_sets(sets: Sequence[SetResult]) -> Iterator[_Failing]:
    for number, one in enumerate(sets, 1):
        if one.state == "crashed":
            yield _Failing(one.name, one.state, f"set{number}", tuple(one.words.splitlines()[:_FEW]))
        for place, gated in enumerate(one.variants, 1):
            if gated.verdict.state != "passed":
                yield _Failing(
                    f"{one.name}, {gated.variant}", gated.verdict.state, f"set{number}-{place}", (told(one, gated),)
                )


def _look(state: str) -> str:
    return _LOOKS.get(state, "bad")


def _traced(result: Result) -> Iterator[_Traced]:
    alike = groupby(result.traces, lambda trace: (trace.probe, trace.fact, trace.lost))
    for _, group in alike:
        first, *others = group
        stage = (
            f"lost before it was {STAGES[first.lost]}" if first.lost else f"came through: {STAGES[first.stages[-1]]}"
        )
        about = (first.probe, first.fact, first.text, stage, bool(first.lost), first.why, first.variant)
        yield _Traced(*about, len(others))
