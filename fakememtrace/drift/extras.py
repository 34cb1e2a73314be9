"""What a program uses that only the documentation has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..memory.dialect import Dialect
from ..memory.forms import context_struct, search_struct
from .result import Extra
from .sentences import given_in
from .side import Call, Side

__all__ = ["extras"]

_RELEASED, _DOCUMENTED = Dialect("0.2.0"), Dialect("documented")
_CONTEXT = "POST /api/v1/sessions/{id}/context"
_SEARCH = "POST /api/v1/search"
# What a list is asked for, and what these two of them read.
_OPTIONS = {"session_id", "memory_type", "event_type", "tags", "since", "until", "limit", "offset", "order"}
_READ = {
    "GET /api/v1/agents/{id}/memories": {"memory_type", "event_type", "since", "limit", "order"},
    "GET /api/v1/sessions/{id}/memories": {"memory_type", "since", "limit", "order"},
}
_CLIENT = "only the documented client has it; memtrace-sdk 0.2.0 does not"
_IGNORED = "0.2.0 ignores it"
_NO_ROUTE = "there is no such route: {}"


class _Use(NamedTuple):
    call: str
    fate: str


def extras(first: Side, second: Side) -> list[Extra]:
    """All such uses of either side, each once, in the order in which they come."""
    found: dict[_Use, list[str]] = {}
    # A call that both sides make is counted once.
    for side in (first, second):
        met: dict[_Use, list[str]] = {}
        for use, where in _uses(side):
            met.setdefault(use, []).append(where)
        for use, wheres in met.items():
            found[use] = max(found.get(use, []), wheres, key=len)
    return [Extra(use.call, use.fate, list(dict.fromkeys(wheres)), len(wheres)) for use, wheres in found.items()]


def _uses(side: Side) -> Iterator[tuple[_Use, str]]:
    for note in side.notes:
        yield _Use(note.feature, _CLIENT), note.where
    for call in side.calls:
        if call.status in (404, 405) and not call.route:
            yield _Use(call.asked, _NO_ROUTE.format(f"{call.status} {call.answer}")), call.where
        for name in _ignored(call):
            yield _Use(f"{call.route} with {name}", _IGNORED), call.where


def _ignored(call: Call) -> list[str]:
    """The arguments of a call that the released server does not look at."""
    given = given_in(call)
    if call.route == _SEARCH:
        unread = {*search_struct(_DOCUMENTED).fields} - {*search_struct(_RELEASED).fields}
    elif call.route == _CONTEXT:
        # It takes max_tokens, and does nothing with it.
        unread = {*context_struct(_DOCUMENTED).fields} - {*context_struct(_RELEASED).fields} | {"max_tokens"}
    else:
        unread = _OPTIONS - _READ.get(call.route, _OPTIONS)
    return sorted(name for name in unread if given.get(name))
