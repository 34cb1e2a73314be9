"""What a run is judged by: a score for each item."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Score"]


class Score(NamedTuple):
    """One scored item of a run.

    ``key`` is what it is called in every run, ``conversation`` the unit of resampling: items of one conversation are
    not independent of each other.  A ``value`` of None is unscored, and then the ``words`` say why.
    """

    key: str
    conversation: str
    category: str
    value: float | None
    words: str = ""
