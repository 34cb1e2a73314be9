"""Which memories make a text differ from the recorded one, and what became of each."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from ..matching.difference import Difference
from .cuts import is_start
from .finding import compared
from .items import MEMORY, Contents, Item
from .lines import rising
from .miss import MemoryDifference
from .pairing import Pair, paired
from .witness import Witness

__all__ = ["Told", "told"]


class Told(NamedTuple):
    """What a difference of two texts has to do with memories.

    ``memories`` are those that make it; ``is_frame`` says that it is text of Memtrace, whether or not
    a memory differs in it, ``is_plain`` that other text differs (as well).
    """

    memories: list[MemoryDifference]
    is_frame: bool
    is_plain: bool


def told(difference: Difference, where: str, contents: Contents, witness: Witness) -> Told:
    """What became of the memories in a text that differs; `where` names it."""
    origin = difference.origin
    if origin == "assistant" or not difference.recorded or not difference.sent:
        return Told([], False, True)
    witness.look_at("\n".join(difference.sent), origin)
    found = compared(difference, contents, witness.reading)
    texts = found.texts
    counts = [Counter(_identity(item) for item in text if item.kind == MEMORY) for text in texts]
    old, new = found.memories(0), found.memories(1)
    pairs = sorted(paired(old, new, witness.store), key=lambda pair: _position(pair, texts))
    reworded = [pair for pair in pairs if _is_reworded(pair)]
    moved = _moved(reworded, texts)
    swapped = _swapped(pairs)
    told_of = [pair for pair in pairs if pair in moved or pair not in reworded]
    # Numbers follow from what comes before; other words around a memory are the program's.
    is_plain = any(not _is_numbered(pair) for pair in reworded) or (bool(reworded) and not told_of)
    return Told(
        [
            _told_of(pair, where, texts, counts, witness, pair in moved or (swapped and _is_later(pair)))
            for pair in told_of
        ],
        found.is_frame,
        is_plain or found.is_plain,
    )


def _identity(item: Item) -> tuple[str, str]:
    return item.content, item.time


def _position(pair: Pair, texts: list[list[Item]]) -> tuple[bool, float, int]:
    """Where it is told: what is only later or earlier comes last, being rarely the cause; and as in the text."""
    recorded, sent = pair
    if recorded is not None:
        moved = sent is not None and sent.raw != recorded.raw and sent.content == recorded.content
        return moved, texts[0].index(recorded), 0
    assert sent is not None
    return False, float("inf"), texts[1].index(sent)


def _is_reworded(pair: Pair) -> bool:
    """Whether the same is told of the memory, in other words around it."""
    one, other = pair
    if one is None or other is None or one.raw == other.raw:
        return False
    return (one.content, one.facts) == (other.content, other.facts)


def _is_numbered(pair: Pair) -> bool:
    """Whether the words around it differ in their numbers only."""
    shapes = [item.shape if item else None for item in pair]
    return None not in shapes and len({re.sub(r"\d+", "", f"{shape}") for shape in shapes}) == 1


def _moved(pairs: list[Pair], texts: list[list[Item]]) -> list[Pair]:
    """Those of the pairs whose memory stands in another place among the others."""
    places = [next(n for n, item in enumerate(texts[1]) if item is pair.sent) for pair in pairs]
    in_place = set(rising(places))
    return [pair for index, pair in enumerate(pairs) if index not in in_place]


def _swapped(pairs: Iterable[Pair]) -> bool:
    """Whether the memories that have another time have the times of each other: they were stored in another order."""
    times = [(pair.recorded.time, pair.sent.time) for pair in pairs if pair.recorded and pair.sent and _is_later(pair)]
    return len(times) > 1 and Counter(before for before, _ in times) == Counter(now for _, now in times)


def _is_later(pair: Pair) -> bool:
    """Whether a memory differs in its time, and in nothing else."""
    one, other = pair
    if one is None or other is None or one.time == other.time:
        return False
    return one.content == other.content and not _facts(one, other)


def _told_of(
    pair: Pair,
    where: str,
    texts: list[list[Item]],
    counts: list[Counter[tuple[str, str]]],
    witness: Witness,
    moved: bool,
) -> MemoryDifference:
    recorded, sent = pair
    if recorded is None:
        assert sent is not None
        return witness.added(sent, where, *(count[_identity(sent)] for count in counts))
    if sent is None:
        return witness.missing(recorded, where, *(count[_identity(recorded)] for count in counts))
    if recorded.raw == sent.raw or (moved and recorded.content == sent.content):
        return witness.reordered(recorded, sent, where, _number(texts[0], recorded), _number(texts[1], sent))
    if is_start(sent.content, recorded.content):
        return witness.cut(recorded, sent, where)
    return witness.changed(recorded, sent, where, _facts(recorded, sent))


def _number(text: Iterable[Item], item: Item) -> tuple[int, int]:
    """The number of a memory among those of the text, and how many those are."""
    memories = [other for other in text if other.kind == MEMORY]
    return next(number for number, other in enumerate(memories, 1) if other is item), len(memories)


def _facts(recorded: Item, sent: Item) -> list[tuple[str, str, str]]:
    """What is shown of a memory and is not as recorded, the time left out: its name, what it was, what it is."""
    names = [*recorded.facts, *(name for name in sent.facts if name not in recorded.facts)]
    return [
        (name, _shown(recorded, name), _shown(sent, name))
        for name in names
        if name not in ("time", "created_at") and recorded.facts.get(name) != sent.facts.get(name)
    ]


def _shown(item: Item, name: str) -> str:
    return json.dumps(item.facts[name], ensure_ascii=False) if name in item.facts else "not there"
