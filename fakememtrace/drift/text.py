"""Comparisons as lines of text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ..claude.explain import ranges
from ..report.text import Line, labelled, printable
from .result import SAME, Answer, Comparison, Extra, Finding, Place, Row, Shown
from .side import ASSUMED, EMPTY

__all__ = ["comparison_lines", "verdict", "verdict_table"]

_LONGEST, _MOST_PLACES, _MOST_MEMORIES, _MOST_EXTRAS, _MOST_STORED = 110, 4, 6, 5, 10
_LABEL = 14
_MARKS = {"- ": "red", "+ ": "green"}


def comparison_lines(one: Comparison) -> Iterator[Line]:
    """All there is to say of one scenario on two sides, but for its verdict."""
    yield Line(printable(f"{one.scenario} · {one.second} beside {one.first} · {one.title}"), "bold")
    for number, finding in enumerate(one.findings, 1):
        yield Line("")
        yield from _finding(f"{number}", finding, one)
    for finding in one.notices:
        yield Line("")
        yield from _finding("always", finding, one)
    yield from _section("requests to Claude", _rows(one))
    yield from _section("stored on one side only", _stored(one.stored))
    yield from _section("in the documentation only", _extras(one.extras))
    for name, stopped, problems in zip((one.first, one.second), one.stopped, one.problems, strict=True):
        yield from _section(f"stopped on {name}", _paragraph(stopped))
        for problem in problems:
            yield from _section(f"unexpected on {name}", _paragraph(problem))


def verdict(one: Comparison) -> Line:
    """One line: whether there is drift, and how much."""
    name = f"{one.scenario} ({one.second} beside {one.first})"
    count = _count(len(one.rows), "request") + " to Claude"
    differing = sum(row.state != SAME for row in one.rows)
    if one.is_well:
        return Line(f"NO DRIFT {name}: {count}, the same on both sides", "bold green")
    facts = [_count(len(one.findings), "finding"), f"{differing} of {count} not the same"]
    assumed = sum(any(answer.how in (ASSUMED, EMPTY) for answer in row.answered) for row in one.rows)
    facts += [f"{_count(assumed, 'answer')} assumed"] if assumed else []
    facts += [f"{_count(len(one.stored), 'difference')} in what is stored"] if one.stored else []
    facts += ["the program did not come to its end"] if any(one.stopped) else []
    word = "DRIFT" if one.is_drift else "FAILED"
    return Line(printable(f"{word} {name}: {', '.join(facts)}"), "bold red")


def verdict_table(every: Sequence[Comparison]) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[str]]:
    """The verdicts as a table: the columns, a row for each comparison, and the style of each row."""
    rows = []
    for one in every:
        same = sum(row.state == SAME for row in one.rows)
        word = "no drift" if one.is_well else "drift" if one.is_drift else "failed"
        cells = (word, one.scenario, f"{one.second} beside {one.first}", f"{same} of {len(one.rows)}")
        rows.append(tuple(map(printable, (*cells, str(len(one.findings))))))
    styles = ["green" if one.is_well else "bold red" for one in every]
    return ("verdict", "scenario", "compared", "requests the same", "findings"), rows, styles


def _finding(head: str, finding: Finding, one: Comparison) -> Iterator[Line]:
    yield from labelled(head, finding.headline, "bold yellow")
    for behaviour in finding.behaviours:
        values = f"{behaviour['first']} on {one.first}, {behaviour['second']} on {one.second}"
        yield from labelled("cause", f"{behaviour['name']}: {values}", "")
        if behaviour["meaning"] != finding.headline:
            yield from labelled("e.g.", behaviour["meaning"], "dim")
    if finding.behind:
        hidden = f"{' and '.join(finding.behind)}: it shows when that is as on {one.second}"
        yield from labelled("behind", hidden, "")
    if finding.detail:
        yield from labelled("why", finding.detail, "")
    for place in finding.places[:_MOST_PLACES]:
        yield from _place(place, one)
    yield from _more(len(finding.places) - _MOST_PLACES, "place")


def _place(place: Place, one: Comparison) -> Iterator[Line]:
    requests = f", request{'s' * (len(place.requests) > 1)} {ranges(place.requests)}" if place.requests else ""
    asked = f"{place.asked} ({place.question})" if place.question else place.asked
    yield Line(f"    run {place.run}{requests}", "bold")
    facts = [("asked", _short(asked, 2 * _LONGEST)), ("by", place.where), (one.first, place.first)]
    facts += [(one.second, place.second)] if place.second else []
    width = max(_LABEL, *(len(label) + 2 for label, _ in facts))
    yield from (Line(printable(f"      {label.ljust(width)}{text}").rstrip()) for label, text in facts)
    for memory in place.memories[:_MOST_MEMORIES]:
        yield from _memory(memory, one)
    yield from _more(len(place.memories) - _MOST_MEMORIES, "memory", "memories")


def _memory(memory: Shown, one: Comparison) -> Iterator[Line]:
    yield Line(f"      {_quoted(memory.content)}", "cyan")
    sides = f"{memory.first} on {one.first}, {memory.second} on {one.second}"
    yield Line(printable(f"        {sides}{'; ' if memory.fact else ''}{_short(memory.fact)}"))


def _rows(one: Comparison) -> Iterator[Line]:
    for run, rows in groupby(one.rows, lambda row: row.run):
        yield Line(f"  run {run}", "bold")
        for _, alike in groupby(rows, _form):
            yield from _row(list(alike), one)


def _form(row: Row) -> Any:
    """What rows have in common that are told in one line."""
    hows = [(answer.how, answer.how == ASSUMED and (answer.cassette, answer.interaction)) for answer in row.answered]
    return row.state, row.findings, row.why, hows, row.lines and (row.first, row.second)


def _row(rows: Sequence[Row], one: Comparison) -> Iterator[Line]:
    row = rows[0]
    numbers = ranges([each.first or each.second for each in rows])
    reasons = f": see {', '.join(map(str, row.findings))}" if row.findings else f": {row.why}" if row.why else ""
    yield Line(printable(f"    {numbers}  {row.state}{reasons}"), "green" if row.state == SAME else "bold red")
    for name, answer in zip((one.first, one.second), row.answered, strict=True):
        if answer.how in (ASSUMED, EMPTY):
            yield Line(f"      {_assumed(answer)} on {name}", "yellow")
    for line in row.lines:
        yield Line(f"      {printable(_short(line, 2 * _LONGEST))}".rstrip(), _MARKS.get(line[:2], ""))


def _assumed(answer: Answer) -> str:
    if answer.how == EMPTY:
        return "answered with nothing, since no recording is left"
    return f"answer assumed from interaction {answer.interaction} of {answer.cassette}, the nearest recording"


def _stored(stored: Sequence[dict[str, str]]) -> Iterator[Line]:
    for one in stored[:_MOST_STORED]:
        times = f" ({one['count']} times)" if one["count"] != "1" else ""
        yield from labelled(one["only_on"], f"{one['kind']}{times}: {_short(one['value'], 2 * _LONGEST)}", "")
    yield from _more(len(stored) - _MOST_STORED, "difference")


def _extras(extras: Sequence[Extra]) -> Iterator[Line]:
    for fate, alike in groupby(sorted(extras, key=lambda extra: extra.fate), lambda extra: extra.fate):
        yield Line(printable(f"  {fate}"))
        for extra in alike:
            times = f", {extra.count} times" if extra.count > 1 else ""
            yield Line(printable(f"    {extra.call}{times}"), "yellow")
            yield from (Line(printable(f"      {where}")) for where in extra.where[:_MOST_EXTRAS])
            yield from _more(len(extra.where) - _MOST_EXTRAS, "place")


def _section(title: str, lines: Iterator[Line]) -> Iterator[Line]:
    content = list(lines)
    if content:
        yield Line("")
        yield Line(printable(title), "bold")
        yield from content


def _paragraph(text: str) -> Iterator[Line]:
    yield from (Line(f"  {printable(line)}".rstrip()) for line in text.splitlines())


def _more(count: int, one: str, many: str = "") -> Iterator[Line]:
    if count > 0:
        yield Line(f"      ... and {_count(count, one, many)} more", "dim")


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _quoted(text: str) -> str:
    return printable(_short(json.dumps(text, ensure_ascii=False)))


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."
