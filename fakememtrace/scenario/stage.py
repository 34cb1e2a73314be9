"""The surroundings of one run of a program: as if the process were its own, and put back afterwards."""

from __future__ import annotations

import atexit
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

__all__ = ["Script", "stage"]


class Script(io.RawIOBase):
    """The lines that a program reads, handed out one by one, so that what it left unread is known."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__()
        self._lines = [f"{line}\n".encode("utf-8", "surrogatepass") for line in lines]
        self._read = b""

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Give the rest of the line that was begun, or the next one."""
        if not self._read and self._lines:
            self._read = self._lines.pop(0)
        size = min(len(buffer), len(self._read))
        buffer[:size], self._read = self._read[:size], self._read[size:]
        return size

    @property
    def unread(self) -> list[str]:
        """The lines that nobody asked for."""
        return [line.decode("utf-8", "surrogatepass").rstrip("\n") for line in self._lines]


@contextmanager
def stage(folder: Path, program: Path, script: Script) -> Iterator[None]:
    """Let the program that runs inside find `script` as its input and its `folder` to import from.

    At the end its threads are awaited and what it registered for the end is called, as Python
    does when a process ends; then modules, folder, variables and signal handlers are put back,
    so that the next run finds what a new process would find.
    """
    with ExitStack() as back:
        for put_back in (_streams(script, program), _modules(folder), _process(), _endings(folder)):
            back.enter_context(put_back)
        yield


@contextmanager
def _streams(script: Script, program: Path) -> Iterator[None]:
    stdin, argv = sys.stdin, sys.argv
    sys.stdin, sys.argv = io.TextIOWrapper(io.BufferedReader(script), "utf-8"), [str(program)]
    try:
        yield
    finally:
        sys.stdin, sys.argv = stdin, argv


@contextmanager
def _modules(folder: Path) -> Iterator[None]:
    path = list(sys.path)
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path[:] = path
        for name, module in list(sys.modules.items()):
            if folder in Path(getattr(module, "__file__", None) or os.sep).parents:
                del sys.modules[name]


@contextmanager
def _process() -> Iterator[None]:
    here, variables = Path.cwd(), dict(os.environ)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        os.chdir(here)
        os.environ.clear()
        os.environ.update(variables)
        for number, handler in handlers.items():
            signal.signal(number, handler)


@contextmanager
def _endings(folder: Path) -> Iterator[None]:
    """Keep what the program registers with atexit, and do what the end of a process does."""
    register, others = atexit.register, set(threading.enumerate())
    kept: list[Callable[[], object]] = []

    def keep(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Callable[..., Any]:
        if Path(sys._getframe(1).f_code.co_filename).parent != folder:
            return register(function, *args, **kwargs)
        kept.append(lambda: function(*args, **kwargs))
        return function

    atexit.register = keep  # type: ignore[assignment]
    try:
        yield
    finally:
        _await(set(threading.enumerate()) - others)
        atexit.register = register
        while kept:
            kept.pop()()


def _await(threads: set[threading.Thread]) -> None:
    for thread in sorted(threads, key=lambda thread: thread.name):
        if not thread.daemon:
            thread.join()
