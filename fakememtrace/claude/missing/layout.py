"""JSON on one line, laid out so that two texts that have it can be compared line by line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

__all__ = ["spread"]

_WIDE = 100


def spread(old: Sequence[str], new: Sequence[str]) -> tuple[list[str], list[str]]:
    """Both texts, each long line that is a JSON list or object as a line for each of its items.

    A short one that only one text has is laid out as the long one that the other text has.
    """
    wide = {type(_container(line)) for line in (*old, *new) if len(line) > _WIDE} - {type(None)}
    if not wide:
        return list(old), list(new)
    values = _values(old, frozenset(new)), _values(new, frozenset(old))
    lists = {key for text in values for value in text for key in _lists(value)}
    before, now = (
        [_laid_out(value, lists) if type(value) in wide else [line] for line, value in zip(text, found, strict=True)]
        for text, found in zip((old, new), values, strict=True)
    )
    return list(chain(*before)), list(chain(*now))


def _values(text: Sequence[str], others: frozenset[str]) -> list[Any]:
    """What the lines are that can be laid out; None of all that stays as it is."""
    return [_container(line) if len(line) > _WIDE or line not in others else None for line in text]


def _container(line: str) -> Any:
    """The JSON list or object that a line is, else None."""
    if line.strip()[:1] not in ("[", "{"):
        return None
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _lists(value: Any) -> Iterator[str]:
    """The keys of an object under which there are lists with something in them."""
    if isinstance(value, dict):
        yield from (key for key, item in value.items() if isinstance(item, list) and item)


def _laid_out(value: Any, lists: set[str]) -> list[str]:
    if isinstance(value, list):
        return ["[", *(f"  {_json(item)}," for item in value), "]"]
    return ["{", *(inner for key, item in value.items() for inner in _entry(key, item, lists)), "}"]


def _entry(key: str, value: Any, lists: set[str]) -> list[str]:
    if isinstance(value, list) and key in lists:
        return [f"  {_json(key)}: [", *(f"    {_json(item)}," for item in value), "  ],"]
    return [f"  {_json(key)}: {_json(value)},"]


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
