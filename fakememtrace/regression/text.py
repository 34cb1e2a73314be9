"""Comparisons as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ..report.text import Line, labelled, printable
from . import result
from .result import Comparison, Conversation, Cost, Surface
from .words import (
    again_lines,
    counted,
    difference_lines,
    name_of,
    numbered,
    priced,
    reason,
    same_cause,
    scenario_reason,
    surface_reason,
    why_lines,
)

__all__ = ["comparison_lines", "summary", "verdict", "verdict_table"]

_MOST_PRINTED = 20
_STYLES = {result.UNCHANGED: "green", result.NEW: "yellow"}
_MARKS = {"- ": "red", "+ ": "green"}


def comparison_lines(comparison: Comparison) -> Iterator[Line]:
    """All there is to say of one scenario, but for its verdict."""
    title = f" · {comparison.title}" if comparison.title else ""
    yield Line(printable(f"{comparison.scenario} · {comparison.dialect}{title}"), "bold")
    yield Line(printable(f"against {comparison.against}"), "dim")
    if comparison.is_new or comparison.is_gone:
        yield Line("")
        yield Line(f"  {scenario_reason(comparison)}", "yellow")
        return
    told: dict[str, str] = {}
    for conversation in comparison.conversations:
        yield Line("")
        yield from _conversation(conversation, told)
    checked = [*_surface(comparison.surface), *_expectations(comparison)]
    yield from [Line(""), *checked] if checked else []
    yield from _paragraph("stopped", comparison.stopped)
    for problem in comparison.problems:
        yield from _paragraph("unexpected", problem)
    printed = comparison.output.splitlines()[-_MOST_PRINTED:]
    yield from _paragraph("the program printed", "\n".join(printed))


def verdict(comparison: Comparison) -> Line:
    """One line: changed or not, and what it costs."""
    word = {result.GONE: "gone"}.get(comparison.state, comparison.state).upper()
    told = ", ".join(_facts(comparison))
    line = f"{word} {comparison.scenario} ({comparison.dialect}){': ' if told else ''}{told}"
    return Line(printable(line), f"bold {_STYLES.get(comparison.state, 'red')}")


def verdict_table(every: Iterable[Comparison]) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[str]]:
    """The verdicts as a table: the columns, a row for each scenario, and the style of each row."""
    each = list(every)
    rows = [
        (
            {result.GONE: "gone"}.get(one.state, one.state),
            one.scenario,
            one.dialect,
            f"{sum(each.state == result.UNCHANGED for each in one.conversations)} of {len(one.conversations)}",
            priced(one.cost) if one.cost.calls else "-",
        )
        for one in each
    ]
    styles = [_STYLES.get(one.state, "bold red") for one in each]
    columns = ("verdict", "scenario", "dialect", "conversations unchanged", "to record again")
    return columns, [tuple(map(printable, row)) for row in rows], styles


def summary(comparisons: Iterable[Comparison]) -> Line:
    """One line for all of them."""
    each = list(comparisons)
    changed = sum(one.state != result.UNCHANGED for one in each)
    cost = Cost.together(one.cost for one in each)
    paid = f"; to record again: {priced(cost)}" if cost.calls else ""
    return Line(f"{counted(len(each), 'scenario')}, {changed} changed{paid}", "bold")


def _facts(comparison: Comparison) -> Iterator[str]:
    if comparison.is_new or comparison.is_gone:
        return
    each = comparison.conversations
    unreached = sum(one.state == result.UNREACHED for one in each)
    changed = sum(one.state != result.UNCHANGED for one in each) - unreached
    if each:
        count = counted(len(each), "conversation")
        yield f"{changed} of {count} changed" if changed else count
    if unreached:
        yield f"{unreached} not reached"
    if comparison.surface.state == result.CHANGED:
        yield "tools changed"
    if comparison.failed:
        yield f"{len(comparison.failed)} of {counted(comparison.expectations, 'expectation')} not held"
    if comparison.problems:
        yield counted(len(comparison.problems), "problem")
    if comparison.stopped:
        yield "the program did not come to its end"
    if comparison.cost.calls:
        yield f"to record again: {priced(comparison.cost)}"


def _conversation(conversation: Conversation, told: dict[str, str]) -> Iterator[Line]:
    state = conversation.state
    facts = [name_of(conversation), conversation.begins]
    facts += [numbered(conversation.interactions)] if conversation.interactions else []
    yield Line("  " + printable(" · ".join(facts)), "bold")
    yield Line(f"    {reason(conversation)}", _STYLES.get(state, "bold red"))
    if not conversation.calls:
        return
    yield from _why(conversation, told)
    yield Line(f"    to record again: {priced(conversation.cost)}")
    for one in conversation.again:
        yield from map(_indented, again_lines(one))
    if conversation.unasked:
        words = "no longer asked" if conversation.ended else "not reached"
        yield Line(f"    {words}: {numbered(conversation.unasked)}", "yellow")


def _why(conversation: Conversation, told: dict[str, str]) -> Iterator[Line]:
    """The explanation; of what is the same as in an earlier conversation only that it is."""
    same = told.setdefault(same_cause(conversation), name_of(conversation))
    if same != name_of(conversation):
        yield Line(f"      the same difference as in {same}")
        return
    for line in why_lines(conversation):
        style = _MARKS.get(line.strip()[:2], "") if line.startswith("    ") else ""
        yield Line(f"      {printable(line)}".rstrip(), style)


def _surface(surface: Surface) -> Iterator[Line]:
    if not surface.tools and not surface.differences:
        return
    yield Line(f"  {surface_reason(surface)}", _STYLES.get(surface.state, "bold red" if surface.differences else ""))
    for difference in surface.differences:
        for line in difference_lines(difference):
            yield Line(f"    {printable(line)}", _MARKS.get(line.strip()[:2], ""))


def _expectations(comparison: Comparison) -> Iterator[Line]:
    if comparison.expectations:
        held = comparison.expectations - len(comparison.failed)
        yield Line(f"  expectations: {held} of {comparison.expectations} held", "" if comparison.failed else "green")
    for check in comparison.failed:
        yield from labelled("  NOT OK", check.expected, "bold red")
        yield from labelled("", check.detail, "red")


def _paragraph(title: str, text: str) -> Iterator[Line]:
    if text.strip():
        yield Line("")
        yield Line(f"  {title}", "bold")
        yield from (Line(f"    {printable(line)}".rstrip()) for line in text.splitlines())


def _indented(line: str) -> Line:
    return Line(f"      {printable(line)}")
