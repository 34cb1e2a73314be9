"""Whether things came in the order they should."""

from __future__ import annotations

import importlib
import math
from collections.abc import Sequence
from typing import Any

from ...errors import UsageError
from .unscored import Score

__all__ = ["kendall_tau_b", "order_agreement"]

_NO_SCIPY = 'Kendall\'s tau needs SciPy. Install it with: pip install "fakememtrace[evals]"'


def kendall_tau_b(one: Sequence[float], other: Sequence[float]) -> Score:
    """Kendall's tau-b of two rankings of the same things: 1 for the same order, -1 for the opposite one.

    Unscored where there is nothing to compare: fewer than two things, or one ranking has them all at one rank.
    """
    if len(one) < 2 or len(set(one)) < 2 or len(set(other)) < 2:
        return None
    tau = float(_statistics().kendalltau(one, other, variant="b").statistic)
    return None if math.isnan(tau) else tau


def order_agreement(found: Sequence[str], expected: Sequence[str]) -> Score:
    """Tau-b of the order of `found` and of `expected`, over what is in both."""
    first = {key: rank for rank, key in reversed(list(enumerate(found)))}
    both = [key for key in expected if key in first]
    return kendall_tau_b(range(len(both)), [first[key] for key in both])


def _statistics() -> Any:
    try:
        # Late, and not as a statement: it takes half a second, and few need it.
        return importlib.import_module("scipy.stats")
    except ImportError:
        raise UsageError(_NO_SCIPY) from None
