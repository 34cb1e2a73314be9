"""The program that is to be run: whether it is one."""

from __future__ import annotations

import warnings
from pathlib import Path
from types import CodeType

from ..errors import FileError, did_you_mean, listed

__all__ = ["check", "compiled"]

_EXPECTED = "Expected a Python program: fakememtrace run SCRIPT.py [ARGS]..."


def check(script: str) -> Path:
    """The program's file, absolute; refused where Python could not begin to run it.

    Raises:
        FileError: it is missing, a folder, or no Python.
    """
    path = Path(script)
    if path.is_dir():
        inside = sorted(found.name for found in path.glob("*.py"))
        advice = f"Name one of its files: {listed(inside)}." if inside else _EXPECTED
        raise FileError(script, "this is a folder.", advice)
    if not path.exists():
        raise FileError(script, "there is no such program.", _beside(path))
    try:
        # What Python warns of, it warns of when the program runs.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compiled(path, path.read_bytes())
    except SyntaxError as error:
        place = f"line {error.lineno}" if error.lineno else ""
        raise FileError(script, f"this is no Python: {error.msg}.", _advice(error), place) from None
    except (ValueError, RecursionError) as error:
        raise FileError(script, f"this is no Python: {error}.", _EXPECTED) from None
    except OSError as error:
        raise FileError(script, f"cannot be read: {error.strerror}.", _EXPECTED) from None
    return path.absolute()


def compiled(path: Path, source: bytes) -> CodeType:
    """The code of the program, as Python itself compiles it."""
    code: CodeType = compile(source, str(path), "exec", dont_inherit=True)
    return code


def _beside(path: Path) -> str:
    if not path.absolute().parent.is_dir():
        return f"Its folder {path.parent} does not exist either. Check the path."
    beside = sorted(found.name for found in path.absolute().parent.glob("*.py"))
    hint = did_you_mean(path.name, beside).strip()
    return hint or f"Python files in {path.parent}: {listed(beside)}. Check the path."


def _advice(error: SyntaxError) -> str:
    line = (error.text or "").strip()
    return f"Correct it there: {line}" if line else _EXPECTED
