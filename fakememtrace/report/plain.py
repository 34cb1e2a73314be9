"""Nested NamedTuples as plain JSON, and back."""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

__all__ = ["as_plain", "from_plain"]


def as_plain(value: Any) -> Any:
    """`value` as plain JSON: NamedTuples are objects, other tuples are lists."""
    if hasattr(value, "_fields"):
        return {name: as_plain(getattr(value, name)) for name in value._fields}
    return [as_plain(item) for item in value] if isinstance(value, tuple) else value


def from_plain(kind: Any, value: Any) -> Any:
    """The reverse: a value of the type `kind` out of plain JSON; a KeyError or TypeError where it is none."""
    if value is None:
        return None
    if hasattr(kind, "_fields"):
        hints = _hints(kind)
        return kind(**{name: from_plain(hints[name], item) for name, item in value.items()})
    if get_origin(kind) in (Union, types.UnionType):
        return from_plain(next(one for one in get_args(kind) if one is not type(None)), value)
    if get_origin(kind) is tuple:
        first, *others = get_args(kind)
        kinds = [first] * len(value) if others == [...] else [first, *others]
        return tuple(from_plain(one, item) for one, item in zip(kinds, value, strict=True))
    return dict(value) if isinstance(value, Mapping) else value


@lru_cache(maxsize=64)
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
