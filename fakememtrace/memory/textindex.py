"""Where in an org's memories a text can be: what a search need not look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from .records import Memory

__all__ = ["TextIndex"]

_ROWS = 2048


class TextIndex:
    """The words of every full segment of `rows`, each of them once; `fold` makes letters equal.

    The words are a tenth of the text or less.  They are gathered when a search first comes by.
    """

    def __init__(self, rows: Sequence[Memory], fold: Callable[[str], str]) -> None:
        self._rows, self._fold = rows, fold
        self._words: dict[int, str] = {}

    def spans(self, text: str, low: int, high: int, ascending: bool) -> Iterator[tuple[int, int]]:
        """The parts of the positions from `low` to before `high` where the folded `text` can be.

        Where it can not, the rows are left out; where it can, it need not be.
        """
        # Each piece has no whitespace in it: where the text is, the piece is part of one word.
        pieces = text.split()
        segments = range(low // _ROWS, -(-high // _ROWS))
        for segment in segments if ascending else reversed(segments):
            words = self._words_of(segment)
            if words is None or all(piece in words for piece in pieces):
                yield max(low, segment * _ROWS), min(high, (segment + 1) * _ROWS)

    def _words_of(self, segment: int) -> str | None:
        """The words of `segment`; None while it still grows."""
        if segment not in self._words:
            rows = self._rows[segment * _ROWS : (segment + 1) * _ROWS]
            if len(rows) < _ROWS:
                return None
            words = self._fold(" ".join([row.content for row in rows])).split()
            self._words[segment] = " ".join(dict.fromkeys(words))
        return self._words[segment]
