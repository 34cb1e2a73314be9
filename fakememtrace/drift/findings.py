"""Findings in the making: what has one cause is told once, with every place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from ..memory.dialect import Dialect
from .asking import Request
from .explaining import Reason
from .result import CALLS, KINDS, PROGRAM, Finding, Place
from .sentences import headline, named, question, summary
from .showing import Showing
from .side import Call, Who

__all__ = ["Findings"]


class _Key(NamedTuple):
    kind: str
    behaviours: tuple[str, ...]
    aspect: str
    behind: tuple[str, ...]


class Findings:
    """What was found between two sides that meet these dialects."""

    def __init__(self, first: Who, second: Who, own: Dialect, other: Dialect) -> None:
        self._first, self._second = first, second
        self._values = own.values(), other.values()
        self._found: dict[_Key, Finding] = {}
        self._others: list[Finding] = []
        self._programs: list[Finding] = []

    def add(
        self, found: Iterable[Reason], call: Call, shown: tuple[Showing, Showing], touched: Sequence[Request]
    ) -> None:
        """The `reasons` why a call is answered so, on both sides, and the requests that this changes."""
        for reason in found:
            key = _Key(reason.kind, reason.behaviours, reason.aspect, reason.behind)
            finding = self._found.setdefault(key, self._begun(reason))
            requests = [request.place for request in touched]
            words = summary(shown[0]), summary(shown[1])
            place = Place(call.run, requests, call.asked, question(call), call.where, *words, list(reason.memories))
            finding.places.append(place)

    def asked_otherwise(self, first: Call | None, second: Call | None, touched: Sequence[Request]) -> None:
        """One side asks Memtrace what the other does not, or otherwise, before these requests."""
        call = first or second
        assert call is not None
        words = _asked(first), _asked(second)
        sentence = f"Your agent asks Memtrace otherwise {self._on(self._second)}."
        if not self._others:
            self._others.append(Finding(CALLS, sentence))
        requests = [request.place for request in touched]
        place = Place(call.run, requests, call.asked, question(call), call.where, *words)
        self._others[0].places.append(place)

    def stopped(self, first: str, second: str) -> None:
        """Why the program did not come to its end on each side; empty where it did."""
        if bool(first) == bool(second):
            return
        where = self._on(self._first if first else self._second)
        self._programs.append(Finding(PROGRAM, f"Your agent does not come to its end {where}.", detail=first or second))

    def all(self) -> list[Finding]:
        """All of them: first what matters most, then by where they begin."""
        causes = list(self._found.values())
        # That other calls are made follows from other answers, where there are any.
        others = [] if causes and self._first.dialect != self._second.dialect else self._others
        each = [*self._programs, *causes, *others]
        return sorted(each, key=lambda finding: (KINDS.index(finding.kind), bool(finding.behind)))

    @staticmethod
    def _on(who: Who) -> str:
        return f"with {who.name}" if who.sdk else f"on {who.name}"

    def _begun(self, reason: Reason) -> Finding:
        mine, its = self._values
        behaviours = [named(name, mine[name], its[name]) for name in reason.behaviours]
        return Finding(reason.kind, headline(reason.behaviours, reason.aspect), behaviours, list(reason.behind))


def _asked(call: Call | None) -> str:
    return f"{call.asked} -> {call.status}" if call else "nothing"
