"""The scores of a run, suite by suite: samples are one score together, and what has none is said why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

from ...errors import listed
from ..gating.resampling import DIGITS
from ..gating.scores import Score
from ..metrics.unscored import mean
from .entry import Entry
from .marker import Marked

__all__ = ["Run", "Suite", "suites"]


class Run(NamedTuple):
    """What is known of a run of pytest.

    ``known`` are all marked tests that were collected, ``entries`` those of which something ran; ``partial`` says why
    that may not be all, and ``hides`` is whether there may be tests that were not even collected.
    """

    known: Mapping[str, Marked]
    entries: Mapping[str, Entry]
    partial: tuple[str, ...] = ()
    hides: bool = False


class Suite(NamedTuple):
    """What a run has of one suite.

    ``left`` are its items that did not run, ``problem`` says why its scores cannot be compared with anything.
    """

    name: str
    baseline: str
    digest: str
    scores: tuple[Score, ...]
    left: tuple[str, ...] = ()
    problem: str = ""


def suites(run: Run) -> Iterator[Suite]:
    """Every suite of which something ran, by name."""
    tests = sorted(run.known.values(), key=lambda test: (test.suite, test.item, test.sample))
    baselines = {(test.baseline, test.suite) for test in tests}
    for name, members in groupby(tests, lambda test: test.suite):
        suite = _suite(name, list(members), run.entries)
        others = sorted(other for path, other in baselines if path == suite.baseline and other != name)
        if others and not suite.problem:
            words = f"its baseline {suite.baseline} is that of {listed(map(repr, others))}, too."
            suite = suite._replace(problem=f"{words}\nWhat to do: name another file for one of them, baseline=...")
        if suite.scores:
            yield suite


def _suite(name: str, tests: Sequence[Marked], entries: Mapping[str, Entry]) -> Suite:
    scores, left = list[Score](), list[str]()
    for item, group in groupby(tests, lambda test: test.item):
        members = list(group)
        ran = [entry for test in members if (entry := entries.get(test.test)) is not None and _has_run(entry)]
        if len(ran) == len(members):
            scores += _scores(members[0], ran)
        else:
            left.append(item)
    scores.sort(key=lambda one: (one.key, one.words))
    problem = _differs(tests, "baseline") or _differs(tests, "digest")
    return Suite(name, tests[0].baseline, tests[0].digest, tuple(scores), tuple(left), problem)


def _differs(tests: Sequence[Marked], field: str) -> str:
    """That tests of one suite do not agree about what it is compared with."""
    first = tests[0]
    other = next((test for test in tests if getattr(test, field) != getattr(first, field)), None)
    if other is None:
        return ""
    if field == "digest":
        words, name = f"{first.test} has other data than {other.test}.", "data"
    else:
        words, name = f"{first.test} has the baseline {first.baseline}, and {other.test} {other.baseline}.", field
    return (
        f"{words}\nWhat to do: say the same {name}=... in every marker of the suite, or give them suites of their own."
    )


def _has_run(entry: Entry) -> bool:
    """Whether it did; what was skipped, or crashed before its own code ran, would have."""
    # With --setup-only there is an end, and nothing before it.
    return entry.ran or not entry.ended or bool(entry.scores or entry.crashed or entry.skipped)


def _scores(test: Marked, entries: Sequence[Entry]) -> Iterator[Score]:
    """The scores of one test, or of its samples together."""
    every = [{score.key: score for score in _of(entry)} for entry in entries]
    if not test.n:
        yield from every[0].values()
        return
    for key in dict.fromkeys(key for sample in every for key in sample):
        yield _together(test, [sample.get(key) for sample in every])


def _together(test: Marked, samples: Sequence[Score | None]) -> Score:
    first = next(score for score in samples if score is not None)
    for number, score in enumerate(samples, 1):
        if score is None or score.value is None:
            why = score.words if score else "no score was given"
            return first._replace(value=None, words=f"sample {number} of {test.n}: {why}")
    values = [score.value for score in samples if score is not None]
    passed = sum(value == 1 for value in values)
    words = f"{passed} of {test.n} samples passed"
    if test.k:
        return first._replace(value=float(passed >= test.k), words=f"{words}, {test.k} must")
    value = mean(values).value
    assert value is not None
    return first._replace(value=round(value, DIGITS), words=words)


def _of(entry: Entry) -> Iterator[Score]:
    """What a test said, or why it said nothing."""
    words = ""
    if entry.crashed:
        words = f"crashed: {entry.crashed}"
    elif not entry.ended:
        words = "crashed: it did not come to its end"
    elif not entry.scores:
        words = f"skipped: {entry.skipped}" if entry.skipped else "no score was given"
    if words:
        # What was scored before is not all, so it is of no use.
        test = entry.marked
        yield Score(test.item, test.conversation or test.item, test.category, None, words)
    else:
        yield from entry.scores
