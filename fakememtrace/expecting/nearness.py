"""The nearest of what did happen, and how it differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from heapq import nlargest
from typing import Any, NamedTuple, TypeVar

from ..claude.missing.lines import alike, diff, visible
from .values import Matcher, shown

__all__ = ["Gap", "gaps", "indented", "likeness", "nearest_line", "nearest_of", "promising"]

_MOST_LINES = 12
_LONGEST = 300
_MANY = 200

_T = TypeVar("_T")


class Gap(NamedTuple):
    """A value that is not as expected: its name, what was expected in words, and what it is."""

    name: str
    expected: str
    found: Any

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, found {shown(self.found)}"


def gaps(wanted: Iterable[tuple[str, Matcher, Any]]) -> list[Gap]:
    """Those of the values (name, what it must be, what it is) that are not as they must be."""
    return [Gap(name, wrong, found) for name, what, found in wanted if (wrong := what.wrong(found))]


@lru_cache(maxsize=4_096)
def likeness(text: str, other: str) -> float:
    """How much of `text` is in `other`, and how much else is in it, from 0 to 1."""
    if text and text in other:
        return 1.0
    matcher = SequenceMatcher(None, text.casefold()[:_LONGEST], other.casefold()[:_LONGEST], autojunk=False)
    shared = sum(block.size for block in matcher.get_matching_blocks() if block.size > 1)
    return (matcher.ratio() + shared / max(1, len(text))) / 2


def promising(candidates: Sequence[_T], roughly: Callable[[_T], float]) -> Sequence[_T]:
    """Those of many candidates that may be the nearest: to look at all of them closely would take its time."""
    return candidates if len(candidates) <= _MANY else nlargest(_MANY, candidates, key=roughly)


def nearest_of(text: str, lines: Iterable[str]) -> str | None:
    """The line that is nearest to `text`; None without lines."""
    # The first of those that are as near, since what is near is likely to come again.
    candidates = [line for line in dict.fromkeys(lines) if line.strip()]
    close = promising(candidates, lambda line: alike(text, line))
    return max(close, key=lambda line: likeness(text, line), default=None)


def nearest_line(text: str, lines: Iterable[str]) -> list[str]:
    """The line that is nearest to `text`, below it, with the words that differ marked; nothing without lines."""
    near = nearest_of(text, lines)
    return [] if near is None else indented(diff(text.split("\n"), [near], _MOST_LINES)[0])


def indented(lines: Iterable[str]) -> list[str]:
    """The lines, below a heading."""
    return [f"  {visible(line) if not line.startswith(('- ', '+ ')) else line}" for line in lines]
