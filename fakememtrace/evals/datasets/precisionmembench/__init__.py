"""PrecisionMemBench: 89 probes that say what must come back and what must not, judged by its own rules.

docs/datasets.md says what of it has a counterpart in Memtrace.
"""

from __future__ import annotations

from .judging import Kind, Verdict
from .load import Belief, Case, Suite, load
from .run import Judged, run

__all__ = ["Belief", "Case", "Judged", "Kind", "Suite", "Verdict", "load", "run"]
