"""The words for a request that no recording answers: what differs, from which one, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Any

from .cassette import Cassette
from .matching import Difference, common_length, differences, normalised

__all__ = ["exhausted", "no_cassette", "nothing_alike", "unmatched", "unplayed"]

_CONTEXT = 2
_MOST_LINES = 40


def no_cassette(sent: dict[str, Any]) -> str:
    """There is no cassette at all."""
    return (
        f"Claude was asked without a cassette: {describe(sent)}.\n"
        "Expected a recording of this request.\n"
        "What to do: give the world one, World(cassette=FILE), or override the fixture claude_cassette."
    )


def nothing_alike(sent: dict[str, Any], cassette: Cassette) -> str:
    """The cassette has no interaction."""
    return (
        f"no recorded answer for this request to Claude: {describe(sent)}.\n"
        f"Expected one in {cassette}, which has no interactions.\n"
        "What to do: author or record the conversation, or use the cassette that holds it."
    )


def exhausted(sent: dict[str, Any], cassette: Cassette, numbers: Sequence[int]) -> str:
    """The request is recorded, and every recording of it is played."""
    recordings = f"interaction {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} interactions"
    return (
        f"this request to Claude was sent more often than it is recorded: {describe(sent)}.\n"
        f"{cassette} answers it in {recordings}, which {'is' if len(numbers) == 1 else 'are'} played.\n"
        "What to do: if the program should ask again, add the further answer to the cassette; "
        "otherwise look for what makes it ask twice (a retry, a second run, a loop)."
    )


def unmatched(sent: dict[str, Any], cassette: Cassette, played: Sequence[bool]) -> str:
    """No recording is equal: explained against the nearest one that was not played yet."""
    number, all_played = _nearest(sent, cassette, played)
    recorded = normalised(cassette.interactions[number - 1].request)
    found = differences(recorded, normalised(sent))
    state = f"all {len(cassette)} are played" if all_played else f"{sum(played)} of {len(cassette)} played"
    parts = ", ".join(difference.part for difference in found)
    return (
        f"no recorded answer for this request to Claude: {describe(sent)}.\n"
        f"Nearest in {cassette} ({state}): interaction {number}. It differs in: {parts}.\n\n"
        + "\n".join(line for difference in found for line in _shown(difference))
        + "\n(- as recorded, + as sent)\n"
        "What to do: if the change is meant, make it in the cassette too (or record again); "
        "otherwise undo it in the program, its prompt or its tools."
    )


def unplayed(cassette: Cassette, played: Sequence[bool]) -> str:
    """What was recorded and never asked for; empty when all was."""
    left = [number for number, done in enumerate(played, 1) if not done]
    if not left:
        return ""
    first = cassette.interactions[left[0] - 1].request
    which = "interaction" if len(left) == 1 else "interactions"
    return (
        f"{len(left)} of {len(cassette)} recorded answers in {cassette} were never asked for: "
        f"{which} {_ranges(left)}.\n"
        f"The first of them answers {describe(first)}.\n"
        "What to do: look for why the program stopped asking; if that is meant, delete them from the cassette."
    )


def describe(request: dict[str, Any]) -> str:
    """``claude-sonnet-4, 3 messages, the last from user: "I prefer dark mode"``."""
    messages = request.get("messages")
    messages = messages if isinstance(messages, list) else []
    count = "1 message" if len(messages) == 1 else f"{len(messages)} messages"
    text = f"{request.get('model', 'no model')}, {count}"
    if messages and isinstance(messages[-1], dict):
        text += f", the last from {messages[-1].get('role')}: {_excerpt(messages[-1].get('content'))}"
    return text


def _excerpt(content: Any) -> str:
    if isinstance(content, list) and content and isinstance(content[-1], dict):
        block = content[-1]
        content = block.get("text", block.get("content", f"[{block.get('type')}]"))
        if isinstance(content, list):
            return _excerpt(content)
    text = " ".join(str(content).split())
    return f'"{text[:57]}..."' if len(text) > 60 else f'"{text}"'


def _nearest(sent: dict[str, Any], cassette: Cassette, played: Sequence[bool]) -> tuple[int, bool]:
    """The number of the interaction most alike, and whether all are played (else only unplayed ones count)."""
    all_played = all(played)
    candidates = [n for n, done in enumerate(played, 1) if all_played or not done]
    wanted = normalised(sent)
    return max(candidates, key=lambda n: (*_likeness(cassette.interactions[n - 1].request, wanted), -n)), all_played


def _likeness(request: dict[str, Any], wanted: dict[str, Any]) -> tuple[int, float]:
    """Equal parts of the request and of the conversation; then how alike the system prompts are."""
    recorded = normalised(request)
    before, now = recorded["messages"], wanted["messages"]
    same = common_length(before, now)
    parts = sum(recorded.get(part) == wanted.get(part) for part in ("model", "system", "tools"))
    apart = len(before) + len(now) - 2 * same
    return parts + (3 if not apart else 0), same - apart


def _shown(difference: Difference) -> list[str]:
    title = f"{difference.part} ({difference.place}):" if difference.place else f"{difference.part}:"
    lines = list(_diff(difference.recorded, difference.sent))
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], f"... and {len(lines) - _MOST_LINES} more lines"]
    return [title, *(f"    {line}" for line in lines), ""]


def _diff(recorded: list[str], sent: list[str]) -> Iterator[str]:
    recorded, sent = [_visible(line) for line in recorded], [_visible(line) for line in sent]
    matcher = difflib.SequenceMatcher(None, recorded, sent, autojunk=False)
    for position, group in enumerate(matcher.get_grouped_opcodes(_CONTEXT)):
        if position:
            yield "..."
        for tag, a, b, c, d in group:
            if tag == "equal":
                yield from (f"  {line}" for line in recorded[a:b])
            else:
                yield from (f"- {line}" for line in recorded[a:b])
                yield from (f"+ {line}" for line in sent[c:d])


def _visible(line: str) -> str:
    """`line`, quoted where somebody who reads it could not see all that is in it."""
    return line if line.isprintable() and line == line.rstrip() else repr(line)


def _ranges(numbers: list[int]) -> str:
    """``1, 3-5``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)
