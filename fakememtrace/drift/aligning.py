"""What of two sides stands beside each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any, TypeVar

from .side import Asked, Call

__all__ = ["Pair", "paired_calls", "paired_requests"]

Item = TypeVar("Item")
# One of each side, or of one of them only.
Pair = tuple[Item | None, Item | None]


def paired_requests(first: Sequence[Asked], second: Sequence[Asked]) -> list[tuple[Asked | None, Asked | None]]:
    """Requests to Claude: those with as many messages, in their order."""
    return _by_run(first, second, [lambda asked: len(asked.body.get("messages") or ())])


def paired_calls(first: Sequence[Call], second: Sequence[Call]) -> list[tuple[Call | None, Call | None]]:
    """Calls of Memtrace: the same ones, and between those the ones of the same kind."""
    return _by_run(first, second, [_whole, _kind])


def _whole(call: Call) -> Hashable:
    return call.request.method, call.request.path, call.request.query, call.request.body


def _kind(call: Call) -> Hashable:
    return call.request.method, call.route or call.request.path


def _by_run(first: Sequence[Any], second: Sequence[Any], keys: list[Callable[[Any], Hashable]]) -> list[Any]:
    runs = sorted({item.run for item in (*first, *second)})
    return [
        pair
        for run in runs
        for pair in _paired([one for one in first if one.run == run], [one for one in second if one.run == run], keys)
    ]


def _paired(first: list[Any], second: list[Any], keys: list[Callable[[Any], Hashable]]) -> Iterator[Pair[Any]]:
    if not keys:
        yield from ((one, None) for one in first)
        yield from ((None, one) for one in second)
        return
    key, *others = keys
    matcher = SequenceMatcher(None, [key(one) for one in first], [key(one) for one in second], autojunk=False)
    for kind, start, end, other_start, other_end in matcher.get_opcodes():
        if kind == "equal":
            yield from zip(first[start:end], second[other_start:other_end], strict=True)
        else:
            yield from _paired(first[start:end], second[other_start:other_end], others)
