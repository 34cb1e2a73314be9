"""What an authored answer lacks is filled in: the same answer in the same place always becomes the same.

Ids are drawn from where they stand: the number of the interaction, and that of the block.  The usage is an
estimate of four characters a token.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Set
from operator import is_not
from typing import Any

from ..faults.kinds import CLAUDE_ERRORS
from ..hashing import sha256

__all__ = [
    "FIELDS",
    "OPAQUE",
    "Names",
    "completed_error",
    "completed_message",
    "completed_results",
    "error_type",
    "has_usage",
    "tokens",
]

Block = dict[str, Any]

# What only the API can make and only the API reads: signatures, encrypted results.  Base64 of "authored".
OPAQUE = "YXV0aG9yZWQ="

# What every message of the API has.
FIELDS = frozenset({"id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "usage"})

_CHARACTERS_PER_TOKEN = 4
_TOKENS = frozenset({"input_tokens", "output_tokens"})
_PREFIXES = {"tool_use": "toolu_", "server_tool_use": "srvtoolu_", "mcp_tool_use": "mcptoolu_"}
_SERVED = frozenset({"server_tool_use", "mcp_tool_use"})


class Names:
    """Ids for what has none; never one of those that `taken` gives, which is asked once, when an id is needed."""

    def __init__(self, taken: Callable[[], Set[str]] = frozenset) -> None:
        self._find = taken
        self._taken: Set[str] | None = None

    def of_message(self, number: int) -> str:
        """The id of the answer of interaction `number`."""
        return self._free("msg_", f"{number}")

    def of_call(self, kind: str, number: int, index: int) -> str:
        """The id of the block `index` of that answer, a call of the type `kind`."""
        return self._free(_PREFIXES[kind], f"{number}.{index}")

    def _free(self, prefix: str, place: str) -> str:
        if self._taken is None:
            self._taken = self._find()
        name = _drawn(prefix, place)
        while name in self._taken:
            place += "+"
            name = _drawn(prefix, place)
        return name


def completed_message(
    response: dict[str, Any], number: int, request: Mapping[str, Any], model: str, names: Names
) -> dict[str, Any]:
    """The message `response` with all that the API always sends; itself when nothing is missing.

    What is broken stays so, for whoever reads it to complain.

    Args:
        response: the message, at least its ``content``.
        number: the number of the interaction.
        request: what it answers, for the estimate of its tokens.
        model: who is said to answer.
        names: where ids come from.
    """
    content = response.get("content")
    if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
        return response
    blocks = _completed_blocks(content, number, names)
    if response.keys() >= FIELDS and has_usage(response) and blocks is content:
        return response
    message = {
        "id": response["id"] if "id" in response else names.of_message(number),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": blocks,
        "stop_reason": "tool_use" if any(block.get("type") == "tool_use" for block in blocks) else "end_turn",
        "stop_sequence": None,
        "usage": {},
        **response,
    }
    message["content"] = blocks
    if not has_usage(response) and isinstance(message["usage"], dict):
        estimate = {"input_tokens": tokens(request), "output_tokens": tokens(blocks)}
        message["usage"] = {**estimate, **message["usage"]}
    return message


def completed_error(status: int, body: dict[str, Any]) -> dict[str, Any]:
    """The body of an error with its types; itself when they are there, or when it is no error of the API's shape."""
    error = body.get("error")
    if not isinstance(error, dict) or ("type" in body and "type" in error):
        return body
    return {"type": "error", **body, "error": {"type": error_type(status), **error}}


def completed_results(messages: list[dict[str, Any]], answer: Any) -> list[dict[str, Any]]:
    """The messages, their tool results with the ids of the calls before them, in their order.

    `answer` is what comes before the first.  They are `messages` itself when no result lacks its id.
    """
    if not any(map(_lacks_id, messages)):
        return messages
    completed = []
    for message in messages:
        if _lacks_id(message):
            message = {**message, "content": _with_ids(message["content"], list(_calls(answer)))}
        completed.append(message)
        answer = message
    return completed


def has_usage(response: Mapping[str, Any]) -> bool:
    """Whether the tokens of the message are told."""
    usage = response.get("usage")
    return isinstance(usage, dict) and usage.keys() >= _TOKENS


def error_type(status: int) -> str:
    """The API's type of an error with that status."""
    return _ERROR_TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")


def tokens(value: Any) -> int:
    """How many tokens the JSON value may be."""
    return len(json.dumps(value, ensure_ascii=False)) // _CHARACTERS_PER_TOKEN + 1


def _completed_blocks(content: list[Block], number: int, names: Names) -> list[Block]:
    """The blocks, each with what it lacks; `content` itself when none lacks anything."""
    completed: list[Block] = []
    for index, block in enumerate(content):
        completed.append(_completed_block(block, number, index, completed, names))
    return completed if any(map(is_not, completed, content)) else content


def _completed_block(block: Block, number: int, index: int, before: list[Block], names: Names) -> Block:
    kind = block.get("type")
    if not isinstance(kind, str) or kind == "text":
        return block
    if kind in _PREFIXES and not block.keys() >= {"id", "input"}:
        name = block["id"] if "id" in block else names.of_call(kind, number, index)
        return {"type": kind, "id": name, **block, "input": block.get("input", {})}
    if kind == "thinking" and "signature" not in block:
        return {**block, "signature": OPAQUE}
    if kind == "redacted_thinking" and "data" not in block:
        return {**block, "data": OPAQUE}
    if kind == "web_search_tool_result":
        block = _with_results(block)
    if kind.endswith("_tool_result") and "tool_use_id" not in block:
        return {"type": kind, **_answering(before), **block}
    return block


def _with_results(block: Block) -> Block:
    found = block.get("content")
    if not isinstance(found, list):
        return block
    results = [_with_encrypted(result) for result in found]
    return {**block, "content": results} if any(map(is_not, results, found)) else block


def _with_encrypted(result: Any) -> Any:
    lacks = isinstance(result, dict) and result.get("type") == "web_search_result" and "encrypted_content" not in result
    return {**result, "encrypted_content": OPAQUE} if lacks else result


def _answering(blocks: list[Block]) -> dict[str, Any]:
    """Which call the API itself answers next: the first of `blocks` that has no result."""
    answered = [block.get("tool_use_id") for block in blocks]
    calls = [block["id"] for block in blocks if block.get("type") in _SERVED]
    waiting = [call for call in calls if call not in answered]
    return {"tool_use_id": waiting[0]} if waiting else {}


def _calls(message: Any) -> Iterator[str]:
    content = message.get("content") if isinstance(message, dict) else None
    for block in content if isinstance(content, list) else ():
        if isinstance(block, dict) and block.get("type") == "tool_use" and isinstance(block.get("id"), str):
            yield block["id"]


def _lacks_id(message: dict[str, Any]) -> bool:
    content = message.get("content")
    # Most are texts, and there are many.
    return type(content) is list and any(map(_is_nameless, content))


def _is_nameless(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "tool_result" and "tool_use_id" not in block


def _with_ids(content: list[Any], calls: list[str]) -> list[Any]:
    named = [block.get("tool_use_id") for block in content if isinstance(block, dict)]
    left = iter([call for call in calls if call not in named])
    return [_with_id(block, next(left, None)) if _is_nameless(block) else block for block in content]


def _with_id(block: Block, call: str | None) -> Block:
    return block if call is None else {"type": block["type"], "tool_use_id": call, **block}


def _drawn(prefix: str, place: str) -> str:
    return prefix + sha256(f"{prefix}{place}".encode()).hexdigest()[:24]


_ERROR_TYPES = {status: kind for kind, status in CLAUDE_ERRORS.items()}
