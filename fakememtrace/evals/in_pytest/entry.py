"""What became of a marked test: plain values, which go with pytest's reports from a worker to whoever gates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..gating.scores import Score
from .marker import Marked

__all__ = ["Entry"]


class Entry(NamedTuple):
    """What became of a marked test so far.

    ``crashed`` says what went wrong other than an assertion, ``skipped`` why it was not run; ``ran`` is whether its
    own code did, ``ended`` whether all is over, which it never is in a process that dies.
    """

    marked: Marked
    scores: tuple[Score, ...] = ()
    crashed: str = ""
    skipped: str = ""
    ran: bool = False
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {**self._asdict(), "marked": self.marked._asdict(), "scores": [one._asdict() for one in self.scores]}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Entry:
        """The one that :meth:`to_json` gave."""
        scores = tuple(Score(**one) for one in value["scores"])
        return cls(**{**value, "marked": Marked(**value["marked"]), "scores": scores})
