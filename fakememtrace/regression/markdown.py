"""Comparisons as Markdown for a pull request.

What a program sends and a model says is anybody's: it stands in code only, whose fence is longer than any in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ..report.text import printable
from . import result
from .result import Comparison, Conversation, Cost
from .words import (
    again_lines,
    difference_lines,
    name_of,
    priced,
    reason,
    same_cause,
    scenario_reason,
    surface_reason,
    why_lines,
)

__all__ = ["code", "fenced", "folded", "markdown", "within"]

# A comment may have 65,536 characters.
_MOST = 60_000
_MOST_ROWS, _LONGEST_NAME = 100, 100
_TABLE = ("| scenario | conversation | | to record again |", "| --- | --- | --- | --- |")
_LEFT_OUT = "*The rest is left out, since a comment has its limits: `fakememtrace diff` shows it.*"


def markdown(comparisons: Iterable[Comparison], brief: bool = False) -> str:
    """A table of all of them, and below it, unless `brief`, what changed in each."""
    each = list(comparisons)
    blocks = [_head(each), "\n".join([*_TABLE, *_shortened(list(_rows(each)))])]
    if not brief:
        blocks += [block for one in each if one.state != result.UNCHANGED for block in _details(one)]
    return "\n\n".join(within(blocks, _LEFT_OUT)) + "\n"


def code(text: str) -> str:
    """`text` as a span of code, which nothing in it ends, and which may stand in a table."""
    plain = printable(text).replace("|", "\\|")
    fence = "`" * (_longest_run(plain) + 1)
    space = " " if plain.startswith(("`", " ")) or plain.endswith(("`", " ")) else ""
    return f"{fence}{space}{plain or ' '}{space}{fence}"


def fenced(lines: Iterable[str]) -> str:
    """The lines as a block of code, which nothing in them ends."""
    text = "\n".join(printable(line) for line in lines)
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _longest_run(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)


def _head(each: list[Comparison]) -> str:
    changed = sum(one.state != result.UNCHANGED for one in each)
    scenarios = f"{len(each)} scenario{'s' * (len(each) != 1)}"
    told = f"{changed} of {scenarios} changed" if changed else f"{scenarios}, nothing changed"
    cost = Cost.together(one.cost for one in each)
    against = dict.fromkeys(one.against for one in each)
    paid = f" To record again: {priced(cost)}." if cost.calls else ""
    return f"### Claude recordings: {told}\n\nCompared with {', '.join(map(code, against))}.{paid}"


def _rows(each: list[Comparison]) -> Iterator[str]:
    for one in each:
        name = code(one.scenario)
        yield from (f"| {' | '.join((name, *cells))} |" for cells in _cells(one))


def _cells(one: Comparison) -> Iterator[tuple[str, str, str]]:
    """What changed in a scenario, a row for each; what did not, in one row."""
    if one.is_new or one.is_gone:
        yield "", "new" if one.is_new else "gone", ""
    for conversation in one.conversations:
        if conversation.state != result.UNCHANGED:
            words = f"{name_of(conversation)}: {code(conversation.begins[:_LONGEST_NAME])}"
            yield words, reason(conversation), priced(conversation.cost) if conversation.calls else ""
    unchanged = sum(conversation.state == result.UNCHANGED for conversation in one.conversations)
    if unchanged:
        yield f"{unchanged} conversation{'s' * (unchanged > 1)}", "unchanged", ""
    if one.surface.state != result.UNCHANGED:
        yield "", surface_reason(one.surface), ""
    if one.failed:
        yield "", f"{len(one.failed)} of {one.expectations} expectations not held", ""
    if one.problems or one.stopped:
        yield "", "the program did not come to its end" if one.stopped else "unexpected traffic", ""


def _shortened(rows: list[str]) -> list[str]:
    more = len(rows) - _MOST_ROWS
    return [*rows[:_MOST_ROWS], f"| and {more} more | | | |"] if more > 0 else rows


def _details(one: Comparison) -> Iterator[str]:
    yield f"#### {code(one.scenario)}"
    if one.is_new or one.is_gone:
        yield fenced([scenario_reason(one)])
        return
    told: dict[str, str] = {}
    for conversation in one.conversations:
        if conversation.calls:
            yield folded(f"{name_of(conversation)}: {reason(conversation)}", _changed(conversation, told))
    differences = [line for difference in one.surface.differences for line in difference_lines(difference)]
    if differences:
        yield folded("tools", [fenced(differences)])
    if one.failed:
        lines = [line for check in one.failed for line in (f"NOT OK {check.expected}", *_detail(check.detail))]
        yield folded("expectations that do not hold", [fenced(lines)])
    if one.stopped:
        yield folded("the program did not come to its end", [fenced(one.stopped.splitlines())])
    for problem in one.problems:
        yield folded("unexpected", [fenced(problem.splitlines())])


def _detail(text: str) -> list[str]:
    return [f"       {line}" for line in text.splitlines()]


def _changed(conversation: Conversation, told: dict[str, str]) -> Iterator[str]:
    name = name_of(conversation)
    same = told.setdefault(same_cause(conversation), name)
    yield fenced(why_lines(conversation)) if same == name else f"The same difference as in {same}."
    lines = [line for one in conversation.again for line in again_lines(one)]
    if lines:
        yield f"To record again, {priced(conversation.cost)}:"
        yield fenced(lines)


def folded(title: str, blocks: Iterable[str]) -> str:
    """A part that is folded away; its title is our own words."""
    return "\n\n".join([f"<details><summary>{title}</summary>", *blocks, "</details>"])


def within(blocks: Iterable[str], left_out: str) -> Iterator[str]:
    """As many of the blocks as a comment can hold, then the words `left_out` where that is not all."""
    left = _MOST
    for number, block in enumerate(blocks):
        left -= len(block) + 2
        if left < 0 and number:
            yield left_out
            return
        yield block
