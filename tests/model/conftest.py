"""Every test here draws the same values in every run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .running import deterministic


@pytest.fixture(autouse=True)
def _deterministic() -> Iterator[None]:
    """Whatever was imported before, and without a folder of Hypothesis's own."""
    with deterministic():
        yield
