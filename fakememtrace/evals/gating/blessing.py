"""A new baseline from a run: only when somebody asks for it."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import UsageError
from .baseline import Baseline
from .gate import judge
from .scores import Score

__all__ = ["blessed"]


def blessed(name: str, digest: str, scores: Sequence[Score], before: Baseline | None) -> Baseline:
    """The baseline that these `scores` make, with the rules of the one `before`.

    Raises:
        UsageError: some have no score, or a category would be below its floor, so that the next run would fail.
    """
    rules = before or Baseline(name, digest)
    plain = tuple(score._replace(words="") for score in sorted(scores, key=lambda score: score.key))
    made = rules._replace(name=name, digest=digest, scores=plain)
    verdict = judge(name, digest, scores, made)
    if verdict.state != "passed":
        raise UsageError(
            f"{name}: this run cannot be blessed: {'; '.join(verdict.words)}.\n"
            "A baseline must have a score for every item, and must not be below its own floors. "
            "What to do: correct the run, or lower the floor in the baseline first."
        )
    return made
