"""What two sides differ in: plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

__all__ = [
    "CALLS",
    "DIFFERS",
    "ERROR",
    "KINDS",
    "MEMORY",
    "PROGRAM",
    "SAME",
    "WORDING",
    "Answer",
    "Comparison",
    "Extra",
    "Finding",
    "Place",
    "Row",
    "Shown",
    "report",
]

SAME, DIFFERS = "same", "differs"

# What a finding is about, in the order in which findings are told.
PROGRAM, MEMORY, ERROR, CALLS, WORDING = KINDS = ("program", "memory", "error", "calls", "wording")


@dataclass(frozen=True)
class Shown:
    """One memory, how much of it each side shows, and what is known of why."""

    content: str
    first: str
    second: str
    fact: str = ""


@dataclass(frozen=True)
class Place:
    """Where a finding was made: one call of Memtrace, and the requests to Claude of that run that it changed.

    ``asked`` is the call and ``question`` what it asked for, ``where`` the line of the program; ``first`` and
    ``second`` are in words what the sides answered.
    """

    run: int
    requests: list[int]
    asked: str = ""
    question: str = ""
    where: str = ""
    first: str = ""
    second: str = ""
    memories: list[Shown] = field(default_factory=list)


@dataclass
class Finding:
    """One difference and its cause.

    ``headline`` is the sentence that a developer needs.  ``behaviours`` are the attributes of the dialect that make
    the difference, each with its value on both sides and what it means; none where it is no dialect that differs.
    ``behind`` are those that hide it for now: it shows when they are as on the second side.
    """

    kind: str
    headline: str
    behaviours: list[dict[str, Any]] = field(default_factory=list)
    behind: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    detail: str = ""


@dataclass(frozen=True)
class Answer:
    """How a request to Claude was answered, and by which interaction of which cassette.

    ``how`` is ``recorded``; ``assumed``, which is what was recorded for another request, the nearest one;
    ``nothing`` where no such recording was left; empty where this side made no such request.
    """

    how: str = ""
    cassette: str = ""
    interaction: int = 0


@dataclass(frozen=True)
class Row:
    """A request to Claude on both sides: their places in the run, 0 where a side has none, and what answered them.

    ``state`` is ``same``, ``differs`` or ``only on`` a side; ``findings`` are the numbers of those that tell why,
    ``why`` says it where none does.  ``lines`` are what changed that had not in an earlier request of the run.
    """

    run: int
    first: int
    second: int
    state: str
    answered: tuple[Answer, Answer]
    findings: list[int] = field(default_factory=list)
    why: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Extra:
    """What a program uses that only the documentation has: the call, what becomes of it, and where it stands."""

    call: str
    fate: str
    where: list[str]
    count: int


@dataclass(frozen=True)
class Comparison:
    """A scenario on two sides."""

    scenario: str
    title: str
    first: str
    second: str
    rows: list[Row] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notices: list[Finding] = field(default_factory=list)
    stored: list[dict[str, str]] = field(default_factory=list)
    extras: list[Extra] = field(default_factory=list)
    stopped: tuple[str, str] = ("", "")
    problems: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))

    @property
    def is_drift(self) -> bool:
        """Whether the sides differ in what the program does, in what Claude is asked or in what is stored."""
        return bool(self.findings or self.stored or any(row.state != SAME for row in self.rows))

    @property
    def is_well(self) -> bool:
        """Whether there is nothing to look at."""
        return not self.is_drift and not any(self.stopped) and not any(self.problems)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        values = asdict(self)
        values["rows"] = [{**row, "answered": list(row["answered"])} for row in values["rows"]]
        return {
            "drift": self.is_drift,
            **values,
            "stopped": list(self.stopped),
            "problems": list(self.problems),
        }


def report(comparisons: Iterable[Comparison]) -> Mapping[str, Any]:
    """All of them as plain JSON."""
    each = list(comparisons)
    return {"drift": any(one.is_drift for one in each), "comparisons": [one.as_json() for one in each]}
