"""Where the questions come from: one source for each data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from ..datasets import longmemeval, synthetic
from ..datasets.history import Dataset
from ..datasets.locomo import load as load_locomo
from ..datasets.measure import Variant, measured
from ..datasets.precisionmembench import load as load_suite
from ..datasets.precisionmembench import run as run_suite

__all__ = ["SOURCES", "Answered", "Opened", "Source"]

# What has a value wherever a question has gold; precision has none where nothing comes back.
_METRICS = ("recall", "recall_any", "recall_all", "f1", "mrr", "ndcg", "ndcg_longmemeval")
_PASSED = ("passed",)


class Answered(NamedTuple):
    """One question through one variant, and its values by name."""

    key: str
    conversation: str
    category: str
    variant: str
    values: Mapping[str, float | None]


class Opened(NamedTuple):
    """A data set that was read: its digest, how to ask it, and how many steps that has for some variants."""

    digest: str
    steps: Callable[[Sequence[Variant]], int]
    ask: Callable[[Sequence[Variant], int, Callable[[], None]], Iterator[Answered]]


class Source(NamedTuple):
    """A data set.  ``copy`` is what a user must have, empty for what is shipped; ``at_k`` whether results are cut."""

    metrics: tuple[str, ...]
    at_k: bool
    copy: str
    open: Callable[[Path], Opened]


def _dataset(load: Callable[[Path], Dataset], path: Path) -> Opened:
    found = load(path)

    def ask(variants: Sequence[Variant], workers: int, told: Callable[[], None]) -> Iterator[Answered]:
        for item in measured(found, variants, workers, told).items:
            yield Answered(item.key, item.conversation, item.category, item.variant, item.values)

    return Opened(found.digest, lambda _: len(found.histories), ask)


def _benchmark(path: Path) -> Opened:
    digest = load_suite(path).digest

    def ask(variants: Sequence[Variant], _: int, told: Callable[[], None]) -> Iterator[Answered]:
        for variant in variants:
            for item in run_suite(path, variant.plan, variant.dialect).items:
                yield Answered(item.key, item.conversation, item.category, item.variant, item.values)
            told()

    return Opened(digest, len, ask)


def _synthetic(_: Path) -> Opened:
    return _dataset(lambda _: synthetic.load(), Path())


def _locomo(path: Path) -> Opened:
    return _dataset(load_locomo, path)


def _longmemeval(path: Path) -> Opened:
    return _dataset(longmemeval.load, path)


SOURCES: Mapping[str, Source] = MappingProxyType(
    {
        "locomo": Source(_METRICS, True, "locomo10.json", _locomo),
        "longmemeval": Source(_METRICS, True, "longmemeval_s.json or its kin", _longmemeval),
        "precisionmembench": Source(_PASSED, False, "the benchmark's folder fixtures/", _benchmark),
        "synthetic": Source(_METRICS, True, "", _synthetic),
    }
)
