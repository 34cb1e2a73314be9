"""From a request that no recording answers to a Miss."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from ..cassette import Cassette
from ..interaction import MESSAGES
from ..matching.difference import ORDER, TEXT, Difference
from ..matching.normal import listed
from ..matching.parts import text_of
from ..matching.rules import Matching
from . import miss, words
from .conversations import Misplaced, conversations, is_foreign, misplaced
from .finding import is_memory_tool
from .items import Contents
from .knowledge import Knowledge
from .memories import told
from .miss import MemoryDifference, Miss
from .nearest import nearest
from .witness import Witness

__all__ = ["exhausted", "no_cassette", "unlike"]

# What a tool to store something calls that.
_CONTENTS = frozenset({"content", "decision", "fact", "memory", "note", "text"})
_KINDS = {"betas": miss.PARAMETERS, "messages": miss.CONVERSATION, "system": miss.SYSTEM, "tools": miss.TOOLS}


def no_cassette(sent: dict[str, Any], endpoint: str) -> Miss:
    """There is no cassette."""
    return Miss(miss.NO_CASSETTE, words.no_cassette(sent, endpoint), (miss.NO_CASSETTE,))


def exhausted(sent: dict[str, Any], endpoint: str, cassette: Cassette, numbers: Sequence[int]) -> Miss:
    """It is recorded in the interactions `numbers`, and all of them are played."""
    text = words.exhausted(sent, endpoint, cassette, numbers)
    return Miss(miss.EXHAUSTED, text, (miss.EXHAUSTED,), str(cassette), numbers[0])


def unlike(
    sent: dict[str, Any],
    endpoint: str,
    betas: Sequence[str],
    cassette: Cassette,
    played: Sequence[bool],
    matching: Matching,
    shown: Callable[[], Knowledge] | None,
) -> Miss:
    """No recording is the same."""
    numbers = [n for n, one in enumerate(cassette.interactions, 1) if one.endpoint == endpoint]
    by_words = matching.looks_at("messages")
    if not numbers or (by_words and is_foreign(sent, cassette, numbers)):
        known = conversations(cassette, numbers)
        text = words.no_conversation(sent, endpoint, cassette, known, played)
        return Miss(miss.NO_CONVERSATION, text, (miss.NO_CONVERSATION,), str(cassette))
    place = misplaced(sent, cassette, numbers, played) if by_words else None
    form = matching.form(sent)
    left = [number for number in numbers if not played[number - 1]] or numbers
    number = place.number if place else nearest(form, cassette, left, matching)
    recorded = cassette.interactions[number - 1]
    differences = matching.differences(matching.form(recorded.request), form, (recorded.betas, betas))
    found = _classified(differences, _Texts(form, cassette, shown), place)
    found = replace(found, cassette=str(cassette), nearest=number)
    return replace(found, explanation=words.nearest(sent, endpoint, cassette, played, found, place))


def _classified(differences: list[Difference], texts: _Texts, place: Misplaced | None) -> Miss:
    """The kinds of the differences, the first one first, and the memories that make them."""
    kinds: set[str] = set()
    memories: list[MemoryDifference] = []
    for difference in differences:
        if difference.kind == ORDER:
            kinds.add(miss.ORDER)
        elif difference.kind == TEXT and difference.part in ("messages", "system"):
            found = texts.told(difference)
            memories += found.memories
            kinds |= set(_kinds_of(found.memories, found.is_frame, found.is_plain, difference.part))
        else:
            kinds.add(_KINDS.get(difference.part, miss.PARAMETERS))
    if place:
        # All else follows from that.
        kinds.discard(miss.CONVERSATION)
        kinds.add(miss.ORDER)
    named = tuple(kind for kind in miss.KINDS if kind in kinds) or (miss.CONVERSATION,)
    if place:
        named = (miss.ORDER, *(kind for kind in named if kind != miss.ORDER))
    return Miss(named[0], "", named, differences=tuple(differences), memories=tuple(memories))


def _kinds_of(memories: list[MemoryDifference], is_frame: bool, is_plain: bool, part: str) -> Iterator[str]:
    if memories and all(memory.verb == "reordered" for memory in memories):
        yield miss.ORDER
    elif memories or is_frame:
        yield miss.MEMORY
    if is_plain:
        yield _KINDS[part]


class _Texts:
    """The texts of one request, and who knows what of the memories in them."""

    def __init__(self, sent: dict[str, Any], cassette: Cassette, shown: Callable[[], Knowledge] | None) -> None:
        self._sent, self._cassette, self._shown = sent, cassette, shown
        self._found: tuple[Contents, Witness] | None = None

    def told(self, difference: Difference) -> Any:
        """What a difference has to do with memories."""
        contents, witness = self._asked()
        name = words.part_name(difference.part)
        where = f"the {name}, {difference.place}" if difference.place else f"the {name}"
        return told(difference, where, contents, witness)

    def _asked(self) -> tuple[Contents, Witness]:
        # The world is asked once, and only if a text differs.
        if self._found is None:
            knowledge = self._shown() if self._shown else None
            known = knowledge or Knowledge()
            stored = [memory.content for memory in known.memories] + [write.content for write in known.writes]
            texts = [text_of(self._sent.get("system"))]
            texts += [
                text_of(one.get("content")) for one in listed(self._sent.get("messages")) if isinstance(one, dict)
            ]
            self._found = Contents([*_recorded_contents(self._cassette), *stored]), Witness(knowledge, texts)
        return self._found


def _recorded_contents(cassette: Cassette) -> Iterator[str]:
    """What Claude asks memory tools to store in the recorded answers."""
    for one in cassette.interactions:
        blocks = one.response.get("content") if one.endpoint == MESSAGES and isinstance(one.response, dict) else None
        for block in listed(blocks):
            if isinstance(block, dict) and block.get("type") == "tool_use" and is_memory_tool(str(block.get("name"))):
                arguments = block.get("input")
                given = arguments if isinstance(arguments, dict) else {}
                yield from (text for key, text in given.items() if key in _CONTENTS and isinstance(text, str))
