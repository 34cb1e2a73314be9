"""Telegram as a world has it: with a script of updates, or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from ..addresses import Addresses
from ..clock import Clock
from ..errors import UsageError
from ..journal import Journal

if TYPE_CHECKING:
    from .fake import FakeTelegram

__all__ = ["Presence"]


class Presence:
    """Does nothing in a world without a script of updates, which most worlds are.

    Args:
        updates: the script, a file or a mapping; None where there is none.
        addresses: where the Bot API is to be found from now on.
        clock: the world's, as are the others.
        journal: it asks for open ends, too.
        lock: under which the fakes answer.
    """

    def __init__(
        self,
        updates: str | os.PathLike[str] | Mapping[str, Any] | None,
        addresses: Addresses,
        clock: Clock,
        journal: Journal,
        lock: AbstractContextManager[Any],
    ) -> None:
        # How many requests wait for somebody who is asked outside.
        self.away = 0
        self._fake: FakeTelegram | None = None
        if updates is not None:
            # Imported when needed: most worlds have none.
            from .fake import URL, FakeTelegram
            from .reading import read_script

            self._fake = FakeTelegram(read_script(updates), clock, journal, lambda: self.away > 0, lock)
            addresses.add("telegram", URL, self._fake, "the Telegram URL")
            journal.settle_with(self._fake.open_ends)

    @property
    def fake(self) -> FakeTelegram:
        """The Bot API; UsageError where there is none."""
        if self._fake is None:
            raise UsageError('this world has no Telegram. Give it a script of updates: World(telegram="updates.toml").')
        return self._fake

    def variables(self) -> dict[str, str]:
        """The environment variables that hold the tokens of bots."""
        return self._fake.script.variables() if self._fake else {}

    def enter(self) -> None:
        """The world is entered."""
        if self._fake:
            self._fake.open()

    def leave(self) -> None:
        """The world is left."""
        if self._fake:
            self._fake.close()

    def forget(self) -> None:
        """Be as new."""
        if self._fake:
            self._fake.forget()

    def refuse_snapshots(self) -> None:
        """Raise UsageError where there is something that is in no snapshot."""
        if self._fake:
            self._fake.refuse_snapshots()
