"""The one form in which equal requests are equal values.

A text is equal to the list of one text block that means the same, a field that is null to one
that is not there, ``"stream": false`` to none, and 1 to 1.0: what the API reads alike matches alike.
"""

from __future__ import annotations

from typing import Any

from ..media import is_media
from .difference import Request

__all__ = ["Outline", "listed", "normalised", "outline"]

Outline = tuple[int, str]


def normalised(request: Request) -> dict[str, Any]:
    """`request` in that form, but for media: see :func:`fakememtrace.claude.media.digested`."""
    plain = {key: value for key, value in request.items() if value is not None and key != "stream"}
    if "system" in plain:
        plain["system"] = _blocks(plain["system"])
    if isinstance(plain.get("tools"), list):
        plain["tools"] = [_without_nulls(tool) for tool in plain["tools"]]
    plain["messages"] = [_message(message) for message in listed(plain.get("messages"))]
    return plain


def outline(count: int, last: Any) -> Outline:
    """What equal requests have in common and most others have not: how many messages, and the `last` of them.

    Cheap, so that of a cassette of thousands only a few recordings are ever compared in full.
    """
    # Only the texts of it: numbers can be equal and yet be written differently.
    texts: list[str] = []
    _collect(_message(last), texts)
    return count, "\n".join(texts)


def listed(value: Any) -> Any:
    """`value` if it is a list, else an empty one."""
    return value if isinstance(value, (list, tuple)) else []


def _collect(value: Any, texts: list[str]) -> None:
    # No generator: every request is looked up by this.
    if isinstance(value, str):
        texts.append(value)
    elif isinstance(value, list):
        for item in value:
            _collect(item, texts)
    # Media may be recorded by their digest.
    elif isinstance(value, dict) and not is_media(value):
        for key in sorted(value):
            _collect(value[key], texts)


def _message(message: Any) -> Any:
    if not isinstance(message, dict):
        return message
    return {**_without_nulls(message), "content": _blocks(message.get("content"))}


def _blocks(content: Any) -> Any:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if isinstance(content, list):
        return [_block(block) for block in content]
    return content


def _block(block: Any) -> Any:
    if not isinstance(block, dict):
        return block
    plain = _without_nulls(block)
    if isinstance(plain.get("content"), (str, list)):
        plain["content"] = _blocks(plain["content"])
    return plain


def _without_nulls(value: Any) -> Any:
    return {key: item for key, item in value.items() if item is not None} if isinstance(value, dict) else value
