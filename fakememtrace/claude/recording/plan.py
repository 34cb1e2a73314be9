"""What a recording will call: which conversations, why, and how often; and the words for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..explain import ranges

__all__ = ["Change", "Plan", "counted", "interactions"]


@dataclass
class Change:
    """One conversation that is recorded: its place in the cassette (0 where it is new), what it replaces, and why.

    ``numbers`` are the interactions that will be replaced, ``calls`` how often the API will be called,
    ``first`` what the first of the calls asks.
    """

    conversation: int
    numbers: str
    reason: str
    first: str
    calls: int = 0

    def __str__(self) -> str:
        name = f"conversation {self.conversation}" if self.conversation else "a new conversation"
        replaced = f" in place of {self.numbers}" if self.numbers else ""
        return f"{name}: {counted(self.calls, 'call')}{replaced} ({self.reason}), first {self.first}"


@dataclass
class Plan:
    """What the recording of one ``cassette`` will call.

    ``is_open`` is whether it may be more: where an answer is not known, nobody knows what it leads to.
    """

    cassette: str
    changes: list[Change] = field(default_factory=list)
    is_open: bool = False

    @property
    def calls(self) -> int:
        """How many calls it will be, as far as it can be told."""
        return sum(change.calls for change in self.changes)

    def lines(self) -> list[str]:
        """The plan in words; a line for the cassette, and one for each conversation."""
        if not self.changes:
            return [f"{self.cassette}: nothing to record"]
        least = "at least " if self.is_open else ""
        return [f"{self.cassette}: {least}{counted(self.calls, 'call')}", *(f"  {change}" for change in self.changes)]

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Plan:
        """The reverse of :meth:`as_json`."""
        return cls(values["cassette"], [Change(**change) for change in values["changes"]], values["is_open"])


def counted(count: int, noun: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def interactions(numbers: Iterable[int]) -> str:
    """``interaction 2``, ``interactions 1, 3-5``; empty for none."""
    found = sorted(numbers)
    return f"interaction{'s' * (len(found) > 1)} {ranges(found)}" if found else ""
