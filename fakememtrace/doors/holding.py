"""The pauses of a door while an answer is held: in real time, whatever the program lives by."""

from __future__ import annotations

import importlib
import time
from collections.abc import Callable

from ..wire import PAUSE

__all__ = ["pause", "pause_async"]

# What a program finds under this name can be on the world's clock, which a pause must not move.
_sleep = time.sleep


def pause(held: Callable[[], None]) -> None:
    """Let a moment go by; `held` is called where the client goes away in it."""
    try:
        _sleep(PAUSE)
    except BaseException:
        held()
        raise


async def pause_async(held: Callable[[], None]) -> None:
    """The same without holding up others."""
    try:
        await _moment()
    except BaseException:
        held()
        raise


async def _moment() -> None:
    try:
        loop = importlib.import_module("asyncio").get_running_loop()
    except RuntimeError:
        # The loop of another library.
        await importlib.import_module("anyio").sleep(PAUSE)
        return
    # Not asyncio.sleep, for the same reason.
    over = loop.create_future()
    timer = loop.call_later(PAUSE, lambda: over.done() or over.set_result(None))
    try:
        await over
    finally:
        timer.cancel()
