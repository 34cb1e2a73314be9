"""Fixtures of the documented client's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fakememtrace import World
from fakememtrace.client import Memtrace


@pytest.fixture(params=["0.2.0", "documented"])
def world(request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of each dialect."""
    with World(request.param) as world:
        yield world


@pytest.fixture
def client(world: World) -> Iterator[Memtrace]:
    """The client in it."""
    with Memtrace(world.url, world.api_key) as made:
        yield made
