"""Two texts side by side: which lines changed, and which words in them."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import islice
from typing import NamedTuple

__all__ = ["Run", "aligned", "alike", "diff", "rising", "visible"]

_CONTEXT = 2
_SMALL = 10_000
_DEEPEST = 20
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORD = re.compile(r"\w+")
_ALIKE = 0.4
# A line that is longer is shown by what changed in it, or by its start.
_LONG, _AROUND = 200, 30


class Run(NamedTuple):
    """Lines of two texts that stand beside each other: the same ones, or some that changed."""

    same: bool
    start: int
    end: int
    other_start: int
    other_end: int


def aligned(old: Sequence[str], new: Sequence[str]) -> list[Run]:
    """The runs of `old` and `new` in their order; quick for thousands of lines, whatever is in them."""
    merged: list[Run] = []
    for run in _between(old, new, Run(False, 0, len(old), 0, len(new)), 0):
        if merged and merged[-1].same == run.same:
            merged[-1] = merged[-1]._replace(end=run.end, other_end=run.other_end)
        else:
            merged.append(run)
    return merged


def alike(old: str, new: str) -> float:
    """How many of the words of two texts they share, from 0 to 1."""
    one, other = (set(_WORD.findall(text.casefold())) for text in (old, new))
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else float(old == new)


def diff(old: Sequence[str], new: Sequence[str], most: int) -> tuple[list[str], int]:
    """What changed from `old` to `new`, as lines, and the number of the first new line that did.

    They begin with ``- `` (old), ``+ `` (new) or two spaces, and changed words are marked: ``[-old-]``,
    ``{+new+}``.  Between groups of lines stands ``...``.  After `most` lines only the number of further
    changed lines is told.
    """
    runs = aligned(old, new)
    shown: list[str] = []
    more = 0
    for index, run in enumerate(runs):
        left = most - len(shown)
        if not run.same:
            changed = _changed(old[run.start : run.end], new[run.other_start : run.other_end])
            count = run.end - run.start + run.other_end - run.other_start
            shown += islice(changed, max(0, left))
            more += max(0, count - max(0, left))
            continue
        if left <= 0:
            continue
        lines = [f"  {_escaped(line)}" for line in map(_cut, old[run.start : run.end])]
        before, after = index > 0, index < len(runs) - 1
        if before and after and len(lines) <= 2 * _CONTEXT:
            shown += lines
        else:
            shown += lines[:_CONTEXT] if before else []
            shown += ["..."] if before and after else []
            shown += lines[-_CONTEXT:] if after else []
    first = next((run.other_start for run in runs if not run.same), 0)
    if more:
        shown = [*shown[:most], f"... and {more} more {'line' if more == 1 else 'lines'}"]
    return shown, first + 1


def rising(numbers: Sequence[int]) -> list[int]:
    """The indexes of a longest series of different `numbers` that go up."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1], last[length : length + 1] = [number], [index]
    found, index = [], last[-1] if last else -1
    while index >= 0:
        found.append(index)
        index = before[index]
    return found[::-1]


def visible(line: str) -> str:
    """`line`, cut where it is long, and quoted where somebody who reads it could not see all that is in it."""
    line = _cut(line)
    return line if line.isprintable() and line == line.rstrip() else repr(line)


def _between(old: Sequence[str], new: Sequence[str], gap: Run, depth: int) -> Iterator[Run]:
    """The runs of one part of both texts."""
    _, a, b, c, d = gap
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    end, other_end = b, d
    while a < end and c < other_end and old[end - 1] == new[other_end - 1]:
        end, other_end = end - 1, other_end - 1
    if a > gap.start:
        yield Run(True, gap.start, a, gap.other_start, c)
    if a < end or c < other_end:
        yield from _middle(old, new, Run(False, a, end, c, other_end), depth)
    if end < b:
        yield Run(True, end, b, other_end, d)


def _middle(old: Sequence[str], new: Sequence[str], gap: Run, depth: int) -> Iterator[Run]:
    _, a, b, c, d = gap
    if (b - a) * (d - c) <= _SMALL:
        for tag, i, j, k, m in SequenceMatcher(None, old[a:b], new[c:d], autojunk=False).get_opcodes():
            yield Run(tag == "equal", a + i, a + j, c + k, c + m)
        return
    anchors = _anchors(old, new, gap) if depth < _DEEPEST else []
    if not anchors:
        yield gap
        return
    for i, k in anchors:
        yield from _between(old, new, Run(False, a, i, c, k), depth + 1)
        yield Run(True, i, i + 1, k, k + 1)
        a, c = i + 1, k + 1
    yield from _between(old, new, Run(False, a, b, c, d), depth + 1)


def _anchors(old: Sequence[str], new: Sequence[str], gap: Run) -> list[tuple[int, int]]:
    """Where lines stand that are there once in both texts, the most of them that are in one order."""
    _, a, b, c, d = gap
    counts, others = Counter(old[a:b]), Counter(new[c:d])
    places = {new[k]: k for k in range(c, d) if others[new[k]] == 1}
    pairs = [(i, places[old[i]]) for i in range(a, b) if counts[old[i]] == 1 and old[i] in places]
    return [pairs[index] for index in rising([k for _, k in pairs])]


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    done, other_done = 0, 0
    for index, other in _pairs(old, new):
        yield from _whole(old[done:index], new[other_done:other])
        before, after = _marked(old[index], new[other])
        yield f"- {before}"
        yield f"+ {after}"
        done, other_done = index + 1, other + 1
    yield from _whole(old[done:], new[other_done:])


def _whole(old: Sequence[str], new: Sequence[str]) -> Iterator[str]:
    yield from (f"- {visible(line)}" for line in old)
    yield from (f"+ {visible(line)}" for line in new)


def _pairs(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Which line became which: the indexes of those that are alike, in order."""
    if len(old) * len(new) > 400:
        yield from (
            (index, index) for index in range(min(len(old), len(new))) if alike(old[index], new[index]) >= _ALIKE
        )
        return
    first = 0
    for index, line in enumerate(old):
        likeness = [alike(line, other) for other in new[first:]]
        best = max(likeness, default=0.0)
        if best >= _ALIKE:
            first += likeness.index(best)
            yield index, first
            first += 1


def _marked(old: str, new: str) -> tuple[str, str]:
    """Two lines that are alike, with what differs in each between marks."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    runs = _joined(aligned(before, after), before)
    shown, other_shown = "", ""
    for index, run in enumerate(runs):
        text, other = "".join(before[run.start : run.end]), "".join(after[run.other_start : run.other_end])
        if run.same:
            text = _shortened(text, max(len(old), len(new)), index > 0, index < len(runs) - 1)
            shown, other_shown = shown + text, other_shown + text
        else:
            shown += _in_marks("[-", text, "-]", other)
            other_shown += _in_marks("{+", other, "+}", text)
    return shown, other_shown


def _in_marks(start: str, text: str, end: str, other: str) -> str:
    """What changed, between marks; blanks that only part it from what stands beside it are outside of them."""
    if not text:
        return ""
    words = text if other else text.strip(" ") or text
    before, _, after = text.partition(words)
    return f"{before}{start}{_escaped(words)}{end}{after}"


def _joined(runs: list[Run], tokens: Sequence[str]) -> list[Run]:
    """The runs, those made one that only white space keeps apart."""
    found: list[Run] = []
    for index, run in enumerate(runs):
        small = run.same and 0 < index < len(runs) - 1 and "".join(tokens[run.start : run.end]).isspace()
        if found and not found[-1].same and (small or not run.same):
            found[-1] = found[-1]._replace(end=run.end, other_end=run.other_end)
        else:
            found.append(run)
    return found


def _shortened(text: str, whole: int, is_after: bool, is_before: bool) -> str:
    """A stretch of a line that did not change: of a long line only what stands after or before what did."""
    if whole <= _LONG or len(text) <= 3 * _AROUND:
        return _escaped(text)
    start, end = f"{text[:_AROUND]} " if is_after else "", f" {text[-_AROUND:]}" if is_before else ""
    return _escaped(f"{start}…{end}")


def _cut(line: str) -> str:
    return line if len(line) <= _LONG else f"{line[:_LONG]}… ({len(line):,} characters)"


def _escaped(text: str) -> str:
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
