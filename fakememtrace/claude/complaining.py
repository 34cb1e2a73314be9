"""What is wrong with a cassette, said with the file and the place in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..errors import CassetteError, did_you_mean, listed
from .shapes import NAMES, kind_of

__all__ = ["MADE_BY", "Complaints", "Unread"]

MADE_BY = "A cassette is made by fakememtrace's author or recorder and edited by hand."


class Unread(CassetteError):
    """An interaction that is an addition to a broken one."""


class Complaints:
    """Looks at parts of the file `path`, and makes the errors about them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def broken(self, place: str, problem: str, advice: str = MADE_BY) -> CassetteError:
        """The error about what stands at `place`."""
        return CassetteError(self._path, problem, advice, place)

    def unread(self, place: str, number: int) -> Unread:
        """The error of what adds to the broken interaction `number`."""
        return Unread(self._path, f"interaction {number} is broken.", MADE_BY, place)

    def value(
        self, place: str, entry: Mapping[str, Any], key: str, kind: type, default: Any = None, advice: str = MADE_BY
    ) -> Any:
        """The value of `key`, which is exactly of that `kind`: true is no whole number."""
        value = entry.get(key, default)
        if type(value) is kind:
            return value
        found = "nothing" if key not in entry else kind_of(value)
        raise self.broken(f'{place}, "{key}"', f"expected {NAMES[kind]}, found {found}.", advice)

    def names(self, place: str, entry: Mapping[str, Any], known: Sequence[str]) -> None:
        """Refuse a key that is not known."""
        for key in entry:
            if key not in known:
                raise self.broken(place, f"unknown key {key!r}.{did_you_mean(key, known)}", f"Known: {listed(known)}.")
