"""Everything that was asked and answered in a world, in order.

A fake that only raises can be silenced by the agent's ``except``.  So what was unexpected is
written down here before it is answered, and settled by :meth:`Journal.assert_clean`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from .clock import rfc3339
from .errors import UnexpectedTraffic
from .wire import Request, Response

__all__ = ["Exchange", "Journal"]


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

    def __str__(self) -> str:
        answer = "refused" if self.response is None else str(self.response.status)
        return f"#{self.number} {rfc3339(self.at)} {self.service} {self.request.method} {self.request.url} -> {answer}"


class Journal:
    """The exchanges of one world, in the order they happened."""

    def __init__(self) -> None:
        self._exchanges: list[Exchange] = []
        self._open_ends: list[Callable[[], str]] = []

    def __iter__(self) -> Iterator[Exchange]:
        return iter(tuple(self._exchanges))

    def __len__(self) -> int:
        return len(self._exchanges)

    def __getitem__(self, index: int) -> Exchange:
        return self._exchanges[index]

    def record(
        self, at: int, service: str, request: Request, response: Response | None, unexpected: str = ""
    ) -> Exchange:
        """Write one exchange down; what was written."""
        exchange = Exchange(len(self._exchanges) + 1, at, service, request, response, unexpected)
        self._exchanges.append(exchange)
        return exchange

    def of(self, service: str) -> list[Exchange]:
        """The exchanges that `service` answered."""
        return [exchange for exchange in self._exchanges if exchange.service == service]

    def unexpected(self) -> list[Exchange]:
        """The exchanges that should not have happened."""
        return [exchange for exchange in self._exchanges if exchange.unexpected]

    def settle_with(self, open_end: Callable[[], str]) -> None:
        """Also ask `open_end` when settling: a text when something expected never happened, else empty."""
        self._open_ends.append(open_end)

    def problems(self) -> list[str]:
        """One explanation for each thing that should not have happened, or should have and did not."""
        wrong = [f"{exchange}\n{exchange.unexpected}" for exchange in self.unexpected()]
        return wrong + [text for text in (open_end() for open_end in self._open_ends) if text]

    def assert_clean(self) -> None:
        """Raise UnexpectedTraffic unless everything was expected and everything expected happened."""
        problems = self.problems()
        if problems:
            count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
            raise UnexpectedTraffic(f"{count} in this world's traffic:\n\n" + "\n\n".join(problems))
