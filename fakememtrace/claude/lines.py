"""Texts as arrays of lines, so that a changed prompt line is a one-line diff.

Where the Messages API expects a text (system, content, text, thinking, description) a text
with line breaks is written as an array of its lines.  Elsewhere (a tool's input or schema) an
array of strings may be data, so there it is written as ``{"$lines": [...]}``.
"""

from __future__ import annotations

from typing import Any

__all__ = ["join_content", "join_free", "join_tools", "split_content", "split_free", "split_tools"]

_MARK = "$lines"
_LITERAL = "$literal"
_TEXT_KEYS = frozenset({"text", "thinking"})


def split_content(content: Any) -> Any:
    """A system prompt or a message's content, from the wire to the file."""
    if isinstance(content, str):
        return _split(content)
    if isinstance(content, list):
        return [_split_block(block) for block in content]
    return split_free(content)


def join_content(content: Any) -> Any:
    """The reverse of :func:`split_content`."""
    if isinstance(content, list):
        if _is_lines(content):
            return "\n".join(content)
        return [_join_block(block) for block in content]
    return join_free(content)


def split_tools(tools: Any) -> Any:
    """A request's tools, from the wire to the file."""
    return _each_tool(tools, _split, split_free)


def join_tools(tools: Any) -> Any:
    """The reverse of :func:`split_tools`."""
    return _each_tool(tools, _join, join_free)


def split_free(value: Any) -> Any:
    """Any JSON value, from the wire to the file."""
    if isinstance(value, str):
        return {_MARK: value.split("\n")} if "\n" in value else value
    if isinstance(value, list):
        return [split_free(item) for item in value]
    if isinstance(value, dict):
        plain = {key: split_free(item) for key, item in value.items()}
        return {_LITERAL: plain} if value.keys() in ({_MARK}, {_LITERAL}) else plain
    return value


def join_free(value: Any) -> Any:
    """The reverse of :func:`split_free`."""
    if isinstance(value, list):
        return [join_free(item) for item in value]
    if isinstance(value, dict):
        if value.keys() == {_MARK} and _is_lines(value[_MARK]):
            return "\n".join(value[_MARK])
        if value.keys() == {_LITERAL} and isinstance(value[_LITERAL], dict):
            value = value[_LITERAL]
        return {key: join_free(item) for key, item in value.items()}
    return value


def _split(text: Any) -> Any:
    if isinstance(text, str):
        return text.split("\n") if "\n" in text else text
    return split_free(text)


def _join(text: Any) -> Any:
    return "\n".join(text) if _is_lines(text) else join_free(text)


def _is_lines(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and all(isinstance(line, str) for line in value)


def _split_block(block: Any) -> Any:
    return _each_part(block, _split, split_content, split_free)


def _join_block(block: Any) -> Any:
    return _each_part(block, _join, join_content, join_free)


def _each_part(block: Any, text: Any, content: Any, free: Any) -> Any:
    if not isinstance(block, dict):
        return free(block)
    return {
        key: text(value) if key in _TEXT_KEYS else content(value) if key == "content" else free(value)
        for key, value in block.items()
    }


def _each_tool(tools: Any, text: Any, free: Any) -> Any:
    if not isinstance(tools, list):
        return free(tools)
    return [
        {key: text(value) if key == "description" else free(value) for key, value in tool.items()}
        if isinstance(tool, dict)
        else free(tool)
        for tool in tools
    ]
