"""When are two requests the same?  Named matchers; each returns a Difference or nothing.

A text is equal to the list of one text block that means the same, a field that is null to one
that is not there, ``"stream": false`` to none, and 1 to 1.0: what the API reads alike matches alike.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

__all__ = [
    "MATCHERS",
    "Difference",
    "Matcher",
    "Outline",
    "common_length",
    "differences",
    "normalised",
    "outline",
    "same",
]


class Difference(NamedTuple):
    """One part of a request that is not as recorded: its name and both values as lines of text.

    ``place`` says where in the part the lines begin, when it is not at its start.
    """

    part: str
    recorded: list[str]
    sent: list[str]
    place: str = ""


Request = Mapping[str, Any]
Matcher = Callable[[Request, Request], "Difference | None"]
Outline = tuple[int, str]

_NAMED = frozenset({"messages", "model", "system", "tools"})


def normalised(request: Request) -> dict[str, Any]:
    """`request` in the one form in which equal requests are equal values."""
    plain = {key: value for key, value in request.items() if value is not None and key != "stream"}
    if "system" in plain:
        plain["system"] = _blocks(plain["system"])
    if isinstance(plain.get("tools"), list):
        plain["tools"] = [_without_nulls(tool) for tool in plain["tools"]]
    plain["messages"] = [_message(message) for message in _listed(plain.get("messages"))]
    return plain


def same(recorded: Request, sent: Request) -> bool:
    """Whether no matcher finds a difference."""
    return recorded == sent or normalised(recorded) == normalised(sent)


def outline(request: Request) -> Outline:
    """What equal requests have in common and most others have not: how many messages, and the last of them.

    Cheap, so that of a cassette of thousands only a few recordings are ever compared in full.
    """
    messages = _listed(request.get("messages"))
    # Only the texts of it: numbers can be equal and yet be written differently.
    return len(messages), "\n".join(_strings(_message(messages[-1]))) if messages else ""


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
    keys = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
    return _differ(
        "parameters",
        {key: before[key] for key in keys if key in before},
        {key: now[key] for key in keys if key in now},
    )


def common_length(before: list[Any], now: list[Any]) -> int:
    """How many messages two conversations have in common from their start."""
    for index, (one, other) in enumerate(zip(before, now, strict=False)):
        if one != other:
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
    if recorded == sent:
        return None
    before, now = _as_lines(recorded), _as_lines(sent)
    if before == now:
        # What differs is not in the texts: how they are divided into blocks, for instance.
        before, now = _as_json(recorded), _as_json(sent)
    return Difference(part, before, now)


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from _strings(value[key])


def _listed(value: Any) -> Any:
    return value if isinstance(value, (list, tuple)) else []


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


def _as_json(value: Any) -> list[str]:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True).split("\n")


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
