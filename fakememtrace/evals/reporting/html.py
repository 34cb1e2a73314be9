"""A run of evals as one HTML page that needs nothing else, and looks like every other report."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from ...report.html import document
from ..evaluation import Evaluation
from ..outcome import Result
from ..sets.text import told
from ..text import shown_value, summary
from ..tracing import STAGES
from .charts import funnels, metrics

__all__ = ["html"]

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


def html(evaluation: Evaluation) -> str:
    """The whole page."""
    return document(
        "eval.html",
        styles=("eval.css",),
        filters={"look": _look, "lines": str.splitlines, "shown": shown_value, "traced": _traced},
        told=told,
        summary=summary(evaluation).text,
        state=evaluation.state,
        funnels=list(funnels(evaluation.results)),
        metrics=list(metrics(evaluation.sets)),
        groups=[(name, list(some)) for name, some in groupby(evaluation.results, lambda result: result.group)],
        sets=evaluation.sets,
        left_out=evaluation.left_out,
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
