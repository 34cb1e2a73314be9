"""Small cassettes for the tests."""

from __future__ import annotations

from typing import Any

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import AUTHORED, Interaction, Provenance

AUTHOR = Provenance(AUTHORED, "claude-x", "2026-11-22")

TOOL = {
    "name": "remember",
    "description": "Store a memory\nfor later",
    "input_schema": {"type": "object", "properties": {"content": {"type": "string"}}, "required": ["content"]},
}


def request(*said: Any, **parameters: Any) -> dict[str, Any]:
    """A body: `said` are the contents of the messages, from user and assistant in turn."""
    messages = [{"role": ("user", "assistant")[turn % 2], "content": content} for turn, content in enumerate(said)]
    return {"model": "claude-x", "max_tokens": 100, **parameters, "messages": messages}


def answer(*blocks: Any, **fields: Any) -> dict[str, Any]:
    """A message; a string is a text block."""
    content = [{"type": "text", "text": block} if isinstance(block, str) else block for block in blocks]
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "content": content,
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 10, "output_tokens": 5},
        **fields,
    }


def interaction(body: dict[str, Any], response: dict[str, Any] | str, **fields: Any) -> Interaction:
    """An authored interaction; a string is the text of a message, or the whole body of an error."""
    whole = isinstance(response, dict) or fields.get("status", 200) != 200
    return Interaction(body, response if whole else answer(response), AUTHOR, **fields)


def conversation() -> Cassette:
    """Three turns: a question, a tool call, its result and the end; with system prompt and tool."""
    parameters = {"system": "You are helpful.\nBe brief.", "tools": [TOOL]}
    use = {"type": "tool_use", "id": "toolu_1", "name": "remember", "input": {"content": "tea\nnot coffee"}}
    first = interaction(request("I like tea", **parameters), answer(use, stop_reason="tool_use"), duration_ms=1500)
    result = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "ok\nstored"}]
    second = interaction(request("I like tea", [use], result, **parameters), "Noted.")
    third = interaction(
        request("I like tea", [use], result, [{"type": "text", "text": "Noted."}], "Bye", **parameters), "Bye!"
    )
    return Cassette([first, second, third])
