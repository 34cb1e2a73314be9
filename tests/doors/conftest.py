from __future__ import annotations

from collections.abc import Iterator

import pytest

from .stand_in import LIBRARIES, METHODS, Program, loopback_server, running


@pytest.fixture(
    params=[(name, is_async) for name in LIBRARIES for is_async in (False, True)],
    ids=lambda param: f"{param[0]}-{'async' if param[1] else 'sync'}",
)
def program(request: pytest.FixtureRequest) -> Iterator[Program]:
    """A program of every kind: httpx or httpx2, sync or async."""
    program = Program(*request.param)
    yield program
    program.close()


@pytest.fixture
def loopback() -> Iterator[str]:
    """The URL of a real server on this machine that no world serves."""
    with running(loopback_server()) as server:
        yield f"http://127.0.0.1:{server.server_port}"


def _functions() -> list[object]:
    from importlib import import_module

    return [vars(getattr(import_module(name), owner))[method] for name in LIBRARIES for owner, method in METHODS]


ORIGINALS = _functions()


@pytest.fixture(autouse=True)
def _classes_are_restored() -> Iterator[None]:
    """Every test must leave the libraries as it found them."""
    yield
    assert _functions() == ORIGINALS
