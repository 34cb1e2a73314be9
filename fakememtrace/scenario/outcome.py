"""What became of a scenario: plain data, which crosses from the program's process to ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..expecting.check import Check

__all__ = ["Outcome"]


@dataclass(frozen=True)
class Outcome:
    """What became of a scenario in one dialect.

    ``runs`` are the transcripts, each with its number, its start and its events; ``checks``
    says of every expectation whether it held (of none, when the program was stopped);
    ``problems`` is what was unexpected in the traffic, ``misses`` are those of them that are requests to
    Claude which are not recorded, as :meth:`Miss.as_json` has them; ``stopped`` is why the program did not
    come to its end, else empty; ``calls`` and ``stored`` count requests to Claude and
    memories; ``output`` is what the program printed.
    """

    scenario: str
    dialect: str
    title: str
    runs: list[dict[str, Any]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    misses: list[dict[str, Any]] = field(default_factory=list)
    stopped: str = ""
    calls: int = 0
    stored: int = 0
    output: str = ""

    @property
    def passed(self) -> bool:
        """Whether the program came to its end, nothing was unexpected, and every expectation held."""
        return not self.stopped and not self.problems and all(check.held for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        """The outcome as JSON values."""
        return {**asdict(self), "checks": [check._asdict() for check in self.checks], "passed": self.passed}

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Outcome:
        """The reverse of :meth:`as_json`."""
        plain = {key: value for key, value in values.items() if key != "passed"}
        return cls(**{**plain, "checks": [Check(**check) for check in plain["checks"]]})
