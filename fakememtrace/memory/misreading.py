"""What faults make of memories that are read: other rows for an answer to be made from, or another answer of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial

from ..clock import EARLIEST, duration
from ..faults.kinds import Fault
from ..wire import Response
from .handlers import Arrange, Call
from .records import Memory
from .refusal import Refusal
from .routes import Route
from .rows import retimed
from .store import TIME
from .tenants import Org, Tenants

__all__ = ["Meeting"]

# The rows that a read meets, once these of the candidates are chosen.
_Change = Callable[[Sequence[Memory]], list[Memory]]
# What came of a read: an answer, or a Refusal's status and text.
_Outcome = Response | tuple[int, str]

_ARRANGED: dict[str, Arrange] = {
    "wrong_order": lambda found: found[::-1],
    "short_answer": lambda found: found[:-1],
    "empty_answer": lambda _: [],
}


class Meeting:
    """A read of `org` that meets `rows`, and the names of the faults that changed what comes of it."""

    def __init__(self, route: Route, call: Call, org: Org, rows: list[Memory]) -> None:
        self.names = list[str]()
        self._route, self._call, self._org, self._rows = route, call, org, rows

    def answered(self) -> Response:
        """The answer; a Refusal where the route refuses."""
        names = ", ".join(self.names)
        try:
            return self._answer(self._call, self._rows)._replace(fault=names)
        except Refusal as refusal:
            refusal.fault = names
            raise

    def is_struck_by(self, fault: Fault) -> bool:
        """Let `fault`, which strikes reads, do what it does; whether that makes a difference to the answer."""
        struck = self._changed(fault)
        if struck:
            self.names.append(fault.name)
        return struck

    def _changed(self, fault: Fault) -> bool:
        if fault.kind in _ARRANGED:
            return self._become(self._arranged(_ARRANGED[fault.kind]), self._rows)
        if fault.kind == "stray_row":
            return self._become(self._arranged(partial(_with_a_stray, self._rows)), self._rows)
        if fault.kind == "wrong_time":
            return self._become(self._call, _older(self._rows, duration(fault.options["by"])))
        return self._chosen(*_change(fault, self._rows, self._org, self._call.tenants))

    def _become(self, call: Call, rows: list[Memory]) -> bool:
        """Go on with these; whether the answer is another one then."""
        plain = self._outcome(self._call, self._rows)
        self._call, self._rows = call, rows
        return self._outcome(call, rows) != plain

    def _arranged(self, arrange: Arrange) -> Call:
        before = self._call.arrange
        return self._call._replace(arrange=(lambda found: arrange(before(found))) if before else arrange)

    def _chosen(self, candidates: list[Memory], change: _Change) -> bool:
        """Let `change` do the first of the `candidates` that makes a difference to the answer; whether any does."""
        plain = self._outcome(self._call, self._rows)
        # That it makes none for so many means that none of them makes one.
        first = bisect_left(
            range(1, len(candidates) + 1),
            True,
            key=lambda n: self._outcome(self._call, change(candidates[:n])) != plain,
        )
        if first == len(candidates):
            return False
        self._rows = change(candidates[first : first + 1])
        return True

    def _answer(self, call: Call, rows: list[Memory]) -> Response:
        store = call.tenants.store_of(self._org.id, rows)
        return self._route.handler(call._replace(store=store))

    def _outcome(self, call: Call, rows: list[Memory]) -> _Outcome:
        try:
            return self._answer(call, rows)
        except Refusal as refusal:
            return refusal.status, refusal.text


def _change(fault: Fault, rows: list[Memory], org: Org, tenants: Tenants) -> tuple[list[Memory], _Change]:
    """What `fault` can choose among, the newest first, and what it does with what it chose."""
    if fault.kind == "stale_version":
        return _versions(rows, fault.options["same"])[::-1], partial(_without, rows)
    if fault.kind == "lost_version":
        return _versions(rows[::-1], fault.options["same"]), partial(_without, rows)
    others = [other for other in tenants.orgs() if other.id != org.id and fault.options.get("of") in ("", other.id)]
    # Also those that their own org would not find yet: whether they leak is not a matter of buffers.
    foreign = sorted((row for other in others for row in other.store.rows), key=TIME)
    added = rows if fault.kind == "duplicate" else foreign
    return added[::-1], lambda chosen: sorted([*rows, *chosen], key=TIME)


def _versions(rows: list[Memory], fields: Sequence[str]) -> list[Memory]:
    """Those of the `rows` that have the same `fields` as one before them."""
    fields = ["tags_csv" if field == "tags" else field for field in fields]
    seen: set[tuple[str, ...]] = set()
    others = []
    for row in rows:
        version = tuple(getattr(row, field) for field in fields)
        if version in seen:
            others.append(row)
        seen.add(version)
    return others


def _without(rows: list[Memory], chosen: Sequence[Memory]) -> list[Memory]:
    gone = {id(row) for row in chosen}
    return [row for row in rows if id(row) not in gone]


def _with_a_stray(rows: list[Memory], found: list[Memory]) -> list[Memory]:
    """What was `found`, and the newest of the `rows` that was not."""
    shown = {id(row) for row in found}
    stray = next((row for row in reversed(rows) if id(row) not in shown), None)
    return found if stray is None else [*found, stray]


def _older(rows: list[Memory], by: int) -> list[Memory]:
    return [retimed(row, max(row.time - by, EARLIEST)) for row in rows]
