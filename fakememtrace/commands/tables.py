"""Tables and trees where a person looks, plain lines where nobody does."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from .output import console, is_looked_at, show, styled

if TYPE_CHECKING:
    from ..report.text import Line

__all__ = ["is_drawn", "show_table", "show_tree"]


def is_drawn() -> bool:
    """Whether tables and trees are drawn on standard output."""
    return is_looked_at(sys.stdout)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[str]], styles: Sequence[str] = ()) -> None:
    """A table where a person looks, else one aligned line for each row, never wrapped.

    ``styles`` are those of the rows, in their order.
    """
    if not is_drawn():
        _show_aligned([columns, *rows])
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        table.add_column(name, overflow="fold")
    for number, row in enumerate(rows):
        table.add_row(*row, style=styles[number] if styles else None)
    console().print(table)


def _show_aligned(rows: Sequence[Sequence[str]]) -> None:
    from ..report.text import Line

    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    show(Line("  ".join(map(str.ljust, row, widths)).rstrip()) for row in rows)


def show_tree(title: Line, branches: Iterable[tuple[Line, Iterable[Line]]]) -> None:
    """Draw a tree whose branches have lines for leaves; they are wrapped inside of it, as wide as the terminal.

    A line that is indented further than the first one belongs to the leaf before it.
    """
    from rich.text import Text
    from rich.tree import Tree

    tree = Tree(styled(title), guide_style="dim")
    for head, leaves in branches:
        branch = tree.add(styled(head))
        for leaf in _leaves(list(leaves)):
            branch.add(Text("\n").join(styled(line) for line in leaf))
    console().print(tree)


def _leaves(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each leaf, without the indentation that all have."""
    least = min((_indent(line) for line in lines if line.text), default=0)
    leaf: list[Line] = []
    for line in lines:
        if leaf and line.text and _indent(line) == least:
            yield leaf
            leaf = []
        marks = tuple((start - least, end - least) for start, end in line.marks)
        leaf.append(line._replace(text=line.text[least:], marks=marks))
    if leaf:
        yield leaf


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip(" "))
