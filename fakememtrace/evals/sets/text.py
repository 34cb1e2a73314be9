"""Data-set evals as lines of text: a line for each way in which was asked, and what flipped."""

from __future__ import annotations

from collections.abc import Iterator

from ...report.text import Line, labelled, printable
from ..gating.verdict import MARKS, shown
from .outcome import Gated, SetResult

__all__ = ["set_lines", "told"]

_ADVICE = {
    "regression": "correct it; or where this is as it should be, --bless writes {baseline} anew.",
    "ungated": "compare with a baseline of the same; or --bless writes {baseline} anew.",
    "no baseline": "--bless writes {baseline} from a run that is as it should be.",
}


def set_lines(result: SetResult, passed_too: bool = True) -> Iterator[Line]:
    """A line for each variant, then its reasons and every item that flipped; `passed_too`, of those that passed."""
    if result.state == "crashed":
        yield Line(f"CRASHED  {result.name}", "bold red")
        yield from labelled("", printable(result.words), "bold red")
    for gated in result.variants:
        if passed_too or gated.verdict.state != "passed" or gated.verdict.flipped:
            mark, style = MARKS[gated.verdict.state]
            yield Line(printable(f"{mark.ljust(9)}{gated.verdict.name}: {told(result, gated)}"), style)
            yield from gated.verdict.details()
    state = "no baseline" if result.state == "ungated" and not result.rules else result.state
    if state in _ADVICE:
        advice = _ADVICE[state].format(baseline=result.baseline)
        yield from labelled("", printable(f"What to do: {advice}"), "bold")


def told(result: SetResult, gated: Gated) -> str:
    """What was measured: ``recall@5 mean 0.9318 → 0.9318, 0 items flipped; precision 0.2824, 4.2 returned``."""
    words = f"{result.measure} {gated.verdict.headline}"
    if gated.precision is None or gated.returned is None:
        return words
    returned = "none" if gated.returned.value is None else f"{gated.returned.value:.1f}"
    return f"{words}; precision {shown(gated.precision.value)}, {returned} returned"
