from __future__ import annotations

import asyncio
import inspect
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from fakememtrace.doors.lazy_pool import LazyPool

from .stand_in import MEMTRACE, Program, StandIn


class Builder:
    """Counts what it builds, and takes its time."""

    def __init__(self) -> None:
        self.built = 0
        self.closed: list[str] = []

    def __call__(self) -> Any:
        """A new pool."""
        time.sleep(0.01)
        self.built += 1
        return SimpleNamespace(number=self.built, close=lambda: self.closed.append("sync"), aclose=self._aclose)

    async def _aclose(self) -> None:
        self.closed.append("async")


def test_a_pool_that_is_never_used_is_never_built() -> None:
    """Entering, leaving and closing need no pool."""
    build = Builder()
    pool = LazyPool(build)

    async def visit() -> None:
        async with pool as entered:
            assert entered is pool
        await pool.aclose()

    with pool as entered:
        assert entered is pool
    pool.close()
    asyncio.run(visit())
    assert pool._uds is None
    assert (build.built, build.closed) == (0, [])


def test_a_pool_is_closed_once_it_is_built() -> None:
    """Closing and leaving reach the real pool."""
    build = Builder()

    async def visit() -> None:
        async with pool:
            pass

    with LazyPool(build) as pool:
        assert pool.number == 1
    asyncio.run(visit())
    assert build.closed == ["sync", "async"]


def test_attributes_are_those_of_the_real_pool() -> None:
    """What is set on the stand-in is set on the pool."""
    pool: Any = LazyPool(Builder())
    pool.number = 7
    assert pool.number == pool._pool().number == 7
    with pytest.raises(AttributeError):
        _ = pool.nonsense


def test_threads_that_need_the_pool_at_once_share_one() -> None:
    """However many threads come first, one pool is built."""
    build = Builder()
    pool: Any = LazyPool(build)
    threads = [threading.Thread(target=lambda: pool.number) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert build.built == 1


def test_a_pool_that_the_program_puts_in_place_stays(program: Program) -> None:
    """Building the real pool elsewhere does not undo what a program did to its transport."""
    with StandIn():
        transport = program.transport()
        stand_in, own = transport._pool, object()
        transport._pool = own
        assert stand_in._connections == []
        assert transport._pool is own


def test_the_real_pool_gets_the_arguments(program: Program) -> None:
    """The pool that is built in the end is the one that was asked for."""
    with StandIn():
        limits = program.module.Limits(max_connections=3)
        transport = program.transport(limits=limits, retries=2, http1=True)
    assert type(transport._pool) is LazyPool
    assert transport._pool._max_connections == 3
    assert transport._pool._retries == 2


def test_arguments_by_position_reach_the_pool(program: Program) -> None:
    """They are kept for later, but a `uds` among them is seen, and the pool is made at once."""
    with StandIn():
        limits = program.module.Limits(max_connections=3)
        transport = type(program.transport())(True, None, True, True, False, limits)
        assert type(transport._pool) is LazyPool
        assert transport._pool._max_connections == 3
        transport = type(program.transport())(True, None, True, True, False, limits, None, "/nowhere")
    assert transport._pool._uds == "/nowhere"
    assert type(transport._pool) is not LazyPool


def test_the_signature_of_the_transport_stays(program: Program) -> None:
    """What a program or an editor asks about the transport is answered as before."""
    before = inspect.signature(type(program.transport()))
    with StandIn():
        assert inspect.signature(type(program.transport())) == before
        assert program.send(MEMTRACE).status_code == 200
