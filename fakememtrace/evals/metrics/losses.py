"""What came back that must not, and what never came in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from .unscored import Score

__all__ = ["DedupLoss", "Leaks", "dedup_loss", "leaks"]


class Leaks(NamedTuple):
    """How many of the results were another's.  With nothing returned that says nothing: it is ``vacuous``."""

    leaked: int
    returned: int

    @property
    def vacuous(self) -> bool:
        """Whether there was nothing that could have leaked."""
        return self.returned == 0


class DedupLoss(NamedTuple):
    """How many memories were sent, how many the store refused as duplicates, and how many of those were wanted."""

    sent: int
    refused: int
    wanted: int

    @property
    def share(self) -> Score:
        """The share of what was sent that was refused; unscored when nothing was sent."""
        return self.refused / self.sent if self.sent else None


def leaks(found: Sequence[str], foreign: Collection[str], k: int | None = None) -> Leaks:
    """How many of the results are of `foreign`; one that came twice leaked twice."""
    head = found[:k]
    return Leaks(sum(key in foreign for key in head), len(head))


def dedup_loss(sent: Sequence[str], refused: Collection[str], gold: Collection[str] = ()) -> DedupLoss:
    """What the dedup of the store took of the memories `sent`; `gold` are those that some question wants."""
    lost = [key for key in sent if key in refused]
    return DedupLoss(len(sent), len(lost), sum(key in gold for key in lost))
