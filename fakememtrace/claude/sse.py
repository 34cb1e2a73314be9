"""A message and the event stream in which the API sends it: from one to the other, and back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

__all__ = ["accumulated", "event_stream", "events"]

_PIECES = re.compile(r"(?:\S+\s*){1,5}|\s+")
_JSON_PIECE = 24
# What a message only has when it ends; the last two are newer than the first, so not always there.
_ENDING = ("stop_reason", "stop_sequence", "stop_details", "container")

# Where the pieces of a tool's input are kept until they are whole.
_PARTIAL = "$partial_json"

Event = dict[str, Any]


def event_stream(events: Iterable[Event]) -> tuple[bytes, ...]:
    """The body of the answer, one chunk per event."""
    return tuple(f"event: {event['type']}\ndata: {_json(event)}\n\n".encode("utf-8", "replace") for event in events)


def events(message: dict[str, Any]) -> Iterator[Event]:
    """The events that the SDK accumulates to `message` again."""
    usage = message.get("usage") or {}
    ending = {key: message[key] for key in _ENDING if key in message}
    opening = {**message, **dict.fromkeys(ending), "content": []}
    if usage:
        opening["usage"] = {**usage, "output_tokens": min(1, usage.get("output_tokens", 0))}
    yield {"type": "message_start", "message": opening}
    for index, block in enumerate(message["content"]):
        yield from _block_events(index, block)
    yield {"type": "message_delta", "delta": ending, "usage": {"output_tokens": usage.get("output_tokens", 0)}}
    yield {"type": "message_stop"}


def accumulated(events: Iterable[Event]) -> dict[str, Any]:
    """The message that `events` add up to, as far as they go; the error body where they are only an error."""
    message: dict[str, Any] = {}
    for event in events:
        kind = event.get("type")
        if kind == "message_start":
            message = {**event["message"], "content": list(event["message"].get("content") or ())}
        elif kind == "error" and not message:
            return event
        elif message:
            _accumulate(message, kind, event)
    for block in message.get("content", ()):
        _finish(block)
    return message


def _accumulate(message: dict[str, Any], kind: Any, event: Event) -> None:
    content = message["content"]
    if kind == "content_block_start":
        content.append(dict(event["content_block"]))
    elif kind == "content_block_delta" and event["index"] < len(content):
        _add(content[event["index"]], event["delta"])
    elif kind == "message_delta":
        message.update(event.get("delta") or {})
        message.update({key: value for key, value in event.items() if key not in ("type", "delta", "usage")})
        given = {key: value for key, value in (event.get("usage") or {}).items() if value is not None}
        message["usage"] = {**(message.get("usage") or {}), **given}


def _add(block: dict[str, Any], delta: dict[str, Any]) -> None:
    """Put one `delta` into the block that it is about."""
    kind = delta.get("type")
    if kind in ("text_delta", "thinking_delta"):
        key = kind.removesuffix("_delta")
        block[key] = (block.get(key) or "") + delta.get(key, "")
    elif kind == "input_json_delta":
        block[_PARTIAL] = block.get(_PARTIAL, "") + delta.get("partial_json", "")
    elif kind == "citations_delta":
        block["citations"] = [*(block.get("citations") or ()), delta.get("citation")]
    else:
        # A signature, a compaction, or something newer: what it brings replaces what was there.
        block.update({key: value for key, value in delta.items() if key != "type"})


def _finish(block: dict[str, Any]) -> None:
    partial = block.pop(_PARTIAL, "")
    if partial:
        try:
            block["input"] = json.loads(partial)
        except ValueError:
            # A stream that was cut in the middle of a tool's input: what there is of it, for whoever reads it.
            block["input"] = {"partial_json": partial}


def _block_events(index: int, block: dict[str, Any]) -> Iterator[Event]:
    start, deltas = _opened(block)
    yield {"type": "content_block_start", "index": index, "content_block": start}
    if index == 0:
        yield {"type": "ping"}
    for delta in deltas:
        yield {"type": "content_block_delta", "index": index, "delta": delta}
    yield {"type": "content_block_stop", "index": index}


def _opened(block: dict[str, Any]) -> tuple[dict[str, Any], list[Event]]:
    """The block as the stream opens it, and the deltas that fill it; a kind without deltas comes whole."""
    kind = block["type"]
    if kind == "text":
        citations = [{"type": "citations_delta", "citation": citation} for citation in block.get("citations") or ()]
        opened = {**block, "text": ""} | ({"citations": []} if citations else {})
        return opened, [*_texts("text", block.get("text", "")), *citations]
    if kind == "thinking":
        signature = [{"type": "signature_delta", "signature": block["signature"]}] if block.get("signature") else []
        return {**block, "thinking": "", "signature": ""}, [*_texts("thinking", block.get("thinking", "")), *signature]
    if kind in ("tool_use", "server_tool_use", "mcp_tool_use"):
        return {**block, "input": {}}, list(_input_deltas(block.get("input", {})))
    return block, []


def _texts(kind: str, text: str) -> list[Event]:
    return [{"type": f"{kind}_delta", kind: piece} for piece in _PIECES.findall(text)]


def _input_deltas(value: Any) -> Iterator[Event]:
    yield {"type": "input_json_delta", "partial_json": ""}
    text = _json(value)
    for start in range(0, len(text), _JSON_PIECE):
        yield {"type": "input_json_delta", "partial_json": text[start : start + _JSON_PIECE]}


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
