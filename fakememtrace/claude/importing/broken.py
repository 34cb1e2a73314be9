"""What cannot be read in a recording: where it stands, what is wrong, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["MENDED", "Broken", "kind_of", "needed"]

MENDED = "Correct the recording there, or record it again."
_NAMES: dict[type, str] = {
    bool: "true or false",
    bytes: "bytes",
    dict: "an object",
    float: "a number",
    int: "a whole number",
    list: "a list",
    str: "a text",
    type(None): "nothing",
}


class Broken(Exception):
    """Something in a recording cannot be read; whoever knows the file says which one it is in."""

    def __init__(self, place: str, problem: str, advice: str = MENDED) -> None:
        self.place, self.problem, self.advice = place, problem, advice
        super().__init__(f"{place}: {problem}\n{advice}")


def needed(value: Mapping[str, Any], key: str, kind: type, place: str) -> Any:
    """What stands under `key`, of that kind.

    Raises:
        Broken: it is not there, or something else.
    """
    found = value.get(key)
    # Exactly: true is no whole number.
    if type(found) is not kind:
        raise Broken(f'{place}, "{key}"', f"expected {_NAMES[kind]}, found {kind_of(found)}.")
    return found


def kind_of(value: object) -> str:
    """What `value` is, in words."""
    return _NAMES.get(type(value), f"a {type(value).__name__}")
