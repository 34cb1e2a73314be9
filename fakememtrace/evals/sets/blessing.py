"""Moves baselines to what a run was worth, when somebody asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...errors import FileError, UsageError, listed
from ...files import write_whole
from ...report.text import Line, printable
from ..evaluation import Evaluation
from ..gating.baseline import Baseline, to_text
from ..gating.blessing import blessed
from ..gating.verdict import shown
from ..metrics.unscored import mean
from .running import Prepared

__all__ = ["bless"]


def bless(evaluation: Evaluation, prepared: Sequence[Prepared]) -> list[Line]:
    """Write the baseline of every data-set eval that ran, or none of them; a line for each.

    Raises:
        UsageError: something crashed, failed or has no score.
        FileError: one cannot be written.
    """
    bad = [f"{one.case} ({one.dialect}) {one.state}" for one in evaluation.results if not one.passed]
    bad += [f"{one.name} {one.state}" for one in evaluation.sets if one.state == "crashed"]
    if bad:
        raise UsageError(
            f"nothing is blessed, since not all went well: {listed(bad)}.\n"
            "What to do: correct that, or name the data-set evals that are to be blessed."
        )
    made = [
        (one, blessed(one.eval.baseline_name, result.digest, result.scores, one.baseline))
        for one, result in zip(prepared, evaluation.sets, strict=True)
    ]
    return list(_written(made))


def _written(made: Sequence[tuple[Prepared, Baseline]]) -> Iterator[Line]:
    for one, baseline in made:
        path = one.eval.baseline
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(path, f"its folder cannot be made: {error.strerror}.", "Name another file.") from None
        write_whole(path, to_text(baseline))
        change = "is as before" if baseline == one.baseline else "is written"
        old = mean(score.value for score in one.baseline.scores).value if one.baseline else None
        new = mean(score.value for score in baseline.scores).value
        words = f"{len(baseline.scores)} items, mean {shown(old)} → {shown(new)}; {path.as_posix()} {change}"
        yield Line(printable(f"blessed  {one.eval.name}: {words}"), "bold green")
