"""What became of scenarios whose program was compared with their recordings: plain data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..claude.matching.difference import Difference
from ..expecting.check import Check

__all__ = [
    "CHANGED",
    "GONE",
    "LONGER",
    "NEW",
    "NOT_PINNED",
    "SHORTER",
    "UNCHANGED",
    "UNREACHED",
    "WRITTEN",
    "Comparison",
    "Conversation",
    "Cost",
    "Surface",
    "report",
]

UNCHANGED, CHANGED, NEW, GONE = "unchanged", "changed", "new", "no longer asked"
LONGER, SHORTER, UNREACHED = "longer", "shorter", "not reached"
NOT_PINNED, WRITTEN = "not pinned", "written"


@dataclass(frozen=True)
class Cost:
    """Calls of Claude, and the tokens that they took when they were recorded.

    ``estimated`` is whether nobody counted some of these tokens, ``unknown`` how many of the calls were never
    recorded, so that nobody knows theirs.  ``is_least`` is whether it may be more: where an answer is not known
    nobody knows what it leads to, nor where the program did not come to its end.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    estimated: bool = False
    unknown: int = 0
    is_least: bool = False

    @classmethod
    def together(cls, costs: Iterable[Cost]) -> Cost:
        """The sum."""
        each = list(costs)
        return cls(
            sum(cost.calls for cost in each),
            sum(cost.input_tokens for cost in each),
            sum(cost.output_tokens for cost in each),
            any(cost.estimated for cost in each),
            sum(cost.unknown for cost in each),
            any(cost.is_least for cost in each),
        )


@dataclass(frozen=True)
class Conversation:
    """One conversation with Claude.

    ``conversation`` is its number in the cassette (0 where it is new), ``begins`` its first words, and
    ``interactions`` are those of the cassette.  Of the first request that is not recorded: ``turn`` is its number
    among the conversation's, ``request`` its description, and ``miss`` why, as :meth:`Miss.as_json` has it.
    ``calls`` is how many requests have to be recorded again, ``unknown`` for how many of these nothing is
    recorded.  ``again`` are the interactions that they replace: each with its calls of tools, what was stored for
    them, its final answer and its usage.  ``unasked`` are those that nobody asks for any more, or
    that were not reached where the program did not come to its end (``ended``).
    """

    conversation: int
    begins: str
    interactions: list[int] = field(default_factory=list)
    turn: int = 0
    request: str = ""
    miss: dict[str, Any] | None = None
    calls: int = 0
    unknown: int = 0
    again: list[dict[str, Any]] = field(default_factory=list)
    unasked: list[int] = field(default_factory=list)
    ended: bool = True

    @property
    def state(self) -> str:
        """``unchanged``, ``changed``, ``new``, ``longer``, ``shorter``, ``no longer asked`` or ``not reached``."""
        if self.calls:
            return (LONGER if self.turn > len(self.interactions) else CHANGED) if self.conversation else NEW
        if not self.unasked:
            return UNCHANGED
        if not self.ended:
            return UNREACHED
        return GONE if self.unasked == self.interactions else SHORTER

    @property
    def cost(self) -> Cost:
        """What recording it again costs."""
        usages = [one["usage"] for one in self.again]
        return Cost(
            self.calls,
            sum(usage["input_tokens"] for usage in usages),
            sum(usage["output_tokens"] for usage in usages),
            any(usage["estimated"] for usage in usages),
            self.unknown,
            bool(self.calls) and (bool(self.unknown) or not self.ended),
        )

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        values = {key: value for key, value in asdict(self).items() if key != "ended"}
        return {**values, "state": self.state, "cost": asdict(self.cost)}


@dataclass(frozen=True)
class Surface:
    """The tools that are offered to Claude, beside those that are pinned.

    ``state`` is ``unchanged``, ``changed``, ``not pinned``, or ``written`` where they have just been pinned;
    ``tools`` is how many there are, each of them counted once, and ``differences`` where they differ.
    """

    state: str
    tools: int = 0
    differences: list[Difference] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        differences = [difference.as_json() for difference in self.differences]
        return {"state": self.state, "tools": self.tools, "differences": differences}


@dataclass(frozen=True)
class Comparison:
    """One scenario: its program as it is, beside what is recorded, or was at some commit.

    ``against`` says which files it was compared with.  ``is_new`` is whether there was no such scenario then,
    ``is_gone`` whether there is none now; neither is run.  ``failed`` are the expectations that do not hold,
    ``stopped`` is why the program did not come to its end, and the rest is as an :class:`Outcome` has it.
    """

    scenario: str
    dialect: str
    title: str
    against: str
    conversations: list[Conversation] = field(default_factory=list)
    surface: Surface = field(default_factory=lambda: Surface(UNCHANGED))
    expectations: int = 0
    failed: list[Check] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stopped: str = ""
    output: str = ""
    is_new: bool = False
    is_gone: bool = False

    @property
    def state(self) -> str:
        """``unchanged`` or ``changed``; ``new`` or ``no longer asked`` where only one side has the scenario."""
        if self.is_new or self.is_gone:
            return NEW if self.is_new else GONE
        changed = any(one.state != UNCHANGED for one in self.conversations) or self.surface.state == CHANGED
        return CHANGED if changed or self.failed or self.problems or self.stopped else UNCHANGED

    @property
    def cost(self) -> Cost:
        """What recording it again costs."""
        return Cost.together(one.cost for one in self.conversations)

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {
            "scenario": self.scenario,
            "dialect": self.dialect,
            "title": self.title,
            "state": self.state,
            "conversations": [one.as_json() for one in self.conversations],
            "tools": self.surface.as_json(),
            "expectations": {"count": self.expectations, "failed": [check._asdict() for check in self.failed]},
            "problems": self.problems,
            "stopped": self.stopped,
            "output": self.output,
            "cost": asdict(self.cost),
        }


def report(comparisons: Iterable[Comparison], revision: Mapping[str, str] | None, against: str) -> dict[str, Any]:
    """All of them as plain JSON; `revision` names the commit that they were compared with, where there is one."""
    each = list(comparisons)
    return {
        "against": against,
        "revision": dict(revision) if revision else None,
        "changed": any(one.state != UNCHANGED for one in each),
        "cost": asdict(Cost.together(one.cost for one in each)),
        "scenarios": [one.as_json() for one in each],
    }
