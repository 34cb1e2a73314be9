"""Texts as arrays of lines, so that a changed prompt line is a one-line diff.

Where the Messages API expects a text (system, content, text, thinking, description) a text
with line breaks is written as an array of its lines.  Elsewhere (a tool's input or schema) an
array of strings may be data, so there it is written as ``{"$lines": [...]}``.  What only looks
like either of them is written as ``{"$literal": ...}``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_not
from typing import Any

__all__ = [
    "is_text",
    "join_content",
    "join_free",
    "join_message",
    "join_tools",
    "split_content",
    "split_free",
    "split_message",
    "split_tools",
]

_MARK = "$lines"
_LITERAL = "$literal"
_TEXT_KEYS = frozenset({"text", "thinking"})

_Ways = Mapping[str, Callable[[Any], Any]]


def split_message(message: Any) -> Any:
    """A message or a response, from the wire to the file."""
    return _split_each(message, {"content": split_content})


def join_message(message: Any) -> Any:
    """The reverse of :func:`split_message`."""
    return _join_each(message, _JOIN_MESSAGE)


def split_content(content: Any) -> Any:
    """A system prompt or a message's content, from the wire to the file."""
    if isinstance(content, list) and not _is_lines(content):
        return [_split_each(block, _SPLIT_BLOCK) for block in content]
    return _split(content)


def join_content(content: Any) -> Any:
    """The reverse of :func:`split_content`."""
    if isinstance(content, list) and not _is_lines(content):
        blocks = [_join_each(block, _JOIN_BLOCK) for block in content]
        return blocks if any(map(is_not, blocks, content)) else content
    return _join(content)


def split_tools(tools: Any) -> Any:
    """A request's tools, from the wire to the file."""
    if isinstance(tools, list):
        return [_split_each(tool, {"description": _split}) for tool in tools]
    return split_free(tools)


def join_tools(tools: Any) -> Any:
    """The reverse of :func:`split_tools`."""
    if isinstance(tools, list):
        return [_join_each(tool, {"description": _join}) for tool in tools]
    return join_free(tools)


def split_free(value: Any) -> Any:
    """Any JSON value, from the wire to the file."""
    if isinstance(value, str):
        return {_MARK: value.split("\n")} if "\n" in value else value
    if isinstance(value, list):
        return [split_free(item) for item in value]
    if isinstance(value, dict):
        plain = {key: split_free(item) for key, item in value.items()}
        return {_LITERAL: plain} if _is_marked(value) else plain
    return value


def join_free(value: Any) -> Any:
    """The reverse of :func:`split_free`; what needs no change is not copied."""
    if isinstance(value, list):
        items = [join_free(item) if isinstance(item, (dict, list)) else item for item in value]
        return items if any(map(is_not, items, value)) else value
    if isinstance(value, dict):
        return _unmarked(value) if _is_marked(value) else _joined(value, {})
    return value


def is_text(value: Any) -> bool:
    """Whether `value` is a text as :func:`split_free` writes one."""
    return isinstance(value, str) or (isinstance(value, dict) and value.keys() == {_MARK} and _is_lines(value[_MARK]))


def _unmarked(value: dict[str, Any]) -> Any:
    if is_text(value):
        return "\n".join(value[_MARK])
    inside = value.get(_LITERAL)
    if isinstance(inside, list):
        return join_free(inside)
    return _joined(inside if isinstance(inside, dict) else value, {})


def _split_each(value: Any, ways: _Ways) -> Any:
    """`value` with each of its fields split: those of a name in `ways` so, all others freely."""
    if not isinstance(value, dict) or _is_marked(value):
        return split_free(value)
    return {key: ways.get(key, split_free)(item) for key, item in value.items()}


def _join_each(value: Any, ways: _Ways) -> Any:
    if type(value) is not dict or (len(value) == 1 and _is_marked(value)):
        return join_free(value)
    return _joined(value, ways)


def _joined(value: dict[str, Any], ways: _Ways) -> dict[str, Any]:
    changed = {}
    for key, item in value.items():
        kind = type(item)
        # Most are texts in one line, and there are many.
        if kind is dict or kind is list:
            joined = ways.get(key, join_free)(item)
            if joined is not item:
                changed[key] = joined
    return {**value, **changed} if changed else value


def _is_marked(value: dict[str, Any]) -> bool:
    return len(value) == 1 and (_MARK in value or _LITERAL in value)


def _split(text: Any) -> Any:
    if isinstance(text, str):
        return text.split("\n") if "\n" in text else text
    if _is_lines(text):
        return {_LITERAL: split_free(text)}
    return split_free(text)


def _join(text: Any) -> Any:
    return "\n".join(text) if _is_lines(text) else join_free(text)


def _is_lines(value: Any) -> bool:
    if not isinstance(value, list) or len(value) < 2 or not isinstance(value[0], str):
        return False
    return all(isinstance(line, str) for line in value)


_SPLIT_BLOCK: _Ways = {**dict.fromkeys(_TEXT_KEYS, _split), "content": split_content}
_JOIN_BLOCK: _Ways = {**dict.fromkeys(_TEXT_KEYS, _join), "content": join_content}
_JOIN_MESSAGE: _Ways = {"content": join_content}
