"""Puts an entry into the text of a cassette, and leaves all else as it is, to the byte."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["with_entry"]

_SPACE = re.compile(r"[ \t\n\r]*")


def with_entry(text: str, entry: dict[str, Any], in_place_of_last: bool) -> str:
    """The cassette `text` with one more entry; all else stays, to the byte."""
    written = json.dumps(entry, ensure_ascii=False, indent=2)
    lines = "\n".join(f"    {line}" for line in written.split("\n"))
    spans, start, end = _places(text)
    if not spans:
        return f"{text[:start]}\n{lines}\n  {text[end:]}"
    first, last = spans[-1]
    if in_place_of_last:
        return text[:first] + lines.lstrip() + text[last:]
    return f"{text[:last]},\n{lines}{text[last:]}"


def _places(text: str) -> tuple[list[tuple[int, int]], int, int]:
    """Where each entry stands in the text of a cassette, and where their list begins and ends."""
    decoder = json.JSONDecoder()
    at, key = _next(text, 0), None
    while key != "interactions":
        if key is not None:
            _, at = decoder.raw_decode(text, at)
            at = _next(text, at)
        key, at = decoder.raw_decode(text, _next(text, at + 1))
        at = _next(text, _next(text, at) + 1)
    start = at + 1
    spans = list(_items(text, start, decoder))
    return spans, start, text.index("]", spans[-1][1] if spans else start)


def _items(text: str, at: int, decoder: json.JSONDecoder) -> Iterator[tuple[int, int]]:
    at = _next(text, at)
    while text[at] != "]":
        _, end = decoder.raw_decode(text, at)
        yield at, end
        at = _next(text, end)
        if text[at] == ",":
            at = _next(text, at + 1)


def _next(text: str, at: int) -> int:
    """Where the next character stands that is no space."""
    found = _SPACE.match(text, at)
    assert found
    return found.end()
