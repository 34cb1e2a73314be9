"""The gate at the end of a run of pytest: every suite against its baseline, or its baseline written anew."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import FakememtraceError, listed
from ...files import write_whole
from ...report.text import Line, labelled, printable
from ..gating.baseline import Baseline, BaselineError, read_if_there, to_text
from ..gating.blessing import blessed
from ..gating.gate import judge
from ..gating.verdict import Verdict, shown
from ..metrics.unscored import mean
from .suites import Run, Suite, suites

__all__ = ["Settled", "settled"]

FORMAT, VERSION = "fakememtrace-memory-evals", 1
_MOST = 3
_STYLES = {"ungated": "yellow", "skipped": "yellow", "blessed": "green", "refused": "bold red"}


class Settled(NamedTuple):
    """What the end of the run says of the suites, and whether it fails for them."""

    lines: tuple[Line, ...]
    failed: bool


class _Judged(NamedTuple):
    """What became of one suite: its state, what is said of it, whether the run fails for it.

    There is a verdict where it was gated; else ``why`` says why not.
    """

    suite: Suite
    state: str
    lines: tuple[Line, ...]
    failed: bool
    why: str = ""
    verdict: Mapping[str, Any] | None = None


def settled(run: Run, root: Path, bless: bool, json_file: Path | None) -> Settled:
    """Gate every suite of which something ran, or with `bless` write what it is worth into its baseline.

    `root` is the folder that the paths of baselines are relative to; `json_file` is written with all scores.
    """
    judged = [_judged(suite, run, root, bless) for suite in suites(run)]
    lines = [line for one in judged for line in one.lines]
    failed = any(one.failed for one in judged)
    if bless and not judged:
        lines, failed = [Line("nothing is blessed, since no memory eval ran", "bold red")], True
    if json_file:
        try:
            write_whole(json_file, json.dumps(_document(judged), indent=2, ensure_ascii=False) + "\n")
        except FakememtraceError as error:
            lines += [Line(printable(line), "bold red") for line in str(error).splitlines()]
            failed = True
    return Settled(tuple(lines), failed)


def _judged(suite: Suite, run: Run, root: Path, bless: bool) -> _Judged:
    path = root / suite.baseline
    try:
        known = read_if_there(path)
        if suite.problem:
            return _told(suite, "ungated", "it cannot be gated", suite.problem)
        away = _away(suite, known)
        gaps = [*away, *suite.left] if run.hides or suite.left else []
        if bless:
            return _refused(suite, gaps, run.partial) if gaps else _blessed(suite, known, path)
        return _skipped(suite, known, gaps, run.partial) if gaps else _gated(suite, known)
    except BaselineError as error:
        where = f"{suite.baseline}, {error.place}" if error.place else suite.baseline
        advice = "Take it from version control; or delete it, and pytest --memory-eval-bless writes it anew."
        return _told(suite, "ungated", "it cannot be gated", f"{where}: {error.problem}\n{advice}")


def _gated(suite: Suite, known: Baseline | None) -> _Judged:
    verdict = judge(suite.name, suite.digest, suite.scores, known)
    lines = [*verdict.lines(), *_advice(suite, known, verdict)]
    return _Judged(suite, verdict.state, tuple(lines), verdict.exit_code != 0, verdict=verdict.to_json())


def _advice(suite: Suite, known: Baseline | None, verdict: Verdict) -> Iterator[Line]:
    words = ""
    if any(score.value is None for score in suite.scores):
        words = "let every one of its tests run to its end and say a score"
    elif known is None:
        words = f"pytest --memory-eval-bless writes {suite.baseline}"
    elif verdict.state == "regression" or _is_other(suite, known):
        words = "correct it; or where this is as it should be, pytest --memory-eval-bless"
    if words:
        yield from labelled("", f"What to do: {words}.", "")


def _is_other(suite: Suite, known: Baseline) -> bool:
    """Whether it has other items or other data than the baseline."""
    mine, theirs = ({score[:3] for score in scores} for scores in (suite.scores, known.scores))
    return (suite.name, suite.digest, mine) != (known.name, known.digest, theirs)


def _skipped(suite: Suite, known: Baseline | None, gaps: Sequence[str], partial: Sequence[str]) -> _Judged:
    """Not all of it was run, on purpose; so it is only said which of its items are worth less than they were."""
    before = {score.key: score.value for score in known.scores} if known else {}
    both = [(score, before[score.key]) for score in suite.scores if score.key in before and score.value is not None]
    old, now = mean(value for _, value in both).value, mean(score.value for score, _ in both).value
    why = _not_all(gaps, partial)
    words = f"{_count(len(both), 'item')} of {len(before)} here, mean {shown(old)} → {shown(now)}"
    lines = [
        Line(printable(f"skipped  {suite.name}: {words if known else 'there is no baseline'}"), _STYLES["skipped"]),
        *labelled("", printable(f"not gated, since {why}"), _STYLES["skipped"]),
    ]
    for score, value in both:
        if score.value is not None and value is not None and score.value < value:
            said = f" ({score.words})" if score.words else ""
            lines += labelled("less", printable(f"{score.key}: {shown(value)} → {shown(score.value)}{said}"), "")
    return _Judged(suite, "skipped", tuple(lines), False, why)


def _blessed(suite: Suite, known: Baseline | None, path: Path) -> _Judged:
    try:
        made = blessed(suite.name, suite.digest, suite.scores, known)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, to_text(made))
    except (FakememtraceError, OSError) as error:
        return _told(suite, "refused", "it is not blessed", str(error))
    changed = "as before" if made == known else "written"
    now = mean(score.value for score in suite.scores).value
    old = mean(score.value for score in known.scores).value if known else None
    words = f"{_count(len(suite.scores), 'item')}, mean {shown(old)} → {shown(now)}; {suite.baseline} {changed}"
    return _Judged(suite, "blessed", (Line(printable(f"blessed  {suite.name}: {words}"), _STYLES["blessed"]),), False)


def _refused(suite: Suite, gaps: Sequence[str], partial: Sequence[str]) -> _Judged:
    problem = f"{_not_all(gaps, partial)}.\nWhat to do: run all of the suite with --memory-eval-bless."
    return _told(suite, "refused", "it is not blessed", problem)


def _told(suite: Suite, state: str, headline: str, problem: str) -> _Judged:
    style = _STYLES[state]
    lines = [Line(printable(f"{state.ljust(9)}{suite.name}: {headline}"), style)]
    for line in problem.splitlines():
        lines += labelled("", line, style)
    return _Judged(suite, state, tuple(lines), True, problem)


def _not_all(gaps: Sequence[str], partial: Sequence[str]) -> str:
    names = [*sorted(gaps)[:_MOST], *([f"{len(gaps) - _MOST} more"] if len(gaps) > _MOST else [])]
    return f"{listed(names)} did not run ({'; '.join(partial) or 'the run ended before'})"


def _away(suite: Suite, known: Baseline | None) -> list[str]:
    """What is in the baseline and not in the run, beside what tests that did not run have."""
    mine = {score.key for score in suite.scores}.union(suite.left)
    return sorted({score.key for score in known.scores} - mine) if known else []


def _count(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else noun + 's'}"


def _document(judged: Sequence[_Judged]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "version": VERSION,
        "suites": [
            {
                "suite": one.suite.name,
                "state": one.state,
                "baseline": one.suite.baseline,
                "digest": one.suite.digest,
                "why": one.why,
                "verdict": one.verdict,
                "left": list(one.suite.left),
                "scores": [score._asdict() for score in one.suite.scores],
            }
            for one in judged
        ],
    }
