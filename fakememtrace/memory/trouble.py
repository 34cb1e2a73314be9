"""Answers that are not simply those of an org's store: Arc is down, or faults strike its memories.

A fault is a change to the memories that a request meets.  So the ordinary handler answers from a
store that is made for this one request, and everything in the answer agrees with it: counts,
pages, contexts and the check for duplicates.
"""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from ..clock import duration
from ..faults.faults import Faults
from ..faults.kinds import READS, Fault
from ..wire import Response
from .gojson import encode
from .handlers import Call, is_batch
from .outage import answer_without_arc
from .records import Memory
from .refusal import Refusal
from .routes import Route
from .store import TIME
from .tenants import Org, Tenants

__all__ = ["answer_in_trouble"]

_CREATE = "POST /api/v1/memories"
_LAGGING = "GET /api/v1/agents/{id}/stats"

# The rows that a read meets, once these of the candidates are chosen.
_Change = Callable[[Sequence[Memory]], list[Memory]]
# What came of a read: an answer, or a Refusal's status and text.
_Outcome = Response | tuple[int, str]


def answer_in_trouble(route: Route, call: Call, org: Org, faults: Faults) -> Response:
    """The answer of `route` under memory `faults`, and in an org that is unsettled; a Refusal as the route's."""
    name = str(route)
    if name not in (_CREATE, *READS):
        return route.handler(call)
    org.store.require_arc()
    response = _answer(name, route, call, org, faults)
    if org.store.dialect.visibility_delay and (is_batch(call.request) if name == _CREATE else name != _LAGGING):
        org.flushed()
    return response


def _answer(name: str, route: Route, call: Call, org: Org, faults: Faults) -> Response:
    if org.store.arc == "unreachable":
        return answer_without_arc(route, call._replace(store=call.tenants.store_of(org.id, [])), org)
    if name == _CREATE:
        return _written(route, call, org, faults)
    return _read(route, call, org, faults)


def _written(route: Route, call: Call, org: Org, faults: Faults) -> Response:
    struck = faults.on_memory("write", org.id, call.request)
    if not struck and not org.late_until:
        return route.handler(call)
    scratch = call.tenants.store_of(org.id, _found(org))
    before = len(scratch.rows)
    try:
        response = route.handler(call._replace(store=scratch))
    finally:
        # Also when a batch stops half-way: what precedes its invalid memory stays.
        names = _stored(scratch.rows[before:], org, faults, struck)
    if is_batch(call.request):
        org.store.flush()
    return response._replace(fault=", ".join(names))


def _stored(created: list[Memory], org: Org, faults: Faults, struck: list[Fault]) -> list[str]:
    """Put what was `created` into the org's store, as the faults would have it; the names of those that changed it."""
    names = []
    memories = created
    for fault in struck:
        changed = _changed(fault, memories, org)
        if changed != memories or (memories and fault.kind == "late_write"):
            faults.strike(fault)
            names.append(fault.name)
        memories = changed
    for memory in memories:
        org.store.adopt(memory)
    return names


def _changed(fault: Fault, memories: list[Memory], org: Org) -> list[Memory]:
    """What `fault`, which strikes writes, makes of the `memories` that are to be stored."""
    if fault.kind == "lost_write":
        return []
    if fault.kind == "late_write":
        late = duration(fault.options["by"])
        org.late_until |= {memory.memory_id: memory.time + late for memory in memories}
        return memories
    if fault.kind == "duplicate":
        return [memory for memory in memories for _ in range(2)]
    return [_with_content(memory, _start(memory.content, fault.options)) for memory in memories]


def _start(content: str, options: Any) -> str:
    if options["bytes"] is None:
        return content[: options["characters"]]
    return content.encode()[: options["bytes"]].decode("utf-8", "replace")


def _with_content(memory: Memory, content: str) -> Memory:
    if content == memory.content:
        return memory
    return memory._replace(content=content, row=encode({**json.loads(memory.row), "content": content}))


def _read(route: Route, call: Call, org: Org, faults: Faults) -> Response:
    struck = faults.on_memory("read", org.id, call.request)
    if not struck and not org.late_until:
        return route.handler(call)
    if str(route) != _LAGGING:
        org.store.flush()
    meeting = _Meeting(route, call, _found(org))
    for fault in struck:
        if meeting.changed_by(*_change(fault, meeting.rows, org, call.tenants)):
            faults.strike(fault)
            meeting.names.append(fault.name)
    return meeting.answered()


class _Meeting:
    """A read that meets `rows`, and the names of the faults that changed them."""

    def __init__(self, route: Route, call: Call, rows: list[Memory]) -> None:
        self.rows, self.names = rows, list[str]()
        self._route, self._call = route, call

    def answered(self) -> Response:
        """The answer; a Refusal where the route refuses."""
        return self._answer(self.rows)._replace(fault=", ".join(self.names))

    def changed_by(self, candidates: list[Memory], change: _Change) -> bool:
        """Let `change` do the first of the `candidates` that makes a difference to the answer; whether any does."""
        plain = self._outcome(self.rows)
        # That it makes none for so many means that none of them makes one.
        first = bisect_left(
            range(1, len(candidates) + 1), True, key=lambda n: self._outcome(change(candidates[:n])) != plain
        )
        if first == len(candidates):
            return False
        self.rows = change(candidates[first : first + 1])
        return True

    def _answer(self, rows: list[Memory]) -> Response:
        store = self._call.tenants.store_of(self._call.store.org_id, rows)
        return self._route.handler(self._call._replace(store=store))

    def _outcome(self, rows: list[Memory]) -> _Outcome:
        try:
            return self._answer(rows)
        except Refusal as refusal:
            return refusal.status, refusal.text


def _change(fault: Fault, rows: list[Memory], org: Org, tenants: Tenants) -> tuple[list[Memory], _Change]:
    """What `fault`, which strikes reads, can choose among, the newest first, and what it does with what it chose."""
    if fault.kind == "stale_version":
        return _later_versions(rows, fault.options["same"])[::-1], partial(_without, rows)
    others = [other for other in tenants.orgs() if other.id != org.id and fault.options.get("of") in ("", other.id)]
    # Also those that their own org would not find yet: whether they leak is not a matter of buffers.
    foreign = sorted((row for other in others for row in other.store.rows), key=TIME)
    added = rows if fault.kind == "duplicate" else foreign
    return added[::-1], lambda chosen: sorted([*rows, *chosen], key=TIME)


def _later_versions(rows: list[Memory], fields: Sequence[str]) -> list[Memory]:
    """Those of the `rows` that have the same `fields` as an earlier one."""
    fields = ["tags_csv" if field == "tags" else field for field in fields]
    seen: set[tuple[str, ...]] = set()
    later = []
    for row in rows:
        version = tuple(getattr(row, field) for field in fields)
        if version in seen:
            later.append(row)
        seen.add(version)
    return later


def _without(rows: list[Memory], chosen: Sequence[Memory]) -> list[Memory]:
    gone = {id(row) for row in chosen}
    return [row for row in rows if id(row) not in gone]


def _found(org: Org) -> list[Memory]:
    """What a query finds of the org's memories, in order of time."""
    now = org.store.now()
    org.late_until = {memory_id: until for memory_id, until in org.late_until.items() if until > now}
    found = org.store.rows[: org.store.seen()]
    return [row for row in found if row.memory_id not in org.late_until] if org.late_until else found
