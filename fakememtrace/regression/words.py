"""What is said of a comparison, whether on a terminal or in Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ..claude.explain import ranges
from ..claude.matching.difference import ORDER, TEXT, Difference
from ..claude.missing.lines import diff
from . import result
from .result import Comparison, Conversation, Cost, Surface

__all__ = [
    "again_lines",
    "counted",
    "difference_lines",
    "name_of",
    "numbered",
    "priced",
    "reason",
    "same_cause",
    "scenario_reason",
    "surface_reason",
    "why_lines",
]

_LONGEST, _MOST_LINES = 240, 20


def name_of(conversation: Conversation) -> str:
    """``conversation 2``."""
    return f"conversation {conversation.conversation}" if conversation.conversation else "a new conversation"


def reason(conversation: Conversation) -> str:
    """What became of a conversation, in a few words: ``changed from turn 2 on: system prompt``."""
    why = ", ".join(conversation.miss["kinds"]) if conversation.miss else ""
    state = conversation.state
    if state == result.CHANGED:
        return f"changed from turn {conversation.turn} on: {why}"
    if state == result.NEW:
        return f"new: {why}"
    if state == result.LONGER:
        return f"longer: goes on where the recorded one ends, with {counted(conversation.calls, 'request')}"
    if state == result.SHORTER:
        return f"shorter: {numbered(conversation.unasked)} no longer asked"
    return state


def why_lines(conversation: Conversation) -> list[str]:
    """Why the first of its requests that is not recorded is not."""
    if conversation.state == result.LONGER:
        # What is recorded of others has nothing to do with it.
        return [f"request {conversation.turn} is not recorded: {conversation.request}"]
    return conversation.miss["explanation"].splitlines() if conversation.miss else []


def same_cause(conversation: Conversation) -> str:
    """What two conversations have in common that differ in the same way; its own where nothing is known of the way."""
    miss = conversation.miss
    if miss is None or not miss["differences"] or conversation.state == result.LONGER:
        return "\n".join(why_lines(conversation))
    return json.dumps([miss["kinds"], miss["differences"], miss["memories"]], sort_keys=True)


def again_lines(one: Mapping[str, Any]) -> Iterator[str]:
    """What of an interaction will be recorded again: its calls, what was stored for them, its answer."""
    yield f"interaction {one['interaction']}" + (f": error {one['error']}" if one["error"] else "")
    for call in one["calls"]:
        yield f"  calls   {_short(call['name'] + ' ' + _json(call['input']))}"
        yield from (f"  stores  {_row(row)}" for row in call["stored"])
    if one["answer"]:
        yield f"  answers {_short(_json(one['answer']))}"
    yield from (f"  stores  {_row(row)}" for row in one["stored"])


def priced(cost: Cost) -> str:
    """``7 calls, 1,234 tokens in and 56 out (estimated)``."""
    known = f"{cost.input_tokens:,} tokens in and {cost.output_tokens:,} out"
    estimated = " (estimated)" if cost.estimated else ""
    calls = ("at least " if cost.is_least else "") + counted(cost.calls, "call")
    if not cost.unknown:
        return f"{calls}, {known}{estimated}"
    if cost.unknown == cost.calls:
        return f"{calls}, never recorded, so nobody knows the tokens"
    return f"{calls}, {known}{estimated} for the {cost.calls - cost.unknown} that are recorded"


def scenario_reason(comparison: Comparison) -> str:
    """Why a scenario is not run."""
    if comparison.is_new:
        return f"new: at {comparison.against} there is no such scenario, so there is nothing to compare it with"
    return f"gone: there was such a scenario at {comparison.against}, and there is none now"


def surface_reason(surface: Surface) -> str:
    """What became of the tools, in a line."""
    count = counted(surface.tools, "tool")
    if surface.state == result.NOT_PINNED:
        return f"tools: {count}, not pinned; fakememtrace diff --update-tools does that"
    if surface.state == result.WRITTEN:
        return f"tools: {count}, pinned anew"
    return f"tools: {count}, {'not as pinned' if surface.state == result.CHANGED else 'as pinned'}"


def difference_lines(difference: Difference) -> Iterator[str]:
    """Where a tool is not as pinned."""
    name = difference.place or "the tools"
    if difference.kind == ORDER:
        was, now = (", ".join(names) for names in (difference.recorded, difference.sent))
        yield f"{name}: another order: was {was}; is {now}"
    elif difference.recorded and difference.sent and difference.kind == TEXT:
        lines, _ = diff(difference.recorded, difference.sent, _MOST_LINES)
        yield f"{name}:"
        yield from (f"  {line}".rstrip() for line in lines)
    elif "." not in difference.place and not (difference.recorded and difference.sent):
        yield f"{name}: {'gone' if difference.recorded else 'new'}"
    else:
        was, now = (_short(" ".join(lines)) for lines in (difference.recorded, difference.sent))
        yield f"{name}: {f'was {was}' if was else 'was not there'}, {f'is {now}' if now else 'is gone'}"


def numbered(numbers: list[int]) -> str:
    """``interactions 1-3``."""
    return f"interaction{'s' * (len(numbers) > 1)} {ranges(numbers)}"


def counted(number: int, noun: str) -> str:
    """``1 call``, ``2 calls``."""
    return f"{number} {noun}{'s' * (number != 1)}"


def _row(row: Mapping[str, Any]) -> str:
    kind = "/".join(str(row[key]) for key in ("memory_type", "event_type") if row.get(key))
    facts = [kind, *(f"{key}: {_json(row[key])}" for key in ("tags", "importance") if row.get(key))]
    return _short(f"{_json(row['content'])} ({', '.join(filter(None, facts))})")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "..."
