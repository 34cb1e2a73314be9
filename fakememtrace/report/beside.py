"""Two texts as rows of lines that stand beside each other, with the words that differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ..claude.missing.lines import aligned, alike
from .model import Account, Line, Row, Text, Turn

__all__ = ["rows", "texts_of"]

_ALIKE = 0.4
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
# So many lines that are the same are shown around what differs.
_CONTEXT = 3
# More pairs than these are not tried.
_MOST_PAIRS = 2_500


def texts_of(account: Account, turn: Turn) -> list[Line]:
    """All lines that Claude reads in a turn: the system prompt and every message, each with who says it."""
    prompt = [account.prompts[turn.prompt - 1]] if turn.prompt else []
    return [line for text in (*prompt, *_messages(account, turn)) for line in _told(text)]


def rows(old: Sequence[Line], new: Sequence[Line]) -> list[Row]:
    """The two texts side by side; of what is the same only what stands around a difference."""
    return list(_folded(list(_all(old, new))))


def _messages(account: Account, turn: Turn) -> Iterator[Text]:
    """Every message of the conversation so far."""
    chain = [turn]
    while chain[-1].goes_on:
        chain.append(account.turns[chain[-1].goes_on - 1])
    before: Turn | None = None
    for one in reversed(chain):
        if before and one.follows:
            yield from before.answer
        yield from one.messages
        before = one


def _told(text: Text) -> Iterator[Line]:
    for line in text.lines:
        head = f"{text.who} " if text.who != "system" else ""
        shift = len(head)
        marks = tuple(mark._replace(start=mark.start + shift, end=mark.end + shift) for mark in line.marks)
        yield Line(f"{head}{line.text}", line.kind, marks)


def _all(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Row]:
    for run in aligned([line.text for line in old], [line.text for line in new]):
        before, after = old[run.start : run.end], new[run.other_start : run.other_end]
        if run.same:
            yield from (_same(one, other) for one, other in zip(before, after, strict=True))
        else:
            yield from _changed(before, after)


def _same(one: Line, other: Line) -> Row:
    return Row("same", ((one.text, False),), ((other.text, False),), (_memory(one), _memory(other)))


def _changed(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Row]:
    done = other_done = 0
    for place, other_place in _pairs(old, new):
        yield from _alone(old[done:place], new[other_done:other_place])
        one, other = old[place], new[other_place]
        first, second = _words(one.text, other.text)
        yield Row("differs", first, second, (_memory(one), _memory(other)))
        done, other_done = place + 1, other_place + 1
    yield from _alone(old[done:], new[other_done:])


def _alone(old: Sequence[Line], new: Sequence[Line]) -> Iterator[Row]:
    yield from (Row("differs", ((line.text, False),), None, (_memory(line), 0)) for line in old)
    yield from (Row("differs", None, ((line.text, False),), (0, _memory(line))) for line in new)


def _pairs(old: Sequence[Line], new: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Which line became which: those that are alike, in order."""
    if len(old) * len(new) > _MOST_PAIRS:
        return
    first = 0
    for place, line in enumerate(old):
        likeness = [alike(line.text, other.text) for other in new[first:]]
        best = max(likeness, default=0.0)
        if best >= _ALIKE:
            first += likeness.index(best)
            yield place, first
            first += 1


def _words(old: str, new: str) -> tuple[tuple[tuple[str, bool], ...], tuple[tuple[str, bool], ...]]:
    """Both lines in pieces, each with whether the other one has it not."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    first, second = [], []
    for run in aligned(before, after):
        first.append(("".join(before[run.start : run.end]), not run.same))
        second.append(("".join(after[run.other_start : run.other_end]), not run.same))
    return tuple(piece for piece in first if piece[0]), tuple(piece for piece in second if piece[0])


def _memory(line: Line) -> int:
    return line.marks[0].memory if line.marks else 0


def _folded(found: Sequence[Row]) -> Iterator[Row]:
    near = {
        place + step
        for place, row in enumerate(found)
        if row.state == "differs"
        for step in range(-_CONTEXT, _CONTEXT + 1)
    }
    left_out = 0
    for place, row in enumerate(found):
        if place not in near:
            left_out += 1
            continue
        if left_out:
            yield _fold(left_out)
            left_out = 0
        yield row
    if left_out:
        yield _fold(left_out)


def _fold(count: int) -> Row:
    return Row("folded", ((f"{count} {'line' if count == 1 else 'lines'} the same", False),))
