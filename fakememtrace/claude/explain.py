"""Requests in words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from .cassette import Cassette
from .interaction import COUNT_TOKENS, MESSAGES, MODELS

__all__ = ["asked", "describe", "excerpt", "ranges", "unplayed"]

_ASKED = {MESSAGES: "request to Claude", COUNT_TOKENS: "request to count tokens", MODELS: "request for models"}


def asked(endpoint: str) -> str:
    """``request to Claude``, ``request to count tokens`` or ``request for models``."""
    return _ASKED[endpoint]


def describe(request: dict[str, Any], endpoint: str = MESSAGES) -> str:
    """``claude-sonnet-4, 3 messages, the last from user: "I prefer dark mode"``; for models what they are asked by."""
    if endpoint == MODELS:
        return ", ".join(f"{key} {json.dumps(value)}" for key, value in request.items()) or "all of them"
    messages = request.get("messages")
    messages = messages if isinstance(messages, list) else []
    count = "1 message" if len(messages) == 1 else f"{len(messages)} messages"
    text = f"{request.get('model', 'no model')}, {count}"
    if messages and isinstance(messages[-1], dict):
        text += f", the last from {messages[-1].get('role')}: {excerpt(messages[-1].get('content'))}"
    return text


def excerpt(content: Any) -> str:
    """The start of a content, on one line and in quotes."""
    if isinstance(content, list) and content and isinstance(content[-1], dict):
        block = content[-1]
        content = block.get("text", block.get("content", f"[{block.get('type')}]"))
        if isinstance(content, list):
            return excerpt(content)
    text = " ".join(str(content).split())
    return f'"{text[:57]}..."' if len(text) > 60 else f'"{text}"'


def unplayed(cassette: Cassette, played: Sequence[bool]) -> str:
    """What was recorded and never asked for; empty when all was."""
    left = [number for number, done in enumerate(played, 1) if not done]
    if not left:
        return ""
    first = cassette.interactions[left[0] - 1]
    kind = "" if first.endpoint == MESSAGES else f"a {asked(first.endpoint)}: "
    which = "interaction" if len(left) == 1 else "interactions"
    return (
        f"{len(left)} of {len(cassette)} recorded answers in {cassette} were never asked for: "
        f"{which} {ranges(left)}.\n"
        f"The first of them answers {kind}{describe(first.request, first.endpoint)}.\n"
        "What to do: look for why the program stopped asking; if that is meant, delete them from the cassette."
    )


def ranges(numbers: Sequence[int]) -> str:
    """``1, 3-5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
