"""What became of a data-set eval: a verdict for each way in which was asked, and the scores it rests on."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..gating.scores import Score
from ..gating.verdict import Verdict
from ..metrics.unscored import Mean

__all__ = ["STATES", "Gated", "SetResult"]

# The worst comes first.
STATES = ("crashed", "regression", "ungated", "passed")


class Gated(NamedTuple):
    """One variant: the verdict, and the scores it is about.

    A recall is never shown alone: ``precision`` and ``returned`` are the means that go with it, None for a set with a
    measure of its own.
    """

    variant: str
    verdict: Verdict
    scores: tuple[Score, ...]
    precision: Mean | None = None
    returned: Mean | None = None

    def to_json(self) -> dict[str, Any]:
        """As plain JSON; an item is as in a baseline."""
        return {
            "variant": self.variant,
            "verdict": self.verdict.to_json(),
            "precision": self.precision._asdict() if self.precision else None,
            "returned": self.returned._asdict() if self.returned else None,
            "items": [score._asdict() for score in self.scores],
        }


class SetResult(NamedTuple):
    """A data-set eval: crashed, regression, ungated or passed, and why.

    ``digest`` is that of the data, ``baseline`` the file that it was compared with, ``rules`` what that says of the
    comparison: the tolerance, and seed and resamples of the bootstrap; empty where there is none.
    """

    name: str
    group: str
    title: str
    set: str
    measure: str
    digest: str
    baseline: str
    state: str
    words: str = ""
    rules: tuple[tuple[str, float], ...] = ()
    variants: tuple[Gated, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it is as good as its baseline."""
        return self.state == "passed"

    @property
    def scores(self) -> tuple[Score, ...]:
        """All of them."""
        return tuple(score for gated in self.variants for score in gated.scores)

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            **self._asdict(),
            "rules": dict(self.rules),
            "variants": [gated.to_json() for gated in self.variants],
        }


def worst(states: tuple[str, ...]) -> str:
    """The state of a whole whose parts have these."""
    return next((state for state in STATES if state in states), "passed")
