"""BM25 over everything that a list returns: the reference, which Memtrace itself does not have."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from ...errors import UsageError
from .reader import MOST, Found, Reader
from .words import words

__all__ = ["bm25", "library"]

_NO_LIBRARY = 'BM25 needs rank-bm25. Install it with: pip install "fakememtrace[evals]"'
# What differs by less is a tie: sums of floats are not the same to the last bit everywhere.
_DIGITS = 9


def bm25(reader: Reader, question: str, k: int) -> Sequence[Found]:
    """The newest 1,000 memories by their BM25 score (Okapi, k1 1.5, b 0.75), ties newest first."""
    found = reader.newest(MOST)
    if not any(words(memory.content) for memory in found):
        return ()
    scores = _index(tuple(memory.content for memory in found)).scores(words(question))
    # Stable in reverse, too: ties stay as they are listed, newest first.
    order = sorted(range(len(found)), key=scores.__getitem__, reverse=True)
    return [found[place] for place in order[:k]]


class _Index:
    """The library's index of some contents, which remembers what each word scores: questions share most words."""

    def __init__(self, contents: Sequence[str]) -> None:
        self._size = len(contents)
        self._index = library().BM25Okapi([words(content) for content in contents])
        self._by_word: dict[str, Any] = {}

    def scores(self, asked: Sequence[str]) -> list[float]:
        """The score of each content: the sum of those of the words, in their order, as the library adds them."""
        vectors = [self._of(word) for word in asked]
        total = sum(vectors[1:], vectors[0]).tolist() if vectors else [0.0] * self._size
        return [round(score, _DIGITS) for score in total]

    def _of(self, word: str) -> Any:
        if word not in self._by_word:
            self._by_word[word] = self._index.get_scores([word])
        return self._by_word[word]


# Building it takes its time, and the next question reads the same memories.
@lru_cache(maxsize=4)
def _index(contents: tuple[str, ...]) -> _Index:
    return _Index(contents)


def library() -> Any:
    """The library that BM25 is from; UsageError where it is not installed."""
    try:
        return importlib.import_module("rank_bm25")
    except ImportError:
        raise UsageError(_NO_LIBRARY) from None
