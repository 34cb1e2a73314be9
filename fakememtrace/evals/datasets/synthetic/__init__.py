"""Our own set: made from a seed, free of anybody's licence; evals/synthetic/README.md says what it measures."""

from __future__ import annotations

from .load import DIGEST, FAMILIES, SEED, load

__all__ = ["DIGEST", "FAMILIES", "SEED", "load"]
