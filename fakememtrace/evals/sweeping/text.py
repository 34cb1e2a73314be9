"""A report as lines of text: a table for each kind of case, what went wrong, and how many there were."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...report.text import Line, labelled, printable
from ..metrics.unscored import percent
from .running import CRASHED, FAILED, UNSCORED
from .sweep import AXES

__all__ = ["report_lines", "summary"]

_STATES = {FAILED: "bold red", CRASHED: "bold red", UNSCORED: "yellow"}
_TITLES = {"data": "data sets", "evals": "evals", "scenarios": "scenarios"}
_MOST_WORDS = 3
Row = Mapping[str, Any]


def report_lines(report: Mapping[str, Any]) -> Iterator[Line]:
    """The tables, and the words of every unit that failed, crashed or has no score."""
    yield Line(report["title"], "bold")
    for kind, cells in _CELLS.items():
        rows = [row for row in report["rows"] if row["kind"] == kind and not row.get("category")]
        if rows:
            axes = [axis for axis in AXES if any(axis in row["variant"] for row in rows)]
            yield Line("")
            yield from _table([_TITLES[kind], *axes], [_cells(row, axes, cells(row)) for row in rows])
    alike: dict[tuple[str, str], list[Row]] = {}
    for unit in report["units"]:
        if unit["state"] in _STATES:
            alike.setdefault((unit["state"], unit["case"]), []).append(unit)
    for units in alike.values():
        yield from _words(units)


def summary(report: Mapping[str, Any]) -> Line:
    """One line: how many units there were, by what became of them."""
    states = {state: number for state, number in report["states"].items() if number}
    units = sum(states.values())
    counted = f"{units} unit{'' if units == 1 else 's'}"
    words = f"{counted}: {', '.join(f'{number} {state}' for state, number in states.items())}"
    bad = states.get(FAILED, 0) + states.get(CRASHED, 0)
    return Line(f"FAILED: {words}", "bold red") if bad else Line(f"SWEPT: {words}", "bold green")


def _cells(row: Row, axes: Sequence[str], cells: Mapping[str, str]) -> dict[str, str]:
    named = {axis: row["variant"].get(axis, "") for axis in axes}
    return {_TITLES[row["kind"]]: row["of"] if row["kind"] == "data" else "", **named, **cells}


def _of_data(row: Row) -> dict[str, str]:
    crashed = {CRASHED: str(row[CRASHED])} if row.get(CRASHED) else {}
    if row["k"] is None:
        return crashed
    return {
        "k": str(row["k"]),
        "recall": percent(row["recall"]),
        "precision": percent(row["precision"]),
        "returned": f"{row['returned']:.1f}",
        "mrr": percent(row["mrr"]),
        "ndcg": percent(row["ndcg"]),
        "calls": f"{row['calls']:.1f}",
        "tokens": f"{row['tokens']:.0f}",
        "questions": str(row["questions"]),
        **crashed,
    }


def _of_evals(row: Row) -> dict[str, str]:
    counts = {name: str(row[name]) for name in ("passed", FAILED, UNSCORED, CRASHED) if row.get(name)}
    if not row.get("passed") and not row.get(FAILED):
        # Nothing is known, and no zero is made of that.
        return counts
    came = f"{row['back']} of {row['facts']}"
    return {"came back": came, "returned": str(row["returned"]), "tokens": str(row["tokens"]), **counts}


def _of_scenarios(row: Row) -> dict[str, str]:
    counts = {name: str(row[name]) for name in ("passed", FAILED, UNSCORED, CRASHED) if row.get(name)}
    if not row.get("passed") and not row.get(FAILED):
        return counts
    held = f"{row['held']} of {row['expectations']}"
    return {"held": held, "requests": str(row["calls"]), "stored": str(row["stored"]), **counts}


_CELLS = {"data": _of_data, "evals": _of_evals, "scenarios": _of_scenarios}


def _table(lead: Sequence[str], rows: Sequence[Mapping[str, str]]) -> Iterator[Line]:
    """Aligned columns: what is named to the left, numbers to the right; a column is as wide as its widest cell."""
    columns = list(dict.fromkeys([*lead, *(name for row in rows for name in row)]))
    widths = {name: max(len(name), *(len(row.get(name, "")) for row in rows)) for name in columns}

    def line(cells: Mapping[str, str]) -> str:
        padded = [
            cells.get(name, "").ljust(widths[name]) if name in lead else cells.get(name, "").rjust(widths[name])
            for name in columns
        ]
        return "  ".join(padded).rstrip()

    yield Line(line({name: name for name in columns}), "bold")
    yield from (Line(line(row)) for row in rows)


def _words(units: Sequence[Row]) -> Iterator[Line]:
    """One case and the variants of it that have this state, with the words of the first."""
    first = units[0]
    variants = [", ".join(unit["variant"].values()) for unit in units]
    more = "" if len(units) == 1 else f" and {len(units) - 1} more variant{'' if len(units) == 2 else 's'}"
    yield Line("")
    yield Line(f"{first['state']}: {first['case']} ({variants[0]}){more}", _STATES[first["state"]])
    words = [line for line in first["words"].split("\n") if line]
    for line in words[:_MOST_WORDS]:
        yield from labelled("", printable(line), "")
    if len(words) > _MOST_WORDS:
        yield from labelled("", f"... and {len(words) - _MOST_WORDS} lines more, in the report", "dim")
