"""The figures that a right adapter gets from the published file, in per cent; measured without the fake."""

from __future__ import annotations

__all__ = ["DIGEST", "READS", "RETRIEVALS", "SURVIVAL", "TOLERANCE", "near"]

DIGEST = "79fa87e90f04081343b8c8debecb80a9a6842b76a7aa537dc9fdf651ea698ff4"
# In points.
TOLERANCE = 0.1

# By variant: evidence recall among so many results.
RETRIEVALS = {
    "newest, 0.2.0": {5: 0.2, 10: 1.0, 25: 3.4, 50: 8.5, 100: 17.5},
    "substring, 0.2.0": {5: 47.6, 10: 56.9, 25: 67.2, 50: 70.9, 100: 72.9},
    "substring, documented": {5: 47.8, 10: 57.7, 25: 67.9, 50: 71.8, 100: 73.9},
    "bm25, 0.2.0": {5: 45.2, 10: 53.2, 25: 61.9, 50: 68.3, 100: 73.7},
}
READS = {
    "context, 0.2.0": {100: 0.0},
    "since 24h, 0.2.0": {100: 2.6},
    "since 7d, 0.2.0": {100: 9.8},
    "since 365d, 0.2.0": {100: 17.5, 1000: 100.0},
}
SURVIVAL = 47.3


def near(value: float | None, anchor: float) -> bool:
    """Whether `value` (a share) is within the tolerance of `anchor` (in per cent)."""
    return value is not None and abs(100 * value - anchor) <= TOLERANCE
