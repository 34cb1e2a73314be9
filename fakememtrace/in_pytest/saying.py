"""What the markers of a test say to its fixtures; what they say wrong fails the test in words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from ..errors import UsageError
from .markers import CASSETTE, WORLD, said
from .places import from_its_file

__all__ = ["in_words", "of_cassette", "of_world", "snapshot_of"]

_Value = TypeVar("_Value")
# What is a file in a marker goes from where the test's file is.
_FILES = ("seed", "telegram")


def of_world(item: Any, name: str) -> Any:
    """What the marker ``fakememtrace`` has as `name`; None where it says nothing."""
    value = in_words(lambda: said(item, WORLD)).get(name)
    return from_its_file(item, value) if name in _FILES else value


def of_cassette(item: Any, name: str) -> Any:
    """What the marker ``claude_cassette`` has as `name`; None where it says nothing."""
    return in_words(lambda: said(item, CASSETTE)).get(name)


def snapshot_of(request: pytest.FixtureRequest) -> Any:
    """Syrupy's snapshot with our extension."""

    def asked() -> Any:
        from ..syrupy.extension import snapshot

        return snapshot(request)

    return in_words(asked)


def in_words(ask: Callable[[], _Value]) -> _Value:
    """What `ask` answers; a UsageError of it fails the test without a traceback."""
    try:
        return ask()
    except UsageError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)
