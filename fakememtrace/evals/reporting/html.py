"""A run of evals as one HTML page that needs nothing else: no script, no network, no other file.

What memories say is hostile until shown otherwise: every value is escaped, and the page may load and run nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ... import report
from ...report.text import printable
from ..evaluation import Evaluation
from ..outcome import Result
from ..sets.text import told
from ..text import shown_value, summary
from ..tracing import STAGES
from .charts import funnels, metrics

if TYPE_CHECKING:
    from jinja2 import Environment, Template

__all__ = ["html"]

_TEMPLATE = Path(report.__file__).parent / "templates" / "eval.html"
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
    return _template().render(
        summary=summary(evaluation).text,
        state=evaluation.state,
        funnels=list(funnels(evaluation.results)),
        metrics=list(metrics(evaluation.sets)),
        groups=[(name, list(some)) for name, some in groupby(evaluation.results, lambda result: result.group)],
        sets=evaluation.sets,
        left_out=evaluation.left_out,
    )


@lru_cache(maxsize=1)
def _template() -> Template:
    made = _environment()
    return made.from_string(_TEMPLATE.read_text("utf-8"))


def _environment() -> Environment:
    # Imported when needed: it takes its time.
    from jinja2 import Environment, StrictUndefined

    made = Environment(
        autoescape=True,
        finalize=_printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters |= {"look": _look, "lines": str.splitlines, "shown": shown_value, "traced": _traced}
    made.globals |= {"told": told}
    return made


def _printable(value: Any) -> Any:
    """What nobody sees, or turns text around, as an escape; our own markup is no plain text."""
    return printable(value) if type(value) is str else value


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
