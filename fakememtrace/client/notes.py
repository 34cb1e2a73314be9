"""Tells a world what is used of it that the released SDK does not have."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from ..addresses import is_local
from ..doors import patched
from ..wire import USES

__all__ = ["Note", "Notes", "silent"]

Note = Callable[[str], None]

# More are not kept for a server that is never asked again.
_MOST = 100


class Notes:
    """Writes features into the journal of the world that serves `url`.

    That is the world of `transport` where that has one, else the innermost; a server on this
    machine, which may be a world too, is told with the next request.  No other server is told.
    """

    def __init__(self, url: str, transport: object = None) -> None:
        self._url = str(url)
        self._world: Any = getattr(transport, "world", None)
        self._is_local = is_local(urlsplit(self._url).hostname or "")
        self._untold: list[str] = []

    def __call__(self, feature: str) -> None:
        """Note one use of `feature`."""
        world: Any = self._world or patched.innermost()
        if world is not None and world.addresses.serves(self._url):
            world.journal.note(feature)
        elif self._is_local and len(self._untold) < _MOST:
            self._untold.append(feature)

    def all(self, features: Iterable[str]) -> None:
        """Note one use of each."""
        for feature in features:
            self(feature)

    def headers(self) -> dict[str, str]:
        """What tells the server, with the next request, of the uses that it has not been told of."""
        told, self._untold = self._untold, []
        return {USES: ", ".join(told)} if told else {}


def silent(feature: str) -> None:
    """Note nothing."""
