"""What evals take: the catalogue, LoCoMo, a sweep by one process and by two, and reads against the size of the store.

Each is measured in a process of its own.  Wall time is what the targets are of, and others may use the machine, too:
so CPU time and the load stand beside it, and one process and two take turns.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

from fakememtrace.clock import DEFAULT_START, duration, moment
from fakememtrace.evals.case import DIALECTS
from fakememtrace.evals.datasets import Entry, History, Question, store
from fakememtrace.evals.datasets.locomo import FILE, RETRIEVALS, items
from fakememtrace.evals.reading import load
from fakememtrace.evals.retrieval import plan
from fakememtrace.evals.suite import run_all
from fakememtrace.evals.sweeping import Folder, crossed, executor, read_sweep, sweep

from .corpus import memories

__all__ = ["report"]

ROOT = Path(__file__).parents[2]
# Where a copy of LoCoMo is; its licence lets nobody ship it here.
LOCOMO = Path(os.environ.get("LOCOMO", ROOT.parent / "shared" / "data" / "locomo"))
WORKERS = 2
_SIZES = (1_000, 10_000, 100_000)
_PLANS = ("newest", "since 24h", "substring", "bm25", "context")
_QUESTIONS, _K = 8, 10
_SEEDS = 40


class Timed(NamedTuple):
    """Seconds: on the wall, and of all processors together."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.1f} s ({self.cpu:.1f} s of CPU)"


class _Line(NamedTuple):
    what: str
    measured: str
    target: str = ""
    met: str = ""


def report(quick: bool) -> None:
    """Measure and print both tables."""
    lines = [_Line("evals", "measured", "target", "met?"), _catalogue(), _locomo(), _two_workers(1 if quick else 2)]
    _show([list(line) for line in lines])
    print(f"Wall time in {WORKERS} processes, on {os.cpu_count()} processors; load {_load()}, with our own.")
    sizes = _SIZES[:2] if quick else _SIZES
    found = [_in_a_process("size", str(size)) for size in sizes]
    rows = [[name, *(cells[name] for cells in found)] for name in found[0]]
    print()
    _show([["one question: calls, memories, tokens, CPU", *(f"{size:,}" for size in sizes)], *rows])
    print("In 0.2.0; mean of calls, memories and tokens over the questions, median of the time.")


def _catalogue() -> _Line:
    found = Timed(*_in_a_process("catalogue"))
    return _Line("the contract catalogue, both dialects", str(found), "<= 10 s", _met(found.wall <= 10))


def _locomo() -> _Line:
    what = "LoCoMo: 5,882 memories, 1,982 questions, four retrievals"
    if not _has_locomo():
        return _Line(what, f"skipped: there is no {FILE} in {LOCOMO.name}/; name its folder with LOCOMO=PATH")
    found = Timed(*_in_a_process("locomo"))
    return _Line(what, str(found), "<= 60 s", _met(found.wall <= 60))


def _two_workers(rounds: int) -> _Line:
    """One process and two in turn; 2 by how much more CPU time two take is the most that the ratio can be."""
    times = [(Timed(*_in_a_process("sweep", "1")), Timed(*_in_a_process("sweep", str(WORKERS)))) for _ in range(rounds)]
    ratios = [one.wall / two.wall for one, two in times]
    more = median(two.cpu / one.cpu for one, two in times)
    data = "LoCoMo" if _has_locomo() else f"the synthetic set of {_SEEDS} seeds"
    measured = f"{median(ratios):.2f} x ({min(ratios):.2f}..{max(ratios):.2f}; {more:.2f} x the CPU)"
    return _Line(f"a sweep over {data}, two workers against one", measured, ">= 1.7 x", _met(median(ratios) >= 1.7))


def _met(is_met: bool) -> str:
    return "yes" if is_met else "NO"


def _has_locomo() -> bool:
    return (LOCOMO / FILE).is_file() or LOCOMO.is_file()


def _load() -> str:
    with suppress(OSError):
        return f"{os.getloadavg()[0]:.1f}"
    return "unknown"


def _in_a_process(*arguments: str) -> Any:
    print(f"measuring evals: {' '.join(arguments)}, load {_load()}", file=sys.stderr)
    command = [sys.executable, "-m", "tests.bench.evals", *arguments]
    return json.loads(subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout)


def _timed(call: Callable[[], object]) -> Timed:
    before, start = _cpu(), perf_counter()
    call()
    return Timed(perf_counter() - start, _cpu() - before)


def _cpu() -> float:
    """Of this process and of those that it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def _measure_catalogue() -> Timed:
    return _timed(lambda: list(run_all(load(ROOT / "evals"), DIALECTS, workers=WORKERS)))


def _measure_locomo() -> Timed:
    return _timed(lambda: items(LOCOMO, RETRIEVALS, WORKERS))


def _measure_sweep(workers: int) -> Timed:
    data = ['"locomo"'] if _has_locomo() else [f'"synthetic {seed}"' for seed in range(1, _SEEDS + 1)]
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch, "sweep.toml")
        file.write_text(
            f'title = "bench"\nk = [5, 10]\n[cases]\ndata = [{", ".join(data)}]\n[where]\nlocomo = {str(LOCOMO)!r}\n'
            '[axes]\nplan = ["newest", "substring", "bm25", "context"]\nwindow = ["default", "30d"]\n',
            "utf-8",
        )
        what = read_sweep(file)
        return _timed(lambda: sweep(what, crossed(what), executor(workers), Folder(Path(scratch, "out"))))


def _measure_size(size: int) -> dict[str, str]:
    kept = store(_history(size))
    cells = {}
    for name in _PLANS:
        ask, times, before = plan(name), [], kept.reader.spent
        for question in kept.history.questions:
            start = process_time()
            kept.asked(ask, question, _K)
            times.append(process_time() - start)
        spent = kept.reader.spent.since(before)
        calls, rows, tokens = (value / _QUESTIONS for value in spent)
        cells[name] = f"{calls:.1f}, {rows:,.0f}, {tokens:,.0f}, {median(times) * 1e3:,.1f} ms"
    return cells


def _history(size: int) -> History:
    """So many memories of seven days, and questions for some of them by two of their words."""
    start, apart = moment(DEFAULT_START), duration("7d") // size
    entries = list(_entries(size, start, apart))
    wanted = entries[:: max(1, size // _QUESTIONS)][:_QUESTIONS]
    questions = [Question(entry.key, "", f"What of memory {entry.key}, customer?", (entry.key,)) for entry in wanted]
    return History("bench", entries, questions, entries[-1].at + duration("1h"), ("agent_0",))


def _entries(size: int, start: int, apart: int) -> Iterator[Entry]:
    for number, memory in enumerate(memories(size)):
        heading = memory.heading
        yield Entry(str(number), start + number * apart, heading.agent_id, memory.content, heading.session_id)


def _show(lines: list[list[str]]) -> None:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print(" | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


_MEASURES: dict[str, Callable[..., object]] = {
    "catalogue": _measure_catalogue,
    "locomo": _measure_locomo,
    "sweep": lambda workers: _measure_sweep(int(workers)),
    "size": lambda size: _measure_size(int(size)),
}

if __name__ == "__main__":
    json.dump(_MEASURES[sys.argv[1]](*sys.argv[2:]), sys.stdout)
