"""Records a scenario: its program asks the real Claude, in a process of its own; and rehearses that before."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ..claude.cassette import Cassette
from ..claude.housekeeping import Use
from ..claude.recording.modes import ALL, ONCE
from ..claude.recording.plan import Plan
from ..memory.dialect import Dialect
from .outcome import Outcome
from .replay import run
from .scenario import Scenario, load_scenario

__all__ = ["Job", "Recorded"]


class Recorded(NamedTuple):
    """What became of a scenario, and of its recording; None where its process had no end."""

    outcome: Outcome
    use: Use | None


class Job:
    """The recording of the scenario in `folder`.  ``shown`` is how its cassette is called.

    Args:
        folder: the scenario; its cassette need not exist.
        dialect: which Memtrace it meets.
        mode: ``once``, ``new``, ``changed`` or ``all``.
        max_turns: requests to Claude that the program may make; the scenario's own limit where it is None.
        timeout: seconds of wall time that a recording may take, Claude's included.

    Raises:
        ScenarioError: the folder, its script or its expectations cannot be run as they are.
        CassetteError: its cassette is broken.
        UnknownName: there is no such dialect.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        dialect: str,
        mode: str,
        max_turns: int | None = None,
        timeout: float = 600.0,
    ) -> None:
        self.scenario: Scenario = load_scenario(Path(folder).resolve())
        Dialect(dialect)
        path = self.scenario.cassette(dialect)
        self.shown = str(Cassette(path=path))
        self._is_recorded = path.exists()
        if self._is_recorded and mode != ALL:
            Cassette.load(path)
        self._dialect, self._max_turns, self._timeout = dialect, max_turns, timeout
        self._mode = mode

    @property
    def may_call(self) -> bool:
        """Whether the real Claude may be asked."""
        return self._mode != ONCE or not self._is_recorded

    def rehearse(self) -> tuple[Plan, Outcome]:
        """What a recording would ask the real Claude, and what became of the program meanwhile; nobody is asked."""
        outcome, use = self._run(True, None)
        plan = Plan.from_json(use.plan) if use and use.plan else Plan(self.shown, is_open=True)
        return plan, outcome

    def record(self) -> Recorded:
        """Run the program, and record what it asks."""
        return Recorded(*self._run(False, self._timeout))

    def _run(self, rehearse: bool, timeout: float | None) -> tuple[Outcome, Use | None]:
        how = {"mode": self._mode, "rehearse": rehearse}
        outcome, use = run(self.scenario, self._dialect, self._max_turns, timeout, how)
        return outcome, Use(**use) if use else None
