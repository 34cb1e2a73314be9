"""Many cases: which are wanted, their results, and all of it as plain data."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from typing import Any

from ..errors import FakememtraceError, UnknownName
from .case import DIALECTS, Case
from .engine import run
from .funnel import funnel, losses
from .outcome import STATES, Result
from .sets.set_eval import SetEval

__all__ = ["chosen", "chosen_of_both", "dialects_of", "report", "run_all"]

FORMAT, VERSION = "fakememtrace-evals", 1
BOTH = "both"
_CHUNK = 4
_ENDED = (
    "a process that ran evals was ended from outside, so there is no result.\n"
    "What to do: run it again, with fewer --workers where memory was short."
)


def chosen(cases: Iterable[Case], names: Iterable[str]) -> list[Case]:
    """The cases of these names, groups or files (``search`` for ``4_search.toml``); all when there are no names.

    Raises:
        UnknownName: a name that is none of these.
    """
    return chosen_of_both(cases, (), names)[0]


def chosen_of_both(
    cases: Iterable[Case], sets: Iterable[SetEval], names: Iterable[str]
) -> tuple[list[Case], list[SetEval]]:
    """The same among cases and data-set evals.

    Raises:
        UnknownName: a name that is none of either.
    """
    cases, sets, wanted = list(cases), list(sets), set(names)
    every: list[Case | SetEval] = [*cases, *sets]
    known = dict.fromkeys(name for one in every for name in _names(one))
    for name in sorted(wanted):
        if name not in known:
            raise UnknownName("eval", name, known)
    return (
        [case for case in cases if not wanted or not wanted.isdisjoint(_names(case))],
        [one for one in sets if not wanted or not wanted.isdisjoint(_names(one))],
    )


def dialects_of(name: str) -> tuple[str, ...]:
    """The dialects that `name` asks for: one of them, or ``both``.

    Raises:
        UnknownName: it is neither.
    """
    if name not in (*DIALECTS, BOTH):
        raise UnknownName("dialect", name, (*DIALECTS, BOTH))
    return DIALECTS if name == BOTH else (name,)


def run_all(
    cases: Iterable[Case],
    dialects: Sequence[str] = DIALECTS,
    faults: Iterable[Mapping[str, Any]] = (),
    workers: int = 1,
) -> Iterator[Result]:
    """Run each case in each of the dialects, in this order; with more than one of `workers`, in so many processes.

    Raises:
        FakememtraceError: one of these processes was ended from outside.
    """
    run_one = partial(_run_one, faults=list(faults))
    pairs = [(case, dialect) for case in cases for dialect in dialects]
    if min(workers, len(pairs)) < 2:
        yield from map(run_one, pairs)
        return
    # Not forked: other threads of this process may hold locks.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(pairs)), mp_context=context) as pool:
        try:
            yield from pool.map(run_one, pairs, chunksize=_CHUNK)
        except BrokenProcessPool:
            raise FakememtraceError(_ENDED) from None


def _run_one(pair: tuple[Case, str], faults: list[Mapping[str, Any]]) -> Result:
    return run(*pair, faults)


def report(results: Sequence[Result]) -> dict[str, Any]:
    """All results as plain JSON, the funnel of each dialect first."""
    dialects = dict.fromkeys(result.dialect for result in results)
    states = Counter(result.state for result in results)
    return {
        "format": FORMAT,
        "version": VERSION,
        "funnel": {name: funnel(_of(results, name)).to_json() for name in dialects},
        "states": {state: states[state] for state in reversed(STATES)},
        "losses": [loss._asdict() for loss in losses(results)],
        "results": [result.to_json() for result in results],
    }


def _of(results: Iterable[Result], dialect: str) -> list[Result]:
    return [result for result in results if result.dialect == dialect]


def _names(case: Case | SetEval) -> tuple[str, str, str]:
    return case.name, case.group, case.path.stem.lstrip("0123456789_")
