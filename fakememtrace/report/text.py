"""An outcome as lines of text, the same on every terminal and in a file."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..claude.missing.miss import VERBS
from ..scenario.outcome import Outcome

__all__ = ["Line", "explained", "labelled", "outcome_lines", "printable", "verdict", "verdict_table"]

_WIDTH = 100
_LABEL = 12
_MOST_LINES = 100
_MOST_PROBLEMS = 10
# How the lines of an explanation begin.
_STARTS = (
    *(("      - ", "red"), ("      + ", "green")),
    *((f"      {verb}: ", "yellow") for verb in VERBS),
    ("  What to do: ", "bold"),
)
_MARKS = re.compile(r"\[-.+?-\]|\{\+.+?\+\}")
_STYLES = {
    "bot": "bold green",
    "calls": "magenta",
    "claude": "green",
    "customer": "bold",
    "memory": "dim",
    "problem": "bold red",
    "shown": "cyan",
    "stored": "yellow",
    "telegram": "bold red",
    "tool": "magenta",
    "user": "bold",
}


class Line(NamedTuple):
    """One line of text and the style that a terminal shows it in; ``marks`` are the spans of it that stand out."""

    text: str
    style: str = ""
    marks: tuple[tuple[int, int], ...] = ()


def outcome_lines(outcome: Outcome) -> Iterator[Line]:
    """The whole outcome of one scenario, but for its verdict."""
    yield Line(f"{outcome.scenario} · {outcome.dialect} · {outcome.title}", "bold")
    for run in outcome.runs:
        yield Line("")
        yield Line(f"run {run['run']} · {run['at']}", "bold")
        for event in run["events"]:
            yield from _event(event)
    yield from _section("expectations", (line for check in outcome.checks for line in _check(check)))
    yield from _section("stopped", _paragraph(outcome.stopped))
    for problem in outcome.problems[:_MOST_PROBLEMS]:
        yield from _section("unexpected", explained(problem))
    more = len(outcome.problems) - _MOST_PROBLEMS
    if more > 0:
        yield from _section(f"and {_count(more, 'problem')} more", _paragraph("The first ones are likely the cause."))
    if not outcome.passed:
        yield from _section("the program printed", _end(_paragraph(outcome.output)))


def verdict(outcome: Outcome) -> Line:
    """One line: passed or failed, and how much there was."""
    held = sum(check.held for check in outcome.checks)
    expected = f"{held} of {_count(len(outcome.checks), 'expectation')} held"
    counts = [
        _count(len(outcome.runs), "run"),
        _count(outcome.calls, "request") + " to Claude",
        _count(outcome.stored, "memory", "memories") + " stored",
        "expectations not looked at" if outcome.stopped else expected,
    ]
    word, style = ("PASSED", "bold green") if outcome.passed else ("FAILED", "bold red")
    return Line(f"{word} {outcome.scenario} ({outcome.dialect}): {', '.join(counts)}", style)


def _event(event: Mapping[str, Any]) -> Iterator[Line]:
    who, text, facts = event["who"], event["text"], event["facts"] or {}
    if who == "problem":
        # Its full text stands at the end, once.
        text = "this was not expected: see below"
    yield from labelled(who, text, _STYLES.get(who, ""))
    if who == "calls":
        for key, value in facts.items():
            yield from labelled("", f"  {key}: {_value(value)}", _STYLES[who])
    elif facts:
        yield from labelled("", f"  {_facts(facts)}", _STYLES[who])


def _facts(facts: Mapping[str, Any]) -> str:
    kind = f"{facts['memory_type']}/{facts['event_type']}"
    others = [f"{key}: {_value(value)}" for key, value in facts.items() if key not in ("memory_type", "event_type")]
    return ", ".join([kind, *others])


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _check(check: Any) -> Iterator[Line]:
    yield from labelled("  ok" if check.held else "  NOT OK", check.expected, "green" if check.held else "bold red")
    if check.detail:
        yield from labelled("", check.detail, "red")


def _section(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    content = list(lines)
    if content:
        yield Line("")
        yield Line(title, "bold")
        yield from content


def _paragraph(text: str) -> list[Line]:
    return [Line(f"  {printable(line)}".rstrip()) for line in text.splitlines()] if text.strip() else []


def explained(problem: str) -> Iterator[Line]:
    """What is said of one thing that was not expected, as lines."""
    return map(_styled, _paragraph(problem))


def _styled(line: Line) -> Line:
    """A line of an explanation: what was recorded and what was sent are told apart, and the words that changed."""
    # A line without words has lost the blank at its end.
    style = next((style for start, style in _STARTS if f"{line.text} ".startswith(start)), "")
    marks = tuple(found.span() for found in _MARKS.finditer(line.text)) if style in ("red", "green") else ()
    return Line(line.text, style, marks)


def _end(lines: list[Line]) -> list[Line]:
    left_out = len(lines) - _MOST_LINES
    return [Line(f"  ... {_count(left_out, 'line')} left out"), *lines[left_out:]] if left_out > 0 else lines


def labelled(label: str, text: str, style: str) -> Iterator[Line]:
    """Text in a column of its own, wrapped, with its label before the first line."""
    column = " " * _LABEL
    for number, line in enumerate(_wrapped(text)):
        head = f"  {label}".ljust(_LABEL) if number == 0 else column
        yield Line(f"{head}{line}".rstrip(), style)


def _wrapped(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        plain = printable(line)
        indent = " " * (len(plain) - len(plain.lstrip(" ")))
        yield from textwrap.wrap(
            plain,
            _WIDTH - _LABEL,
            subsequent_indent=indent + "  ",
            drop_whitespace=False,
            break_on_hyphens=False,
        ) or [""]


def printable(text: str) -> str:
    """Control characters as escapes: memory content is not to steer the terminal it is shown on."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def verdict_table(outcomes: Sequence[Outcome]) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[str]]:
    """The verdicts as a table: the columns, a row for each outcome, and the style of each row."""
    rows = [
        (
            "passed" if one.passed else "FAILED",
            one.scenario,
            one.dialect,
            *map(str, (len(one.runs), one.calls, one.stored)),
            "not looked at" if one.stopped else f"{sum(check.held for check in one.checks)} of {len(one.checks)} held",
        )
        for one in outcomes
    ]
    columns = ("verdict", "scenario", "dialect", "runs", "requests to Claude", "memories stored", "expectations")
    return columns, rows, ["green" if one.passed else "bold red" for one in outcomes]


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
