"""Replays a scenario: its program in a process of its own, its outcome here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ..claude.cassette import Cassette
from ..memory.dialect import Dialect
from .outcome import Outcome
from .scenario import Scenario, load_scenario

__all__ = ["replay"]

# What a replay must not depend on, or must not see.
_REMOVED = ("ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "MEMTRACE_API_KEY", "MEMTRACE_URL", "PYTHONSTARTUP")
_SET = {
    "ANTHROPIC_API_KEY": "sk-ant-fakememtrace",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
}
_GRACE = 10.0


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
    scenario = load_scenario(Path(folder).resolve())
    Dialect(dialect)
    Cassette.load(scenario.cassette(dialect))
    limits = {"max_turns": max_turns or scenario.max_turns, "timeout": timeout or scenario.timeout}
    with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch:
        result, output = Path(scratch, "outcome.json"), Path(scratch, "output")
        job = {"folder": str(scenario.folder), "dialect": dialect, "result": str(result), **limits}
        exit_code = _run(job, output, limits["timeout"] + _GRACE)
        printed = output.read_text("utf-8", "replace")
        if not result.exists():
            return _vanished(scenario, dialect, exit_code, printed)
        values = json.loads(result.read_text("utf-8"))
    return Outcome.from_json({**values, "output": printed})


def _run(job: dict[str, Any], output: Path, timeout: float) -> int:
    """Run the child to its end and have what it prints in the file `output`; its exit code."""
    command = [sys.executable, "-m", "fakememtrace.scenario.child", json.dumps(job)]
    environment = {key: value for key, value in os.environ.items() if key not in _REMOVED} | _SET
    # Its standard input is its lifeline: when this process is gone, however, the child ends too.  Its output is a
    # file and no pipe, since a process that the program leaves behind would keep a pipe open.
    with (
        output.open("wb") as printed,
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=printed, stderr=subprocess.STDOUT, env=environment
        ) as child,
    ):
        try:
            return child.wait(timeout)
        except subprocess.TimeoutExpired:
            child.kill()
            return child.wait()
        except BaseException:
            child.kill()
            raise


def _vanished(scenario: Scenario, dialect: str, exit_code: int, printed: str) -> Outcome:
    """The outcome of a program that ended its process under us."""
    stopped = (
        f"{scenario.name}/{scenario.program.name}: the process ended with exit code {exit_code} before the "
        "program came to its end.\n"
        "What to do: look for os._exit, a signal or a crash; what it printed is shown below."
    )
    return Outcome(scenario.name, dialect, scenario.title, stopped=stopped, output=printed)
