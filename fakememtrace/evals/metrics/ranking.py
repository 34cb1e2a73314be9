"""How well a list of found memories has those that were wanted.

`found` are keys in the order they came back, `gold` the keys that were wanted, and `k` how many results
are looked at: None for all.  Every retriever is cut at `k` results, whatever it returned them in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from .unscored import Score, percent

__all__ = [
    "Ranked",
    "f1",
    "mrr",
    "ndcg",
    "ndcg_longmemeval",
    "precision",
    "ranked",
    "recall",
    "recall_all",
    "recall_any",
]


class Ranked(NamedTuple):
    """All that is said of one list at one `k`; recall never stands alone.

    ``returned`` is how many results there were among the first `k`, ``wanted`` how many memories were
    wanted and ``hits`` how many of those were there.
    """

    k: int | None
    returned: int
    wanted: int
    hits: int
    recall: Score
    recall_any: Score
    recall_all: Score
    precision: Score
    f1: Score
    mrr: Score
    ndcg: Score
    ndcg_longmemeval: Score

    def __str__(self) -> str:
        at = "" if self.k is None else f"@{self.k}"
        return f"recall{at} {percent(self.recall)}, precision {percent(self.precision)}, {self.returned} returned"


def ranked(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Ranked:
    """All of it at once."""
    return Ranked(
        k,
        len(found[:k]),
        len(set(gold)),
        _hits(found, gold, k),
        recall(found, gold, k),
        recall_any(found, gold, k),
        recall_all(found, gold, k),
        precision(found, gold, k),
        f1(found, gold, k),
        mrr(found, gold, k),
        ndcg(found, gold, k),
        ndcg_longmemeval(found, gold, k),
    )


def recall(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """The share of `gold` that was found."""
    return _hits(found, gold, k) / len(set(gold)) if gold else None


def recall_any(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """1 when at least one of `gold` was found, else 0."""
    return float(_hits(found, gold, k) > 0) if gold else None


def recall_all(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """1 when all of `gold` was found, else 0."""
    return float(_hits(found, gold, k) == len(set(gold))) if gold else None


def precision(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """The share of the results that are `gold`; of results that there are, not of `k`, and a repeat is a miss."""
    returned = len(found[:k])
    return _hits(found, gold, k) / returned if gold and returned else None


def f1(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """Twice the hits by the results and the wanted together: 0 when nothing came back."""
    return 2 * _hits(found, gold, k) / (len(found[:k]) + len(set(gold))) if gold else None


def mrr(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """1 by the rank of the first hit, 0 when there is none."""
    return next((1 / rank for rank in _ranks(found, gold, k)), 0.0) if gold else None


def ndcg(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """Gain 1 for a hit, discounted by log2(rank + 1), over what the best order would have."""
    return _ndcg(found, gold, k, _standard)


def ndcg_longmemeval(found: Sequence[str], gold: Collection[str], k: int | None = None) -> Score:
    """LongMemEval's variant: ranks 1 and 2 count in full, a later one is discounted by log2(rank)."""
    return _ndcg(found, gold, k, _longmemeval)


def _ndcg(found: Sequence[str], gold: Collection[str], k: int | None, discount: Callable[[int], float]) -> Score:
    if not gold:
        return None
    wanted = len(set(gold))
    best = wanted if k is None else min(k, wanted)
    return math.fsum(1 / discount(rank) for rank in _ranks(found, gold, k)) / _ideal(best, discount)


@lru_cache(maxsize=1024)
def _ideal(best: int, discount: Callable[[int], float]) -> float:
    return math.fsum(1 / discount(rank) for rank in range(1, best + 1))


def _standard(rank: int) -> float:
    return math.log2(rank + 1)


def _longmemeval(rank: int) -> float:
    return math.log2(max(rank, 2))


def _hits(found: Sequence[str], gold: Collection[str], k: int | None) -> int:
    return len(set(gold).intersection(found[:k]))


def _ranks(found: Sequence[str], gold: Collection[str], k: int | None) -> Iterator[int]:
    """The ranks, from 1, at which a wanted memory comes for the first time."""
    left = set(gold)
    for rank, key in enumerate(found[:k], 1):
        if key in left:
            left.remove(key)
            yield rank
