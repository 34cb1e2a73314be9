"""What a world knows of its memories, told in the words in which a miss is explained."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, unquote_plus

from .claude.missing.knowledge import Knowledge, Read, Row, ShownMemory, Write
from .clock import rfc3339
from .journal import Exchange
from .memory.fake import FakeMemtrace
from .memory.refusal import Refusal
from .memory.routes import find

__all__ = ["reads_in", "recalled", "writes_in"]

_CREATE = "POST /api/v1/memories"
_CONTEXT = "POST /api/v1/sessions/{id}/context"
_READS = frozenset(
    {
        "GET /api/v1/memories",
        "GET /api/v1/memories/{id}",
        "POST /api/v1/search",
        "GET /api/v1/agents/{id}/memories",
        "GET /api/v1/sessions/{id}/memories",
        _CONTEXT,
    }
)
# The latest are enough, and a server runs for weeks.
_MOST_READS, _MOST_WRITES = 200, 2_000
_LONGEST = 200


def recalled(memory: FakeMemtrace, journal: Iterable[Exchange]) -> Knowledge:
    """Every memory of every org, and what `journal` has of writing and reading them."""
    exchanges = list(journal)
    routes = [(exchange, _route(exchange)) for exchange in exchanges if exchange.service == "memtrace"]
    writes = [exchange for exchange, route in routes if route == _CREATE][-_MOST_WRITES:]
    reads = [exchange for exchange, route in routes if route in _READS][-_MOST_READS:]
    return Knowledge(
        tuple(_memories(memory)),
        tuple(writes_in(writes)),
        tuple(reads_in(reads, memory)),
        max((exchange.number for exchange in exchanges if exchange.service == "claude"), default=0),
    )


def writes_in(exchanges: Iterable[Exchange]) -> Iterator[Write]:
    """Every memory that was sent to be stored."""
    for exchange in exchanges:
        if exchange.service == "memtrace" and _route(exchange) == _CREATE:
            yield from _writes(exchange)


def reads_in(exchanges: Iterable[Exchange], memory: FakeMemtrace) -> Iterator[Read]:
    """Every answer that has memories."""
    for exchange in exchanges:
        route = _route(exchange) if exchange.service == "memtrace" else ""
        if route in _READS:
            yield _read(exchange, route, memory)


def _route(exchange: Exchange) -> str:
    route = find(exchange.request.path).routes.get(exchange.request.method)
    return route.name if route else ""


def _memories(memory: FakeMemtrace) -> Iterator[ShownMemory]:
    shows_id = memory.dialect.memory_id == "shown"
    for org in memory.tenants.orgs():
        names = {agent.id: agent.name for agent in org.agents()}
        for row in org.memories():
            yield ShownMemory(
                *(row.content, row.shown_time, row.event_type, row.agent_id, row.session_id, row.org_id),
                row.memory_id if shows_id else "",
                names.get(row.agent_id, ""),
            )


def _writes(exchange: Exchange) -> Iterator[Write]:
    """The memories that one request to store has, each with the time that the answer says of it."""
    given, answered = _value(exchange.request.body), _rows(_body(exchange))
    items = _objects(given.get("memories", [given]))
    # What cannot be stored as it is sent, such as half of a surrogate pair, is answered as it is stored.
    other = answered[0] if len(items) == len(answered) == 1 else Row("", "")
    for item in items:
        content = item.get("content")
        if isinstance(content, str):
            row = next((row for row in answered if row.content == content), other)
            yield Write(exchange.number, _asked(exchange), _status(exchange), content, row.time, exchange.fault)


def _read(exchange: Exchange, route: str, memory: FakeMemtrace) -> Read:
    body = _body(exchange)
    given = {**dict(parse_qsl(exchange.request.query)), **_value(exchange.request.body)}
    kind, name = route.split("/")[3], find(exchange.request.path).id
    return Read(
        number=exchange.number,
        route=_asked(exchange),
        status=_status(exchange),
        asked=_question(exchange),
        at=rfc3339(exchange.at),
        rows=() if route == _CONTEXT else tuple(_rows(body)),
        text=str(body.get("context") or ""),
        session=name if kind == "sessions" else str(given.get("session_id") or ""),
        agent=name if kind == "agents" else str(given.get("agent_id") or ""),
        since=str(given.get("since") or ""),
        tokens=str(given.get("max_tokens") or ""),
        org=_org(exchange, memory),
        fault=exchange.fault,
    )


def _asked(exchange: Exchange) -> str:
    return f"{exchange.request.method} {exchange.request.path}"


def _question(exchange: Exchange) -> str:
    """What was asked for: the parameters of the URL, or the body."""
    text = unquote_plus(exchange.request.query)
    given = _value(exchange.request.body)
    if given:
        text = json.dumps(given, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."


def _org(exchange: Exchange, memory: FakeMemtrace) -> str:
    try:
        return memory.tenants.opened_by(exchange.request.headers).id
    except Refusal:
        return ""


def _status(exchange: Exchange) -> int:
    response = exchange.response
    return response.status if response and response.ending != "dropped" else 0


def _body(exchange: Exchange) -> dict[str, Any]:
    return _value(exchange.response.body) if exchange.response and _status(exchange) else {}


def _value(body: bytes) -> dict[str, Any]:
    """The JSON object `body`; an empty one where it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _rows(body: dict[str, Any]) -> list[Row]:
    """The memories in an answer."""
    rows = _objects(body.get("memories", body.get("results", [body])))
    return [Row(row["content"], str(row.get("time", ""))) for row in rows if isinstance(row.get("content"), str)]


def _objects(value: Any) -> list[dict[str, Any]]:
    """The objects in a list; a fault can answer anything."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
