"""The calls of a recorder: those that are being asked, and those whose answers were not kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from . import words

__all__ = ["Calls"]

Body = dict[str, Any]


class _Lost(NamedTuple):
    body: Body
    note: str


class Calls:
    """What was asked of the real API and is not kept; ``notes`` say of each why.

    Args:
        over: held by who asks something of this; told when a call is over.
    """

    def __init__(self, over: threading.Condition) -> None:
        self._over = over
        self.notes: list[str] = []
        # Each call that has no answer yet, with what it asks, for a program and for people.
        self._open: dict[object, tuple[Body, str]] = {}
        # What was asked, was not kept, and has not been asked again since with more success.
        self._lost: list[_Lost] = []

    @contextmanager
    def begun(self, body: Body, described: str) -> Iterator[object]:
        """A call, as long as it lasts."""
        call = object()
        with self._over:
            self._open[call] = body, described
        try:
            yield call
        finally:
            with self._over:
                self._open.pop(call, None)
                self._over.notify_all()

    def is_open(self, call: object) -> bool:
        """Whether somebody still waits for the `call`."""
        return call in self._open

    def lose(self, call: object, note: str) -> None:
        """The answer to `call` is not kept; of one that was given up that is said already."""
        with self._over:
            if call in self._open:
                self._lose(self._open[call][0], note)

    def kept(self, body: Body) -> None:
        """The answer to `body` is kept, perhaps after others that were not."""
        self._lost = [lost for lost in self._lost if lost.body != body]

    def lost(self) -> list[str]:
        """Why the answers that are missing now are."""
        with self._over:
            return [lost.note for lost in self._lost]

    def end(self, patience: float) -> None:
        """Wait so many seconds for the calls that are being asked, and give up those that are not over then."""
        with self._over:
            self._over.wait_for(lambda: not self._open, patience)
            for body, described in self._open.values():
                self._lose(body, words.too_late(described, patience))
            self._open.clear()

    def _lose(self, body: Body, note: str) -> None:
        self.notes.append(note)
        self._lost.append(_Lost(body, note))
