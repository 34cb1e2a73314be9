"""The gate: whether a run is worse than what was blessed before, item by item."""

from __future__ import annotations

from .baseline import Baseline, BaselineError, read, read_if_there, to_text
from .blessing import blessed
from .gate import judge
from .scores import Score
from .verdict import Fallen, Flip, Verdict

__all__ = [
    "Baseline",
    "BaselineError",
    "Fallen",
    "Flip",
    "Score",
    "Verdict",
    "blessed",
    "judge",
    "read",
    "read_if_there",
    "to_text",
]
