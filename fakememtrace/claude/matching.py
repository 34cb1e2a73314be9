"""When are two requests the same?  Named matchers; each returns a Difference or nothing.

A text is equal to the list of one text block that means the same, a field that is null to one
that is not there, and ``"stream": false`` to none: what the API reads alike matches alike.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

__all__ = ["MATCHERS", "Difference", "Matcher", "differences", "fingerprint", "normalised", "parameters_digest"]


class Difference(NamedTuple):
    """One part of a request that is not as recorded: its name and both values as lines of text.

    ``first`` is the place of the first line, when the part is a list (``messages[2]``), else empty.
    """

    part: str
    recorded: list[str]
    sent: list[str]
    place: str = ""


Request = Mapping[str, Any]
Matcher = Callable[[Request, Request], "Difference | None"]

_NAMED = frozenset({"messages", "model", "system", "tools"})


def normalised(request: Request) -> dict[str, Any]:
    """`request` in the one form in which equal requests are equal values."""
    plain = {key: value for key, value in request.items() if value is not None and key != "stream"}
    if "system" in plain:
        plain["system"] = _blocks(plain["system"])
    plain["messages"] = [_message(message) for message in _listed(plain.get("messages"))]
    return plain


def fingerprint(request: Request) -> tuple[str, str]:
    """Digests of the parameters and of the conversation; equal exactly when no matcher finds a difference."""
    conversation = hashlib.sha256()
    for message in _listed(request.get("messages")):
        conversation.update(_canonical(_message(message)))
    return parameters_digest(request), conversation.hexdigest()


def parameters_digest(request: Request) -> str:
    """A digest of everything but the messages."""
    return hashlib.sha256(_canonical(normalised({**request, "messages": ()}))).hexdigest()


def differences(recorded: Request, sent: Request) -> list[Difference]:
    """Every part in which `sent` is not as recorded; both are normalised requests."""
    found = (matcher(recorded, sent) for matcher in MATCHERS.values())
    return [difference for difference in found if difference]


def model(recorded: Request, sent: Request) -> Difference | None:
    """The model is the same."""
    return _differ("model", recorded.get("model"), sent.get("model"))


def system(recorded: Request, sent: Request) -> Difference | None:
    """The system prompt is the same, block by block."""
    return _differ("system", recorded.get("system"), sent.get("system"))


def tools(recorded: Request, sent: Request) -> Difference | None:
    """The same tools are offered, in the same order."""
    return _differ("tools", recorded.get("tools"), sent.get("tools"))


def messages(recorded: Request, sent: Request) -> Difference | None:
    """The conversation is the same; shown from the first message that is not."""
    before, now = recorded["messages"], sent["messages"]
    same = common_length(before, now)
    difference = _differ("messages", before[same:], now[same:])
    return difference and difference._replace(place=f"from messages[{same}] on")


def parameters(recorded: Request, sent: Request) -> Difference | None:
    """Everything else is the same: max_tokens, tool_choice, temperature and so on."""
    before, now = ({key: value for key, value in request.items() if key not in _NAMED} for request in (recorded, sent))
    keys = sorted(key for key in before.keys() | now.keys() if not _equal(before.get(key), now.get(key)))
    return _differ(
        "parameters",
        {key: before[key] for key in keys if key in before},
        {key: now[key] for key in keys if key in now},
    )


def common_length(before: list[Any], now: list[Any]) -> int:
    """How many messages two conversations have in common from their start."""
    for index, (one, other) in enumerate(zip(before, now, strict=False)):
        if not _equal(one, other):
            return index
    return min(len(before), len(now))


MATCHERS: dict[str, Matcher] = {
    "model": model,
    "system": system,
    "tools": tools,
    "parameters": parameters,
    "messages": messages,
}


def _differ(part: str, recorded: Any, sent: Any) -> Difference | None:
    if _equal(recorded, sent):
        return None
    return Difference(part, _as_lines(recorded), _as_lines(sent))


def _equal(one: Any, other: Any) -> bool:
    # 1, 1.0 and True are equal in Python and not on the wire.
    return bool(one == other) and (one is other or _canonical(one) == _canonical(other))


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else []


def _message(message: Any) -> Any:
    if not isinstance(message, dict):
        return message
    return {**message, "content": _blocks(message.get("content"))}


def _blocks(content: Any) -> Any:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if isinstance(content, list):
        return [_block(block) for block in content]
    return content


def _block(block: Any) -> Any:
    if not isinstance(block, dict):
        return block
    plain = {key: value for key, value in block.items() if value is not None}
    if isinstance(plain.get("content"), (str, list)):
        plain["content"] = _blocks(plain["content"])
    return plain


def _as_lines(value: Any) -> list[str]:
    """A value as a person reads it: texts as their lines, everything else as indented JSON."""
    if value is None:
        return []
    if isinstance(value, str):
        return value.split("\n")
    if isinstance(value, list):
        return [line for item in value for line in _item_lines(item)]
    if isinstance(value, dict):
        return [line for key, item in value.items() for line in _entry_lines(key, item)]
    return [json.dumps(value)]


def _item_lines(item: Any) -> list[str]:
    if isinstance(item, dict) and "role" in item:
        return [f"{item['role']}:", *("  " + line for line in _as_lines(item.get("content")))]
    if isinstance(item, dict) and item.keys() == {"type", "text"}:
        return _as_lines(item["text"])
    if isinstance(item, dict):
        return _entry_group(item)
    return [json.dumps(item, ensure_ascii=False)]


def _entry_group(item: dict[str, Any]) -> list[str]:
    head, *rest = (line for key, value in item.items() for line in _entry_lines(key, value))
    return [f"- {head}", *(f"  {line}" for line in rest)] if item else ["- {}"]


def _entry_lines(key: str, value: Any) -> list[str]:
    if isinstance(value, (dict, list)) and value:
        return [f"{key}:", *("  " + line for line in _as_lines(value))]
    if isinstance(value, str) and "\n" in value:
        return [f"{key}:", *("  " + line for line in value.split("\n"))]
    return [f"{key}: {json.dumps(value, ensure_ascii=False)}"]
