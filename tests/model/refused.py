"""What the model says when it says no, and how it leaves open what the contract leaves open."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

__all__ = ["Arc", "Bad", "Refused", "Starts", "same"]


class Bad(NamedTuple):
    """A time that the database refuses, and its words."""

    text: str


class Starts(str):
    """A text of which the contract says only how it starts."""

    __slots__ = ()


class Refused(Exception):
    """An error's status and text; `plain` ones are not JSON."""

    def __init__(self, status: int, text: str, *, plain: bool = False) -> None:
        super().__init__(status, text)
        self.status, self.text, self.plain = status, text, plain


class Arc(Refused):
    """What the database behind the server refuses."""

    def __init__(self, doing: str, text: str) -> None:
        # decision: the inner JSON, and the guard's own status; the contract leaves both open.
        status = 400 if text.startswith("Dangerous") else 500
        inner = json.dumps({"success": False, "error": text}, ensure_ascii=False, separators=(",", ":"))
        super().__init__(500, f"failed to {doing}: Arc query failed (status {status}): {inner}")


def same(expected: Any, actual: Any) -> bool:
    """Whether two JSON values are equal; 1 is 1.0 but not true, and a Starts only starts so."""
    if isinstance(expected, Starts):
        return isinstance(actual, str) and actual.startswith(expected)
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(same(expected[key], actual[key]) for key in expected)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(same, expected, actual))
    return bool(expected == actual)
