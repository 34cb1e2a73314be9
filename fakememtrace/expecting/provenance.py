"""Which text of a request to Claude came out of the store: what Memtrace answered, found again in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from .evidence import Answer, Asked, Evidence, Stored, ToolCall
from .places import PROMPT, QUESTION, RESULT, Place, places

__all__ = ["Held", "Shown", "held", "shown_in"]

_HINT_BYTES = 80
_GONE = "\0"
_WORD = re.compile(r"[^\W\d_]+")


class Shown(NamedTuple):
    """A memory in an answer of Memtrace: as it stands there with its line, and alone."""

    answer: Answer
    memory: Stored
    forms: tuple[str, ...]


class Held(NamedTuple):
    """A place that holds the text: the memories that are shown there, whether it has it otherwise too, and the line."""

    place: Place
    shown: list[Shown]
    otherwise: bool
    line: str


def shown_in(answers: Iterable[Answer], evidence: Evidence, text: str) -> list[Shown]:
    """Every memory that holds `text`, as often as an answer shows it."""
    sources = [memory for memory in evidence.memories if text in memory.content]
    return [shown for answer in answers for memory in sources for shown in _shown(answer, memory, text)]


def held(asked: Asked, text: str, shown: Sequence[Shown], calls: Iterable[ToolCall]) -> list[Held]:
    """The places of a request that hold `text`, and what Memtrace had answered before that stands there."""
    # Each stands for itself once, in the first place that it fits: what is there more often is somebody else's.
    left = [one for one in shown if one.answer.number < asked.number]
    by_id = {call.id: call for call in calls if call.run == asked.run}
    return [_held(place, text, left, by_id.get(place.call)) for place in places(asked) if text in place.text]


def _shown(answer: Answer, memory: Stored, text: str) -> Iterator[Shown]:
    start = memory.content.encode("utf-8", "surrogatepass")[:_HINT_BYTES].decode("utf-8", "ignore")
    whole = [content for content in (memory.content, start) if text in content]
    if memory.content in answer.rows:
        yield Shown(answer, memory, _forms("", memory.content))
        return
    for content in whole:
        for line in _lines_with(content, answer.text):
            yield Shown(answer, memory, _forms(line, content))
            return


def _lines_with(content: str, text: str) -> Iterator[str]:
    """What stands before `content` in its line, and the content."""
    at = text.find(content)
    if at >= 0:
        yield text[text.rfind("\n", 0, at) + 1 : at] + content


def _forms(line: str, content: str) -> tuple[str, ...]:
    """How a memory may stand in a request, the most telling form first; also in JSON."""
    plain = [line, content] if line and line != content else [content]
    escaped = [json.dumps(form, ensure_ascii=ascii_)[1:-1] for form in plain for ascii_ in (False, True)]
    return tuple(dict.fromkeys([*plain, *escaped]))


def _held(place: Place, text: str, left: list[Shown], call: ToolCall | None) -> Held:
    rest, found = place.text, []
    if place.kind in (PROMPT, QUESTION, RESULT):
        for one in list(left):
            masked = _masked(rest, one.forms, place.kind == QUESTION) if text in rest else None
            if masked is not None:
                rest = masked
                found.append(one)
                left.remove(one)
    meanwhile = [one for one in left if call.asked < one.answer.number] if call else []
    if text in rest and meanwhile:
        # The program may write what it read in its own way, but only what it read meanwhile.
        left[:] = [one for one in left if one not in meanwhile]
        return Held(place, [*found, *meanwhile], False, _line(place.text, text))
    return Held(place, found, text in rest, _line(rest if text in rest else place.text, text))


def _masked(whole: str, forms: Iterable[str], alone: bool) -> str | None:
    """`whole` without the first of the `forms` that is in it, or None; `alone`: with no other words in its line.

    Who asks something may use the words of a memory.  Where the program adds memories to the question, they are
    in lines of their own.
    """
    for form in forms:
        starts = [found.start() for found in re.finditer(re.escape(form), whole)]
        if not starts:
            continue
        start = min(starts, key=lambda start: _words_around(whole, start, form))
        if not alone or ("\n" in whole.replace(form, "") and not _words_around(whole, start, form)):
            return whole[:start] + _GONE + whole[start + len(form) :]
    return None


def _words_around(whole: str, start: int, form: str) -> int:
    """How many words stand in the same line beside the `form` that begins at `start`."""
    before = whole[whole.rfind("\n", 0, start) + 1 : start]
    after = whole[start + len(form) :].split("\n", 1)[0]
    return len(_WORD.findall(before)) + len(_WORD.findall(after))


def _line(whole: str, text: str) -> str:
    """The line of `whole` in which `text` stands, or its first one."""
    at = whole.index(text)
    return whole[whole.rfind("\n", 0, at) + 1 :].split("\n", 1)[0].replace(_GONE, "…")
