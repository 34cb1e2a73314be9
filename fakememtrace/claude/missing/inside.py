"""Contents of memories inside of lines that changed: whole ones, and the starts of those that were cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from .answers import Reading
from .items import MEMORY, PLAIN, WORDS, Contents, Item, Run
from .starts import DOTS, Frame, frames, starts

__all__ = ["look_into"]

_WORD = re.compile(r"[^\W\d]+")


def look_into(texts: list[list[Item]], runs: Sequence[Run], contents: Contents, said: Reading | None) -> bool:
    """Find the contents of memories in the plain lines that changed; whether any line became several pieces.

    What a user says may well be stored too.  There (`said` is then what the program has read) only a line that
    shows several memories is looked into, and one of which the memory in it was cut.
    """
    split = False
    # From the end, since a line can become several.
    for run in reversed(runs):
        found = _found(texts, run, contents, said)
        several = any(len(inner) > 1 for side in found for inner in side)
        for text, side, inners in zip(texts, run, found, strict=True):
            pieces = [_pieces(item, inner, several) for item, inner in zip(text[side], inners, strict=True)]
            text[side] = [piece for group in pieces for piece in group]
        split = split or several
    return split


def _found(texts: list[list[Item]], run: Run, contents: Contents, said: Reading | None) -> list[list[list[str]]]:
    """What stands in each line of a run, of both texts."""
    old, new = (text[side] for text, side in zip(texts, run, strict=True))
    found = [[_contents_of(item, contents, said) for item in side] for side in (old, new)]
    # Of a user's lines those that can have been cut: they count if they were.
    single = [said.contents.within(item.raw) if said and item.kind == PLAIN else [] for item in old]
    recorded = [
        frame
        for item, inner, one in zip(old, found[0], single, strict=True)
        for frame in _frames(item, inner or one, said is not None)
    ]
    lines = ["" if item.kind != PLAIN else _without(item.raw, inner) for item, inner in zip(new, found[1], strict=True)]
    cut = starts(lines, recorded)
    used = {frame.content for of_line in cut for _, frame, _ in of_line}
    found[0] = [
        inner or [content for content in one if content in used] for inner, one in zip(found[0], single, strict=True)
    ]
    found[1] = [_in_order(item, inner, of_line) for item, inner, of_line in zip(new, found[1], cut, strict=True)]
    return found


def _contents_of(item: Item, contents: Contents, said: Reading | None) -> list[str]:
    if item.kind != PLAIN or not item.raw.strip():
        return []
    if said and len(said.contents.within(item.raw)) < 2:
        return []
    return contents.within(item.raw)


def _frames(item: Item, inner: Sequence[str], by_user: bool) -> Iterator[Frame]:
    if item.kind == MEMORY and item.shape:
        yield Frame(item.content, *item.shape)
    for frame in frames(item.raw, inner) if item.kind == PLAIN else ():
        # All that a user says is no memory that a program shows.
        if not (by_user and frame.is_alone and not (frame.before + frame.after).strip()):
            yield frame


def _without(line: str, inner: Sequence[str]) -> str:
    for content in sorted(inner, key=len, reverse=True):
        line = line.replace(content, chr(0) * len(content), 1)
    return line


def _in_order(item: Item, inner: Sequence[str], cut: Sequence[tuple[int, Frame, str]]) -> list[str]:
    whole = [(item.raw.find(content), content) for content in inner]
    return [text for _, text in sorted([*whole, *((place, start) for place, _, start in cut)])]


def _pieces(item: Item, inner: list[str], several: bool) -> list[Item]:
    """A line in which these contents stand: one memory, or the memories and the words between them."""
    if not inner or not several:
        return [item.as_memory(inner[0]) if inner else item]
    rest = item.raw
    for content in sorted(inner, key=len, reverse=True):
        rest = rest.replace(content, " ", 1)
    words = " ".join(sorted(set(_WORD.findall(DOTS.sub(" ", rest)))))
    return [*(Item(content, MEMORY, content) for content in inner), Item(words, WORDS)]
