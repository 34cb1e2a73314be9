"""Many cases: which are wanted, their results, and all of it as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from ..errors import UnknownName
from .case import DIALECTS, Case
from .engine import run
from .funnel import funnel, losses
from .outcome import STATES, Result
from .sets.set_eval import SetEval
from .spreading import spread

__all__ = ["chosen", "chosen_of_both", "dialects_of", "report", "run_all"]

FORMAT, VERSION = "fakememtrace-evals", 1
BOTH = "both"
_CHUNK = 4


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
    pairs = [(case, dialect) for case in cases for dialect in dialects]
    yield from spread(partial(_run_one, faults=list(faults)), pairs, workers, chunk=_CHUNK)


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
