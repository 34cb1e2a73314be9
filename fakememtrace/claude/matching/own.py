"""Matchers of the user's own: asked, and told by file and line where they do not work."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any

from ...errors import UsageError
from .difference import Difference, Request

__all__ = ["BrokenMatcher", "Matcher", "asked"]

# What compares two requests in normal form: how they differ, or None.
Matcher = Callable[[Request, Request], "Difference | None"]


class BrokenMatcher(UsageError):
    """A function of the user's that raises, or returns what no matcher does."""


def asked(name: str, matcher: Matcher, recorded: Request, sent: Request) -> Difference | None:
    """What the `matcher` given for `name` says of two requests.

    Raises:
        BrokenMatcher: it raised, or returned something else than it should.
    """
    try:
        found = matcher(recorded, sent)
    except Exception as error:
        raise BrokenMatcher(
            f"the matcher given for {name!r} raised {type(error).__name__}: {error}{_raised_at(matcher, error)}.\n"
            "Expected that it returns a Difference or None for any two requests."
        ) from error
    if found is not None and not isinstance(found, Difference):
        raise BrokenMatcher(
            f"the matcher given for {name!r}{_defined_at(matcher)} returned {found!r}. "
            "Expected a Difference, or None where there is none."
        )
    return found and found._replace(part=name)


def _raised_at(matcher: Matcher, error: Exception) -> str:
    """`` (tests/test_agent.py:12)``: the line of the function's own file from which it was raised."""
    code = _code(matcher)
    if code is None:
        return ""
    lines = [line for file, line in _steps(error.__traceback__) if file == code.co_filename]
    # Called with two requests, a function of one is not even begun.
    return _place(code.co_filename, lines[-1] if lines else code.co_firstlineno)


def _defined_at(matcher: Matcher) -> str:
    code = _code(matcher)
    return _place(code.co_filename, code.co_firstlineno) if code else ""


def _code(matcher: Any) -> CodeType | None:
    """The code of a function, of what a decorator or a partial wraps, or of an object that can be called."""
    for _ in range(100):
        inner = getattr(matcher, "__wrapped__", None) or getattr(matcher, "func", None)
        if inner is None:
            break
        matcher = inner
    # An object that can be called has its code in its class.
    call = vars(type(matcher)).get("__call__")
    code = getattr(matcher, "__code__", None) or getattr(call, "__code__", None)
    return code if isinstance(code, CodeType) else None


def _steps(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        yield trace.tb_frame.f_code.co_filename, trace.tb_lineno
        trace = trace.tb_next


def _place(file: str, line: int) -> str:
    # Where it is not below the folder that we are in it is shown whole.
    with contextlib.suppress(OSError, ValueError):
        file = str(Path(file).relative_to(Path.cwd()))
    return f" ({file}:{line})"
