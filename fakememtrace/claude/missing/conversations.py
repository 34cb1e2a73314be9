"""Which conversations a cassette has, and where in one of them a request belongs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..cassette import Cassette
from ..matching.normal import listed, normalised
from ..matching.parts import text_of
from .lines import alike

__all__ = ["Conversation", "Misplaced", "conversations", "is_foreign", "misplaced"]

_ALIKE = 0.5


class Conversation(NamedTuple):
    """The interactions that begin with the same message of the user: the text of that, and their numbers."""

    text: str
    numbers: list[int]


class Misplaced(NamedTuple):
    """A question that is recorded for another turn.

    ``number`` is the interaction that has it, ``earlier`` the text of what is asked before it there, and
    ``waiting`` the interaction that answers this and was not played.
    """

    number: int
    question: str
    earlier: str
    waiting: int


def conversations(cassette: Cassette, numbers: Iterable[int]) -> list[Conversation]:
    """The conversations of these interactions, in the order of the file."""
    found: dict[str, list[int]] = {}
    for number in numbers:
        found.setdefault(_first_text(cassette.interactions[number - 1].request), []).append(number)
    return [Conversation(text, group) for text, group in found.items()]


def is_foreign(sent: dict[str, Any], cassette: Cassette, numbers: Sequence[int]) -> bool:
    """Whether nothing that was said in `sent` is like anything in these interactions."""
    messages = listed(sent.get("messages"))
    if not messages:
        return False
    first = _first_text(sent)
    known = [conversation.text for conversation in conversations(cassette, numbers)]
    if first in known or any(alike(first, text) >= _ALIKE for text in known):
        return False
    said = {_text(message) for message in messages}
    # A message is one object in all the interactions of a conversation.
    recorded = {id(one): one for number in numbers for one in cassette.interactions[number - 1].messages}
    return not any(_text(message) in said for message in recorded.values())


def misplaced(
    sent: dict[str, Any], cassette: Cassette, numbers: Sequence[int], played: Sequence[bool]
) -> Misplaced | None:
    """Where the last question of `sent` is recorded, if what is asked before it there still waits for that."""
    messages = listed(sent.get("messages"))
    last = _question(messages[-1]) if messages else ""
    if not last:
        return None
    asked = _questions(sent)
    recordings = [number for number in numbers if _last_question(cassette, number) == last]
    recorded = {number: _questions(cassette.interactions[number - 1].request) for number in recordings}
    if asked in recorded.values():
        return None
    waiting = [number for number in numbers if not played[number - 1]]
    for number in (number for number in recordings if not played[number - 1]):
        left_out = [index for index, text in enumerate(recorded[number]) if text not in asked]
        if not left_out or any(text not in recorded[number] for text in asked):
            continue
        before = recorded[number][: left_out[0] + 1]
        for other in waiting:
            if _last_question(cassette, other) == before[-1] and _asks(cassette, other, before):
                return Misplaced(number, last, before[-1], other)
    return None


def _asks(cassette: Cassette, number: int, questions: list[str]) -> bool:
    return _questions(cassette.interactions[number - 1].request) == questions


def _last_question(cassette: Cassette, number: int) -> str:
    messages = cassette.interactions[number - 1].messages
    return _question(messages[-1]) if messages else ""


def _questions(request: dict[str, Any]) -> list[str]:
    return [text for message in listed(request.get("messages")) if (text := _question(message))]


def _question(message: Any) -> str:
    """What the user asks; nothing where a message is of somebody else, or the result of a tool."""
    if not isinstance(message, dict) or message.get("role") != "user":
        return ""
    content = message.get("content")
    blocks = [block for block in listed(content) if isinstance(block, dict)]
    return "" if any(block.get("type") == "tool_result" for block in blocks) else _text(message)


def _first_text(request: dict[str, Any]) -> str:
    messages = listed(request.get("messages"))
    return _text(messages[0]) if messages else ""


def _text(message: Any) -> str:
    """What a message says; where it has no text, all of it."""
    content = message.get("content") if isinstance(message, dict) else message
    if isinstance(content, str):
        return content
    return text_of(normalised({"system": content}).get("system")) or json.dumps(content, sort_keys=True)
