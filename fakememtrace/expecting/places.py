"""Where the texts of a request to Claude stand, in the order in which they are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from .evidence import Asked

__all__ = ["ANSWER", "PROMPT", "QUESTION", "RESULT", "TOOLS", "Place", "answered", "places"]

# What the program says in every conversation, in words and of its tools; what the user says, what Claude said,
# what came back from a tool.
PROMPT, TOOLS, QUESTION, ANSWER, RESULT = "prompt", "tools", "question", "answer", "result"


class Place(NamedTuple):
    """A text of a request: who says it, what the place is called, and for a tool's result the id of the call."""

    kind: str
    name: str
    text: str
    call: str = ""


def places(asked: Asked) -> Iterator[Place]:
    """Every text of a request: system prompt, tools, messages."""
    yield Place(PROMPT, "the system prompt", "\n".join(_texts(asked.body.get("system"))))
    for tool in _objects(asked.body.get("tools")):
        yield Place(TOOLS, f"the description of the tool {tool.get('name')}", "\n".join(_described(tool)))
    names: dict[str, str] = {}
    for message in _objects(asked.body.get("messages")):
        content = message.get("content")
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else _objects(content)
        for block in blocks:
            if message.get("role") == "assistant":
                names[str(block.get("id"))] = str(block.get("name"))
                yield _of_claude(block)
            else:
                yield _of_user(block, names)


def answered(asked: Asked) -> Iterator[Place]:
    """Every text of Claude's answer to a request."""
    return map(_of_claude, asked.blocks)


def _of_claude(block: Mapping[str, Any]) -> Place:
    if block.get("type") == "tool_use":
        return Place(ANSWER, f"Claude's own call of {block.get('name')}", "\n".join(_leaves(block.get("input"))))
    return Place(ANSWER, "an earlier answer of Claude", "\n".join(_said(block)))


def _of_user(block: Mapping[str, Any], names: Mapping[str, str]) -> Place:
    if block.get("type") != "tool_result":
        return Place(QUESTION, "the user's question", "\n".join(_said(block)))
    call = str(block.get("tool_use_id"))
    return Place(RESULT, f"the result of {names.get(call, 'a tool')}", "\n".join(_texts(block.get("content"))), call)


def _texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    return [text for block in _objects(content) for text in _said(block)]


def _said(block: Mapping[str, Any]) -> list[str]:
    """What a reader sees of a block: no types, ids and signatures, and of a source only what is text."""
    source = block.get("source")
    read = [block.get(key) for key in ("title", "context", "text", "thinking", "content")]
    if isinstance(source, dict) and source.get("type") in ("text", "content"):
        read += [source.get("data"), source.get("content")]
    return [text for value in read for text in (_texts(value) if isinstance(value, list) else _leaves(value))]


def _described(value: Any) -> list[str]:
    """Every text in the description of a tool, but for the types of its arguments."""
    if isinstance(value, dict):
        return [text for key, item in value.items() if key != "type" for text in _described(item)]
    if isinstance(value, list):
        return [text for item in value for text in _described(item)]
    return [value] if isinstance(value, str) else []


def _leaves(value: Any) -> list[str]:
    """Every text in a value, whatever it is the value of; numbers as JSON."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _leaves(item)]
    if isinstance(value, list):
        return [text for item in value for text in _leaves(item)]
    return [] if value is None else [json.dumps(value)]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
