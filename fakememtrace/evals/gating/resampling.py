"""The paired bootstrap by conversation, which is SciPy's."""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any

from ...errors import UsageError

__all__ = ["CONFIDENCE", "DIGITS", "METHOD", "interval_of"]

CONFIDENCE, METHOD = 0.95, "percentile"
# Sums of floats are not the same to the last bit on every processor.
DIGITS = 9

_BATCH = 1000
_NO_SCIPY = 'The gate needs SciPy. Install it with: pip install "fakememtrace[evals]"'


def interval_of(differences: Mapping[str, Sequence[float]], seed: int, resamples: int) -> tuple[float, float] | None:
    """The 95 % interval of the mean of all `differences`, which are given by conversation.

    As many conversations as there are get drawn with replacement, `resamples` times; each time the mean is that of
    all items in what was drawn, so a long conversation counts for more than a short one.  The ends are percentiles of
    these means.  None where there are fewer than two conversations: one is the same however often it is drawn.  Where
    nothing differs every draw is zero, and SciPy is not asked.

    Raises:
        UsageError: SciPy is not installed.
    """
    if len(differences) < 2:
        return None
    if not any(difference for some in differences.values() for difference in some):
        return 0.0, 0.0
    stats, numpy = _library("scipy.stats"), _library("numpy")
    ordered = [differences[name] for name in sorted(differences)]
    sums, counts = [math.fsum(one) for one in ordered], [len(one) for one in ordered]
    found = stats.bootstrap(
        (sums, counts),
        lambda sums, counts, axis: sums.sum(axis=axis) / counts.sum(axis=axis),
        paired=True,
        vectorized=True,
        n_resamples=resamples,
        batch=_BATCH,
        confidence_level=CONFIDENCE,
        method=METHOD,
        **{_generator_name(stats): numpy.random.default_rng(seed)},
    )
    low, high = (round(float(end), DIGITS) for end in found.confidence_interval)
    # Without the sign of a zero.
    return low + 0.0, high + 0.0


def _generator_name(stats: Any) -> str:
    """What SciPy calls its generator: 1.15 renamed it."""
    return "rng" if "rng" in inspect.signature(stats.bootstrap).parameters else "random_state"


def _library(name: str) -> Any:
    try:
        # Late, and not as a statement: it takes half a second, and few need it.
        return importlib.import_module(name)
    except ImportError:
        raise UsageError(_NO_SCIPY) from None
