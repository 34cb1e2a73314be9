"""Parameters of a case: their combinations, where they stand in it, and the curve that comes of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, product
from typing import Any

__all__ = ["curve", "filled", "flattened", "label_of", "placeholders", "spread", "variants"]

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


def spread(values: Any) -> tuple[Any, ...] | None:
    """The values of a parameter: a list, or ``"0..200"``; None where it is neither."""
    if isinstance(values, list) and values:
        return tuple(values)
    found = _RANGE.fullmatch(values) if isinstance(values, str) else None
    if found is None or int(found[1]) > int(found[2]):
        return None
    return tuple(range(int(found[1]), int(found[2]) + 1))


def variants(over: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    """Every combination of the parameters, the last one changing fastest; one empty one where there is none."""
    return [dict(zip(over, values, strict=True)) for values in product(*over.values())]


def label_of(variant: Mapping[str, Any]) -> str:
    """A combination in words."""
    if len(variant) == 1:
        return str(next(iter(variant.values())))
    return ", ".join(f"{name}={value}" for name, value in variant.items())


def filled(value: Any, variant: Mapping[str, Any]) -> Any:
    """`value` with every ``{parameter}`` in it replaced; a text that is nothing else becomes the parameter's value."""
    if isinstance(value, str):
        whole = _PLACEHOLDER.fullmatch(value)
        if whole and whole[1] in variant:
            return variant[whole[1]]
        return _PLACEHOLDER.sub(lambda found: str(variant.get(found[1], found[0])), value)
    if isinstance(value, Mapping):
        return {key: filled(item, variant) for key, item in value.items()}
    return [filled(item, variant) for item in value] if isinstance(value, (list, tuple)) else value


def placeholders(value: Any) -> Iterator[str]:
    """The names of the ``{parameters}`` in the texts of `value`."""
    if isinstance(value, str):
        yield from _PLACEHOLDER.findall(value)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from placeholders(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from placeholders(item)


def curve(labels: Sequence[str], values: Sequence[Any]) -> Any:
    """What was measured for each of `labels`: one value where all are equal, else a table of ranges of labels."""
    if all(value == values[0] for value in values):
        return values[0]
    if not all(label.isdigit() for label in labels):
        return dict(zip(labels, values, strict=True))
    table = {}
    pairs = zip(labels, values, strict=True)
    for _, group in groupby(pairs, lambda pair: repr(pair[1])):
        run = list(group)
        first, last = run[0][0], run[-1][0]
        table[first if first == last else f"{first}..{last}"] = run[0][1]
    return table


def flattened(expected: Any, labels: Sequence[str], of_lists: bool = False) -> list[Any] | None:
    """The value that is expected for each of `labels`; None where `expected` does not say one for every one.

    `expected` is one value for all, a list of as many, or a table of labels or ranges of them; where the values are
    `of_lists`, a list of texts is one value.
    """
    if isinstance(expected, Mapping):
        table = {label: value for key, value in expected.items() for label in _labels(key)}
        return [table[label] for label in labels] if set(table) == set(labels) else None
    if isinstance(expected, list) and not (of_lists and all(isinstance(item, str) for item in expected)):
        return list(expected) if len(expected) == len(labels) else None
    return [expected] * len(labels)


def _labels(key: str) -> list[str]:
    found = _RANGE.fullmatch(key)
    return [str(number) for number in range(int(found[1]), int(found[2]) + 1)] if found else [key]
