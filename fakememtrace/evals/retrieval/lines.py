"""Which memories a context shows, and what is left of each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from .reader import Found

__all__ = ["shown"]

# A line of the released server; the documented one has the content alone.
_LINE = re.compile(r"^- \[(\d{4}-\d\d-\d\dT[\d:.]+Z)\] \w+: ", re.MULTILINE)
_HEADING = re.compile(r"\n+(?:### [A-Za-z ]+ \(\d+\)\n)?\Z")


@lru_cache(maxsize=64)
def shown(text: str, written: Sequence[Found]) -> tuple[Found, ...]:
    """The memories of `written` that the context `text` shows, in its order, each with the content that is shown."""
    if "- " not in text:
        return ()
    return _by_time(text, written) if _LINE.search(text) else _by_content(text, written)


def _by_time(text: str, written: Sequence[Found]) -> tuple[Found, ...]:
    at = {memory.time: memory for memory in written}
    _, *parts = _LINE.split(text)
    pairs = zip(parts[::2], parts[1::2], strict=True)
    return tuple(at[time]._replace(content=_HEADING.sub("", rest)) for time, rest in pairs if time in at)


def _by_content(text: str, written: Sequence[Found]) -> tuple[Found, ...]:
    """Of memories with one content the newest are taken, as many as there are lines."""
    left = {content: text.count(f"- {content}\n") for content in {memory.content for memory in written}}
    places: list[tuple[int, Found]] = []
    for memory in reversed(written):
        if left[memory.content] > 0:
            left[memory.content] -= 1
            places.append((text.index(f"- {memory.content}\n"), memory))
    return tuple(memory for _, memory in sorted(places, key=lambda place: place[0]))
