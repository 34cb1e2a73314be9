"""The faults that are set in a world, and when each of them strikes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Any

from ..errors import UnknownName, UsageError
from ..wire import Request
from .kinds import Fault
from .options import checked, count, fits

__all__ = ["Faults"]


class Faults:
    """The faults of a world, in the order they were added, which is the order they strike in.

        world.faults.add("status", route="POST /api/v1/memories", status=503, after=2, times=1)
        world.faults.add("lost_write", org="acme")

    A ``route`` is a method and a path, ``{id}`` being any (``GET /api/v1/agents/{id}``), with or
    without the service before it (``claude POST /v1/messages``); ``memtrace *`` is every route of
    a service, ``*`` every one there is.

    Args:
        routes: the routes of each service.
        orgs: gives the ids of the orgs there are.
        lock: what a world holds while it answers; nothing changes here in the middle of an answer.
    """

    def __init__(
        self,
        routes: Mapping[str, Iterable[str]],
        orgs: Callable[[], Iterable[str]],
        lock: AbstractContextManager[Any] | None = None,
    ) -> None:
        self._routes, self._orgs, self._lock = routes, orgs, lock or threading.RLock()
        self._entries: dict[str, _Entry] = {}
        self._undelivered: frozenset[int] = frozenset()
        # Looked at in every request: whether there is anything to do about it at all.
        self.on_routes = self.on_memories = False

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter([entry.fault for entry in self._entries.values()])

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, kind: str, **options: Any) -> Fault:
        """Set a fault; :data:`KINDS` says which there are, and which options each takes.

        All take ``after`` (so many calls go well first), ``times`` (so often it strikes; None:
        for ever) and ``name`` (what the journal calls it; else its kind, numbered if need be).

        Raises:
            UnknownName: no such kind, option, field, place, route or org.
            UsageError: an option is missing or makes no sense, or the name is taken.
            ClockError: a span that is none.
        """
        with self._lock:
            fault = self._fault(kind, options)
            self._put(_Entry(fault))
            return fault

    def remove(self, name: str) -> None:
        """Take the fault called `name` away; UnknownName when there is none."""
        with self._lock:
            del self._entries[self._entry(name).fault.name]
            self._look()

    def clear(self) -> None:
        """Take all faults away."""
        with self._lock:
            self._entries.clear()
            self._look()

    def struck(self, name: str) -> int:
        """How often the fault called `name` has struck; UnknownName when there is none."""
        return self._entry(name).struck

    def to_json(self) -> list[dict[str, Any]]:
        """All faults as plain JSON, with the ``calls`` that each has met and how often it has ``struck``."""
        with self._lock:
            entries = list(self._entries.values())
            return [{**entry.fault.to_json(), "calls": entry.calls, "struck": entry.struck} for entry in entries]

    def replace(self, values: Iterable[Mapping[str, Any]], orgs: Callable[[], Iterable[str]] | None = None) -> None:
        """Set the faults that :meth:`to_json` gave instead of those there are, in a world of the `orgs`.

        It refuses what :meth:`add` refuses, and then nothing has changed.
        """
        others = Faults(self._routes, orgs or self._orgs)
        for number, value in enumerate(values):
            if not isinstance(value, Mapping):
                raise UsageError(f"fault {number} is {value!r}. Expected an object with its kind and options.")
            options = dict(value)
            calls, struck = (count(f"{name} of fault {number}", options.pop(name, 0)) for name in ("calls", "struck"))
            others._put(_Entry(others._fault(options.pop("kind", ""), options), calls, struck))
        with self._lock:
            self._entries, self._undelivered = others._entries, frozenset()
            self._look()

    def on_request(self, service: str, request: Request) -> list[Fault]:
        """The route faults that strike `request`, which they have met by that."""
        struck = []
        for entry in self._entries.values():
            fault = entry.fault
            if fault.strikes == "route" and _is_about(fault, service, request) and entry.meets():
                entry.struck += 1
                struck.append(fault)
        return struck

    @property
    def undelivered(self) -> frozenset[int]:
        """The numbers of the recorded answers that a fault kept from the client, and that nobody asked for again.

        They outlast the fault: the next request that they answer gets them.
        """
        return self._undelivered

    @undelivered.setter
    def undelivered(self, numbers: frozenset[int]) -> None:
        self._undelivered = numbers
        self._look()

    def on_memory(self, strikes: str, org_id: str, request: Request) -> list[Fault]:
        """The memory faults that may strike a ``"write"`` or a ``"read"`` of the org, which they have met by that."""
        return [
            entry.fault
            for entry in self._entries.values()
            if entry.fault.strikes == strikes
            and entry.fault.options["org"] in ("", org_id)
            and _is_about(entry.fault, "memtrace", request)
            and entry.meets()
        ]

    def strike(self, fault: Fault) -> None:
        """Write down that `fault`, which strikes memories, made a difference."""
        self._entries[fault.name].struck += 1

    def _fault(self, kind: str, given: Mapping[str, Any]) -> Fault:
        options = checked(kind, given, self._routes, self._orgs())
        name = self._free_name(options.pop("name"), kind)
        return Fault(name, kind, options.pop("after"), options.pop("times"), MappingProxyType(options))

    def _free_name(self, name: str, kind: str) -> str:
        if name in self._entries:
            raise UsageError(f"there is a fault called {name!r} already. Give the new one another name.")
        if name or kind not in self._entries:
            return name or kind
        return next(free for n in range(2, len(self) + 3) if (free := f"{kind}-{n}") not in self._entries)

    def _entry(self, name: str) -> _Entry:
        try:
            return self._entries[name]
        except KeyError:
            raise UnknownName("fault", name, self._entries) from None

    def _put(self, entry: _Entry) -> None:
        self._entries[entry.fault.name] = entry
        self._look()

    def _look(self) -> None:
        struck = {entry.fault.strikes for entry in self._entries.values()}
        self.on_routes, self.on_memories = "route" in struck or bool(self._undelivered), bool(struck - {"route"})


class _Entry:
    """A fault, how many calls that it is about have come, and how often it has struck."""

    __slots__ = ("calls", "fault", "struck")

    def __init__(self, fault: Fault, calls: int = 0, struck: int = 0) -> None:
        self.fault, self.calls, self.struck = fault, calls, struck

    def meets(self) -> bool:
        """Count a call; whether the fault may strike it."""
        self.calls += 1
        times = self.fault.times
        return self.calls > self.fault.after and (times is None or self.struck < times)


def _is_about(fault: Fault, service: str, request: Request) -> bool:
    pattern = fault.options.get("route", "*")
    return pattern == "*" or fits(pattern, service, request.method, request.path)
