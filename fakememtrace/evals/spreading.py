"""Jobs spread over several processes, with the results in the order of the jobs."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, TypeVar

from ..errors import FakememtraceError
from .lifeline import end_with_parent

__all__ = ["spread"]

_Job = TypeVar("_Job")
_Found = TypeVar("_Found")

_ENDED = (
    "a process that ran {what} was ended from outside, so there is no result.\n"
    "What to do: run it again, with fewer --workers where memory was short."
)
# What a process of ours is to do: the function and all jobs.
_task: tuple[Callable[[Any], Any], Sequence[Any]]


def spread(
    function: Callable[[_Job], _Found], jobs: Sequence[_Job], workers: int, what: str = "evals", chunk: int = 1
) -> Iterator[_Found]:
    """What `function` makes of each job, in their order; `chunk` jobs at once go to one of at most `workers` processes.

    Raises:
        FakememtraceError: a process was ended from outside; `what` it ran is said there.
    """
    if min(workers, len(jobs)) < 2:
        yield from map(function, jobs)
        return
    # Not forked: other threads of this process may hold locks.
    context = multiprocessing.get_context("spawn")
    # All jobs at the start, and then only numbers: Python 3.10 can hang when a process dies while long values wait.
    with ProcessPoolExecutor(min(workers, len(jobs)), context, _begin, (function, jobs)) as pool:
        try:
            yield from pool.map(_do, range(len(jobs)), chunksize=chunk)
        except BrokenProcessPool:
            raise FakememtraceError(_ENDED.format(what=what)) from None


def _begin(function: Callable[[Any], Any], jobs: Sequence[Any]) -> None:
    global _task
    end_with_parent()
    _task = function, jobs


def _do(number: int) -> Any:
    function, jobs = _task
    return function(jobs[number])
