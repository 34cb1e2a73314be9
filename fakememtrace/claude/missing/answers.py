"""What an answer of Memtrace has of a memory, and which texts are made of it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from .cuts import cut, is_cut
from .items import Contents, Item, contents_in
from .knowledge import Read, Row

__all__ = ["Reading", "bare_lines", "has", "has_line", "has_whole", "is_empty", "is_in", "often"]

# Of so many rows of an answer is looked for anywhere in a text, and not only on a line of its own.
_MOST_ROWS = 20


class Reading:
    """What a program has read of Memtrace before it sent a request."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self._reads = reads

    @property
    def is_empty(self) -> bool:
        """Whether it has asked for memories, and no answer had one."""
        return bool(self._reads) and all(map(is_empty, self._reads))

    @cached_property
    def contents(self) -> Contents:
        """The contents that were in the answers."""
        rows = [row.content for read in self._reads for row in read.rows]
        return Contents([*rows, *(content for read in self._reads for content in contents_in(read.text))])


def bare_lines(text: str) -> frozenset[str]:
    """The lines of a text without what marks them as items of a list."""
    return frozenset(line.strip().lstrip("-*• ") for line in text.split("\n"))


def is_in(read: Read, text: str, bare: frozenset[str]) -> bool:
    """Whether a text, of which these are the lines, is made of this answer."""
    if read.text:
        return read.text.strip() in text
    some = read.rows[:_MOST_ROWS]
    return any(row.content in bare for row in read.rows) or any(row.content and row.content in text for row in some)


def is_empty(read: Read) -> bool:
    """Whether Memtrace answered, and had no memory to show."""
    return read.status == 200 and not read.rows and "\n### " not in read.text


def has(read: Read, item: Item) -> bool:
    """Whether the memory is in the answer as it is shown."""
    if read.text:
        return item.raw.strip() in read.text or (is_cut(item.content) and item.content in read.text)
    return any(_is_row(item, row) for row in read.rows)


def has_line(read: Read, item: Item) -> bool:
    """Whether it is a line of a context, and all of that line."""
    return f"\n{item.raw.strip()}\n" in f"\n{read.text}\n"


def has_whole(read: Read, content: str) -> bool:
    """Whether the answer has all of this content."""
    return content in read.text if read.text else any(row.content == content for row in read.rows)


def often(read: Read, item: Item) -> int:
    """How many times the memory is in the answer."""
    return read.text.count(item.raw.strip()) if read.text else sum(_is_row(item, row) for row in read.rows)


def _is_row(item: Item, row: Row) -> bool:
    if item.content != row.content and item.content != cut(row.content):
        return False
    return not item.time or not row.time or item.time == row.time
