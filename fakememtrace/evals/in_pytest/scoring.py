"""What a marked test says of itself while it runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from numbers import Real

from ...errors import UsageError, did_you_mean, listed
from ..gating.resampling import DIGITS
from ..gating.scores import Score
from ..metrics.ranking import Ranked
from ..metrics.ranking import ranked as ranked_of
from .marker import Marked

__all__ = ["MemoryEval"]

_SCORES = [name for name in Ranked._fields if name not in ("k", "returned", "wanted", "hits")]
_LONGEST = 200


class MemoryEval:
    """What a test is worth: the fixture ``memory_eval``.

    Each score has a key, by which it is found in the baseline: that of the test (its node id) unless another is
    given; a test may have many.  Scores of one conversation are not independent of each other, and the gate takes them
    together; unless told otherwise the scores of a test are of one.  ``sample`` is which of its n recorded samples the
    test runs with, from 1; 0 where it has none.
    """

    def __init__(self, marked: Marked) -> None:
        self._marked = marked
        self._given: dict[str, Score] = {}

    @property
    def sample(self) -> int:
        """Which of the n samples this is, from 1; 0 where the test has none."""
        return self._marked.sample

    @property
    def scores(self) -> tuple[Score, ...]:
        """All that was said, in order."""
        return tuple(self._given.values())

    def score(
        self, value: float, *, key: str = "", category: str = "", conversation: str = "", words: str = ""
    ) -> None:
        """It is worth `value`, from 0 to 1; a bool is 0 or 1.  `words` are shown where it fell.

        Raises:
            UsageError: `value` is no such number, or there is a score of this key.
        """
        if not isinstance(value, Real) or not 0 <= value <= 1:
            raise UsageError(
                f"memory_eval.score({value!r}): expected a number from 0 to 1.\n"
                'What to do: for what cannot be scored, say memory_eval.unscored("why").'
            )
        self._take(key, float(value), category, conversation, words)

    def ranked(
        self,
        found: Sequence[str],
        gold: Collection[str],
        k: int | None = None,
        *,
        of: str = "recall",
        key: str = "",
        category: str = "",
        conversation: str = "",
    ) -> Ranked:
        """It is worth what the first `k` of `found` have of `gold` (docs/metrics.md): `of` says which metric.

        Without gold it is unscored.  What is returned are all the metrics.

        Raises:
            UsageError: there is no such metric, or there is a score of this key.
        """
        if of not in _SCORES:
            raise UsageError(
                f"memory_eval.ranked(of={of!r}): there is no such metric.{did_you_mean(of, _SCORES)}\n"
                f"Known: {listed(_SCORES)}."
            )
        measured = ranked_of(found, gold, k)
        value = getattr(measured, of)
        self._take(key, value, category, conversation, str(measured) if gold else "there is no gold")
        return measured

    def unscored(self, why: str, *, key: str = "", category: str = "", conversation: str = "") -> None:
        """It cannot be scored, which is no zero: the gate then says that it cannot judge, and `why`.

        Raises:
            UsageError: `why` is empty, or there is a score of this key.
        """
        if not why:
            raise UsageError("memory_eval.unscored(): expected words that say why.\nWhat to do: give them.")
        self._take(key, None, category, conversation, why)

    def passed(self) -> None:
        """The test passed and said nothing: that is a 1."""
        if not self._given:
            self._given[self._marked.item] = self._made("", 1.0, "", "", "")

    def failed(self, words: str) -> bool:
        """An assertion of the test did not hold: that is a 0, unless the test has scores by keys of its own.

        What could not be scored before stays so.  False where this is no score but a failure like any other.
        """
        own = self._given.get(self._marked.item)
        if self._given.keys() - {self._marked.item}:
            return False
        if own is None or own.value is not None:
            self._given[self._marked.item] = self._made("", 0.0, "", "", words)
        return True

    def _take(self, key: str, value: float | None, category: str, conversation: str, words: str) -> None:
        given = self._made(key, value, category, conversation, words)
        if given.key in self._given:
            raise UsageError(
                f"memory_eval: there is a score of {given.key!r} already.\n"
                'What to do: give every score of a test a key of its own: score(0.5, key="q1").'
            )
        self._given[given.key] = given

    def _made(self, key: str, value: float | None, category: str, conversation: str, words: str) -> Score:
        marked = self._marked
        # Rounded: the sums of another processor must not make other bytes.
        rounded = None if value is None else round(value, DIGITS)
        talk = conversation or marked.conversation or marked.item
        return Score(key or marked.item, talk, category or marked.category, rounded, words[:_LONGEST])
