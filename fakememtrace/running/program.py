"""Runs a program in this process as Python runs a script."""

from __future__ import annotations

import builtins
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from ..errors import ProgramStopped
from .ending import Ending
from .script import compiled

__all__ = ["run"]


def run(program: Path, shown: str, arguments: list[str], ending: Ending) -> None:
    """Run the `program` as ``__main__``; what it leaves for the end of the process is done there.

    Raises:
        SystemExit: the program ends with another code than 0.
    """
    main = _main(program)
    sys.argv[:] = [shown, *arguments]
    sys.path.insert(0, str(program.parent))
    sys.modules["__main__"] = main
    try:
        exec(compiled(program, program.read_bytes()), main.__dict__)
    except ProgramStopped:
        sys.exit(1)
    except SystemExit:
        raise
    except KeyboardInterrupt as error:
        if ending.is_finished or ending.was_stopped:
            return
        _show(error)
        sys.exit(130)
    except BaseException as error:
        if not ending.was_stopped:
            _show(error)
        sys.exit(1)


def _main(program: Path) -> ModuleType:
    """The module that Python makes for a script."""
    main = ModuleType("__main__")
    main.__dict__.update(
        __file__=str(program),
        __builtins__=builtins,
        __cached__=None,
        __loader__=SourceFileLoader("__main__", str(program)),
    )
    return main


def _show(error: BaseException) -> None:
    """Print the traceback that Python would print, from the program's own first line on."""
    below = error.__traceback__.tb_next if error.__traceback__ else None
    sys.excepthook(type(error), error.with_traceback(below), below)
