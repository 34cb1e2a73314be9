"""What a value may be: the annotations of the request models, read at run time."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, get_args

from ..errors import UnknownName, listed
from .exceptions import InvalidRequest

__all__ = ["MemoryType", "Order", "check", "encoded", "path_id"]

MemoryType = Literal["episodic", "session", "decision", "entity"]
Order = Literal["asc", "desc"]

_CHOICES = {"MemoryType": get_args(MemoryType), "Order": get_args(Order)}


class _Kind(NamedTuple):
    words: str
    holds: Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 63


_KINDS = {
    "str": _Kind("text that UTF-8 can carry", _is_text),
    "int": _Kind("a whole number of 64 bits", _is_integer),
    "float": _Kind("a number", _is_number),
    "list[str]": _Kind("a list of texts", lambda value: isinstance(value, (list, tuple)) and all(map(_is_text, value))),
    "dict[str, Any]": _Kind(
        "a dict whose keys are texts", lambda value: isinstance(value, dict) and all(map(_is_text, value))
    ),
}


def check(label: str, annotation: str, value: Any) -> None:
    """Refuse a `value` that is not what the `annotation` says; `label` names it in the InvalidRequest."""
    name = annotation.removesuffix(" | None")
    if name in _CHOICES:
        if value not in _CHOICES[name]:
            raise UnknownName(label, value, _CHOICES[name])
    elif not _KINDS[name].holds(value):
        raise InvalidRequest(f"{label} is {value!r}. Expected {_KINDS[name].words}.")


def path_id(label: str, value: str) -> str:
    """`value`, when it can be one part of a URL's path; `label` names it in the InvalidRequest."""
    check(label, "str", value)
    if value in ("", ".", ".."):
        raise InvalidRequest(f"{label} is {value!r}, which no URL can carry. Expected the id or the name of something.")
    return value


def encoded(body: dict[str, Any]) -> bytes:
    """`body` as JSON; InvalidRequest when a field of it has no such form."""
    try:
        return _json(body)
    except _FORMLESS:
        wrong = [name for name, value in body.items() if not _has_form(value)]
    raise InvalidRequest(
        f"{listed(wrong)} of the request cannot be written as JSON. Expected texts that UTF-8 can carry, "
        "finite numbers, True, False, None, and lists and dicts of these, not too deep."
    )


# UnicodeEncodeError is a ValueError.
_FORMLESS = (TypeError, ValueError, RecursionError)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _has_form(value: Any) -> bool:
    try:
        return bool(_json(value))
    except _FORMLESS:
        return False
