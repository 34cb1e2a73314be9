"""Writes ``evals/README.md`` from the cases: every eval in two sentences, with both expected values.

Usage: ``python -m fakememtrace.evals.readme evals``.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from ..files import write_whole
from .case import DIALECTS, Case, Probe
from .fields import MEASURES
from .gating.baseline import Baseline, read
from .gating.verdict import shown
from .metrics.unscored import mean
from .reading import load
from .sets.reading import load_sets
from .sets.set_eval import SetEval
from .sets.sources import SOURCES
from .text import shown_value
from .varying import curve, label_of, variants

__all__ = ["readme", "write_readme"]

_HEAD = """\
# The evals

{count} evals check that what was stored in one session comes back later, on Memtrace `0.2.0` (what the released server
does) and `documented` (what is promised). What is expected is what each of them does: a deviation in either direction
fails. {sets} more ask the questions of data sets, and fail when they get worse than a baseline. `fakememtrace eval`
runs them; `docs/evals.md` and `docs/gate.md` say how they are written. This page is made from the cases:
`python -m fakememtrace.evals.readme evals`.
"""


def readme(cases: Sequence[Case], sets: Sequence[SetEval] = ()) -> str:
    """The page about these evals."""
    head = _HEAD.format(count=len(cases), sets=len(sets))
    return "\n".join([head, *_groups(cases), *_sets(sets), *_measures()])


def write_readme(folder: Path) -> Path:
    """Write the page about the cases in `folder` into it; its path."""
    path = folder / "README.md"
    write_whole(path, readme(load(folder), load_sets(folder)))
    return path


def _groups(cases: Iterable[Case]) -> Iterator[str]:
    for group, members in groupby(cases, lambda case: case.group):
        yield f"## {group}\n"
        for case in members:
            yield from _case(case)


def _sets(sets: Iterable[SetEval]) -> Iterator[str]:
    for group, members in groupby(sets, lambda one: one.group):
        yield f"## {group}\n"
        for one in members:
            yield from _set(one)


def _set(one: SetEval) -> Iterator[str]:
    yield f"### {one.name}\n"
    yield f"{one.title} {one.why}\n"
    copy = SOURCES[one.set].copy
    if copy:
        yield f"It needs a copy that is yours, `--data {one.set}=PATH` ({copy}), and a baseline that is made from it.\n"
    # What a baseline of others' data says is nobody's to print.
    baseline = None if copy else read(one.baseline)
    yield f"| plan | {' | '.join(f'{one.measure}, {dialect}' for dialect in one.dialects)} |"
    yield f"| --- |{' --- |' * len(one.dialects)}"
    for plan in one.plans:
        values = [_mean(baseline, f"{plan}, {dialect}") for dialect in one.dialects]
        yield f"| {plan} | {' | '.join(values)} |"
    yield ""


def _mean(baseline: Baseline | None, variant: str) -> str:
    if baseline is None:
        return "yours"
    return shown(mean(score.value for score in baseline.scores if score.key.endswith(f" · {variant}")).value)


def _measures() -> Iterator[str]:
    yield "## What is measured\n"
    yield "| measure | what it is |\n| --- | --- |"
    for name, words in MEASURES.items():
        yield f"| {name} | {words} |"
    yield ""


def _case(case: Case) -> Iterator[str]:
    yield f"### {case.name}\n"
    yield f"{case.title} {case.why}\n"
    yield "| read | measure | 0.2.0 | documented |\n| --- | --- | --- | --- |"
    labels = [label_of(variant) for variant in variants(case.over)]
    for probe in case.measured:
        values = [_cell(shown_value(curve(labels, probe.expected[dialect]))) for dialect in DIALECTS]
        yield f"| {_cell(_read(probe))} | {probe.measure} | {values[0]} | {values[1]} |"
    yield ""


def _read(probe: Probe) -> str:
    return probe.name if probe.name == probe.read else f"{probe.name} ({probe.read})"


def _cell(text: str) -> str:
    return text.replace("\0", "NUL").replace("|", "\\|")


if __name__ == "__main__":
    print(write_readme(Path(sys.argv[1])))
