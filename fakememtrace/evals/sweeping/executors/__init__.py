"""What runs units: this process, several of this machine, or those of a Dask cluster."""

from __future__ import annotations

from .alone import ALONE, Alone
from .executor import Call, Executor, Stopped, executor

__all__ = ["ALONE", "Alone", "Call", "Executor", "Stopped", "executor"]
