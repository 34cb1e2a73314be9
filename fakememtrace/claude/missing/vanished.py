"""A list of memories in a recorded text of which nothing is left, since Memtrace has none to show."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .items import FRAME, PLAIN, Item, Run

__all__ = ["take_vanished"]

_BULLET = re.compile(r"\s*(?P<mark>[-*•]|\d+[.)])\s+(?=\S)")
# A heading above memories, or the words that stand in for them.
_SPEAKS_OF_MEMORY = re.compile(
    r"memtrace|memor|remember|recall|recollect|\bfacts?\b|\bknow[ns]?\b"
    r"|\b(?:earlier|past|previous) (?:chat|conversation|session)s?\b|^\W*context\W*$",
    re.IGNORECASE,
)
_LONGEST = 100


def take_vanished(texts: Sequence[list[Item]], run: Run) -> None:
    """Take a list that is gone for memories, where its heading or what stands in for it speaks of memory.

    Gone is all of it, and at most one line stands there in its place.
    """
    recorded = texts[0]
    places = [place for place in range(len(recorded))[run[0]] if recorded[place].raw.strip()]
    instead = [item.raw for item in texts[1][run[1]] if item.raw.strip()]
    if len(instead) > 1 or any(_mark(line) or len(line) > _LONGEST for line in instead):
        return
    heading = places[:1] if places and not _mark(recorded[places[0]].raw) else []
    listed = places[len(heading) :]
    if not listed or not _is_whole(recorded, listed) or any(recorded[place].kind != PLAIN for place in places):
        return
    above = heading or [place for place in range(listed[0]) if recorded[place].raw.strip()][-1:]
    if not any(_SPEAKS_OF_MEMORY.search(line) for line in (*(recorded[place].raw for place in above), *instead)):
        return
    for place in heading:
        recorded[place] = recorded[place]._replace(kind=FRAME)
    for place in listed:
        recorded[place] = recorded[place].as_memory(_BULLET.sub("", recorded[place].raw, count=1))


def _is_whole(text: Sequence[Item], places: Sequence[int]) -> bool:
    """Whether these are the items of one list, and all of it."""
    marks = {_mark(text[place].raw) for place in places}
    around = (*text[max(0, places[0] - 1) : places[0]], *text[places[-1] + 1 : places[-1] + 2])
    return len(marks) == 1 and "" not in marks and not marks & {_mark(item.raw) for item in around}


def _mark(line: str) -> str:
    """What marks a line as an item of a list: the mark, whatever its number; empty where it is none."""
    bullet = _BULLET.match(line)
    return re.sub(r"\d+", "0", bullet["mark"]) if bullet else ""
