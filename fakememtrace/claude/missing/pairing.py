"""Which memory of a recorded text became which of the text that is sent."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from .cuts import is_cut, start_of
from .items import Item
from .lines import alike
from .store import Store

__all__ = ["Pair", "paired"]

_ALIKE = 0.5
_MOST_PAIRS = 2_500
# Of so many that begin alike the first is taken that is left.
_MOST_STARTS = 200


class Pair(NamedTuple):
    """A memory as it was recorded and as it was sent; either may be missing."""

    recorded: Item | None
    sent: Item | None


def paired(old: Sequence[Item], new: Sequence[Item], store: Store) -> Iterator[Pair]:
    """Every memory of both texts, with what it became; `store` has those that are still there."""
    left, other = list(old), list(new)

    def rewritten(one: Item, two: Item) -> bool:
        if store.find(one.content):
            # It is still there, so the other is another memory.
            return False
        return (bool(one.time) and one.time == two.time) or alike(one.content, two.content) >= _ALIKE

    for look in (_same_raw, _same_content, _shortened, _longer, lambda one, two: _by(rewritten, one, two)):
        for recorded, sent in list(look(left, other)):
            _take(left, recorded)
            _take(other, sent)
            yield Pair(recorded, sent)
    yield from (Pair(item, None) for item in left)
    yield from (Pair(None, item) for item in other)


_Pairs = Iterator[tuple[Item, Item]]


def _same_raw(old: Sequence[Item], new: Sequence[Item]) -> _Pairs:
    return _equal(old, new, lambda item: item.raw)


def _same_content(old: Sequence[Item], new: Sequence[Item]) -> _Pairs:
    return _equal(old, new, lambda item: item.content)


def _equal(old: Sequence[Item], new: Sequence[Item], key: Callable[[Item], str]) -> _Pairs:
    known: dict[str, list[Item]] = {}
    for item in reversed(new):
        known.setdefault(key(item), []).append(item)
    for item in old:
        if known.get(key(item)):
            yield item, known[key(item)].pop()


def _shortened(old: Sequence[Item], new: Sequence[Item]) -> _Pairs:
    return ((whole, start) for start, whole in _starts(new, old))


def _longer(old: Sequence[Item], new: Sequence[Item]) -> _Pairs:
    return _starts(old, new)


def _starts(starts: Iterable[Item], wholes: Sequence[Item]) -> _Pairs:
    """Those of the `starts` that are the start of one of the `wholes`, and that."""
    contents = (start_of(item.content) if is_cut(item.content) else item.content for item in wholes)
    known = sorted((content, place) for place, content in enumerate(contents))
    taken: set[int] = set()
    for item in starts:
        start = start_of(item.content)
        first = bisect_left(known, (start, -1))
        among = islice(known, first, first + _MOST_STARTS) if start else ()
        places = [place for whole, place in among if whole.startswith(start) and whole != start and place not in taken]
        if places:
            taken.add(min(places))
            yield item, wholes[min(places)]


def _by(belong: Callable[[Item, Item], bool], old: Sequence[Item], new: Sequence[Item]) -> _Pairs:
    other = list(new) if len(old) * len(new) <= _MOST_PAIRS else []
    for one in old:
        two = next((item for item in other if belong(one, item)), None)
        if two is not None:
            _take(other, two)
            yield one, two


def _take(among: list[Item], item: Item) -> None:
    del among[next(n for n, other in enumerate(among) if other is item)]
