"""What the formats have in common: headers, statuses and durations as recorders write them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .broken import Broken, kind_of

__all__ = ["header_map", "header_pairs", "milliseconds", "status_of"]

_LONGEST = 24 * 60 * 60 * 1000


def header_map(given: Any, place: str) -> dict[str, str]:
    """Headers by lower-case name, from a mapping of names to a text or to a list of texts.

    Raises:
        Broken: it is no mapping.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise Broken(place, f"expected headers by name, found {kind_of(given)}.")
    return _joined((name, value) for name, values in given.items() for value in _several(values))


def header_pairs(given: Any, place: str) -> dict[str, str]:
    """Headers by lower-case name, from a list of ``{"name": ..., "value": ...}``.

    Raises:
        Broken: it is no list of these.
    """
    if given is None:
        return {}
    if not isinstance(given, list) or not all(isinstance(header, dict) for header in given):
        raise Broken(place, "expected a list of headers, each with a name and a value.")
    return _joined((header.get("name"), header.get("value")) for header in given)


def status_of(given: Any, place: str, least: int = 100) -> int:
    """A status, which is a whole number from `least` to 599.

    Raises:
        Broken: it is not.
    """
    # Exactly: true is no number.
    if type(given) is not int or not least <= given <= 599:
        raise Broken(place, f"expected a status such as 200, found {given!r}.")
    return given


def milliseconds(given: Any) -> int:
    """A duration in whole milliseconds; 0 where it is no number, or none that an answer can take (more than a day)."""
    if isinstance(given, (int, float)) and 0 < given <= _LONGEST:
        return round(given)
    return 0


def _several(values: Any) -> Iterable[Any]:
    return values if isinstance(values, (list, tuple)) else (values,)


def _joined(pairs: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    joined: dict[str, str] = {}
    for name, value in pairs:
        if name is None or value is None:
            continue
        key, text = _text(name).lower(), _text(value)
        joined[key] = f"{joined[key]}, {text}" if key in joined else text
    return joined


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
