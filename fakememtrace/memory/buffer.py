"""The write buffer between the server and Arc, and Arc's own."""

from __future__ import annotations

from collections import deque

from .dialect import Dialect

__all__ = ["WriteBuffer"]

_ROWS = 100
_INTERVAL = 1_000_000


class WriteBuffer:
    """How many of an org's memories, in order of creation, a query finds.

    The server flushes at 100 rows and every 1,000 ms since `started`; what it flushed is seen
    after the dialect's visibility_delay.  Times are in microseconds since 1970.
    """

    def __init__(self, started: int, dialect: Dialect) -> None:
        self._started = started
        self._rows = 1 if dialect.write_buffer == "none" else _ROWS
        self._delay = dialect.visibility_delay
        self._written = self._flushed = self._seen = 0
        self._next_tick = started
        self._arriving: deque[tuple[int, int]] = deque()

    def wrote(self, at: int) -> None:
        """A memory was created at `at`."""
        if at >= self._next_tick:
            self._send(self._next_tick)
        if self._written == self._flushed:
            self._next_tick = at + _INTERVAL - (at - self._started) % _INTERVAL
        self._written += 1
        if self._written - self._flushed >= self._rows:
            self.flush(at)

    def flush(self, at: int) -> None:
        """Send what waits to Arc."""
        if at >= self._next_tick:
            self._send(self._next_tick)
        self._send(at)

    def seen(self, now: int) -> int:
        """How many memories a query finds at `now`."""
        if now >= self._next_tick:
            self._send(self._next_tick)
        while self._arriving and self._arriving[0][0] <= now:
            self._seen = self._arriving.popleft()[1]
        return self._seen

    def _send(self, at: int) -> None:
        if self._written > self._flushed:
            self._flushed = self._written
            self._arriving.append((at + self._delay, self._flushed))
