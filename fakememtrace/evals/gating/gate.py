"""The gate: a run against its baseline."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...errors import UsageError, listed
from .baseline import Baseline
from .resampling import DIGITS, interval_of
from .scores import Score
from .verdict import Fallen, Flip, State, Verdict, shown

__all__ = ["judge"]

_MOST_KEYS = 3
# What differs by less is the same.
_NOISE = 10**-DIGITS


def judge(name: str, digest: str, scores: Sequence[Score], baseline: Baseline | None) -> Verdict:
    """Whether the `scores` of a run are as good as those of `baseline`; `digest` is that of the data of this run.

    A regression is a mean that fell by more than the tolerance while the paired bootstrap by conversation excludes
    zero, or a category below its floor.  With one conversation there is nothing to resample, and the mean alone
    decides.  What is unscored, missing, new, or of other data cannot be gated, and neither can a run without a
    baseline: then nobody knows whether it is worse.  Neither is it known where something changed and SciPy is missing.
    """
    problems = list(_problems(name, digest, scores, baseline))
    now = _mean(score.value for score in scores if _is_number(score.value))
    if baseline is None or (digest, name) != (baseline.digest, baseline.name):
        return Verdict(name, "ungated", None, now, None, (), (), tuple(problems))
    before = _mean(score.value for score in baseline.scores)
    flipped = tuple(_flips(scores, baseline))
    fallen = tuple(_fallen(scores, baseline))
    if problems or before is None or now is None:
        return Verdict(name, "ungated", before, now, None, flipped, fallen, tuple(problems))
    try:
        interval = interval_of(_differences(scores, baseline), baseline.seed, baseline.resamples)
    except UsageError as error:
        return Verdict(name, "ungated", before, now, None, flipped, fallen, (str(error),))
    state, words = _decided(before, now, interval, baseline.tolerance)
    below = tuple(
        f"category {one.category!r} is at {shown(one.now)}, below its floor of {shown(one.floor)}" for one in fallen
    )
    return Verdict(name, "regression" if below else state, before, now, interval, flipped, fallen, (*words, *below))


def _decided(
    before: float, now: float, interval: tuple[float, float] | None, tolerance: float
) -> tuple[State, tuple[str, ...]]:
    """Whether the mean as a whole fell."""
    fall = before - now
    if fall <= tolerance + _NOISE:
        return "passed", ()
    words = f"the mean fell by {shown(fall)}, which is more than the tolerance of {shown(tolerance)}"
    if interval is None:
        return "regression", (f"{words}; one conversation cannot be resampled, so this alone decides",)
    low, high = interval
    ends = f"the 95 % interval of the difference, {shown(low)} to {shown(high)},"
    if high < 0:
        return "regression", (f"{words}, and {ends} excludes zero",)
    return "passed", (f"{words}, but {ends} does not exclude zero",)


def _problems(name: str, digest: str, scores: Sequence[Score], baseline: Baseline | None) -> Iterator[str]:
    """Why the run cannot be gated."""
    if not scores:
        yield "there are no items"
    twice = [key for key, count in Counter(score.key for score in scores).items() if count > 1]
    if twice:
        yield f"{_counted(twice, 'key stands', 'keys stand')} for several items: {_first(twice)}"
    yield from _unscored(scores)
    if baseline is None:
        yield "there is no baseline"
    elif name != baseline.name:
        yield f"the baseline is that of {baseline.name!r}"
    elif digest != baseline.digest:
        yield (
            f"the data is other data: its digest is {digest[:12] or 'empty'}, "
            f"and that of the baseline is {baseline.digest[:12] or 'empty'}"
        )
    else:
        yield from _unlike(scores, baseline)


def _unscored(scores: Iterable[Score]) -> Iterator[str]:
    unscored = [score for score in scores if not _is_number(score.value)]
    if unscored:
        first = [f"{score.key} ({_why(score)})" for score in unscored]
        yield f"{_counted(unscored, 'item is', 'items are')} unscored: {_first(first)}"


def _unlike(scores: Iterable[Score], baseline: Baseline) -> Iterator[str]:
    """Items that only one of both has, or that are not where they were."""
    mine, theirs = ({score.key: score for score in some} for some in (scores, baseline.scores))
    missing = [key for key in theirs if key not in mine]
    if missing:
        yield f"{_counted(missing, 'item', 'items')} of the baseline {_be(missing)} missing: {_first(missing)}"
    new = [key for key in mine if key not in theirs]
    if new:
        yield f"{_counted(new, 'item is', 'items are')} not in the baseline: {_first(new)}"
    moved = [key for key, score in mine.items() if key in theirs and score[1:3] != theirs[key][1:3]]
    if moved:
        words = _counted(moved, "item is", "items are")
        yield f"{words} of another conversation or category than in the baseline: {_first(moved)}"
    empty = sorted(baseline.floors.keys() - {score.category for score in mine.values()})
    if empty:
        words = "a floor is" if len(empty) == 1 else f"{len(empty)} floors are"
        yield f"{words} of a category without items: {_first(empty)}"


def _flips(scores: Iterable[Score], baseline: Baseline) -> Iterator[Flip]:
    before = {score.key: score.value for score in baseline.scores}
    for score in sorted(scores, key=lambda score: score.key):
        old, new = before.get(score.key), score.value
        if old is not None and new is not None and _is_number(new) and abs(new - old) > _NOISE:
            yield Flip(score.key, score.conversation, score.category, old, new, score.words)


def _fallen(scores: Iterable[Score], baseline: Baseline) -> Iterator[Fallen]:
    for category, floor in sorted(baseline.floors.items()):
        before = _mean(score.value for score in baseline.scores if score.category == category)
        now = _mean(score.value for score in scores if score.category == category and _is_number(score.value))
        if before is not None and now is not None and now < floor - _NOISE:
            yield Fallen(category, floor, before, now)


def _differences(scores: Iterable[Score], baseline: Baseline) -> Mapping[str, Sequence[float]]:
    """Now less before of each item, by conversation; what differs by less than noise does not."""
    before = {score.key: score.value or 0.0 for score in baseline.scores}
    found: defaultdict[str, list[float]] = defaultdict(list)
    for score in scores:
        difference = (score.value or 0.0) - before[score.key]
        found[score.conversation].append(difference if abs(difference) > _NOISE else 0.0)
    return found


def _mean(values: Iterable[float | None]) -> float | None:
    every = [value for value in values if value is not None]
    return round(math.fsum(every) / len(every), 12) if every else None


def _is_number(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _why(score: Score) -> str:
    return score.words or ("no reason is given" if score.value is None else f"{score.value} is no score")


def _counted(things: Sequence[object], one: str, many: str) -> str:
    return f"{len(things)} {one if len(things) == 1 else many}"


def _be(things: Sequence[object]) -> str:
    return "is" if len(things) == 1 else "are"


def _first(names: Sequence[str]) -> str:
    more = [f"{len(names) - _MOST_KEYS} more"] if len(names) > _MOST_KEYS else []
    return listed([*names[:_MOST_KEYS], *more])
