"""Replays a scenario: its program in a process of its own, its outcome here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..claude.cassette import Cassette
from ..memory.dialect import Dialect
from .outcome import Outcome
from .scenario import Scenario, load_scenario
from .side_by_side import awaited, side_by_side

__all__ = ["check", "replay", "replay_all", "run"]

# What a run must not depend on, and what a replay must not see.
_REMOVED = ("MEMTRACE_API_KEY", "MEMTRACE_URL", "PYTHONSTARTUP")
_SET = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
_REMOVED_IN_REPLAYS = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")
_SET_IN_REPLAYS = {"ANTHROPIC_API_KEY": "sk-ant-fakememtrace"}
_CHILD = "fakememtrace.scenario.child"
_GRACE = 10.0
# A week; more than that is beyond what the operating system waits.
_LONGEST = 7 * 24 * 3600.0
# The program must not find what lies in the folder that we happen to be in, as it would with python -m.
_START = (
    "import importlib, json, sys; sys.path[:] = [*filter(None, sys.path), sys.argv[1]]; "
    "job = json.loads(sys.argv[2]); importlib.import_module(job['main']).main(job)"
)


def replay(
    folder: str | os.PathLike[str], dialect: str = "0.2.0", max_turns: int | None = None, timeout: float | None = None
) -> Outcome:
    """Replay the scenario in `folder` as Memtrace `dialect`; what became of it.

    `max_turns` (requests to Claude) and `timeout` (seconds of wall time) bound the program;
    the scenario's own limits hold where they are None.

    Raises:
        ScenarioError: the folder, its script or its expectations cannot be run as they are.
        CassetteError: its cassette is missing or broken.
        UnknownName: there is no such dialect.
    """
    outcome, _ = run(check(folder, dialect), dialect, max_turns, timeout)
    return outcome


def replay_all(
    wanted: Iterable[tuple[Path, str]],
    max_turns: int | None = None,
    timeout: float | None = None,
    jobs: int | None = None,
) -> Generator[Outcome, None, None]:
    """Replay the scenarios of these folders as those dialects, several at once; their outcomes in the order given.

    `jobs` is how many at once, by default one for each processor; the others as in :func:`replay`.
    """
    yield from side_by_side(lambda one: replay(one[0], one[1], max_turns, timeout), wanted, jobs)


def run(
    scenario: Scenario,
    dialect: str,
    max_turns: int | None = None,
    timeout: float | None = None,
    recording: dict[str, Any] | None = None,
    options: Mapping[str, Any] | None = None,
) -> tuple[Outcome, dict[str, Any] | None]:
    """Run a scenario that is known to be sound; what became of it, and of its recording, as the child tells that.

    Args:
        scenario: what is run.
        dialect: which Memtrace it meets.
        max_turns: see :func:`replay`.
        timeout: see :func:`replay`.
        recording: how it is recorded, as plain JSON; None where it is replayed.
        options: what else the child is told; ``main`` names the module that it is.
    """
    limits = {"max_turns": max_turns or scenario.max_turns, "timeout": timeout or scenario.timeout}
    with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch:
        result, output = Path(scratch, "outcome.json"), Path(scratch, "output")
        job: dict[str, Any] = {"folder": str(scenario.folder), "dialect": dialect, "result": str(result), **limits}
        job |= {"recording": recording, "main": _CHILD, **(options or {})}
        exit_code = _run(job, output, min(limits["timeout"], _LONGEST) + _GRACE, _environment(recording))
        printed = output.read_text("utf-8", "replace")
        if not result.exists():
            why = _vanished(exit_code) if exit_code is not None else _stuck(limits["timeout"])
            stopped = f"{scenario.name}/{scenario.program.name}: {why}"
            return Outcome(scenario.name, dialect, scenario.title, stopped=stopped, output=printed), None
        values = json.loads(result.read_text("utf-8"))
    recorded = values.pop("recording")
    return Outcome.from_json({**values, "output": printed}), recorded


def check(folder: str | os.PathLike[str], dialect: str) -> Scenario:
    """The scenario in `folder`, which can be replayed as Memtrace `dialect`; raises what :func:`replay` raises."""
    scenario = load_scenario(Path(folder).resolve())
    Dialect(dialect)
    Cassette.load(scenario.cassette(dialect))
    return scenario


def _environment(recording: Mapping[str, Any] | None) -> dict[str, str]:
    """The variables that the program finds; where the real Claude may be called, those that say how."""
    calls = recording is not None and not recording["rehearse"]
    removed = _REMOVED if calls else (*_REMOVED, *_REMOVED_IN_REPLAYS)
    ours = {key: value for key, value in os.environ.items() if key not in removed}
    return {**ours, **_SET, **({} if calls else _SET_IN_REPLAYS)}


def _run(job: dict[str, Any], output: Path, timeout: float, environment: dict[str, str]) -> int | None:
    """Run the child to its end and have what it prints in the file `output`; its exit code, None if it had no end."""
    command = [sys.executable, "-c", _START, str(Path(__file__).parents[2]), json.dumps(job)]
    # Its standard input is its lifeline: when this process is gone, however, the child ends too.  Its output is a
    # file and no pipe, since a process that the program leaves behind would keep a pipe open.  In a group of its own
    # it can be ended with all that the program starts.
    with (
        output.open("wb") as printed,
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=printed,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        ) as child,
    ):
        return awaited(child, timeout)


def _vanished(exit_code: int) -> str:
    return (
        f"the process ended with exit code {exit_code} before the program came to its end.\n"
        "What to do: look for os._exit, a signal or a crash; what it printed is shown below."
    )


def _stuck(timeout: float) -> str:
    return (
        f"the program did not end within {timeout:g} s of wall time, and where it stood cannot be told: "
        "something in C did not let go.\n"
        "What to do: look for a regular expression or a library call that takes for ever; a program that needs "
        "longer gets it with --timeout SECONDS, or timeout = SECONDS in script.toml."
    )
