"""Who asked: the place in the program from which a call came that a door refuses."""

from __future__ import annotations

import os
import sys
import sysconfig
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import FrameType

__all__ = ["caller"]

_OURS = Path(__file__).parents[1]
_STDLIB = Path(os.__file__).parent
_SCRIPTS = {Path(sys.executable).parent, Path(sysconfig.get_path("scripts"))}
_INSTALLED = {"site-packages", "dist-packages"}


def caller(frame: FrameType | None) -> str:
    """``tests/test_agent.py:12``: the innermost line on the stack above `frame` that is of no library.

    Relative to the working directory where it is below that.  Where a stack has no such line, which
    is so in a library's own threads, the library is named, and where the program stands meanwhile.
    """
    return _own_line(frame) or f"{_library(frame)}{_meanwhile()}"


def _own_line(frame: FrameType | None) -> str:
    own = (step for step in _outwards(frame) if not _is_library(step.f_code.co_filename))
    return next((f"{_shown(step.f_code.co_filename)}:{step.f_lineno}" for step in own), "")


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


@lru_cache(maxsize=1024)
def _is_library(file: str) -> bool:
    path = Path(file)
    above = path.parents
    # What is compiled from a text has no file to look into: frozen modules, generated code, python -c.
    return (
        file.startswith("<")
        or _OURS in above
        or _STDLIB in above
        or path.parent in _SCRIPTS
        or not _INSTALLED.isdisjoint(path.parts)
    )


def _shown(file: str) -> str:
    try:
        return str(Path(file).relative_to(Path.cwd()))
    except (OSError, ValueError):
        return file


def _library(frame: FrameType | None) -> str:
    steps = [step for step in _outwards(frame) if _OURS not in Path(step.f_code.co_filename).parents]
    if threading.current_thread() is not threading.main_thread():
        others = [step for step in steps if step.f_globals.get("__name__") != "threading"]
        return f"a thread of {_package(others[-1])}" if others else "a thread"
    installed = (step for step in steps if not _INSTALLED.isdisjoint(Path(step.f_code.co_filename).parts))
    found = next(installed, None)
    return _package(found) if found else "the program"


def _package(step: FrameType) -> str:
    return str(step.f_globals.get("__package__") or step.f_globals.get("__name__") or "a library")


def _meanwhile() -> str:
    main = sys._current_frames().get(threading.main_thread().ident or 0)
    line = _own_line(main)
    if line:
        return f" (the program stands at {line})"
    # pytest says there which test runs, and in which of its phases.
    test = os.environ.get("PYTEST_CURRENT_TEST", "").rpartition(" ")[0]
    return f" (during {test})" if test else ""
