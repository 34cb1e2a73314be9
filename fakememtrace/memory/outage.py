"""What the server answers while an org's Arc is out of its reach.

It takes what is written, without the check for duplicates, which it cannot make, and lets it
wait; it has nothing to read.
"""

from __future__ import annotations

from ..wire import Response
from .handlers import Call, is_batch
from .records import Memory
from .refusal import Refusal
from .routes import Route
from .tenants import Org

__all__ = ["answer_without_arc"]

# From so many rows on, each write tries to flush, and is told that it failed.
_ROWS = 100
_UNREACHABLE = 'Post "http://localhost:8000/api/v1/{}": dial tcp 127.0.0.1:8000: connect: connection refused'
_WRITING = "failed to write memory: failed to write to Arc: " + _UNREACHABLE.format("write/msgpack")
_FAILURES = {
    "GET /api/v1/memories/{id}": "failed to search memories",
    "POST /api/v1/search": "failed to search memories",
    "POST /api/v1/sessions/{id}/context": "failed to query session context",
}
_STATS = "GET /api/v1/agents/{id}/stats"


def answer_without_arc(route: Route, call: Call, org: Org) -> Response:
    """The answer of a `route` that needs memories, made from none.

    Raises:
        Refusal: what is asked for is wrong, or it needs Arc.
    """
    if str(route) == "POST /api/v1/memories":
        return _written(route, call, org)
    try:
        response = route.handler(call)
    except Refusal as refusal:
        if (refusal.status, refusal.text) != (404, "memory not found"):
            raise
    else:
        # Its counts are zero, one by one, when the query for it fails.
        if str(route) == _STATS:
            return response
    failure = _FAILURES.get(str(route), "failed to query memories")
    raise Refusal(500, f"{failure}: failed to query Arc: {_UNREACHABLE.format('query')}")


def _written(route: Route, call: Call, org: Org) -> Response:
    before = len(call.store.rows)
    room = _ROWS - len(org.waiting)
    try:
        response = route.handler(call)
    finally:
        created = call.store.rows[before:]
        if call.dialect.write_buffer == "none":
            created = []
        kept = created[: max(room, 1)]
        org.waiting.extend(kept)
    if call.dialect.write_buffer == "none":
        raise Refusal(500, _WRITING)
    if kept and len(kept) >= room:
        raise _full(call, kept)
    return response


def _full(call: Call, kept: list[Memory]) -> Refusal:
    if is_batch(call.request):
        return Refusal(500, f"failed to create memory {len(kept) - 1}: {_WRITING}")
    return Refusal(400, _WRITING)
