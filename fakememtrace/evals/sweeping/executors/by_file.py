"""A unit and its result as files: what is handed to another process is only where they are.

A process that is killed while much of something is in a pipe can leave whoever has the other end waiting for ever.
"""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

from ..unit import Unit
from .executor import Call

__all__ = ["laid_down", "picked_up", "run_file"]


def laid_down(path: Path, call: Call, unit: Unit) -> None:
    """Write down what is to be run."""
    path.write_bytes(pickle.dumps((call, unit)))


def run_file(path: str) -> None:
    """Run what is in the file `path`, and write the result beside it."""
    call, unit = pickle.loads(Path(path).read_bytes())
    part = Path(f"{path}.part")
    part.write_text(json.dumps(call(unit)), "utf-8")
    part.replace(f"{path}.json")


def picked_up(path: Path) -> dict[str, Any] | None:
    """The result of what was run, which is taken away; None where it was not run to its end."""
    found = Path(f"{path}.json")
    if not found.exists():
        return None
    result: dict[str, Any] = json.loads(found.read_text("utf-8"))
    found.unlink()
    return result
