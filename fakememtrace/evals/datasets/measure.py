"""Every question of a data set through every variant, item by item."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from ..metrics.ranking import Ranked, ranked
from ..metrics.spending import Spent
from ..metrics.unscored import Mean, mean
from ..retrieval.plans import plan
from ..spreading import spread
from .history import Dataset, History
from .storing import Kept, store

__all__ = ["Item", "Measured", "Variant", "items_of", "measured"]


class Variant(NamedTuple):
    """One way to ask: a plan by its name, a dialect, and the numbers of results that are looked at."""

    plan: str
    dialect: str
    ks: tuple[int, ...]

    @property
    def name(self) -> str:
        """Such as ``newest, 0.2.0``."""
        return f"{self.plan}, {self.dialect}"


class Item(NamedTuple):
    """One question through one variant: what came of it at each number of results, and what it cost."""

    conversation: str
    category: str
    question: str
    variant: str
    ranks: tuple[Ranked, ...]
    spent: Spent

    @property
    def key(self) -> str:
        """What this item is called in every run: ``conv-26/12 · newest, 0.2.0``."""
        return f"{self.conversation}/{self.question} · {self.variant}"

    @property
    def values(self) -> Mapping[str, float | None]:
        """Its scores by name and number of results: ``recall@10``, ``precision@10``, ``returned@10``, ..."""
        return {
            f"{name}@{scores.k}": value
            for scores in self.ranks
            for name, value in scores._asdict().items()
            if name not in ("k", "hits", "wanted")
        }


class Measured(NamedTuple):
    """All items of a data set, and the digest of the data: scores of other data are not comparable with these."""

    dataset: str
    digest: str
    items: tuple[Item, ...]

    def mean(self, variant: str, k: int, of: Callable[[Ranked], float | None], category: str = "") -> Mean:
        """The mean over the questions (of a category) that can be scored."""
        return mean(
            of(scores)
            for item in self.items
            if item.variant == variant and category in ("", item.category)
            for scores in item.ranks
            if scores.k == k
        )

    def to_json(self) -> dict[str, Any]:
        """The whole as plain JSON: one input gives the same text, always."""
        items = [
            {
                "conversation": item.conversation,
                "category": item.category,
                "question": item.question,
                "variant": item.variant,
                "values": dict(item.values),
                "spent": item.spent._asdict(),
            }
            for item in self.items
        ]
        return {"dataset": self.dataset, "digest": self.digest, "items": items}


def measured(
    dataset: Dataset, variants: Sequence[Variant], workers: int = 1, progress: Callable[[], None] = lambda: None
) -> Measured:
    """Every question of `dataset` that has gold, through every one of `variants`.

    With more than one of `workers`, histories are shared among so many processes; the result is the same.
    `progress` is called after each history.
    """
    found = []
    for items in spread(partial(_of_history, variants=tuple(variants)), dataset.histories, workers, "histories"):
        found.append(items)
        progress()
    return Measured(dataset.name, dataset.digest, tuple(chain.from_iterable(found)))


def _of_history(history: History, variants: Sequence[Variant]) -> list[Item]:
    dialects = dict.fromkeys(variant.dialect for variant in variants)
    return [
        item
        for dialect in dialects
        for item in _in_dialect(history, dialect, [variant for variant in variants if variant.dialect == dialect])
    ]


def _in_dialect(history: History, dialect: str, variants: Sequence[Variant]) -> Iterator[Item]:
    kept = store(history, dialect)
    for variant in variants:
        yield from _items(kept, variant)


def items_of(history: History, variant: Variant, window: str = "") -> list[Item]:
    """Every question of one history that has gold, through one variant; within a `window` where one is named."""
    kept = store(history, variant.dialect)
    return list(_items(kept._replace(reader=kept.reader.looking_back(window)), variant))


def _items(kept: Kept, variant: Variant) -> Iterator[Item]:
    ask = plan(variant.plan)
    for question in kept.history.questions:
        if question.gold:
            before = kept.reader.spent
            keys = kept.asked(ask, question, max(variant.ks))
            ranks = tuple(ranked(keys, question.gold, k) for k in variant.ks)
            spent = kept.reader.spent.since(before)
            yield Item(kept.history.name, question.category, question.key, variant.name, ranks, spent)
