"""Whether what is new comes before what it replaced, and whether both sides of a contradiction are there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from .unscored import Score

__all__ = ["Freshness", "both_sides", "freshness"]


class Freshness(NamedTuple):
    """Of a value that was updated: is the newest version there, are there only old ones, and which comes first.

    Each is 1 or 0; ``returned`` is how many results there were.
    """

    returned: int
    fresh: Score
    stale_only: Score
    fresh_first: Score


def freshness(found: Sequence[str], fresh: str, stale: Collection[str], k: int | None = None) -> Freshness:
    """How `found` does with the version `fresh` and the older ones `stale`; unscored where there is none of those."""
    head = found[:k]
    if not stale:
        return Freshness(len(head), None, None, None)
    versions = [key for key in head if key == fresh or key in stale]
    return Freshness(
        len(head),
        float(fresh in versions),
        float(bool(versions) and fresh not in versions),
        float(versions[:1] == [fresh]),
    )


def both_sides(found: Sequence[str], sides: Sequence[Collection[str]], k: int | None = None) -> Score:
    """1 when every side of a contradiction has a memory in `found`, else 0; unscored with fewer than two sides."""
    if len(sides) < 2 or not all(sides):
        return None
    head = set(found[:k])
    return float(all(head.intersection(side) for side in sides))
