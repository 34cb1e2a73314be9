"""The smallest piece of work: one case under one variant."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple

from ..case import Case
from ..datasets.history import History

__all__ = ["Contract", "Questions", "Scene", "Unit", "Work", "key_of", "whole"]


class Questions(NamedTuple):
    """A history of a data set, whose digest is ``digest``, and the numbers of results that are looked at."""

    digest: str
    history: History
    ks: tuple[int, ...]


class Contract(NamedTuple):
    """An eval, and the files beside it that it needs, by name: cassettes and verdicts."""

    case: Case
    files: Mapping[str, bytes]


class Scene(NamedTuple):
    """A scenario: the files in its folder, by their paths there."""

    name: str
    files: Mapping[str, bytes]


Work = Questions | Contract | Scene


class Unit(NamedTuple):
    """One case under one variant, with all that it needs: any process on any machine can run it.

    ``case`` is its name, ``variant`` has the values of the axes that change it, ``edits`` are those which they name.
    ``key`` is the same wherever and whenever the same is run by the same version.
    """

    kind: str
    case: str
    variant: Mapping[str, str]
    edits: tuple[tuple[str, str, str, str], ...]
    work: Work
    key: str

    @property
    def name(self) -> str:
        """Such as ``synthetic/updates (0.2.0, newest)``."""
        return f"{self.case} ({', '.join(self.variant.values())})"


def key_of(*parts: Any) -> str:
    """The SHA-256 of plain values, whatever their types are called."""
    text = json.dumps(parts, sort_keys=True, default=_plain)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def whole(units: Iterable[Unit]) -> str:
    """``48 units: 6 variants x 8 cases``, where every case has as many; else only how many there are."""
    every = list(units)
    variants = {json.dumps(unit.variant) for unit in every}
    cases = {(unit.kind, unit.case) for unit in every}
    crossed = len(variants) * len(cases) == len(every)
    counted, of = _count(len(every), "unit"), _count(len(cases), "case")
    return f"{counted}: {_count(len(variants), 'variant')} of {of}" if crossed else f"{counted} of {of}"


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return hashlib.sha256(value).hexdigest()
    # Where a file lies is no matter of what is in it.
    return value.name if isinstance(value, PurePath) else repr(value)
