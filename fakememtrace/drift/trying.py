"""Asks again what a program asked, with one behaviour of Memtrace after the other changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..memory.dialect import Dialect
from ..wire import Request
from ..world import World
from .showing import Showing, contents, showing
from .side import Call, Side

__all__ = ["History", "Trial"]

Snapshot = Mapping[str, Any]


class History:
    """The states of one side: what was there before each of its calls of Memtrace.

    They are made by asking the same again at the same times, which gives the same ids and memories.  Only the
    latest is kept, so that they are best asked for in their order.
    """

    def __init__(self, side: Side) -> None:
        self._side = side
        self._places = {call.number: place for place, call in enumerate(side.calls)}
        self._begin()

    def before(self, call: Call) -> Snapshot:
        """The state that the call found."""
        place = self._places[call.number]
        if place < self._asked:
            self._begin()
        return self._state(place)

    def end(self) -> Snapshot:
        """The state after all of them."""
        return self._state(len(self._side.calls))

    def _begin(self) -> None:
        self._world, self._asked = World(self._side.who.dialect, start=self._side.start), 0

    def _state(self, count: int) -> Snapshot:
        for call in self._side.calls[self._asked : count]:
            self._world.clock.restore(call.at)
            self._world.memory.handle(call.request)
        self._asked = count
        if count < len(self._side.calls):
            self._world.clock.restore(self._side.calls[count].at)
        return self._world.snapshot()


class Trial:
    """One call of Memtrace, asked again on the state it found, with other behaviours.

    Args:
        before: that state.
        request: the call.
        own: the dialect in which it was asked.
        other: the one whose behaviours are tried.
        world: where it is tried; what is there is put away.
    """

    def __init__(self, before: Snapshot, request: Request, own: Dialect, other: Dialect, world: World) -> None:
        self._before, self._request, self._world = before, request, world
        self._own, self._other = own, other
        self._known = contents(before)
        self._seen: dict[frozenset[str], Showing] = {}
        mine, its = own.values(), other.values()
        self.parting = [name for name in mine if mine[name] != its[name]]

    @property
    def known(self) -> dict[str, dict[str, Any]]:
        """The memories that there are, by their contents."""
        return self._known

    def with_all(self, names: Iterable[str]) -> Showing:
        """What the call shows when these behaviours are the other's."""
        wanted = frozenset(names)
        if wanted not in self._seen:
            self._seen[wanted] = self._asked(wanted)
        return self._seen[wanted]

    def without(self, name: str) -> Showing:
        """What the call shows when all behaviours but this one are the other's."""
        return self.with_all(other for other in self.parting if other != name)

    def as_it_is(self) -> Showing:
        """What it shows without any change."""
        return self.with_all(())

    def alone(self) -> list[str]:
        """The behaviours each of which alone changes what is shown."""
        return [name for name in self.parting if self.with_all([name]) != self.as_it_is()]

    def _asked(self, names: frozenset[str]) -> Showing:
        values = self._other.values()
        dialect = self._own.replace(**{name: values[name] for name in sorted(names)})
        self._world.restore({**self._before, "dialect": _said(dialect)})
        response = self._world.memory.handle(self._request)
        return showing(response.status, response.body.decode("utf-8", "replace"), self._known)


def _said(dialect: Dialect) -> dict[str, Any]:
    return {"preset": "0.2.0"} | {
        name: value for name, value in dialect.values().items() if Dialect("0.2.0").values()[name] != value
    }
