"""Runs data-set evals: reads the data, asks, and compares with the baselines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ...errors import FakememtraceError, UsageError
from ..datasets.measure import Variant
from ..gating.baseline import Baseline, read_if_there
from ..gating.gate import judge
from ..gating.resampling import CONFIDENCE
from ..gating.scores import Score
from ..metrics.unscored import Mean, mean
from ..retrieval.bm25 import library
from ..retrieval.plans import BM25
from .outcome import Gated, SetResult, worst
from .set_eval import SetEval
from .sources import SOURCES, Answered, Opened

__all__ = ["Prepared", "prepare"]

# What stands between the parts of a key and of a category.
_BETWEEN = " · "


class Prepared(NamedTuple):
    """A data-set eval whose data and baseline were read, and the ways in which it is asked."""

    eval: SetEval
    opened: Opened
    baseline: Baseline | None
    variants: tuple[Variant, ...]

    @property
    def steps(self) -> int:
        """How many steps it has: it tells of each one."""
        return self.opened.steps(self.variants)

    def run(self, workers: int = 1, told: Callable[[], None] = lambda: None) -> SetResult:
        """Ask every question in every way, and judge the answers; `told` is called after each step.

        What cannot go on has crashed, which is no score and never a zero.
        """
        try:
            found = list(self.opened.ask(self.variants, workers, told))
        except FakememtraceError as error:
            return self._result("crashed", str(error))
        except Exception as error:
            return self._result("crashed", f"{type(error).__name__}: {error}")
        names = dict.fromkeys([*(variant.name for variant in self.variants), *self._gone()])
        gated = tuple(self._gated(name, [one for one in found if one.variant == name]) for name in names)
        return self._result(worst(tuple(one.verdict.state for one in gated)), "", gated)

    def _result(self, state: str, words: str, gated: tuple[Gated, ...] = ()) -> SetResult:
        one = self.eval
        rules = _rules(self.baseline) if self.baseline else ()
        about = (one.name, one.group, one.title, one.set, one.measure, self.opened.digest)
        return SetResult(*about, one.baseline.as_posix(), state, words, rules, gated)

    def _gone(self) -> Iterator[str]:
        """Variants that the baseline has and the eval does not: nobody can say that those are as good as before."""
        known = {variant.name for variant in self.eval.variants(self.eval.dialects)}
        if self.baseline:
            names = [*(score.key for score in self.baseline.scores), *self.baseline.floors]
            yield from (_variant_of(name) for name in names if _variant_of(name) not in known)

    def _gated(self, variant: str, found: Sequence[Answered]) -> Gated:
        one = self.eval
        scores = tuple(_score(one, answered) for answered in found)
        verdict = judge(one.baseline_name, self.opened.digest, scores, _part(self.baseline, variant))
        verdict = verdict._replace(name=f"{one.name}{_BETWEEN}{variant}")
        if not one.k:
            return Gated(variant, verdict, scores)
        values = [answered.values for answered in found]
        return Gated(variant, verdict, scores, _mean(values, f"precision@{one.k}"), _mean(values, f"returned@{one.k}"))


def prepare(
    evals: Iterable[SetEval], dialects: Sequence[str], copies: Mapping[str, Path], baseline: Path | None = None
) -> list[Prepared]:
    """Read the data and the baselines of `evals`: `copies` are where a user's copies are, by name of the data set.

    `baseline` is the file to compare with instead of the eval's own.

    Raises:
        UsageError: there is no copy of a data set, or a library is missing.
        DataError: a data set is broken; BaselineError: a baseline is.
    """
    opened: dict[str, Opened] = {}
    prepared = []
    for one in evals:
        if one.set not in opened:
            opened[one.set] = _opened(one, copies)
        file = one._replace(baseline=baseline or one.baseline)
        variants = tuple(one.variants(dialects))
        if any(variant.plan == BM25 for variant in variants):
            # Said now, and not after some minutes.
            library()
        prepared.append(Prepared(file, opened[one.set], read_if_there(file.baseline), variants))
    return prepared


def _opened(one: SetEval, copies: Mapping[str, Path]) -> Opened:
    source = SOURCES[one.set]
    if source.copy and one.set not in copies:
        raise UsageError(
            f"{one.name} needs a copy of {one.set} that is yours, {source.copy}; none is shipped.\n"
            f"Say where it is: --data {one.set}=PATH. docs/datasets.md says where to get it."
        )
    return source.open(copies.get(one.set, Path()))


def _score(one: SetEval, answered: Answered) -> Score:
    value = answered.values[one.measure]
    by = answered.conversation if one.by == "conversation" else answered.category
    words = "" if value is not None else f"{one.measure} has no value here"
    return Score(answered.key, answered.conversation, f"{by}{_BETWEEN}{answered.variant}", value, words)


def _part(baseline: Baseline | None, variant: str) -> Baseline | None:
    """What a baseline says of one variant."""
    if baseline is None:
        return None
    scores = tuple(score for score in baseline.scores if _variant_of(score.key) == variant)
    floors = {category: floor for category, floor in baseline.floors.items() if _variant_of(category) == variant}
    return baseline._replace(scores=scores, floors=floors)


def _variant_of(name: str) -> str:
    return name.rpartition(_BETWEEN)[2]


def _mean(values: Iterable[Mapping[str, float | None]], name: str) -> Mean:
    return mean(one[name] for one in values)


def _rules(baseline: Baseline) -> tuple[tuple[str, float], ...]:
    rules = {name: getattr(baseline, name) for name in ("tolerance", "seed", "resamples")}
    return (*rules.items(), ("confidence", CONFIDENCE))
