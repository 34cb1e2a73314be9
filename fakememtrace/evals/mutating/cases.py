"""Mutants in evals that are data: every case in a world of its own, under one fault."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from ...errors import UsageError
from ...world import World
from ..case import Case
from ..engine import run
from ..outcome import Result
from ..spreading import spread
from .mutants import Mutant
from .trial import Trial

__all__ = ["Suite", "suite_of", "trials"]


class Suite(NamedTuple):
    """The cases that pass in a dialect without a fault, those first that cost the fewest calls."""

    dialect: str
    cases: tuple[Case, ...]


def suite_of(cases: Sequence[Case], dialect: str, path: Path) -> Suite:
    """The suite that `cases`, which are from `path`, are in `dialect`; what is unscored without a fault is left out.

    Raises:
        UsageError: they do not pass without a fault, or there is none left.
    """
    results = [run(case, dialect) for case in cases]
    bad = [result for result in results if result.state in ("failed", "crashed")]
    if bad:
        raise UsageError(_not_passing(bad, len(results), path))
    passed = [(result.calls, number) for number, result in enumerate(results) if result.passed]
    if not passed:
        raise UsageError(
            f"no eval is scored in {dialect} without a fault, of {len(results)}, so none can notice one.\n"
            "Record what they need, or name others."
        )
    return Suite(dialect, tuple(cases[number] for _, number in sorted(passed)))


def trials(
    suites: Sequence[Suite], mutants: Sequence[Mutant], whole: bool = False, workers: int = 1
) -> Iterator[Trial]:
    """Every mutant in every suite, in this order; each up to its first kill, unless the `whole` matrix is wanted.

    With several `workers` the mutants are shared among so many processes; what comes out is the same.
    """
    jobs = [(suite, mutant) for mutant in mutants for suite in suites]
    return spread(partial(_tried, whole=whole), jobs, workers, "mutants")


def _tried(job: tuple[Suite, Mutant], whole: bool) -> Trial:
    suite, mutant = job
    # Those that name this kind as what they are about are the likeliest to notice it.
    cases = sorted(suite.cases, key=lambda case: case.fault["kind"] != mutant.fault["kind"])
    killers, crashes, reached, ran = list[str](), list[str](), list[str](), 0
    for case in cases:
        result, struck = _under(case, suite.dialect, mutant)
        ran += 1
        if struck:
            reached.append(case.name)
            {"failed": killers, "crashed": crashes}.get(result.state, []).append(case.name)
        if killers and not whole:
            break
    found = tuple(killers), tuple(crashes), tuple(reached)
    return Trial(mutant.name, suite.dialect, *found, ran, len(cases))


def _under(case: Case, dialect: str, mutant: Mutant) -> tuple[Result, bool]:
    """What becomes of `case` under `mutant`, and whether that struck in any of its worlds."""
    worlds = list[World]()

    def made(*arguments: Any) -> World:
        worlds.append(World(*arguments))
        return worlds[-1]

    result = run(case, dialect, [mutant.fault], make=made)
    return result, any(fault["struck"] for world in worlds for fault in world.faults.to_json())


def _not_passing(bad: Sequence[Result], of: int, path: Path) -> str:
    first = bad[0]
    which = "1 does" if len(bad) == 1 else f"{len(bad)} do"
    return (
        f"{path}: the evals must pass without a fault, else what they notice under one means nothing, and "
        f"{which} not, of {of} in {first.dialect}.\n"
        f"The first is {first.case}, which {first.state}: {first.words}\n"
        f"See: fakememtrace eval --evals {path}. Correct them first, or name those that pass."
    )
