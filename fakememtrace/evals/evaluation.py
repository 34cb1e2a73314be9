"""A whole run of evals: what became of it, the exit code, and all of it as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .outcome import Result
from .sets.outcome import SetResult
from .suite import report

__all__ = ["EXIT_CODES", "Evaluation"]

# The worst comes first: what is known to be worse is not made better by what is not known.
EXIT_CODES = {"failed": 1, "ungated": 3, "passed": 0}
_FAILED = ("failed", "crashed", "regression")


class Evaluation(NamedTuple):
    """The results of cases and of data-set evals, and why other evals were left out, by their names."""

    results: Sequence[Result]
    sets: Sequence[SetResult] = ()
    left_out: Sequence[tuple[str, str]] = ()

    @property
    def state(self) -> str:
        """``failed`` when anything failed, crashed or got worse; else ``ungated`` when anything could not be judged."""
        states = [*(one.state for one in self.results), *(one.state for one in self.sets)]
        if any(state in _FAILED for state in states):
            return "failed"
        return "passed" if all(state == "passed" for state in states) else "ungated"

    @property
    def exit_code(self) -> int:
        """0 passed, 1 failed, 3 cannot be gated."""
        return EXIT_CODES[self.state]

    def to_json(self) -> dict[str, Any]:
        """As plain JSON, the verdict and the funnel first."""
        whole = report(self.results)
        return {
            "format": whole.pop("format"),
            "version": whole.pop("version"),
            "state": self.state,
            **whole,
            "datasets": [one.to_json() for one in self.sets],
            "left_out": dict(self.left_out),
        }
