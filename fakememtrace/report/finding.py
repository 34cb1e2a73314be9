"""Which pieces of a text are memories: found by what the memories say, also cut short or written as JSON."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from ..claude.missing.cuts import cut, in_common
from ..claude.missing.items import hint_in
from .model import CUT, WHOLE

__all__ = ["Finder", "Found", "Known"]

# A shorter content can be part of any line, and counts only where nothing else stands in it.
_TELLING = 6
# So many characters tell which content it is that a program has cut short itself.
_LEAST_START = 12
_DOTS = re.compile(r"\s*(?:\.{3}|…|\\u2026|\[\.{3}\]|\[…\])")
_START = re.compile(r"(?<![^\W_])\S")
_BULLET = re.compile(r"\s*(?:(?:[-*•]|\d+[.)])\s+)?")
_WORD = re.compile(r"[^\W\d_]+")


class Known(NamedTuple):
    """A memory that is looked for: its number, what it says, and the time that is shown of it."""

    number: int
    content: str
    time: str


class Found(NamedTuple):
    """A piece of a text, from ``start`` up to ``end``, that says what these memories say; ``how`` much of it.

    ``alone`` is whether there are no other words in its line, or the line is one of a context.
    """

    start: int
    end: int
    numbers: tuple[int, ...]
    how: str
    alone: bool


class _Form(NamedTuple):
    """How a content may stand in a text, and the memories that have it so."""

    text: str
    how: str
    numbers: list[int]


class _Seen(NamedTuple):
    """What is in a line: whole pieces, and where something begins that may go on in the next lines."""

    found: tuple[Found, ...]
    begun: tuple[tuple[int, _Form], ...]


class Finder:
    """Finds the `memories` in texts.  The same lines come again and again, and are looked at once."""

    def __init__(self, memories: Iterable[Known]) -> None:
        self._times: dict[int, str] = {}
        self._forms: dict[str, _Form] = {}
        # By what a form begins with: how long such forms are, the longest first; and those forms in order.
        self._lengths: defaultdict[str, list[int]] = defaultdict(list)
        self._ordered: defaultdict[str, list[str]] = defaultdict(list)
        # Forms of several lines, by the first of these.
        self._tall: defaultdict[str, list[_Form]] = defaultdict(list)
        self._seen: dict[str, _Seen] = {}
        for memory in memories:
            self._learn(memory)
        self._arrange()

    def find(self, text: str) -> Iterator[Found]:
        """The pieces of `text` that are memories, in their order; of two at one place the longer one."""
        beyond = 0
        for found in sorted(self._all(text), key=lambda found: (found.start, -found.end)):
            if found.start >= beyond:
                beyond = found.end
                yield found

    def _learn(self, memory: Known) -> None:
        self._times[memory.number] = memory.time
        for shown in dict.fromkeys((memory.content, cut(memory.content))):
            how = WHOLE if shown == memory.content else CUT
            for text in dict.fromkeys((shown, json.dumps(shown)[1:-1], json.dumps(shown, ensure_ascii=False)[1:-1])):
                self._forms.setdefault(text, _Form(text, how, [])).numbers.append(memory.number)

    def _arrange(self) -> None:
        for text, form in self._forms.items():
            if len(text.strip()) < _TELLING:
                continue
            if "\n" in text:
                self._tall[text.partition("\n")[0]].append(form)
            else:
                self._lengths[text[:_TELLING]].append(len(text))
                self._ordered[text[:_TELLING]].append(text)
        for key, lengths in self._lengths.items():
            self._lengths[key] = sorted(set(lengths), reverse=True)
            self._ordered[key].sort()

    def _all(self, text: str) -> Iterator[Found]:
        place = 0
        for line in text.split("\n"):
            seen = self._seen.get(line)
            if seen is None:
                seen = self._seen[line] = self._look(line)
            for found in seen.found:
                yield found._replace(start=found.start + place, end=found.end + place)
            for start, form in seen.begun:
                if text.startswith(form.text, place + start):
                    yield self._found(line, start, len(form.text), form, form.how, place)
            place += len(line) + 1

    def _look(self, line: str) -> _Seen:
        found, begun, beyond = list(self._short(line)), [], 0
        for start in (match.start() for match in _START.finditer(line)):
            begun += [(start, form) for form in self._tall.get(line[start:], ())]
            if start >= beyond and line[start : start + _TELLING] in self._lengths:
                piece = self._whole_at(line, start) or self._start_at(line, start)
                if piece:
                    found.append(piece)
                    beyond = piece.end
        return _Seen(tuple(found), tuple(begun))

    def _whole_at(self, line: str, start: int) -> Found | None:
        """The longest form that stands there."""
        for length in self._lengths[line[start : start + _TELLING]]:
            end = start + length
            form = self._forms.get(line[start:end]) if end <= len(line) else None
            if form and not (line[end - 1 : end].isalnum() and line[end : end + 1].isalnum()):
                return self._found(line, start, length, form, form.how)
        return None

    def _start_at(self, line: str, start: int) -> Found | None:
        """The start of a form, and dots which say that there is more."""
        rest, ordered = line[start:], self._ordered[line[start : start + _TELLING]]
        place = bisect_left(ordered, rest)
        near = max(ordered[max(0, place - 1) : place + 1], key=lambda text: in_common(rest, text))
        length = in_common(rest, near)
        dots = _DOTS.match(rest, length) if length >= _LEAST_START else None
        return self._found(line, start, dots.end(), self._forms[near], CUT) if dots else None

    def _short(self, line: str) -> Iterator[Found]:
        """A line that says nothing but a content which is too short to be found in others."""
        hint, bullet = hint_in(line), _BULLET.match(line)
        start = len(line) - len(hint[1]) if hint else bullet.end() if bullet else 0
        content = line[start:].rstrip()
        if content and len(content) < _TELLING and content in self._forms:
            form = self._forms[content]
            yield self._found(line, start, len(content), form, form.how)

    def _found(self, line: str, start: int, length: int, form: _Form, how: str, place: int = 0) -> Found:
        """The piece of a `line` that begins at `start`; `place` is where in the text the line begins."""
        # Of several the one whose time stands beside it.
        there = [number for number in form.numbers if self._times[number] and self._times[number] in line]
        alone = hint_in(line) is not None or not _WORD.search(line[:start] + line[start + length :])
        return Found(place + start, place + start + length, tuple(there or form.numbers), how, alone)
