"""The table of evidence recall beside the anchors."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from ...metrics.ranking import Ranked
from ...metrics.unscored import Score, percent
from ...retrieval.plans import BM25, CONTEXT, NEWEST, SUBSTRING
from ..history import Dataset
from ..measure import Measured, Variant, measured
from . import anchors
from .load import load
from .shown import survivors

__all__ = ["READS", "RETRIEVALS", "Row", "items", "rows", "table", "text"]

_KS = (5, 10, 25, 50, 100)
RETRIEVALS = (
    Variant(NEWEST, "0.2.0", _KS),
    Variant(SUBSTRING, "0.2.0", _KS),
    Variant(BM25, "0.2.0", _KS),
    Variant(SUBSTRING, "documented", _KS),
)
READS = (
    Variant(CONTEXT, "0.2.0", (100,)),
    Variant("since 24h", "0.2.0", (100,)),
    Variant("since 7d", "0.2.0", (100,)),
    Variant("since 365d", "0.2.0", (100, 1000)),
)
_SURVIVAL = "answers left in the lines of a context, 0.2.0"


class Row(NamedTuple):
    """One figure: its mean (a share) over ``scored`` items, and the anchor (in per cent; None for other data).

    ``precision`` and ``returned`` are the means that go with a recall.
    """

    what: str
    k: int | None
    value: Score
    precision: Score
    returned: Score
    scored: int
    anchor: float | None

    @property
    def is_near(self) -> bool:
        """Whether there is no anchor, or the figure is within the tolerance of it."""
        return self.anchor is None or anchors.near(self.value, self.anchor)


def items(
    path: str | os.PathLike[str],
    variants: Sequence[Variant] = RETRIEVALS,
    workers: int = 1,
    progress: Callable[[], None] = lambda: None,
) -> Measured:
    """The score of every question that has evidence, through every variant, with the digest of the data.

    Raises:
        DataError: `path` is missing, broken, or no LoCoMo.
    """
    return measured(load(path), variants, workers, progress)


def table(path: str | os.PathLike[str], workers: int = 1, progress: Callable[[], None] = lambda: None) -> list[Row]:
    """Every figure that there is an anchor for, beside it; of other data than the published file without."""
    dataset = load(path)
    found = measured(dataset, (*RETRIEVALS, *READS), workers, progress)
    return [*rows(found), _survival(dataset)]


def rows(found: Measured) -> list[Row]:
    """What was measured, as rows in the order of :data:`RETRIEVALS` and :data:`READS`."""
    known = {**anchors.RETRIEVALS, **anchors.READS} if found.digest == anchors.DIGEST else {}
    there = {item.variant for item in found.items}
    return [
        _row(found, variant, k, known) for variant in (*RETRIEVALS, *READS) if variant.name in there for k in variant.ks
    ]


def text(table: Iterable[Row]) -> str:
    """The rows as lines to print."""
    lines = [_line("retrieval", "k", "recall", "anchor", "", "precision", "returned", "items")]
    for row in table:
        verdict = "" if row.anchor is None else "ok" if row.is_near else "OFF"
        anchor = "" if row.anchor is None else f"{row.anchor:.1f}"
        returned = "" if row.returned is None else f"{row.returned:.1f}"
        precision = "" if row.k is None else percent(row.precision)
        at = "" if row.k is None else str(row.k)
        lines.append(_line(row.what, at, percent(row.value), anchor, verdict, precision, returned, str(row.scored)))
    return "\n".join(lines) + "\n"


def _line(what: str, *cells: str) -> str:
    return f"{what:46}" + "".join(f"{cell:>10}" for cell in cells).rstrip()


def _row(found: Measured, variant: Variant, k: int, known: Mapping[str, Mapping[int, float]]) -> Row:
    def of(value: Callable[[Ranked], Score]) -> Score:
        return found.mean(variant.name, k, value).value

    scored = found.mean(variant.name, k, lambda ranks: ranks.recall)
    precision, returned = of(lambda ranks: ranks.precision), of(lambda ranks: float(ranks.returned))
    return Row(variant.name, k, scored.value, precision, returned, scored.scored, known.get(variant.name, {}).get(k))


def _survival(dataset: Dataset) -> Row:
    found = survivors(dataset)
    anchor = anchors.SURVIVAL if dataset.digest == anchors.DIGEST else None
    return Row(_SURVIVAL, None, found.share, None, None, found.held, anchor)
