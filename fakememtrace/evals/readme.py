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
from .reading import load
from .text import shown_value
from .varying import curve, label_of, variants

__all__ = ["readme", "write_readme"]

_HEAD = """\
# The evals

{count} evals check that what was stored in one session comes back later, on Memtrace `0.2.0` (what the released server
does) and `documented` (what is promised). What is expected is what each of them does: a deviation in either direction
fails. `fakememtrace eval` runs them; `docs/evals.md` says how they are written. This page is made from the cases:
`python -m fakememtrace.evals.readme evals`.
"""


def readme(cases: Sequence[Case]) -> str:
    """The page about these cases."""
    return "\n".join([_HEAD.format(count=len(cases)), *_groups(cases)])


def write_readme(folder: Path) -> Path:
    """Write the page about the cases in `folder` into it; its path."""
    path = folder / "README.md"
    write_whole(path, readme(load(folder)))
    return path


def _groups(cases: Iterable[Case]) -> Iterator[str]:
    for group, members in groupby(cases, lambda case: case.group):
        yield f"## {group}\n"
        for case in members:
            yield from _case(case)
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
