"""Processes that end with the one that started them, however that ends."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import wait

__all__ = ["end_with_input", "end_with_parent"]


def end_with_parent() -> None:
    """In a process of multiprocessing: Ctrl-C is the parent's to answer, and its end is the end of this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel
        _end_after(lambda: wait([sentinel]))


def end_with_input() -> None:
    """In any process: end when the standard input is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _end_after(lambda: os.read(0, 1))


def _end_after(event: Callable[[], object]) -> None:
    def watch() -> None:
        event()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
