"""Where two requests differ, part by part and place by place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from ...errors import listed
from .difference import ORDER, TEXT, VALUE, Difference, Request

__all__ = ["PARTS", "as_value", "differing", "first_line", "text_of"]

PARTS = ("model", "system", "tools", "parameters", "messages")

_NAMED = frozenset(PARTS)
# What a person wrote, and is to be read by lines and words.
_PROSE = frozenset({"content", "description", "text", "thinking"})
_NOTHING = object()

_Found = Iterator[Difference]


def differing(recorded: Request, sent: Request) -> _Found:
    """Every place in which `sent` is not as `recorded`; both are in normal form, their media digested."""
    for part, look in (("model", _model), ("system", _system), ("tools", _tools)):
        yield from _looked_at(part, look, recorded, sent)
    for key in sorted((recorded.keys() | sent.keys()) - _NAMED):
        yield from _values("parameters", _get(recorded, key), _get(sent, key), key)
    yield from _looked_at("messages", _messages, recorded, sent)


def as_value(value: Any) -> list[str]:
    """`value` as one line of JSON."""
    return [json.dumps(value, ensure_ascii=False)]


def text_of(blocks: Any) -> str:
    """The texts of content blocks, each from a line of its own on."""
    return "\n".join(text for block in _listed(blocks) for text in _texts(block))


def first_line(blocks: Any) -> str:
    """The first line of content blocks that says something."""
    return next((line for line in text_of(blocks).split("\n") if line.strip()), "")


def _get(request: Request, key: str) -> Any:
    return request.get(key, _NOTHING)


def _looked_at(part: str, look: Callable[[Any, Any], _Found], recorded: Request, sent: Request) -> _Found:
    before, now = _get(recorded, part), _get(sent, part)
    found = list(look(before, now))
    if not found and before != now:
        # Nothing that can be told by its place, such as no tools and an empty list of them.
        found = [Difference(part, _dumped_one(before), _dumped_one(now), "", VALUE)]
    yield from found


def _model(recorded: Any, sent: Any) -> _Found:
    return _values("model", recorded, sent, "")


def _values(part: str, recorded: Any, sent: Any, place: str) -> _Found:
    """Where two JSON values differ, and each of them may be `_NOTHING`."""
    if recorded == sent:
        return
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for key in [*recorded, *(key for key in sent if key not in recorded)]:
            yield from _values(part, _get(recorded, key), _get(sent, key), _below(place, key))
    elif _are_lists_of_objects(recorded, sent) and len(recorded) == len(sent):
        if _is_permuted(recorded, sent):
            yield Difference(part, _dumped(recorded), _dumped(sent), place, ORDER)
            return
        for index, (before, now) in enumerate(zip(recorded, sent, strict=True)):
            yield from _values(part, before, now, f"{place}[{index}]")
    elif _is_prose(place, recorded, sent):
        yield Difference(part, _lines(recorded), _lines(sent), place)
    else:
        yield Difference(part, _dumped_one(recorded), _dumped_one(sent), place, VALUE)


def _below(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _is_prose(place: str, recorded: Any, sent: Any) -> bool:
    texts = [value for value in (recorded, sent) if value is not _NOTHING]
    if not all(isinstance(text, str) for text in texts):
        return False
    return place.rpartition(".")[2] in _PROSE or any("\n" in text for text in texts)


def _lines(value: Any) -> list[str]:
    return [] if value is _NOTHING else str(value).split("\n")


def _dumped_one(value: Any) -> list[str]:
    return [] if value is _NOTHING else as_value(value)


def _dumped(values: Sequence[Any]) -> list[str]:
    return [json.dumps(value, ensure_ascii=False) for value in values]


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _are_lists_of_objects(*values: Any) -> bool:
    return all(isinstance(value, list) and all(isinstance(item, dict) for item in value) for value in values)


def _is_permuted(recorded: Sequence[Any], sent: Sequence[Any]) -> bool:
    """Whether the same things stand in another order."""
    return Counter(map(_canonical, recorded)) == Counter(map(_canonical, sent))


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _system(recorded: Any, sent: Any) -> _Found:
    if recorded == sent:
        return
    before, now = (_listed(value) for value in (recorded, sent))
    if (recorded is not _NOTHING and recorded is not before) or (sent is not _NOTHING and sent is not now):
        # No system prompt that the API would take.
        yield from _values("system", recorded, sent, "")
        return
    yield from _blocks("system", before, now, "", "")


def _tools(recorded: Any, sent: Any) -> _Found:
    before, now = _by_name(recorded), _by_name(sent)
    if before is None or now is None:
        yield from _values("tools", recorded, sent, "")
        return
    for name in [name for name in before if name not in now]:
        yield Difference("tools", as_value(before[name]), [], name, VALUE)
    for name in [name for name in now if name not in before]:
        yield Difference("tools", [], as_value(now[name]), name, VALUE)
    for name in [name for name in before if name in now]:
        yield from _values("tools", before[name], now[name], name)
    common = [[name for name in names if name in before and name in now] for names in (before, now)]
    if common[0] != common[1]:
        yield Difference("tools", common[0], common[1], "", ORDER)


def _by_name(tools: Any) -> dict[str, Any] | None:
    """Tools by their names; None where they have none, or two the same."""
    if tools is _NOTHING:
        return {}
    if not _are_lists_of_objects(tools):
        return None
    named = {str(tool.get("name", tool.get("type"))): tool for tool in tools}
    return named if len(named) == len(tools) else None


def _messages(recorded: Any, sent: Any) -> _Found:
    before, now = _listed(recorded), _listed(sent)
    start, end = _common(before, now)
    old, new = before[start : len(before) - end], now[start : len(now) - end]
    if len(old) > 1 and _is_permuted(old, new):
        place = f"messages[{start}] to messages[{start + len(old) - 1}]"
        yield Difference("messages", [*map(_said, old)], [*map(_said, new)], place, ORDER)
        return
    calls = _calls(before) | _calls(now)
    for index in range(max(len(old), len(new))):
        one, other = (messages[index] if index < len(messages) else _NOTHING for messages in (old, new))
        yield from _message(one, other, start + index, calls)


def _common(before: list[Any], now: list[Any]) -> tuple[int, int]:
    """How many items two lists have in common at their start, and then at their end."""
    shorter = min(len(before), len(now))
    start = next((n for n in range(shorter) if before[n] != now[n]), shorter)
    end = next((n for n in range(shorter - start) if before[-1 - n] != now[-1 - n]), shorter - start)
    return start, end


def _said(message: Any) -> str:
    if not isinstance(message, dict):
        return json.dumps(message, ensure_ascii=False)
    return f"{message.get('role')}: {first_line(message.get('content'))}"


def _calls(messages: list[Any]) -> dict[str, str]:
    """The names of the tools that are called, by the id of the call."""
    return {
        str(block.get("id")): str(block.get("name"))
        for message in messages
        if isinstance(message, dict)
        for block in _listed(message.get("content"))
        if isinstance(block, dict) and block.get("type") == "tool_use"
    }


def _message(recorded: Any, sent: Any, index: int, calls: dict[str, str]) -> _Found:
    one = sent if recorded is _NOTHING else recorded
    role = str(one.get("role")) if isinstance(one, dict) else "no message"
    place = f"messages[{index}] ({role})"
    if not (isinstance(recorded, dict) and isinstance(sent, dict)) or recorded.get("role") != sent.get("role"):
        yield Difference("messages", _message_lines(recorded), _message_lines(sent), place, origin=role)
        return
    before, now = recorded.get("content"), sent.get("content")
    if isinstance(before, list) and isinstance(now, list):
        yield from _blocks("messages", before, now, place, role, calls)
    else:
        yield from _values("messages", before, now, f"{place}.content")
    for key in [*recorded, *(key for key in sent if key not in recorded)]:
        if key not in ("content", "role"):
            yield from _values("messages", _get(recorded, key), _get(sent, key), f"{place}.{key}")


def _message_lines(message: Any) -> list[str]:
    if message is _NOTHING:
        return []
    if not isinstance(message, dict):
        return as_value(message)
    content = message.get("content")
    lines = [line for block in _listed(content) for line in _block_lines(block)]
    return lines or as_value(content)


def _blocks(
    part: str, recorded: list[Any], sent: list[Any], place: str, origin: str, calls: dict[str, str] | None = None
) -> _Found:
    """Where two lists of content blocks differ."""
    if recorded == sent:
        return
    if len(recorded) > 1 and _is_permuted(recorded, sent):
        lines = [["; ".join(_block_lines(block)) for block in blocks] for blocks in (recorded, sent)]
        yield Difference(part, lines[0], lines[1], place, ORDER)
    elif len(recorded) == len(sent):
        name = _placed(place, len(recorded), "content" if part == "messages" else part)
        for index, (one, other) in enumerate(zip(recorded, sent, strict=True)):
            yield from _block(part, one, other, name(index), origin, calls or {})
    elif text_of(recorded) == text_of(sent) and _are_texts(recorded) and _are_texts(sent):
        divided = [[_division(blocks)] for blocks in (recorded, sent)]
        yield Difference(part, divided[0], divided[1], f"{place}, the same text" if place else "the same text", VALUE)
    else:
        lines = [[line for block in blocks for line in _block_lines(block)] for blocks in (recorded, sent)]
        yield Difference(part, lines[0], lines[1], place, TEXT, origin)


def _placed(place: str, count: int, name: str) -> Callable[[int], str]:
    """The place of the block with an index; of a single one that of the whole."""
    if count == 1:
        return lambda _: place
    return lambda index: f"{place}, {name}[{index}]" if place else f"{name}[{index}]"


def _block(part: str, recorded: Any, sent: Any, place: str, origin: str, calls: dict[str, str]) -> _Found:
    if recorded == sent:
        return
    if not (isinstance(recorded, dict) and isinstance(sent, dict)) or recorded.get("type") != sent.get("type"):
        yield Difference(part, _block_lines(recorded), _block_lines(sent), place, TEXT, origin)
        return
    kind = str(recorded.get("type"))
    if kind == "tool_result":
        tool = calls.get(str(sent.get("tool_use_id")), "")
        place = f"{place}, tool_result of {tool}" if tool else f"{place}, tool_result"
        origin = f"tool {tool}".strip()
    elif kind != "text":
        place = f"{place}, {kind}"
    inner = {key for key in ("content", "text") if isinstance(sent.get(key), (str, list))}
    for key in [*recorded, *(key for key in sent if key not in recorded)]:
        before, now = _get(recorded, key), _get(sent, key)
        if key == "text" and key in inner:
            yield from _text(part, before, now, place, origin)
        elif key == "content" and key in inner and kind == "tool_result":
            yield from _blocks(part, _listed(before), _listed(now), place, origin, calls)
        else:
            yield from _values(part, before, now, f"{place}.{key}" if place else key)


def _text(part: str, recorded: Any, sent: Any, place: str, origin: str) -> _Found:
    if recorded != sent:
        yield Difference(part, _lines(recorded), _lines(sent), place, TEXT, origin)


def _texts(block: Any) -> Iterator[str]:
    if isinstance(block, dict):
        if isinstance(block.get("text"), str):
            yield block["text"]
        for inner in _listed(block.get("content")):
            yield from _texts(inner)


def _are_texts(blocks: list[Any]) -> bool:
    return all(_is_text(block) for block in blocks)


def _is_text(block: Any) -> bool:
    return isinstance(block, dict) and block.keys() == {"type", "text"} and isinstance(block["text"], str)


def _division(blocks: list[Any]) -> str:
    """``2 blocks of 1 and 3 lines``."""
    counts = [str(block["text"].count("\n") + 1) for block in blocks]
    lines = f" of {listed(counts)} {'line' if counts == ['1'] else 'lines'}" if counts else ""
    return _count(len(blocks), "block") + lines


def _count(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _block_lines(block: Any) -> list[str]:
    """A block as a person reads it: the lines of its text, else what it is, as JSON."""
    if not isinstance(block, dict):
        return as_value(block)
    if _is_text(block):
        lines: list[str] = block["text"].split("\n")
        return lines
    if block.get("type") == "tool_result" and _listed(block.get("content")):
        return [line for inner in _listed(block.get("content")) for line in _block_lines(inner)]
    return as_value(block)
