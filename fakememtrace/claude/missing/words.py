"""What is said of a request that no recording answers: what happened, what differs and why, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from ...errors import listed
from .. import explain
from ..cassette import Cassette
from ..interaction import ENDPOINTS, MESSAGES
from ..matching.difference import ORDER, VALUE, Difference
from . import miss
from .advice import advice
from .conversations import Conversation, Misplaced
from .layout import spread
from .lines import diff, visible
from .miss import MemoryDifference
from .moving import moved, together
from .sentences import excerpt, span

__all__ = ["differing", "exhausted", "nearest", "no_cassette", "no_conversation", "part_name"]

_MOST_LINES = 40
_MOST_DIFFERENCES = 10
_MOST_MEMORIES = 10
_MOST_CONVERSATIONS = 10
_LONGEST_VALUE = 200
_PARTS = {"messages": "conversation", "system": "system prompt"}


def no_cassette(sent: dict[str, Any], endpoint: str) -> str:
    """There is no cassette at all."""
    kind = "" if endpoint == MESSAGES else f"a {explain.asked(endpoint)}: "
    return (
        f"no cassette: Claude was asked without one: {kind}{explain.describe(sent, endpoint)}.\n"
        "Expected a recording of this request.\n"
        "What to do: give the world one, World(cassette=FILE), or override the fixture claude_cassette."
    )


def exhausted(sent: dict[str, Any], endpoint: str, cassette: Cassette, numbers: Sequence[int]) -> str:
    """The request is recorded, and every recording of it is played."""
    one = len(numbers) == 1
    return (
        f"exhausted: this {explain.asked(endpoint)} was sent more often than it is recorded: "
        f"{explain.describe(sent, endpoint)}.\n"
        f"{cassette} answers it in {'interaction' if one else 'interactions'} {explain.ranges(numbers)}, "
        f"which {'is' if one else 'are'} played.\n"
        "What to do: if the program should ask again, add the further answer to the cassette; "
        "otherwise look for what makes it ask twice (a retry, a second run, a loop)."
    )


def no_conversation(
    sent: dict[str, Any], endpoint: str, cassette: Cassette, known: Sequence[Conversation], played: Sequence[bool]
) -> str:
    """Nothing in the cassette is like it."""
    return (
        f"no such conversation: no recorded answer for this {_described(sent, endpoint)}.\n"
        f"{_expected(cassette, known, played)}\n"
        "What to do: author or record the conversation, or use the cassette that holds it."
    )


def nearest(
    sent: dict[str, Any],
    endpoint: str,
    cassette: Cassette,
    played: Sequence[bool],
    found: miss.Miss,
    place: Misplaced | None,
) -> str:
    """No recording is the same: what `found` says of the nearest, in words."""
    verb = "differ" if found.kind == miss.PARAMETERS else "differs"
    state = f"all {len(cassette)} are played" if all(played) else f"{sum(played)} of {len(cassette)} played"
    return (
        f"the {found.kind} {verb}: no recorded answer for this {_described(sent, endpoint)}.\n"
        f"Nearest in {cassette} ({state}): interaction {found.nearest}. It differs in: {', '.join(found.kinds)}.\n"
        + (_misplaced(place) if place else "")
        + f"\n{differing(found)}What to do: {advice(found)}"
    )


def differing(found: miss.Miss) -> str:
    """In what a request differs from the nearest recording, ended by a line break."""
    sections = [*_memories(found.memories), *_differences(found.differences)]
    body = "".join("\n".join(section) + "\n\n" for section in sections)
    return f"{body}{_legend(body)}"


def part_name(part: str) -> str:
    """What a part of a request is called."""
    return _PARTS.get(part, part)


def _described(sent: dict[str, Any], endpoint: str) -> str:
    return f"{explain.asked(endpoint)}: {explain.describe(sent, endpoint)}"


def _expected(cassette: Cassette, known: Sequence[Conversation], played: Sequence[bool]) -> str:
    if not len(cassette):
        return f"Expected one in {cassette}, which has no interactions."
    if not known:
        counts = {name: sum(one.endpoint == name for one in cassette.interactions) for name in ENDPOINTS}
        has = [f"{_count(count, 'request', 's')}{explain.asked(name)[7:]}" for name, count in counts.items() if count]
        return f"Expected one in {cassette}, which answers {listed(has)}."
    lines = [
        f"    {excerpt(one.text)}: {_numbered(one.numbers)}, {sum(played[n - 1] for n in one.numbers)} played"
        for one in known[:_MOST_CONVERSATIONS]
    ]
    more = len(known) - len(lines)
    lines += [f"    and {_count(more, 'more')}"] if more else []
    head = (
        f"one of the {len(known)} conversations in {cassette}, which begin"
        if len(known) > 1
        else f"the one conversation in {cassette}, which begins"
    )
    return f"Expected {head} with:\n" + "\n".join(lines)


def _numbered(numbers: Sequence[int]) -> str:
    return f"{'interaction' if len(numbers) == 1 else 'interactions'} {explain.ranges(numbers)}"


def _misplaced(place: Misplaced) -> str:
    return (
        f"{excerpt(place.question)} is recorded after {excerpt(place.earlier)}, "
        f"which is asked in interaction {place.waiting} and was not asked here.\n"
    )


def _memories(memories: Sequence[MemoryDifference]) -> Iterator[list[str]]:
    """A section for each text that shows memories."""
    left = _MOST_MEMORIES
    for where, group in groupby(memories, key=lambda memory: memory.where):
        lines = [f"memory, in {where}:"]
        for alike in together(list(group)):
            if left > 0:
                lines += _memory(alike)
            left -= 1
        if left < 0:
            lines.append(f"    and {_count(-left, 'more')}")
            left = 0
        yield lines


def _memory(memories: Sequence[MemoryDifference]) -> Iterator[str]:
    first, apart = memories[0], moved(memories[0])
    if len(memories) > 1 and apart:
        way = "later" if apart > 0 else "earlier"
        yield f"    changed: {len(memories)} memories, each {span(abs(apart))} {way} than recorded, the first of them:"
        yield f"        {excerpt(first.content)}"
    else:
        yield f"    {first.verb}: {excerpt(first.content)}"
    yield from (f"        {fact}" for fact in first.facts)


def _differences(differences: Sequence[Difference]) -> Iterator[list[str]]:
    """A section for each text, and one for all the values of a part."""
    shown = differences[:_MOST_DIFFERENCES]
    for (part, kind), group in groupby(shown, key=lambda difference: (difference.part, difference.kind)):
        if part in ("betas", "model"):
            yield [_value(difference) for difference in group]
        elif kind == VALUE:
            yield [f"{part_name(part)}:", *(f"    {_value(difference)}" for difference in group)]
        else:
            for side, texts in groupby(group, key=_side):
                members = list(texts)
                whole = side and part == "messages" and len(members) > 1
                yield from [_whole_messages(members, side)] if whole else map(_text, members)
    more = len(differences) - len(shown)
    if more:
        yield [f"and {_count(more, 'more difference', 's')}"]


def _side(difference: Difference) -> str:
    """Whether all of it is there on one side only, and which is not."""
    if difference.recorded and difference.sent:
        return ""
    return "not sent" if difference.recorded else "not recorded"


def _whole_messages(differences: Sequence[Difference], side: str) -> list[str]:
    """Messages in a row that one side has not."""
    mark = "-" if side == "not sent" else "+"
    first, last = (difference.place.partition(" ")[0] for difference in (differences[0], differences[-1]))
    lines = []
    for difference in differences:
        head, *rest = difference.recorded or difference.sent
        lines += [
            f"    {mark} {difference.origin}: {visible(head)}",
            *(f"    {mark}   {visible(line)}" for line in rest),
        ]
    more = len(lines) - _MOST_LINES
    lines = [*lines[:_MOST_LINES], *([f"    ... and {_count(more, 'more line', 's')}"] if more > 0 else [])]
    return [f"conversation, {first} to {last}, {side}:", *lines]


def _value(difference: Difference) -> str:
    name = difference.place or difference.part
    recorded, sent = (_shortened(values[0]) if values else "" for values in (difference.recorded, difference.sent))
    if difference.part == "tools" and "." not in difference.place and not (recorded and sent):
        return f"{name}: recorded, not sent" if recorded else f"{name}: sent, not recorded"
    before = f"recorded {recorded}" if recorded else "not recorded"
    return f"{name}: {before}, {f'sent {sent}' if sent else 'not sent'}"


def _text(difference: Difference) -> list[str]:
    title = ", ".join(filter(None, (part_name(difference.part), difference.place)))
    if difference.kind == ORDER:
        title += ", in another order"
    if difference.kind == ORDER and sum(map(len, difference.recorded)) <= _LONGEST_VALUE:
        return [
            f"{title}:",
            f"    recorded: {', '.join(difference.recorded)}",
            f"    sent:     {', '.join(difference.sent)}",
        ]
    old, new = spread(difference.recorded, difference.sent)
    lines, first = diff(old, new, _MOST_LINES)
    side = _side(difference)
    if side:
        title += f", {side}"
    elif max(len(old), len(new)) > 1 and (old, new) == (difference.recorded, difference.sent):
        title += f", line {first}"
    return [f"{title}:", *(f"    {line}".rstrip() for line in lines)]


def _legend(body: str) -> str:
    marks = "; [-...-] and {+...+} mark what changed in a line" if "[-" in body or "{+" in body else ""
    has_lines = any(line.startswith(("    - ", "    + ")) for line in body.split("\n"))
    return f"(- as recorded, + as sent{marks})\n" if has_lines else ""


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE else visible(text)


def _count(number: int, one: str, plural: str = "") -> str:
    return f"{number} {one}{plural if number != 1 else ''}"
