"""The clients that fixtures hand out: made for a world, and closed after the test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ..doors.sdks import anthropic_sdk, memtrace_sdk
from ..errors import UsageError
from ..world import World

__all__ = ["async_claude", "async_memtrace", "claude", "memtrace"]


@contextmanager
def memtrace(world: World) -> Iterator[Any]:
    """The client of memtrace-sdk, or of the documentation where that is not installed."""
    with _made("memtrace_client", lambda: _memtrace().Memtrace(world.url, world.api_key)) as client:
        yield client


@contextmanager
def async_memtrace(world: World) -> Iterator[Any]:
    """The same for asynchronous programs."""
    client = _asked("async_memtrace_client", lambda: _memtrace().AsyncMemtrace(world.url, world.api_key))
    yield client
    _close(client)


@contextmanager
def claude() -> Iterator[Any]:
    """``anthropic.Anthropic()``."""
    with _made("claude", lambda: anthropic_sdk().Anthropic()) as client:
        yield client


@contextmanager
def async_claude() -> Iterator[Any]:
    """``anthropic.AsyncAnthropic()``."""
    client = _asked("async_claude", lambda: anthropic_sdk().AsyncAnthropic())
    yield client
    _close(client)


def _memtrace() -> Any:
    sdk = memtrace_sdk()
    if sdk is not None:
        return sdk
    try:
        from .. import client
    except ImportError:
        raise UsageError(
            "neither memtrace-sdk nor the documented client of fakememtrace is installed.\n"
            "Install one of them: pip install memtrace-sdk, or pip install 'fakememtrace[client]'"
        ) from None
    return client


def _asked(fixture: str, make: Callable[[], Any]) -> Any:
    try:
        return make()
    except UsageError as error:
        problem = f"the fixture {fixture} cannot be made: {error}"
    pytest.fail(problem, pytrace=False)


@contextmanager
def _made(fixture: str, make: Callable[[], Any]) -> Iterator[Any]:
    client = _asked(fixture, make)
    yield client
    client.close()


def _close(client: Any) -> None:
    # A loop of its own, whatever ran the test (pytest-asyncio, anyio, trio, asyncio.run): in a world no client has a
    # connection, which would be bound to the loop of the test.
    loop = asyncio.new_event_loop()
    try:
        loop.run_until_complete(client.close())
    finally:
        loop.close()
