"""What Claude reads and says: the texts of a request and of its answer, each with who says it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..scenario.transcript import blocks_of, error_of
from ..wire import Response

__all__ = [
    "CALLS",
    "CLAUDE",
    "ERROR",
    "RESULT",
    "SYSTEM",
    "THINKS",
    "USER",
    "Piece",
    "answered",
    "ending_of",
    "parameters_of",
    "said",
    "system_of",
    "tools_of",
]

SYSTEM, USER, RESULT = "system", "user", "result"
CLAUDE, THINKS, CALLS, ERROR = "claude", "thinks", "calls", "error"
_TOLD_APART = frozenset({"model", "system", "tools", "messages", "stream"})
_LONGEST = 300


class Piece(NamedTuple):
    """A text: who says it, the name of the tool, and the id of the call."""

    who: str
    name: str
    text: str
    call: str = ""


def system_of(body: Mapping[str, Any]) -> str:
    """The whole system prompt of a request; empty where there is none."""
    system = body.get("system")
    return system if isinstance(system, str) else "\n".join(map(_text_of, _listed(system)))


def tools_of(body: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The tools that are offered: the name, the description, and the schema of the input as JSON."""
    tools = [tool for tool in _listed(body.get("tools")) if isinstance(tool, dict)]
    return [
        (
            str(tool.get("name") or tool.get("type")),
            str(tool.get("description", "")),
            json.dumps(tool["input_schema"], ensure_ascii=False, indent=2) if "input_schema" in tool else "",
        )
        for tool in tools
    ]


def parameters_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """What else a request asks for: ``max_tokens`` and the like."""
    return {key: value for key, value in body.items() if key not in _TOLD_APART}


def said(messages: Sequence[Any], names: dict[str, str]) -> Iterator[Piece]:
    """The texts of some messages; `names` are those of the tools by the ids of their calls, and are learned here."""
    for message in messages:
        role, content = (message.get("role"), message.get("content")) if isinstance(message, dict) else (None, message)
        blocks = content if isinstance(content, list) else [{"type": "text", "text": content}]
        for block in blocks:
            yield _piece(block, CLAUDE if role == "assistant" else USER, names)


def answered(response: Response | None, names: dict[str, str]) -> Iterator[Piece]:
    """The texts of an answer."""
    if response is None or response.ending == "dropped":
        yield Piece(ERROR, "", "no answer")
    elif response.status != 200:
        yield Piece(ERROR, "", error_of(response))
    else:
        yield from (_piece(block, CLAUDE, names) for block in blocks_of(response))


def ending_of(response: Response | None) -> str:
    """Why an answer ended and what it used: ``end_turn, 812 tokens in, 40 out``."""
    told: dict[str, Any] = {}
    for value in _values(response):
        message = value.get("message", value)
        for part in (message, value.get("delta")):
            if isinstance(part, dict) and isinstance(part.get("stop_reason"), str):
                told["stop_reason"] = part["stop_reason"]
        for part in (message, value):
            usage = part.get("usage") if isinstance(part, dict) else None
            told |= {key: n for key, n in usage.items() if type(n) is int} if isinstance(usage, dict) else {}
    words = [told["stop_reason"]] if "stop_reason" in told else []
    words += [f"{told['input_tokens']:,} tokens in"] if "input_tokens" in told else []
    words += [f"{told['output_tokens']:,} out"] if "output_tokens" in told else []
    return ", ".join(words)


def _values(response: Response | None) -> Iterator[dict[str, Any]]:
    """The JSON objects of an answer: itself, or the events of a stream."""
    for chunk in response.chunks if response and response.status == 200 else ():
        try:
            value = json.loads(chunk.partition(b"data: ")[2] or chunk)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _piece(block: Any, who: str, names: dict[str, str]) -> Piece:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind == "text":
        return Piece(who, "", str(block.get("text", "")))
    if kind == "thinking":
        return Piece(THINKS, "", str(block.get("thinking", "")))
    if kind == "tool_result":
        call = str(block.get("tool_use_id"))
        failed = "failed: " if block.get("is_error") else ""
        return Piece(RESULT, names.get(call, ""), failed + _content(block.get("content", "")), call)
    if isinstance(kind, str) and kind.endswith("tool_use"):
        call, name = str(block.get("id")), str(block.get("name"))
        names[call] = name
        return Piece(CALLS, name, _arguments(block.get("input")), call)
    return Piece(who, "", _other(block))


def _arguments(given: Any) -> str:
    """The input of a tool, an argument a line."""
    if not isinstance(given, dict):
        return _json(given)
    return "\n".join(f"{key}: {_json(value)}" for key, value in given.items())


def _content(content: Any) -> str:
    return content if isinstance(content, str) else "\n".join(map(_text_of, _listed(content)))


def _text_of(block: Any) -> str:
    return str(block["text"]) if isinstance(block, dict) and "text" in block else _other(block)


def _other(block: Any) -> str:
    """A block that is no text: an image and the like by what it is, without its data."""
    source = block.get("source") if isinstance(block, dict) else None
    if isinstance(source, dict):
        facts = [source.get("media_type"), source.get("url")]
        return f"[{', '.join(str(fact) for fact in (block.get('type'), *facts) if fact)}]"
    text = _json(block)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
