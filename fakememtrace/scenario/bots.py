"""A run of a program that is a Telegram bot: it is over when the script of updates is answered."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from ..world import World

__all__ = ["interrupted"]


@contextmanager
def interrupted(world: World, run: int) -> Iterator[None]:
    """Let the updates of that run come, and end the program as Ctrl-C does when they are answered.

    A program that has no other way to end than KeyboardInterrupt has come to its end with it.
    """
    telegram = world.telegram
    telegram.begin_run(run)
    telegram.when_finished = lambda: os.kill(os.getpid(), signal.SIGINT)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        if not telegram.over:
            raise
    finally:
        telegram.when_finished = None
        signal.signal(signal.SIGINT, before)
