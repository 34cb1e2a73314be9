"""One unit in a process of its own: how it is found out whether a unit ends the process that runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ....scenario.side_by_side import awaited
from ...lifeline import end_with_input
from ..running import crash
from ..unit import Unit
from .by_file import laid_down, picked_up, run_file
from .executor import Call

__all__ = ["apart", "main"]

# It finds modules where this process does.
_START = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from fakememtrace.evals.sweeping.executors.apart import main; main(sys.argv[2])"
)
_WEEK = 7 * 24 * 3600.0


def apart(unit: Unit, call: Call) -> dict[str, Any]:
    """The result of `unit`; that it crashed where its process ends before it does."""
    with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch:
        path = Path(scratch, "unit")
        laid_down(path, call, unit)
        command = [sys.executable, "-c", _START, json.dumps(sys.path), str(path)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as child:
            code = awaited(child, _WEEK)
        found = picked_up(path)
    return found or crash(
        f"the process that runs it {_end(code)} before it is done, among others as well as alone.\n"
        "What to do: look for what ends it, such as too little memory, or a library in C."
    )


def main(path: str) -> None:
    """Run the unit in the file `path`; meant for a process of its own."""
    end_with_input()
    run_file(path)


def _end(code: int | None) -> str:
    if code is None:
        return "does not end"
    try:
        return f"is ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ends with exit code {code}"
