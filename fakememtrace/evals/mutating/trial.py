"""What became of one mutant: killed, survived, or never there; plain data, and all of it together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from .mutants import Mutant

__all__ = ["FORMAT", "STATES", "Trial", "is_good", "report"]

FORMAT, VERSION = "fakememtrace-mutation", 1
STATES = ("killed", "crashed", "survived", "not reached")


class Trial(NamedTuple):
    """One mutant in one place: a dialect, or the user's tests.

    ``killers`` are the evals that failed under it, ``crashes`` those that could not go on, ``reached`` those in which
    it struck, all in the order they ran.  ``stray`` failed though it had not struck in them: that is no kill.
    ``ran`` of so many were run.
    """

    mutant: str
    place: str
    killers: tuple[str, ...]
    crashes: tuple[str, ...]
    reached: tuple[str, ...]
    ran: int
    of: int
    stray: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """One of :data:`STATES`; crashed means that some eval crashed, and none failed."""
        if self.killers:
            return "killed"
        if self.crashes:
            return "crashed"
        return "survived" if self.reached else "not reached"

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {"state": self.state, **{name: _plain(value) for name, value in self._asdict().items()}}


def is_good(trials: Sequence[Trial], strict: bool) -> bool:
    """Whether nothing survived, and something was killed; `strict`: whether everything was, and not by a crash only."""
    states = {trial.state for trial in trials}
    if strict:
        return states <= {"killed"}
    return "survived" not in states and bool(states & {"killed", "crashed"})


def report(mutants: Sequence[Mutant], trials: Sequence[Trial], whole: bool) -> dict[str, Any]:
    """All trials as plain JSON; `whole` when none stopped at its first kill."""
    states = Counter(trial.state for trial in trials)
    return {
        "format": FORMAT,
        "version": VERSION,
        "whole": whole,
        "states": {state: states[state] for state in STATES},
        "mutants": [
            {
                "mutant": mutant.name,
                "fault": dict(mutant.fault),
                "does": mutant.does,
                "trials": [trial.to_json() for trial in trials if trial.mutant == mutant.name],
            }
            for mutant in mutants
        ],
    }


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
