"""What a run of pytest under a fault saw of each test; for those, too, who have no pytest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Seen", "is_kill"]


class Seen(NamedTuple):
    """What was seen of one test: its outcome (passed, failed, crashed or skipped), new worlds, and the strikes.

    It failed when an assertion did not hold, and crashed when anything else was raised.
    """

    test: str
    outcome: str = "passed"
    worlds: int = 0
    struck: int = 0

    def and_then(self, phase: Mapping[str, Any]) -> Seen:
        """With what was seen in one more phase of it."""
        order = ("passed", "skipped", "crashed", "failed")
        outcome = max(self.outcome, phase["outcome"], key=order.index)
        return Seen(self.test, outcome, self.worlds + phase["worlds"], self.struck + phase["struck"])


def is_kill(seen: Seen) -> bool:
    """Whether a test failed, or crashed, in which the fault struck."""
    return seen.outcome in ("failed", "crashed") and seen.struck > 0
