"""Several scenarios at once, each in a process of its own; none of these outlives an end before the end."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

__all__ = ["awaited", "side_by_side"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_here = threading.local()


class _Children:
    """The processes that run now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: set[subprocess.Popen[Any]] = set()
        self._is_over = False

    @contextmanager
    def with_one(self, child: subprocess.Popen[Any]) -> Iterator[None]:
        """`child` is one of them inside of the block."""
        with self._lock:
            self._running.add(child)
            if self._is_over:
                _end(child)
        try:
            yield
        finally:
            with self._lock:
                self._running.discard(child)

    def end(self) -> None:
        """End them, and those that are still to come."""
        with self._lock:
            self._is_over = True
            for child in self._running:
                _end(child)


def side_by_side(
    call: Callable[[_Item], _Result], items: Iterable[_Item], jobs: int | None = None
) -> Iterator[_Result]:
    """The results of `call` for the `items`, in their order; `jobs` at once, by default one for each processor.

    Where it is left early, by Ctrl-C or because nobody asks for more, the processes that are :func:`awaited` are ended.
    """
    children = _Children()
    with ThreadPoolExecutor(
        jobs or os.cpu_count() or 1, initializer=_here.__setattr__, initargs=("children", children)
    ) as pool:
        try:
            yield from pool.map(call, items)
        except BaseException:
            children.end()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def awaited(child: subprocess.Popen[Any], timeout: float) -> int | None:
    """The exit code of `child`; None where it had no end within `timeout` seconds, and was ended."""
    children: _Children = getattr(_here, "children", None) or _Children()
    try:
        with children.with_one(child):
            return child.wait(timeout)
    except subprocess.TimeoutExpired:
        _end(child)
        return None
    except BaseException:
        _end(child)
        raise


def _end(child: subprocess.Popen[Any]) -> None:
    """End it, with its group where it has one of its own."""
    if os.name == "posix" and child.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    child.kill()
