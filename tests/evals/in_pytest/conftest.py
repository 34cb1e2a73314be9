from __future__ import annotations

# Here already when pytest runs inside pytest, which takes away what it has imported itself: NumPy cannot come twice.
import scipy.stats  # noqa: F401

from fakememtrace.evals.in_pytest import contract, hooks  # noqa: F401
from fakememtrace.world import World  # noqa: F401

from ...inside import run  # noqa: F401
