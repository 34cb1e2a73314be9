"""Tests that are run in each dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..fixture import nodeid
from ..memory.dialect import PRESETS
from .markers import CASSETTE, WORLD, said, said_loosely
from .options import setting
from .overridden import is_overridden
from .settings import BOTH

if TYPE_CHECKING:
    import pytest

__all__ = ["DIALECT", "give_world", "in_both", "one_dialect"]

DIALECT = "fakememtrace_dialect"


def in_both(metafunc: pytest.Metafunc) -> None:
    """Make two tests of one that has a world and is to be run in each dialect."""
    item = metafunc.definition
    if any(mark.name in (WORLD, CASSETTE) for mark in item.iter_markers()):
        give_world(item)
    wanted = said_loosely(item, WORLD, "dialect") or setting(metafunc.config, DIALECT)
    if wanted != BOTH or is_overridden(item, DIALECT) or _is_parametrized(metafunc):
        return
    if DIALECT not in metafunc.fixturenames:
        # The world is one that it does not ask for, and pytest wants every parameter asked for.
        metafunc.fixturenames.append(DIALECT)
    metafunc.parametrize(DIALECT, PRESETS, indirect=True)


def give_world(item: Any) -> None:
    """Let a test have a world that its marker wants, and it does not ask for; the last of its fixtures."""
    names = getattr(item, "fixturenames", None)
    # One list is that of all tests which are made of one function.
    if names is not None and WORLD not in names:
        names.append(WORLD)


def one_dialect(item: Any, parameter: Any) -> Any:
    """Which dialect the world of a test has: its `parameter`, if it has one; None where nobody says anything.

    Raises:
        UsageError: it was to be run in each dialect, and there is only one of it; or its markers are wrong.
    """
    marked = said(item, WORLD).get("dialect")
    found = parameter or marked or setting(item.config, DIALECT) or None
    if found != BOTH:
        return found
    where = f"its marker says dialect={BOTH!r}" if marked else f"{DIALECT} is {BOTH!r}"
    raise UsageError(
        f"{nodeid(item)} is one test and cannot be run in each dialect: {where}.\n"
        "Expected a function that asks for its world by an argument, or that is marked itself; a method of unittest, a "
        "doctest, and a world that is asked for while the test runs come too late.\n"
        'What to do: say one dialect for it, @pytest.mark.fakememtrace(dialect="0.2.0"), or override the fixture '
        "fakememtrace_dialect."
    )


def _is_parametrized(metafunc: pytest.Metafunc) -> bool:
    return any(DIALECT in call.params for call in metafunc._calls)
