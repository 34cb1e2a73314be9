"""Which lines of a prompt or of a tool's result are memories: by their form, or because a memory says the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ...clock import moment, rfc3339
from ...errors import ClockError
from .cuts import cut

__all__ = [
    "FRAME",
    "MEMORY",
    "PLAIN",
    "WORDS",
    "Contents",
    "Item",
    "Run",
    "contents_in",
    "hint_in",
    "is_heading",
    "items",
]

MEMORY = "memory"
# What Memtrace writes around its memories.
FRAME = "frame"
PLAIN = "plain"
# What stands around several memories in one line.
WORDS = "words"

_CONTEXT = re.compile(r"\s*## Session Context \((?P<session>[^)]*)\)\s*")
_SECTION = re.compile(r"\s*### (?:Recent Actions|Decisions(?: Made)?|Entities|Errors|Other|Session) \(\d+\)\s*")
_HINT = re.compile(r"\s*- \[(?P<time>\d{4}-\d\d-\d\dT[\d:.]+Z)\] (?P<event>.*?): (?P<content>.*)", re.DOTALL)
_BULLET = re.compile(r"\s*(?:[-*•]|\d+[.)])\s+")
# Of the fields of a memory, those that say that an object is one.
_FIELDS = frozenset({"agent_id", "created_at", "event_type", "importance", "memory_id", "memory_type", "tags", "time"})
# The texts in a list that is called so are memories.
_MEMORIES = "memories"
_COUNTS = frozenset({"count", "has_more", "query_time_ms", "total"})
# A shorter content can be part of any line.
_TELLING = 6
_MOST_CONTENTS = 2_000
_MOST_VALUES = 50


class Item(NamedTuple):
    """A piece of a text: one memory, something that Memtrace writes around them, or a plain line.

    ``content`` of a memory is as it is shown, ``facts`` are what else is shown of it (``time``,
    ``event``, ...), ``session`` is that of the context it stands in, ``shape`` what stands before and after
    the content in its line.
    """

    raw: str
    kind: str
    content: str = ""
    facts: Mapping[str, Any] = {}
    session: str = ""
    shape: tuple[str, str] | None = None

    @property
    def time(self) -> str:
        """The time that is shown, as Memtrace writes it; empty when none is."""
        text = str(self.facts.get("time", self.facts.get("created_at", "")))
        try:
            return rfc3339(moment(text))
        except ClockError:
            return text

    def as_memory(self, content: str) -> Item:
        """A line in which this content stands as that memory."""
        before, _, after = self.raw.partition(content)
        return self._replace(kind=MEMORY, content=content, shape=(before, after))


# Where two texts differ: which pieces of the one, and of the other.
Run = tuple[slice, slice]


class Contents:
    """Texts that are contents of memories: stored ones, and those that somebody tried to store."""

    def __init__(self, texts: Iterable[str]) -> None:
        known = [text for text in dict.fromkeys(texts) if text.strip()]
        self._exact = {shown for text in known for shown in (text, cut(text))}
        newest = known[-_MOST_CONTENTS:]
        self._long = sorted((text for text in newest if len(text) >= _TELLING and "\n" not in text), key=len)[::-1]
        self.of_lines = [shown for text in newest if "\n" in text for shown in (text, cut(text)) if "\n" in shown]

    def __contains__(self, text: str) -> bool:
        return text in self._exact

    def within(self, line: str) -> list[str]:
        """Those of them that stand in `line`, between its words, in their order; of two at one place the longer one."""
        found: list[tuple[int, str]] = []
        for text in self._long:
            place = line.find(text)
            while place >= 0:
                if _is_apart(line, place, len(text)):
                    found.append((place, text))
                    # Nothing else is looked for there.
                    line = f"{line[:place]}{chr(0) * len(text)}{line[place + len(text) :]}"
                place = line.find(text, place + 1)
        return [text for _, text in sorted(found)]


def items(lines: Sequence[str], contents: Contents, bullets_only: bool = False) -> list[Item]:
    """The pieces of a text, in order; `bullets_only` where a memory without a mark before it is none."""
    return list(_Reader(lines, contents, bullets_only))


def contents_in(context: str) -> Iterator[str]:
    """The contents that a context shows."""
    for line in context.split("\n"):
        hint = _HINT.fullmatch(line)
        if hint:
            yield hint["content"]


def is_heading(line: str) -> bool:
    """Whether Memtrace writes this line above memories in a context."""
    return bool(_CONTEXT.fullmatch(line) or _SECTION.fullmatch(line))


def hint_in(line: str) -> tuple[str, str] | None:
    """The time and the content that the line of a context shows; None where it is no such line."""
    hint = _HINT.fullmatch(line)
    return (hint["time"], hint["content"]) if hint else None


class _Reader:
    """Goes through the lines of a text and keeps in mind which context they stand in."""

    def __init__(self, lines: Sequence[str], contents: Contents, bullets_only: bool) -> None:
        self._lines, self._contents, self._bullets_only = lines, contents, bullets_only
        self._spans = _spans(lines, contents)
        self._values = _MOST_VALUES
        # The session whose context this is, None outside of one; whether memories are listed there right now.
        self._context: str | None = None
        self._section = False

    def __iter__(self) -> Iterator[Item]:
        index = 0
        while index < len(self._lines):
            found, index = self._next(index)
            yield from found

    def _next(self, index: int) -> tuple[list[Item], int]:
        """What begins on a line, and the line after it."""
        line = self._lines[index]
        if line.lstrip()[:1] in ("[", "{") and self._values:
            self._values -= 1
            value = _value_at(self._lines, index)
            if value:
                return value
        if self._is_frame(line):
            return [Item(line, FRAME, session=self._context or "")], index + 1
        # A memory can have several lines; where it ends is known of those that are known.
        end = index + self._spans.get(index, 1)
        return [self._item("\n".join(self._lines[index:end]))], end

    def _is_frame(self, line: str) -> bool:
        heading = _CONTEXT.fullmatch(line)
        if heading:
            self._context, self._section = heading["session"], False
        elif _SECTION.fullmatch(line):
            self._context, self._section = self._context or "", True
        elif not line.strip():
            self._section = False
            return self._context is not None
        else:
            self._section = self._section and _BULLET.match(line) is not None
            self._context = self._context if self._section else None
            return False
        return True

    def _item(self, whole: str) -> Item:
        hint = _HINT.fullmatch(whole)
        if hint:
            facts = {"time": hint["time"], "event": hint["event"]}
            return Item(whole, MEMORY, hint["content"], facts, self._context or "")
        bullet = _BULLET.match(whole)
        body = whole[bullet.end() :] if bullet else whole.strip()
        known = body in self._contents and (bullet or not self._bullets_only)
        if self._section or known:
            return Item(whole, MEMORY, body, {}, self._context or "", (bullet[0] if bullet else "", ""))
        return Item(whole, PLAIN)


def _spans(lines: Sequence[str], contents: Contents) -> dict[int, int]:
    """Where a memory of several lines stands: how many, by the first."""
    if not contents.of_lines:
        return {}
    text = "\n".join(lines)
    found: dict[int, int] = {}
    for content in contents.of_lines:
        place = text.find(content)
        while place >= 0:
            line = text.count("\n", 0, place)
            found[line] = max(found.get(line, 0), content.count("\n") + 1)
            place = text.find(content, place + len(content))
    return found


def _value_at(lines: Sequence[str], index: int) -> tuple[list[Item], int] | None:
    """The JSON that begins on a line, if there are memories in it, and the line after it."""
    text = "\n".join(lines[index:]).lstrip(" \t")
    try:
        value, length = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return None
    found = list(_in_value(value, ""))
    if not any(item.kind == MEMORY for item in found):
        return None
    rest = text[length:].partition("\n")[0]
    if rest.strip():
        found.append(Item(rest, PLAIN))
    return found, index + text.count("\n", 0, length) + 1


def _in_value(value: Any, key: str) -> Iterator[Item]:
    if isinstance(value, dict) and isinstance(value.get("content"), str) and value.keys() & _FIELDS:
        facts = {name: item for name, item in value.items() if name != "content"}
        yield Item(json.dumps(value, ensure_ascii=False, sort_keys=True), MEMORY, value["content"], facts)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _in_value(item, name)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, str) and key == _MEMORIES:
                yield Item(json.dumps(item, ensure_ascii=False), MEMORY, item)
            else:
                yield from _in_value(item, key)
    else:
        yield Item(f"{key}: {json.dumps(value, ensure_ascii=False)}", FRAME if key in _COUNTS else PLAIN)


def _is_apart(line: str, start: int, length: int) -> bool:
    return not (line[max(0, start - 1) : start].isalnum() or line[start + length : start + length + 1].isalnum())
