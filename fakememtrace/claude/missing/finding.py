"""Two texts as memories and other pieces, and where they differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ..matching.difference import Difference
from .answers import Reading
from .cuts import is_start
from .inside import look_into
from .items import FRAME, MEMORY, PLAIN, WORDS, Contents, Item, Run, items
from .lines import aligned, alike
from .vanished import take_vanished

__all__ = ["Compared", "compared", "is_memory_tool"]

_ALIKE = 0.5
_MOST_PAIRS = 2_500
# Tools that are called so return memories.
_MEMORY_TOOL = re.compile(r"memtrace|memor|remember|recall", re.IGNORECASE)
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])\s+(?=\S)")


class Compared(NamedTuple):
    """The pieces of two texts, the recorded one first, and the runs of them that differ: where in each."""

    texts: list[list[Item]]
    runs: list[Run]

    def memories(self, side: int) -> list[Item]:
        """The memories among what differs, of the recorded text (0) or the sent one (1)."""
        return [item for run in self.runs for item in self.texts[side][run[side]] if item.kind == MEMORY]

    @property
    def is_frame(self) -> bool:
        """Whether text differs that Memtrace writes around memories."""
        return not self._is_blank and any(FRAME in kinds for run in self.runs for kinds in self._kinds(run))

    @property
    def is_plain(self) -> bool:
        """Whether anything differs that is no memory, and does not stand in for some."""
        return self._is_blank or any(_is_plain(*self._kinds(run)) for run in self.runs)

    @property
    def _is_blank(self) -> bool:
        return not any(item.raw.strip() for run in self.runs for side in (0, 1) for item in self.texts[side][run[side]])

    def _kinds(self, run: Run) -> tuple[set[str], set[str]]:
        old, new = ({item.kind for item in text[side]} for text, side in zip(self.texts, run, strict=True))
        return old, new


def is_memory_tool(name: str) -> bool:
    """Whether a tool called `name` has to do with memories."""
    return _MEMORY_TOOL.search(name) is not None


def compared(difference: Difference, contents: Contents, reading: Reading) -> Compared:
    """The two texts of a difference, piece by piece; `reading` is what the program has read before."""
    by_user = difference.origin == "user"
    texts = [items(lines, contents, by_user) for lines in (difference.recorded, difference.sent)]
    runs = _changed(texts)
    for run in runs:
        _take_what_became(texts, run)
    if look_into(texts, runs, contents, reading if by_user else None):
        runs = _changed(texts)
    for side, text in enumerate(texts):
        for place, content in _in_lists(text).items():
            text[place] = text[place].as_memory(content)
        if side == 0 and is_memory_tool(difference.origin):
            _take_lists(text, [run[side] for run in runs])
    if reading.is_empty:
        for run in runs:
            take_vanished(texts, run)
    return Compared(texts, runs)


def _changed(texts: Sequence[Sequence[Item]]) -> list[Run]:
    """Where the pieces of two texts differ."""
    runs = aligned(*([item.raw for item in text] for text in texts))
    return [(slice(run.start, run.end), slice(run.other_start, run.other_end)) for run in runs if not run.same]


def _take_what_became(texts: Sequence[list[Item]], run: Run) -> None:
    """Take plain lines for memories that are written and say almost what a memory says in the other text."""
    for side, other in ((0, 1), (1, 0)):
        memories = [item for item in texts[other][run[other]] if item.kind == MEMORY and item.shape]
        plain = [place for place in range(len(texts[side]))[run[side]] if texts[side][place].kind == PLAIN]
        for place in plain if len(plain) * len(memories) <= _MOST_PAIRS else ():
            item = texts[side][place]
            found = (_content_of(item.raw, memory.shape) for memory in memories if memory.shape)
            content = next((text for text, memory in zip(found, memories, strict=True) if _is_other(text, memory)), "")
            if content:
                texts[side][place] = item.as_memory(content)


def _is_other(content: str, memory: Item) -> bool:
    """Whether one became the other: it has most of its words, or is its start."""
    if not content:
        return False
    return alike(content, memory.content) >= _ALIKE or is_start(content, memory.content)


def _in_lists(text: list[Item]) -> dict[int, str]:
    """The contents of plain lines that stand in one list with memories and look like them, by their places."""
    found: dict[int, str] = {}
    for places in (range(len(text)), reversed(range(len(text)))):
        shape: tuple[str, str] | None = None
        for place in places:
            item = text[place]
            content = _content_of(item.raw, shape) if shape and item.kind == PLAIN else ""
            if item.kind == MEMORY:
                shape = item.shape
            elif content:
                found.setdefault(place, content)
            else:
                shape = None
    return found


def _content_of(raw: str, shape: tuple[str, str]) -> str:
    """What stands in `raw` where the `shape` has a content; the numbers of a list do not matter."""
    before, after = (re.sub(r"\d+", r"\\d+", re.escape(part)) for part in shape)
    if not any(part.strip() for part in shape):
        return ""
    found = re.fullmatch(f"{before}(.+){after}", raw)
    return found[1] if found else ""


def _take_lists(text: list[Item], places: Sequence[slice]) -> None:
    """Take the items of lists among what changed for memories."""
    for place in (place for inner in places for place in range(len(text))[inner]):
        bullet = _BULLET.match(text[place].raw)
        if bullet and text[place].kind == PLAIN:
            text[place] = text[place].as_memory(text[place].raw[bullet.end() :])


def _is_plain(old: set[str], new: set[str]) -> bool:
    """Whether a run of changed pieces is more than memories, and more than what stands in for them."""
    both = old | new
    if WORDS in old and WORDS in new:
        return True
    if PLAIN not in both:
        return False
    if not both & {FRAME, MEMORY, WORDS}:
        return True
    return PLAIN in old and PLAIN in new
