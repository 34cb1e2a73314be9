"""Where in its own files a program raised, or stands."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import CodeType, FrameType

__all__ = ["Places"]


class Places:
    """Names places in the files of a folder, as ``single_agent/program.py, line 12, in reply``."""

    def __init__(self, folder: Path, program: Path) -> None:
        self._folder, self._program = folder, program

    def of_error(self, error: BaseException) -> str:
        """The folder's innermost line in the traceback of `error`."""
        if isinstance(error, SyntaxError) and error.filename and Path(error.filename).parent == self._folder:
            return f"{self._shown(error.filename)}, line {error.lineno}"
        steps = [(frame.f_code, line) for frame, line in traceback.walk_tb(error.__traceback__)]
        return self._innermost(reversed(steps))

    def of_threads(self, first: int) -> str:
        """The innermost line of the thread `first`, or else of any other thread, that stands in the folder."""
        frames = sys._current_frames()
        order = sorted(frames, key=lambda thread: (thread != first, thread))
        found = [self.of_frame(frames[thread]) for thread in order]
        return next((place for place in found if ", line " in place), found[0])

    def of_frame(self, frame: FrameType | None) -> str:
        """The folder's innermost line on the stack above `frame`."""
        return self._innermost((step.f_code, line) for step, line in traceback.walk_stack(frame))

    def _innermost(self, steps: Iterable[tuple[CodeType, int]]) -> str:
        for code, line in steps:
            if Path(code.co_filename).parent == self._folder:
                inside = "" if code.co_name == "<module>" else f", in {code.co_name}"
                return f"{self._shown(code.co_filename)}, line {line}{inside}"
        return self._shown(str(self._program))

    def _shown(self, file: str) -> str:
        return f"{self._folder.name}/{Path(file).name}"
