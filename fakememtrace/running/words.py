"""What became of a program, in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from .result import Result

__all__ = ["summary", "told"]

_NOTHING = (
    "no request was made: {program} asked neither Memtrace nor Claude, as far as a World can see. It serves httpx and "
    "httpx2, which the SDKs of both speak; what other libraries ask for is refused in words, where they ask, and at "
    "localhost it finds nobody."
)
_TO_DRAFT = (
    "To write Claude's answers turn by turn, say --draft FILE in place of --cassette; to have them all, record them."
)


def told(result: Result, has_answers: bool) -> Iterator[str]:
    """The paragraphs, the last of them one line; `has_answers` is whether there was anything to answer from."""
    if result.problems:
        yield f"fakememtrace: {_count(len(result.problems), 'problem', 'in the traffic')}:"
    yield from result.problems
    if result.misses and not has_answers:
        yield _TO_DRAFT
    for paragraph in filter(None, [result.stopped, _nothing(result), *result.notes]):
        yield f"fakememtrace: {paragraph}"
    yield f"fakememtrace: {Path(result.program).name}: {summary(result)}"


def _nothing(result: Result) -> str:
    return "" if result.requests or result.stopped else _NOTHING.format(program=result.program)


def summary(result: Result) -> str:
    """What it asked for and how it ended, in a line."""
    if not result.is_known:
        return "stopped; what it asked for is not known"
    counted = [
        _count(result.calls, "request", "to Claude"),
        f"{'1 memory' if result.stored == 1 else f'{result.stored} memories'} stored",
        f"{len(result.problems)} unexpected" if result.problems else "nothing unexpected",
    ]
    if result.stopped:
        counted.append("stopped")
    elif result.code:
        counted.append(f"ended with exit code {result.code}")
    return ", ".join(counted)


def _count(number: int, one: str, rest: str) -> str:
    return f"{number} {one if number == 1 else one + 's'} {rest}"
