"""What the parts of an answer cannot be without, and whether they have it."""

from __future__ import annotations

from typing import Any

from .completing import FIELDS

__all__ = ["BLOCKS", "EVENTS", "MESSAGE", "NAMES", "are_events", "is_whole", "kind_of"]

# What a block of this type cannot be without, beside its type.
BLOCKS: dict[str, tuple[tuple[str, type], ...]] = {
    "text": (("text", str),),
    "thinking": (("thinking", str), ("signature", str)),
    "redacted_thinking": (("data", str),),
    "tool_use": (("id", str), ("name", str), ("input", dict)),
    "server_tool_use": (("id", str), ("name", str), ("input", dict)),
    "web_search_tool_result": (("tool_use_id", str),),
}
# What a recorded message cannot be without, beside its content.
MESSAGE: dict[str, type] = {"id": str, "type": str, "role": str, "model": str, "usage": dict}
# What an event of this type cannot be without.
EVENTS: dict[str, tuple[tuple[str, type], ...]] = {
    "message_start": (("message", dict),),
    "content_block_start": (("index", int), ("content_block", dict)),
    "content_block_delta": (("index", int), ("delta", dict)),
    "message_delta": (("delta", dict),),
    "error": (("error", dict),),
}
NAMES: dict[type, str] = {
    int: "a whole number",
    bool: "true or false",
    dict: "an object",
    str: "a string",
    list: "a list",
}


def kind_of(value: Any) -> str:
    """What a JSON value is, in words."""
    if value is None:
        return "null"
    return NAMES.get(type(value), "a number")


def is_whole(message: dict[str, Any]) -> bool:
    """Whether nothing is missing or broken for certain; asked thousands of times, and nearly always true."""
    usage, content = message.get("usage"), message.get("content")
    if not message.keys() >= FIELDS or type(content) is not list or type(usage) is not dict:
        return False
    if type(usage.get("input_tokens")) is not int or type(usage.get("output_tokens")) is not int:
        return False
    for block in content:
        if type(block) is not dict or type(kind := block.get("type")) is not str or kind not in BLOCKS:
            return False
        for key, expected in BLOCKS[kind]:
            if type(block.get(key)) is not expected:
                return False
    return True


def are_events(events: list[Any]) -> bool:
    """The same of the events of a stream."""
    try:
        for at, data in events:
            kind = data["type"]
            if type(at) is not int or at < 0 or type(kind) is not str:
                return False
            for key, expected in EVENTS.get(kind, ()):
                if type(data[key]) is not expected:
                    return False
    except (LookupError, TypeError, ValueError):
        return False
    return True
