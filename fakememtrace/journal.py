"""Everything that was asked and answered in a world, in order.

A fake that only raises can be silenced by the agent's ``except``.  So what was unexpected is
written down here before it is answered, and settled by :meth:`Journal.assert_clean`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .clock import rfc3339
from .errors import UnexpectedTraffic
from .wire import Request, Response

__all__ = ["Exchange", "Journal", "Start"]

# So many notes are kept where there is a limit.
_NOTES = 1_000
# What an exchange weighs beside its bodies, in bytes.
_FRAME = 2_000


class Exchange(NamedTuple):
    """One request and what became of it.

    ``number`` counts from 1; ``at`` is the world's time in microseconds since 1970;
    ``service`` says who answered (``memtrace``, ``claude``, or ``network`` for what no fake
    serves); ``unexpected`` is the whole explanation when it should not have happened, else
    empty.  ``response`` is None when the request was refused without an answer.
    """

    number: int
    at: int
    service: str
    request: Request
    response: Response | None
    unexpected: str = ""

    @property
    def fault(self) -> str:
        """The names of the faults that struck it, in their order, joined by commas; empty when none did."""
        return self.response.fault if self.response else ""

    def __str__(self) -> str:
        asked = f"#{self.number} {rfc3339(self.at)} {self.service} {self.request.method} {self.request.shown}"
        return f"{asked} -> {_answered(self.response)}" + (f" (fault: {self.fault})" if self.fault else "")


class Start(NamedTuple):
    """Where a run of a program begins: after so many ``exchanges``, at what time (microseconds since 1970)."""

    exchanges: int
    at: int


class Journal:
    """The exchanges of one world, in the order they happened.

    With a `limit` the oldest are forgotten as soon as all together take more than so many bytes,
    roughly counted: what a server needs that runs for weeks.  The numbers go on.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit
        self._exchanges: deque[Exchange] = deque()
        self._count = self._bytes = 0
        self._open_ends: list[Callable[[], str]] = []
        self._notes: list[str] = []
        self._starts: list[Start] = []

    def __iter__(self) -> Iterator[Exchange]:
        # A copy, since others may write meanwhile.
        return iter(tuple(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    def __getitem__(self, index: int) -> Exchange:
        return self._exchanges[index]

    def record(
        self, at: int, service: str, request: Request, response: Response | None, unexpected: str = ""
    ) -> Exchange:
        """Write one exchange down; what was written."""
        self._count += 1
        exchange = Exchange(self._count, at, service, request, response, unexpected)
        self._exchanges.append(exchange)
        if self.limit is not None:
            self._forget(self.limit)
        return exchange

    def note(self, feature: str) -> None:
        """Write down one use of `feature`, which the documentation has and the released SDK does not."""
        self._notes.append(feature)
        if self.limit is not None:
            del self._notes[:-_NOTES]

    def begin(self, at: int) -> None:
        """Write down that a run of a program begins here."""
        start = Start(self._count, at)
        if start not in self._starts:
            self._starts.append(start)

    @property
    def starts(self) -> list[Start]:
        """Where runs of a program began, as far as anybody said so."""
        return list(self._starts)

    @property
    def notes(self) -> list[str]:
        """Every use of what works in the documentation only, in order: ``search_sessions``, ``Memory.id``, ..."""
        return list(self._notes)

    def clear(self) -> None:
        """Forget every exchange, every run and every note; what is asked when settling stays."""
        self._exchanges.clear()
        self._notes.clear()
        self._starts.clear()
        self._count = self._bytes = 0

    def of(self, service: str) -> list[Exchange]:
        """The exchanges that `service` answered."""
        return [exchange for exchange in self if exchange.service == service]

    def unexpected(self) -> list[Exchange]:
        """The exchanges that should not have happened."""
        return [exchange for exchange in self if exchange.unexpected]

    def settle_with(self, open_end: Callable[[], str]) -> None:
        """Also ask `open_end` when settling: a text when something expected never happened, else empty."""
        self._open_ends.append(open_end)

    def problems(self, open_ends: bool = True) -> list[str]:
        """One explanation for each thing that should not have happened, or should have and did not.

        What happened again and again is told once; `open_ends` False leaves out what did not happen.
        """
        alike: dict[str, list[Exchange]] = {}
        for exchange in self.unexpected():
            alike.setdefault(exchange.unexpected, []).append(exchange)
        wrong = [f"{_first_of(exchanges)}\n{problem}" for problem, exchanges in alike.items()]
        missing = [open_end() for open_end in self._open_ends] if open_ends else []
        return wrong + [text for text in missing if text]

    def assert_clean(self, open_ends: bool = True) -> None:
        """Raise UnexpectedTraffic unless everything was expected and (`open_ends`) everything expected happened."""
        problems = self.problems(open_ends)
        if problems:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise UnexpectedTraffic(f"{count} in this world's traffic:\n\n" + "\n\n".join(problems))

    def _forget(self, limit: int) -> None:
        self._bytes += _weight(self._exchanges[-1])
        while self._bytes > limit:
            self._bytes -= _weight(self._exchanges.popleft())


def _first_of(exchanges: list[Exchange]) -> str:
    others = len(exchanges) - 1
    return f"{exchanges[0]}" + (f" (and {others} more like it, the last is #{exchanges[-1].number})" if others else "")


def _weight(exchange: Exchange) -> int:
    return _FRAME + len(exchange.request.body) + _size(exchange.response) + len(exchange.unexpected)


def _size(response: Response | None) -> int:
    if response is None:
        return 0
    # Parts are others' own, and here are only pointers to them.
    return 8 * len(response.chunks) if response.joint else len(response.body)


def _answered(response: Response | None) -> str:
    if response is None:
        return "refused"
    if response.ending == "dropped":
        return "dropped"
    return f"{response.status}, {response.ending}" if response.ending else str(response.status)
