"""Where something stands in a case file, and the complaints about it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import FileError, did_you_mean, listed
from .fields import WORDS, Kind

__all__ = ["EvalError", "Place"]


class EvalError(FileError):
    """A case that cannot be run as it is: file, case and field say where."""


class Place:
    """A place in a file: a case, or a step or probe of it."""

    def __init__(self, path: Path, words: str) -> None:
        self.path, self.words = path, words

    def inside(self, words: str) -> Place:
        """A place in this one."""
        inner = words if words.startswith(self.words) else f"{self.words}, {words}"
        return Place(self.path, inner)

    def error(self, problem: str, advice: str, field: str = "") -> EvalError:
        """A complaint."""
        return EvalError(
            self.path, problem, advice, ", ".join(part for part in (self.words, f'"{field}"' if field else "") if part)
        )

    def unknown(self, kind: str, name: Any, known: Iterable[str]) -> EvalError:
        """The complaint about a name that does not exist."""
        names = list(known)
        return self.error(f"unknown {kind} {name!r}.{did_you_mean(name, names)}", f"Known here: {listed(names)}.")

    def known(self, name: Any, names: Collection[str], field: str) -> None:
        """Refuse a name that is not among `names`."""
        if name not in names:
            problem = f"unknown name {name!r}.{did_you_mean(name, names)}"
            raise self.error(problem, f"Known here: {listed(names)}.", field)

    def only(
        self, raw: Any, fields: Mapping[str, Kind], required: Iterable[str] = (), free: Collection[str] = ()
    ) -> None:
        """Refuse what is no table, fields that are not among these or of another kind, and missing ones.

        A text that holds a ``{parameter}`` among `free` may stand for anything.
        """
        if not isinstance(raw, dict):
            raise self.error(f"expected a table, found {raw!r}.", "Write it as { field = value, ... }.")
        for key, value in raw.items():
            if key not in fields:
                problem = f"unknown field {key!r}.{did_you_mean(key, fields)}"
                raise self.error(problem, f"Known here: {listed(fields)}.", key)
            if not _fits(value, fields[key]) and not (
                isinstance(value, str) and any(f"{{{n}}}" in value for n in free)
            ):
                words = WORDS.get(fields[key], "a list")
                raise self.error(f"expected {words}, found {value!r}.", "Correct the value.", key)
        for key in required:
            if key not in raw:
                raise self.error(f"the field {key!r} is missing.", "Add it.")


def _fits(value: Any, kind: Kind) -> bool:
    return isinstance(value, kind) and not isinstance(value, bool)
