"""Tells a world what is used of it that the released SDK does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..doors import patched

__all__ = ["Note", "Notes", "silent"]

Note = Callable[[str], None]


class Notes:
    """Writes features into the journal of the world that serves `url`; nowhere, when a real server does.

    That is the world of `transport` where that has one, else the innermost.
    """

    def __init__(self, url: str, transport: object = None) -> None:
        self._url = str(url)
        self._world: Any = getattr(transport, "world", None)

    def __call__(self, feature: str) -> None:
        """Note one use of `feature`."""
        world: Any = self._world or patched.innermost()
        if world is not None and world.addresses.serves(self._url):
            world.journal.note(feature)

    def all(self, features: Iterable[str]) -> None:
        """Note one use of each."""
        for feature in features:
            self(feature)


def silent(feature: str) -> None:
    """Note nothing."""
