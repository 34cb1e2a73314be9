"""Whether an answer is still in a memory once it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from .unscored import Score

__all__ = ["Survival", "holds", "survival"]

_NO_WORD = re.compile(r"[\W_]+")


class Survival(NamedTuple):
    """How many memories held the answer when they were written, and how many of those still do as they are shown."""

    held: int
    kept: int

    @property
    def share(self) -> Score:
        """The share that survived; unscored when none held it."""
        return self.kept / self.held if self.held else None


def survival(texts: Iterable[tuple[str, str, str]]) -> Survival:
    """Of (memory as written, as shown, answer): those where the answer was there, and where it still is."""
    held = [(shown, answer) for written, shown, answer in texts if holds(written, answer)]
    return Survival(len(held), sum(holds(shown, answer) for shown, answer in held))


def holds(text: str, answer: str) -> bool:
    """Whether the words of `answer` stand in `text` in a row, whatever the case and what is between them.

    An answer without a letter or a digit (an emoji) is looked for as it is.
    """
    words = _plain(answer)
    return f" {words} " in f" {_plain(text)} " if words else bool(answer) and answer in text


def _plain(text: str) -> str:
    return _NO_WORD.sub(" ", text.casefold()).strip()
