"""The process in which one scenario's program runs.

A program of its own process can raise, hang, leave threads behind or patch libraries, and
nothing of it stays.  The outcome goes into a file; whatever the program prints is its own.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..doors.refusal import Refusal
from ..world import World
from .outcome import Outcome
from .perform import Performance
from .places import Places
from .scenario import Scenario, load_scenario

__all__ = ["Observe", "main"]

# Is handed the world, the cassette and how it is recorded; what it returns is asked at the end.
Observe = Callable[[World, Path, Any], Callable[[], dict[str, Any]]]

_REASON = "a replay has no network"
_ADVICE = "leave the call out of the scenario, or answer it with something on this machine"


def main(job: dict[str, Any], observe: Observe | None = None, make: Callable[..., World] = World) -> None:
    """Perform the scenario of `job`, which is known to be sound, and write its outcome to ``job["result"]``.

    All but its program comes from the folder ``job["origin"]`` where that is named.  What `observe` tells at the end
    stands in place of what became of a recording, and with it where each run ``begun``.  `make` makes the world.
    """
    # The parent answers Ctrl-C; this process just goes.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _end_with_parent()
    result = Path(job["result"])
    scenario = load_scenario(Path(job.get("origin", job["folder"])))
    cassette = scenario.cassette(job["dialect"])
    scenario = replace(scenario, folder=Path(job["folder"]))
    recording = _recording(job["recording"], scenario)
    world = make(
        job["dialect"],
        cassette,
        scenario.start,
        matching=scenario.matching,
        record=recording,
        redact=scenario.redact,
        telegram=scenario.telegram,
    )
    world.claude.max_calls = job["max_turns"]
    if scenario.telegram:
        world.telegram.patience = scenario.patience
    performance = Performance(scenario, world, job["timeout"])
    places = Places(scenario.folder, scenario.program)
    world.refusal = Refusal(world.addresses, places.of_frame, _REASON, _ADVICE)
    over = threading.Lock()
    records = f"the scenario {scenario.name}" if job["recording"] else ""
    observed = observe(world, cassette, recording) if observe else None
    end = _End(world, result, records, observed and (lambda: {**observed(), "begun": performance.begun}))
    _watch(performance, job["timeout"], end, over)
    outcome = performance.perform()
    over.acquire()
    end.come(outcome)


def _recording(values: dict[str, Any] | None, scenario: Scenario) -> Any:
    """How the job is to be recorded; it is replayed where it says nothing."""
    if values is None:
        return "none"
    from ..claude.recording.modes import Recording

    owner = f"the scenario {scenario.name}"
    return Recording(**values, redact=scenario.redact, allow=scenario.allow, owner=owner, by_hand=True)


def _end_with_parent() -> None:
    """End this process when its standard input is closed; the program's own is empty."""
    lifeline = os.dup(0)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)

    def wait() -> None:
        os.read(lifeline, 1)
        _leave(1)

    threading.Thread(target=wait, daemon=True).start()


def _leave(code: int) -> None:
    """End this process at once, and all that the program started."""
    if os.name == "posix" and os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGTERM)
    os._exit(code)


def _watch(performance: Performance, timeout: float, end: _End, over: threading.Lock) -> None:
    program = threading.get_ident()

    def give_up() -> None:
        if over.acquire(blocking=False):
            end.come(performance.give_up(program))

    timer = threading.Timer(timeout, give_up)
    timer.daemon = True
    timer.start()


class _End:
    """The end of the process: its result is written, whatever threads the program left running.

    `records` is how the one is called who records, empty where nobody does; `observed` tells what was observed.
    """

    def __init__(self, world: World, result: Path, records: str, observed: Callable[[], dict[str, Any]] | None) -> None:
        self._world, self._result, self._records, self._observed = world, result, records, observed

    def come(self, outcome: Outcome) -> None:
        """Write the `outcome`, and what became of a recording, and be gone."""
        values = {**outcome.as_json(), "recording": self._recorded(outcome.passed)}
        whole = self._result.with_suffix(".part")
        whole.write_text(json.dumps(values), "utf-8")
        whole.replace(self._result)
        sys.stdout.flush()
        sys.stderr.flush()
        _leave(0)

    def _recorded(self, well: bool) -> dict[str, Any] | None:
        if self._observed:
            return self._observed()
        if not self._records:
            return None
        from ..claude.housekeeping import use_of

        left = self._world.claude.finish(well)
        return asdict(use_of(self._world.claude.answers, self._records, well, left))
