"""Where a line has only the start of a memory that the recorded line has whole."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .cuts import in_common

__all__ = ["DOTS", "Frame", "frames", "starts"]

# So many characters tell which content it is, where others stand in its line, and where its line is like the recorded.
_TELLING, _FEW = 6, 3
# What says that there is more.  In JSON the one character can be written by its number.
DOTS = re.compile(r"\s*(?:\.{3}|…|\\u2026|\[\.{3}\]|\[…\])")
_OTHER = re.compile(r"[\W_]*")
_MOST = 20_000


class Frame(NamedTuple):
    """A content in a recorded line: what stands before and after it, up to the next one; whether it is alone there."""

    content: str
    before: str
    after: str
    is_alone: bool = True


def frames(line: str, contents: Sequence[str]) -> Iterator[Frame]:
    """The contents that stand in `line`, in their order."""
    places: list[tuple[int, int]] = []
    for content in contents:
        place = line.find(content, places[-1][1] if places else 0)
        if place >= 0:
            places.append((place, place + len(content)))
    ends = [0, *(end for _, end in places)]
    begins = [*(start for start, _ in places), len(line)]
    for index, (start, end) in enumerate(places):
        yield Frame(line[start:end], line[ends[index] : start], line[end : begins[index + 1]], len(places) == 1)


def starts(lines: Sequence[str], recorded: Sequence[Frame]) -> list[list[tuple[int, Frame, str]]]:
    """Of each line the starts of recorded contents in it: where, of which, and how much; each of one line only."""
    found: list[list[tuple[int, Frame, str]]] = [[] for _ in lines]
    if len(lines) * len(recorded) > _MOST:
        return found
    left = list(recorded)
    for line, of_line in zip(lines, found, strict=True):
        for frame in list(left):
            start = _start(line, frame)
            # Two contents can begin alike, and stand in one order.
            if start and not any(place == start[0] for place, _, _ in of_line):
                of_line.append((start[0], frame, start[1]))
                left.remove(frame)
                if frame.is_alone:
                    break
    return found


def _start(line: str, frame: Frame) -> tuple[int, str] | None:
    """Where in `line` only the start of the content stands, and that."""
    few = _FEW if frame.is_alone and (frame.before + frame.after).strip() else _TELLING
    place = line.find(frame.content[:few])
    while place >= 0:
        length = in_common(line[place:], frame.content)
        if few <= length < len(frame.content) and not line[max(0, place - 1) : place].isalnum():
            dots = DOTS.match(line, place + length)
            if _fits(line[:place], line[dots.end() if dots else place + length :], frame):
                return place, line[place : place + length].rstrip()
        place = line.find(frame.content[:few], place + 1)
    return None


def _fits(before: str, rest: str, frame: Frame) -> bool:
    """Whether around the start stands what is recorded around the content; after it a line can end."""
    if frame.is_alone:
        return _unnumbered(before) == _unnumbered(frame.before) and rest.strip() in ("", frame.after.strip())
    mark = _OTHER.match(frame.after)
    parting = mark[0].strip() if mark else ""
    return not rest.strip() or (bool(parting) and rest.lstrip().startswith(parting))


def _unnumbered(text: str) -> str:
    """The numbers of a list do not matter."""
    return re.sub(r"\d+", "0", text)
