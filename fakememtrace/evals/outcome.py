"""What became of a case: plain values that JSON and another process can take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["STATES", "Finding", "Result", "Trace"]

# The worst comes first.
STATES = ("crashed", "failed", "unscored", "passed")


class Trace(NamedTuple):
    """How far one fact came in one read.

    ``lost`` is the stage that it did not reach, empty when it came through; ``why`` names the memory, or the absence
    of one, that shows it.  ``variant`` is the combination of parameters, empty where the case has none.
    """

    probe: str
    fact: str
    text: str
    stages: tuple[str, ...]
    lost: str
    why: str
    variant: str = ""


class Finding(NamedTuple):
    """What was measured in one read, beside what was expected: values, or curves of them.

    ``returned`` is the number of memories in the answers, which belongs to every recall.
    """

    probe: str
    read: str
    measure: str
    expected: Any
    found: Any
    returned: Any
    state: str
    words: str = ""


class Result(NamedTuple):
    """A case in one dialect: passed, failed, unscored or crashed, and why."""

    case: str
    group: str
    title: str
    dialect: str
    state: str
    words: str
    findings: tuple[Finding, ...] = ()
    traces: tuple[Trace, ...] = ()
    calls: int = 0
    tokens: int = 0

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return self.state == "passed"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        findings = [finding._asdict() for finding in self.findings]
        traces = [{**trace._asdict(), "stages": list(trace.stages)} for trace in self.traces]
        return {**self._asdict(), "findings": findings, "traces": traces}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Result:
        """The one that :meth:`to_json` gave."""
        findings = tuple(Finding(**finding) for finding in value["findings"])
        traces = tuple(Trace(**{**trace, "stages": tuple(trace["stages"])}) for trace in value["traces"])
        return cls(**{**value, "findings": findings, "traces": traces})


def worst(states: Sequence[str]) -> str:
    """The state of a whole whose parts have these."""
    return next((state for state in STATES if state in states), "passed")
