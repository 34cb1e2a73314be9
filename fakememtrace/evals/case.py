"""A case: what is said, how it is stored, how it is read in a later session, and what must come back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["DIALECTS", "Case", "Fact", "Probe", "Step"]

DIALECTS = ("0.2.0", "documented")


class Fact(NamedTuple):
    """What must come back: an id, the text that is said, and the ``parts`` of it that must all be there."""

    id: str
    text: str
    parts: tuple[str, ...]

    def is_in(self, text: str) -> bool:
        """Whether `text` has all of it."""
        return all(part in text for part in self.parts)


class Step(NamedTuple):
    """One thing that is done: its verb, what it is about, and how."""

    verb: str
    value: Any
    options: Mapping[str, Any]


class Probe(NamedTuple):
    """One read, what is measured in its answer, and the value that this must have in each dialect.

    ``wants`` are the ids of the facts that are looked for; ``each`` is a parameter of the read and the values with
    which it is asked one after the other; ``between`` are the steps that are done after the first of these.
    """

    name: str
    read: str
    measure: str
    expected: Mapping[str, Any]
    wants: tuple[str, ...]
    options: Mapping[str, Any]
    each: tuple[str, tuple[Any, ...]] | None = None
    between: tuple[Step, ...] = ()


class Case(NamedTuple):
    """One eval.

    ``over`` are its parameters and their values: it is run for every combination, and what is measured is then a
    curve.  ``fault`` is the one under which it must fail, ``claude`` the stem of the files that answer for Claude.
    """

    name: str
    group: str
    title: str
    why: str
    facts: Mapping[str, Fact]
    history: tuple[Step, ...]
    probes: tuple[Probe | Step, ...]
    over: Mapping[str, tuple[Any, ...]]
    start: str
    fault: Mapping[str, Any]
    path: Path
    claude: str = ""

    @property
    def measured(self) -> list[Probe]:
        """Its probes without the steps between them."""
        return [probe for probe in self.probes if isinstance(probe, Probe)]
