"""How far a long run is: a bar on a terminal, a line now and then where nobody looks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from .output import is_looked_at

__all__ = ["progress"]

_LINES = 10


@contextmanager
def progress(what: str, quiet: bool = False, plain: bool = True) -> Iterator[Callable[[int, int], None]]:
    """What is told how many are done, of how many; on standard error, so that what is printed stays as it is.

    Nothing is said when `quiet`, and where nobody looks also when not `plain`.
    """
    is_drawn = sys.stderr.isatty() and is_looked_at(sys.stderr)
    if quiet or not (is_drawn or plain):
        yield lambda *_: None
        return
    if not is_drawn:
        yield _Plain(what)
        return
    # Imported when needed: it takes its time.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=False) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, of: bar.update(task, completed=done, total=of)


class _Plain:
    """Says a line for each tenth."""

    def __init__(self, what: str) -> None:
        self._what, self._said = what, 0

    def __call__(self, done: int, of: int) -> None:
        tenth = done * _LINES // of if of else _LINES
        if tenth > self._said:
            self._said = tenth
            click.echo(f"{self._what}: {done} of {of}", err=True)
