"""What the store costs against its size: 10,000, 100,000 and 1,000,000 memories, with DuckDB beside it.

Each size has a process of its own, so that what a memory weighs can be read from the process.
Both are asked the same, and the answers are compared.  Where they race it is wall time, since DuckDB
has several threads; where a time of our own is the target it is CPU time, as on an idle machine.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from .corpus import filled
from .duck import Duck
from .peers import installed
from .store_questions import FASTER, FLAT, ROUNDS, Question, Search, questions, search

__all__ = ["report"]

_SIZES = (10_000, 100_000, 1_000_000)
_LIGHT, _BYTES = "<= 1,100 B", "B"


class _Cell(NamedTuple):
    """Seconds, ours and theirs; or our bytes."""

    ours: float
    theirs: float | None = None
    target: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None when there is none, or nothing to compare with."""
        most = {FLAT: 20e-6, FASTER: self.theirs, _LIGHT: 1_100}.get(self.target)
        return None if most is None else self.ours <= most

    def __str__(self) -> str:
        if self.target in (_LIGHT, _BYTES):
            return f"{self.ours:,.0f} B"
        return " / ".join(_duration(seconds) for seconds in (self.ours, self.theirs) if seconds is not None)


def report(quick: bool) -> None:
    """Measure and print the table of cost against size."""
    sizes = _SIZES[:2] if quick else _SIZES
    found = [_in_a_process(size) for size in sizes]
    lines = [["the store: ours / DuckDB", *(f"{size:,}" for size in sizes), "target", "met?"]]
    for what in found[0]:
        cells = [cells[what] for cells in found]
        met = {cell.met for cell in cells}
        verdict = "NO" if False in met else "yes" if True in met else ""
        lines.append([what, *map(str, cells), cells[-1].target, verdict])
    _show(lines)
    peer = "with the same rows in the same process" if installed("duckdb") else "not installed"
    print(f"Medians of {ROUNDS} rounds, ours in CPU time, but wall time in a search. DuckDB in wall time: {peer}.")


def _in_a_process(size: int) -> dict[str, _Cell]:
    print(f"measuring the store with {size:,} memories", file=sys.stderr)
    command = [sys.executable, "-m", "tests.bench.store", str(size)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, check=True)
    return {what: _Cell(*cell) for what, cell in json.loads(done.stdout).items()}


def _measured(size: int) -> dict[str, _Cell]:
    """Every line of one size, in a process that did nothing else before."""
    before = _resident()
    store, clock = filled(size)
    # The indexes take in what was written when they are asked.
    store.values("agent_id")
    weight = _resident() - before
    first = _seconds(partial(search, store), Search("memory 77 order"))
    weight_with_words = _resident() - before
    # Below that, what else a process has weighs more than the memories.
    unit = _LIGHT if size >= 100_000 else _BYTES
    duck = Duck(store.rows) if installed("duckdb") else None
    return {
        **{question.what: _answered(question, duck) for question in questions(store, clock)},
        "the first search of all": _Cell(first),
        "a memory, before any search": _Cell(weight / size, target=unit),
        "a memory, after a search": _Cell(weight_with_words / size, target=unit),
    }


def _answered(question: Question, duck: Duck | None) -> _Cell:
    """Ours first and then DuckDB's, which would otherwise leave nothing of ours in the processor's caches."""
    timer = perf_counter if question.target == FASTER else process_time
    ours = _median(question.ours, question, timer)
    if duck is None or question.theirs is None:
        return _Cell(ours, None, question.target)
    peer = partial(question.theirs, duck)
    theirs = _median(peer, question, perf_counter)
    if question.repeatable:
        argument = question.arguments[-1]
        assert _plain(question.ours(argument)) == peer(argument), f"{question.what}: {argument}"
    return _Cell(ours, theirs, question.target)


def _median(call: Callable[[Any], object], question: Question, timer: Callable[[], float]) -> float:
    """Of the second time that each is asked, where asking again is possible."""
    for argument in question.arguments if question.repeatable else ():
        call(argument)
    return median([_seconds(call, argument, timer) for argument in question.arguments])


def _plain(answer: Any) -> Any:
    if not isinstance(answer, list):
        return answer
    return [json.loads(row)["content"] if isinstance(row, bytes) else row.content for row in answer]


def _seconds(call: Callable[[Any], object], argument: Any, timer: Callable[[], float] = perf_counter) -> float:
    start = timer()
    call(argument)
    return timer() - start


def _resident() -> int:
    """The memory of this process in bytes; 0 where the system does not tell."""
    gc.collect()
    told = Path("/proc/self/status")
    lines = told.read_text("ascii").splitlines() if told.exists() else []
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:")), 0)


def _duration(seconds: float) -> str:
    return f"{seconds * 1e6:,.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:,.1f} ms"


def _show(lines: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print(" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


if __name__ == "__main__":
    json.dump(_measured(int(sys.argv[1])), sys.stdout)
