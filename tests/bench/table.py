"""The rows as one table: drawn on a terminal, plain where it is piped."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

from .harness import Row

__all__ = ["show"]

_HEAD = ("what", "measured", "floor", "ratio", "min..max", "target", "met?")
_STYLES = {"yes": "green", "NO": "bold red"}


def show(groups: dict[str, list[Row]]) -> None:
    """Print every group's rows."""
    lines = {title: [_cells(row) for row in rows] for title, rows in groups.items()}
    if sys.stdout.isatty():
        _drawn(lines)
    else:
        _plain(lines)
    print(_verdict([row for rows in groups.values() for row in rows]))


def _cells(row: Row) -> tuple[str, ...]:
    ratio, spread = ("", "")
    if row.ratio:
        ratio, spread = f"{row.ratio.middle:.2f}", f"{row.ratio.low:.2f}..{row.ratio.high:.2f}"
    target = row.note if row.target is None else f"<= {row.target:g} x"
    met = {True: "yes", False: "NO", None: ""}[row.met]
    return row.what, _duration(row.seconds), _duration(row.floor), ratio, spread, target, met


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1e6:,.1f} µs" if seconds < 0.01 else f"{seconds * 1e3:,.1f} ms"


def _drawn(groups: dict[str, list[tuple[str, ...]]]) -> None:
    table = Table()
    for number, title in enumerate(_HEAD):
        table.add_column(title, justify="right" if 0 < number < 5 else "left", overflow="fold")
    for title, lines in groups.items():
        table.add_section()
        table.add_row(f"[bold]{title}")
        for line in lines:
            table.add_row(*line, style=_STYLES.get(line[-1], ""))
    Console().print(table)


def _plain(groups: dict[str, list[tuple[str, ...]]]) -> None:
    everything = [_HEAD, *(line for lines in groups.values() for line in lines)]
    widths = [max(len(line[column]) for line in everything) for column in range(len(_HEAD))]
    print(_line(_HEAD, widths))
    for title, lines in groups.items():
        print(f"-- {title} ".ljust(sum(widths) + 3 * len(widths) - 3, "-"))
        for line in lines:
            print(_line(line, widths))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.rjust(width) if 0 < number < 5 else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return " | ".join(padded).rstrip()


def _verdict(rows: Iterable[Row]) -> str:
    judged = [row.met for row in rows if row.met is not None]
    return f"{sum(judged)} of {len(judged)} targets met. Rows without one are for information."
