"""Data-set evals: the questions of a data set, asked by some plans, and gated against a baseline."""

from __future__ import annotations

from .outcome import Gated, SetResult
from .reading import load_sets
from .running import Prepared, prepare
from .set_eval import SetEval

__all__ = ["Gated", "Prepared", "SetEval", "SetResult", "load_sets", "prepare"]
