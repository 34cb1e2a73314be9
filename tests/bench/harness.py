"""Blocks of calls, timed in turn, and the ratios between them.

A machine's speed drifts by tens of percent within a minute, and others use it too.  So CPU time
is measured, every block runs once in each round, in an order drawn anew, and it is compared with
the floor of the same round only; where a few percent count, with a floor that was measured by turns
with it.
"""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from time import process_time
from typing import Any, NamedTuple, TypeVar

__all__ = [
    "FULL",
    "QUICK",
    "Block",
    "Measured",
    "Pair",
    "Plan",
    "Row",
    "Spread",
    "by_turns",
    "interleaved",
    "rounds_of",
    "row_of_pairs",
    "seconds",
]

SEED = 20260207

# How many calls go by before it is the turn of the others: few, since a machine's speed can double within a second.
_TURN = 10
_T = TypeVar("_T")

# Does one block of calls; the seconds that one of them took.
Block = Callable[[], float]


class Plan(NamedTuple):
    """How much is measured: rounds, calls in a block, and rounds where whole processes are measured."""

    rounds: int
    calls: int
    process_rounds: int


FULL = Plan(rounds=15, calls=300, process_rounds=25)
QUICK = Plan(rounds=5, calls=100, process_rounds=7)


class Pair(NamedTuple):
    """The seconds of a call, and those of the floor, measured by turns."""

    own: float
    floor: float


class Spread(NamedTuple):
    """The ratios of all rounds: median, lowest, highest."""

    middle: float
    low: float
    high: float


class Row(NamedTuple):
    """One line of the table.

    ``seconds`` and ``floor`` are medians for one call; the ratio is the median of the rounds'
    ratios, which is not the ratio of those medians.  A row without ``target`` is for information.
    """

    what: str
    seconds: float | None = None
    floor: float | None = None
    ratio: Spread | None = None
    target: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None when there is none."""
        return None if self.target is None or self.ratio is None else self.ratio.middle <= self.target


class Measured:
    """The times of all blocks by name, one for each round."""

    def __init__(self, times: Mapping[str, list[float]]) -> None:
        self.times = times

    def row(self, what: str, floor: str = "", target: float | None = None, note: str = "") -> Row:
        """The line of the block `what`, compared with the block `floor`."""
        mine = self.times[what]
        if not floor:
            return Row(what, median(mine), note=note)
        below = self.times[floor]
        ratios = [one / other for one, other in zip(mine, below, strict=True)]
        return Row(what, median(mine), median(below), Spread(median(ratios), min(ratios), max(ratios)), target, note)


def interleaved(blocks: Mapping[str, Block], rounds: int) -> Measured:
    """Run every block as in :func:`rounds_of`."""
    return Measured(rounds_of(blocks, rounds))


def rounds_of(blocks: Mapping[str, Callable[[], _T]], rounds: int) -> dict[str, list[_T]]:
    """Run every block once for warmth and then once in each round, each round in an order of its own."""
    order = random.Random(SEED)
    found: dict[str, list[_T]] = {name: [] for name in blocks}
    for block in blocks.values():
        block()
    for number in range(rounds):
        _progress(f"  round {number + 1} of {rounds}")
        for name in order.sample(list(blocks), len(blocks)):
            gc.collect()
            found[name].append(blocks[name]())
    _progress("")
    return found


def row_of_pairs(what: str, pairs: Iterable[Pair], target: float) -> Row:
    """The line of a block that has measured its own floor."""
    own, floor = zip(*pairs, strict=True)
    ratios = [one / other for one, other in zip(own, floor, strict=True)]
    return Row(what, median(own), median(floor), Spread(median(ratios), min(ratios), max(ratios)), target)


def by_turns(call: Callable[[Any], object], floor: Callable[[Any], object], arguments: Sequence[Any]) -> Pair:
    """The CPU times of both with each of `arguments`, all together: ten calls of one, ten of the other, and so on."""
    own = below = 0.0
    for start in range(0, len(arguments), _TURN):
        part = arguments[start : start + _TURN]
        own += seconds(call, part)
        below += seconds(floor, part)
    return Pair(own, below)


def seconds(call: Callable[[Any], object], arguments: Iterable[Any]) -> float:
    """The CPU time of `call` with each of `arguments`, all together.

    Nothing here waits for anything, so this is the time on an idle machine.
    """
    start = process_time()
    for argument in arguments:
        call(argument)
    return process_time() - start


def _progress(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{text:<30}\r", end="", file=sys.stderr, flush=True)
