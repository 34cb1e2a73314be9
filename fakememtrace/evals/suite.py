"""Many cases: which are wanted, their results, and all of it as plain data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..errors import UnknownName
from .case import DIALECTS, Case
from .engine import run
from .funnel import funnel, losses
from .outcome import STATES, Result

__all__ = ["chosen", "dialects_of", "report", "run_all"]

FORMAT, VERSION = "fakememtrace-evals", 1
BOTH = "both"


def chosen(cases: Iterable[Case], names: Iterable[str]) -> list[Case]:
    """The cases of these names, groups or files (``search`` for ``4_search.toml``); all when there are no names.

    Raises:
        UnknownName: a name that is none of these.
    """
    cases, wanted = list(cases), list(names)
    known = [name for case in cases for name in _names(case)]
    for name in wanted:
        if name not in known:
            raise UnknownName("eval", name, dict.fromkeys(known))
    return [case for case in cases if not wanted or any(name in wanted for name in _names(case))]


def dialects_of(name: str) -> tuple[str, ...]:
    """The dialects that `name` asks for: one of them, or ``both``.

    Raises:
        UnknownName: it is neither.
    """
    if name not in (*DIALECTS, BOTH):
        raise UnknownName("dialect", name, (*DIALECTS, BOTH))
    return DIALECTS if name == BOTH else (name,)


def run_all(
    cases: Iterable[Case], dialects: Sequence[str] = DIALECTS, faults: Iterable[Mapping[str, Any]] = ()
) -> Iterator[Result]:
    """Run each case in each of the dialects, in this order."""
    struck = list(faults)
    for case in cases:
        for dialect in dialects:
            yield run(case, dialect, struck)


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


def _names(case: Case) -> tuple[str, str, str]:
    return case.name, case.group, case.path.stem.lstrip("0123456789_")
