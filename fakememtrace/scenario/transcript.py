"""From a journal to what a person reads: who said what, which tool, what was stored, what the model was shown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ..clock import rfc3339
from ..journal import Exchange
from ..wire import Response
from .chat import said

__all__ = ["Event", "blocks_of", "error_of", "shown_time", "transcribe"]


class Event(NamedTuple):
    """One thing that happened: who (``user``, ``claude``, ``tool``, ``stored``, ...), the text, and facts beside it."""

    who: str
    text: str
    facts: dict[str, Any] | None = None


def transcribe(exchanges: Iterable[Exchange]) -> Iterator[Event]:
    """The events of one run of a program."""
    conversation = _Conversation()
    for exchange in exchanges:
        if exchange.service == "claude":
            yield from conversation.events(exchange)
        elif exchange.service == "memtrace":
            yield from _memory_events(exchange)
        elif exchange.service == "telegram":
            yield from (Event(who, text) for who, text in said(exchange))
        if exchange.unexpected:
            yield Event("problem", exchange.unexpected)


class _Conversation:
    """Shows of each request only what the one before did not hold."""

    def __init__(self) -> None:
        self._system: Any = None
        self._messages: list[Any] = []

    def events(self, exchange: Exchange) -> Iterator[Event]:
        request = _json(exchange.request.body)
        if not isinstance(request, dict):
            return
        if request.get("system") != self._system:
            self._system = request.get("system")
            yield Event("shown", "\n".join(_texts(self._system)))
        messages = request.get("messages")
        messages = messages if isinstance(messages, list) else []
        known = len(self._messages) if messages[: len(self._messages)] == self._messages else 0
        self._messages = messages
        for message in messages[known:]:
            yield from _said(message)
        yield from _answered(exchange)


def _said(message: Any) -> Iterator[Event]:
    if not isinstance(message, dict):
        yield Event("user", json.dumps(message))
    elif message.get("role") != "assistant":
        content = message.get("content")
        for block in content if isinstance(content, list) else [content]:
            yield _said_in(block)


def _said_in(block: Any) -> Event:
    if isinstance(block, str):
        return Event("user", block)
    if not isinstance(block, dict):
        return Event("user", json.dumps(block))
    if block.get("type") == "tool_result":
        return Event("tool", "\n".join(_texts(block.get("content", ""))))
    return Event(
        "user", str(block["text"]) if block.get("type") == "text" and "text" in block else f"[{block.get('type')}]"
    )


def _answered(exchange: Exchange) -> Iterator[Event]:
    response = exchange.response
    if response is None or exchange.unexpected:
        return
    if response.status != 200:
        yield Event("claude", error_of(response))
        return
    for block in blocks_of(response):
        if block["type"] == "text":
            yield Event("claude", block.get("text", ""))
        elif block["type"] == "tool_use":
            yield Event("calls", block["name"], block.get("input", {}))
        else:
            yield Event("claude", f"[{block['type']}]")


def error_of(response: Response) -> str:
    """What an answer of Claude that is an error says: ``429 rate_limit_error: Rate limited``."""
    body = _json(response.body)
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return str(response.status)
    return f"{response.status} {error.get('type')}: {error.get('message')}"


def blocks_of(response: Response) -> list[dict[str, Any]]:
    """The content blocks of an answer of Claude, put together again where it was an event stream."""
    message = _json(response.chunks[0])
    if isinstance(message, dict):
        return message.get("content") or []
    blocks: dict[int, dict[str, Any]] = {}
    for chunk in response.chunks:
        # A stream that was cut can end in the middle of an event.
        event = _json(chunk.partition(b"data: ")[2]) or {"type": ""}
        if event["type"] == "content_block_start":
            blocks[event["index"]] = {**event["content_block"], "partial_json": ""}
        elif event["type"] == "content_block_delta":
            _add(blocks[event["index"]], event["delta"])
    return [_closed(block) for block in blocks.values()]


def _add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    for key in ("text", "thinking", "partial_json"):
        if key in delta:
            block[key] = block.get(key, "") + delta[key]


def _closed(block: dict[str, Any]) -> dict[str, Any]:
    arguments = block.pop("partial_json")
    if not arguments:
        return block
    # Where the stream was cut, so are they.
    try:
        return {**block, "input": json.loads(arguments)}
    except ValueError:
        return {**block, "input": arguments}


def _memory_events(exchange: Exchange) -> Iterator[Event]:
    response = exchange.response
    body = _json(response.body) if response else None
    if response is None or not isinstance(body, dict):
        yield _plain(exchange)
    elif response.status >= 400:
        yield Event("memory", f"{response.status}: {body.get('message') or body.get('error')}")
    elif response.note == "POST /api/v1/memories":
        yield from _stored(body)
    else:
        tell = _TELLERS.get(response.note)
        yield tell(body) if tell else _plain(exchange)


def _plain(exchange: Exchange) -> Event:
    status = exchange.response.status if exchange.response else "no answer"
    return Event("memory", f"{exchange.request.method} {exchange.request.path}: {status}")


def _stored(body: dict[str, Any]) -> Iterator[Event]:
    for memory in body.get("memories", [body]):
        yield _stored_one(memory)


def _stored_one(body: dict[str, Any]) -> Event:
    facts: dict[str, Any] = {
        key: body[key] for key in ("memory_type", "event_type", "tags", "importance", "metadata") if key in body
    }
    return Event("stored", body["content"], facts)


def _session(body: dict[str, Any]) -> Event:
    return Event("memory", f"session {body['id']} {'closed' if body['status'] == 'closed' else body['status']}")


def _counted(what: str) -> Any:
    return lambda body: Event("memory", f"{what}: {_memories(body['count'])}")


def _memories(count: int) -> str:
    return "1 memory" if count == 1 else f"{count} memories"


_TELLERS: dict[str, Any] = {
    "POST /api/v1/agents": lambda body: Event("memory", f"agent {body['name']!r} registered as {body['id']}"),
    "GET /api/v1/agents/{id}": lambda body: Event("memory", f"agent {body['name']!r} is {body['id']}"),
    "POST /api/v1/sessions": lambda body: Event("memory", f"session {body['id']} opened"),
    "GET /api/v1/sessions": lambda body: Event("memory", f"sessions listed: {body['count']}"),
    "PUT /api/v1/sessions/{id}": _session,
    "POST /api/v1/sessions/{id}/context": lambda body: Event(
        "memory", f"context of {body['session_id']}: {_memories(body['memory_count'])}"
    ),
    "GET /api/v1/memories": _counted("listed"),
    "POST /api/v1/search": _counted("found"),
}


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    blocks = content if isinstance(content, list) else []
    return [str(block.get("text", f"[{block.get('type')}]")) for block in blocks if isinstance(block, dict)]


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


def shown_time(micros: int) -> str:
    """``2026-02-07 12:00:00 UTC``."""
    return rfc3339(micros)[:19].replace("T", " ") + " UTC"
