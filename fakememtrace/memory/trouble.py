"""Answers that are not simply those of an org's store: Arc is down, or faults strike its memories.

A fault is a change to the memories that a request meets.  So the ordinary handler answers from a
store that is made for this one request, and everything in the answer agrees with it: counts,
pages, contexts and the check for duplicates.
"""

from __future__ import annotations

from ..faults.faults import Faults
from ..faults.kinds import READS, Fault
from ..wire import Response
from .bending import CHECKS, Misjudging, bent
from .handlers import Call, is_batch
from .misreading import Meeting
from .outage import answer_without_arc
from .records import Memory
from .refusal import Refusal
from .routes import Route
from .tenants import Org

__all__ = ["answer_in_trouble"]

_CREATE = "POST /api/v1/memories"
_LAGGING = "GET /api/v1/agents/{id}/stats"


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
    met = faults.on_memory("write", org.id, call.request)
    if not met and not org.late_until:
        return route.handler(call)
    scratch = call.tenants.store_as(Misjudging, org.id, _found(org))
    scratch.faults = [fault for fault in met if fault.kind in CHECKS]
    before = len(scratch.rows)
    try:
        response = route.handler(call._replace(store=scratch))
    except Refusal as refusal:
        # Also when a batch stops half-way: what precedes its invalid memory stays.
        refusal.fault = _stored(scratch, before, org, faults, met)
        raise
    names = _stored(scratch, before, org, faults, met)
    if is_batch(call.request):
        org.store.flush()
    return response._replace(fault=names)


def _stored(scratch: Misjudging, before: int, org: Org, faults: Faults, met: list[Fault]) -> str:
    """Put what was created, as the faults would have it, into the org's store; the names of those that struck."""
    names = []
    memories: list[Memory] = scratch.rows[before:]
    for fault in met:
        changed = bent(fault, memories, org) if fault.kind not in CHECKS else memories
        if changed != memories or (memories and fault.kind == "late_write") or fault in scratch.struck:
            faults.strike(fault)
            names.append(fault.name)
        memories = changed
    for memory in memories:
        org.store.adopt(memory)
    return ", ".join(names)


def _read(route: Route, call: Call, org: Org, faults: Faults) -> Response:
    met = faults.on_memory("read", org.id, call.request)
    if not met and not org.late_until:
        return route.handler(call)
    if str(route) != _LAGGING:
        org.store.flush()
    meeting = Meeting(route, call, org, _found(org))
    for fault in met:
        if meeting.is_struck_by(fault):
            faults.strike(fault)
    return meeting.answered()


def _found(org: Org) -> list[Memory]:
    """What a query finds of the org's memories, in order of time."""
    now = org.store.now()
    org.late_until = {memory_id: until for memory_id, until in org.late_until.items() if until > now}
    found = org.store.rows[: org.store.seen()]
    return [row for row in found if row.memory_id not in org.late_until] if org.late_until else found
