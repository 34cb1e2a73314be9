"""Sweeps: variants x cases, here, in several processes or on many machines, with the same bytes as the result.

A sweep is data (:mod:`.reading`), which is crossed into units (:mod:`.crossing`).  A unit is plain and has all that it
needs with it, so any process can run it (:mod:`.running`); a folder keeps what came of it (:mod:`.folder`).
"""

from __future__ import annotations

from .crossing import crossed
from .executors import ALONE, Executor, executor
from .folder import Folder
from .reading import read_sweep
from .running import run_unit
from .sweep import Sweep
from .sweeping import Stopped, Swept, sweep
from .unit import Unit

__all__ = [
    "ALONE",
    "Executor",
    "Folder",
    "Stopped",
    "Sweep",
    "Swept",
    "Unit",
    "crossed",
    "executor",
    "read_sweep",
    "run_unit",
    "sweep",
]
