"""Fixtures of the fake Memtrace server's tests."""

from __future__ import annotations

import pytest

from .caller import Caller


@pytest.fixture
def server() -> Caller:
    """The released server."""
    return Caller()


@pytest.fixture(params=["0.2.0", "documented"])
def either(request: pytest.FixtureRequest) -> Caller:
    """A server of each dialect."""
    return Caller(request.param)
