"""``[[recalled]]`` and ``recalled()``: a text that Claude was told because it came out of the store.

It does not count when the user's question, an earlier answer of Claude or the program's own prompt held it
already: then it would have been there without any memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .check import Expectation
from .evidence import Answer, Asked, Evidence, Stored
from .given import Given
from .memories import facts
from .nearness import nearest_line
from .places import PROMPT, QUESTION, TOOLS, Place, answered
from .provenance import Held, held, shown_in
from .requests import lines_of
from .values import shown

__all__ = ["recall"]

_KNOWN = ("text", "run", "number", "from_run", "by")
# Who says these does not repeat what Claude said.
_OWN_WORDS = (PROMPT, TOOLS, QUESTION)


class _Wish(NamedTuple):
    """The text, the run that recalls it (and its request, where that matters), and where the memory came from."""

    text: str
    run: int
    number: int | None
    from_run: int | None
    by: str | None

    def is_source(self, memory: Stored) -> bool:
        """Whether a memory is one that may be recalled: not what this run stored itself, unless another agent did."""
        if self.by is not None and self.by not in (memory.agent, memory.name):
            return False
        if self.from_run is not None:
            return memory.run == self.from_run
        return self.by is not None or memory.run < self.run

    @property
    def source(self) -> str:
        """Where it must come from, in words."""
        by = f" by agent {shown(self.by)}" if self.by else ""
        if self.from_run is not None:
            return f"stored in run {self.from_run}{by}"
        return f"stored{by}" if by else f"stored before run {self.run}"


def recall(given: Given) -> Expectation:
    """The expectation that a run recalls a text."""
    given.only(*_KNOWN)
    text = given.text("text")
    if not text:
        raise given.error("'text' is missing.", "Add it: a string.")
    run = given.run("run") or given.runs
    wish = _Wish(text, run, given.number("number"), given.run("from_run"), given.text("by"))
    if wish.from_run is not None and (wish.from_run > run or (wish.from_run == run and not wish.by)):
        raise given.error(
            f"run {run} cannot recall what run {wish.from_run} stores.",
            'Name an earlier run, or with "by" the agent that stored it.',
            "from_run",
        )
    which = f"request {wish.number} of run {run}" if wish.number else f"run {run}"
    return Expectation(f"{which} recalls {text!r}, {wish.source}", lambda evidence: _Search(wish, evidence).problem())


class _Search:
    """The search for a recall in the evidence."""

    def __init__(self, wish: _Wish, evidence: Evidence) -> None:
        self._wish, self._evidence = wish, evidence
        self._requests = evidence.requests_of(wish.run)
        self._answers = [answer for answer in evidence.answers if answer.run == wish.run]
        self._shown = shown_in(self._answers, evidence, wish.text)
        self._sources = [one for one in self._shown if wish.is_source(one.memory)]
        self._found: dict[int, list[Held]] = {}
        self._known: dict[int, str] = {}

    def problem(self) -> str:
        """Why nothing was recalled; empty when it was."""
        wish = self._wish
        if len(self._requests) < (wish.number or 1):
            return self._too_few()
        if not self._shown:
            return "\n".join([*self._not_answered(), *self._elsewhere()])
        if not self._sources:
            return "\n".join([f"what Memtrace answered in run {wish.run} was not {wish.source}:", *self._others()])
        problems = []
        for asked in self._candidates():
            problems.append(self._wrong(asked))
            if not problems[-1]:
                return ""
        return problems[0] if problems else self._not_shown()

    def _too_few(self) -> str:
        count, run = len(self._requests), self._wish.run
        if not count:
            return f"run {run} made no request to Claude"
        return f"only {'1 request was' if count == 1 else f'{count} requests were'} made in run {run}"

    def _candidates(self) -> list[Asked]:
        if self._wish.number:
            return [self._requests[self._wish.number - 1]]
        holding = [asked for asked in self._requests if self._held(asked)]
        return [asked for asked in holding if self._is_sourced(self._held(asked))] or holding

    def _held(self, asked: Asked) -> list[Held]:
        if asked.number not in self._found:
            self._found[asked.number] = held(asked, self._wish.text, self._shown, self._evidence.calls)
        return self._found[asked.number]

    def _is_sourced(self, found: list[Held]) -> bool:
        return any(one in self._sources for place in found for one in place.shown)

    def _wrong(self, asked: Asked) -> str:
        """Why a request recalls nothing; empty when it, or what it goes on from, does."""
        found = self._held(asked)
        if not self._is_sourced(found):
            return self._not_from_store(asked, found)
        firsts = [one for one in self._requests if one.number <= asked.number and _goes_on(asked, one)]
        problems = [self._known_in(one) for one in firsts if self._held(one)]
        return "" if "" in problems else problems[-1]

    def _known_in(self, asked: Asked) -> str:
        if asked.number not in self._known:
            self._known[asked.number] = self._known_already(asked)
        return self._known[asked.number]

    def _known_already(self, asked: Asked) -> str:
        """Why a request would have held the text without the store; empty when it would not."""
        found = self._held(asked)
        first = next((n for n, one in enumerate(found) if any(shown in self._sources for shown in one.shown)), None)
        if first is None:
            return self._not_from_store(asked, found)
        for place in found[:first] + [one for one in found[first:] if one.place.kind in _OWN_WORDS]:
            if place.otherwise:
                return f"{_stands(place.place, place.line, asked)} held it already"
        return self._said_before(asked, found) or self._prompted_before(found)

    def _said_before(self, asked: Asked, found: list[Held]) -> str:
        """Who said the text in this run before Memtrace answered it."""
        first = min(one.answer.number for place in found for one in place.shown if one in self._sources)
        is_new = all(one.memory.run == self._wish.run for one in self._sources)
        for other in self._requests:
            if other.number >= first or (is_new and not _goes_on(asked, other)):
                continue
            for place in [*(one.place for one in self._held(other) if one.otherwise), *answered(other)]:
                if self._wish.text in place.text:
                    return f"{_stands(place, _line(place, self._wish.text), other)} held it before Memtrace answered it"
        return ""

    def _prompted_before(self, found: list[Held]) -> str:
        """Where the program's own prompt had the text before it was stored."""
        numbers = [one.memory.number for place in found for one in place.shown if one in self._sources]
        for other in self._evidence.requests:
            if other.number >= min(numbers):
                continue
            for place in self._prompts(other):
                return f"{_stands(place.place, place.line, other)} held it before it was stored"
        return ""

    def _prompts(self, asked: Asked) -> Iterator[Held]:
        answers = [answer for answer in self._evidence.answers if answer.run == asked.run]
        shown = shown_in(answers, self._evidence, self._wish.text)
        for place in held(asked, self._wish.text, shown, self._evidence.calls):
            if place.place.kind in (PROMPT, TOOLS) and place.otherwise:
                yield place

    def _not_from_store(self, asked: Asked, found: list[Held]) -> str:
        answer = min(self._sources, key=lambda one: one.answer.number).answer
        told = f"Memtrace answered it ({answer.route}, #{answer.number})"
        if not found:
            near = nearest_line(self._wish.text, lines_of(asked.body))
            head = f"{told}, but request {asked.place} of run {asked.run} does not hold it; nearest line:"
            return "\n".join([head, *near])
        stands = _stands(found[0].place, found[0].line, asked)
        return f"{told}, but the request does not hold what was answered: it stands in {stands}"

    def _not_shown(self) -> str:
        after = min(one.answer.number for one in self._sources)
        later = [asked for asked in self._requests if asked.number > after]
        return self._not_from_store((later or self._requests)[0], [])

    def _not_answered(self) -> list[str]:
        head = f"no answer of Memtrace in run {self._wish.run} held it"
        lines = [line for answer in self._answers for line in _lines(answer)]
        near = nearest_line(self._wish.text, lines)
        return [f"{head}; nearest line:", *near] if near else [f"{head}: {self._asked()}"]

    def _asked(self) -> str:
        count = len(self._answers)
        if not count:
            return "nobody asked for memories"
        return f"{count} answers, no memory in any of them" if count > 1 else "1 answer, no memory in it"

    def _elsewhere(self) -> list[str]:
        """Where the text was instead."""
        for asked in self._requests:
            for place in self._held(asked):
                return [f"it stands in {_stands(place.place, place.line, asked)}"]
        return []

    def _others(self) -> list[str]:
        return list(dict.fromkeys(f"  {facts(one.memory, ['run'])}" for one in self._shown))


def _goes_on(asked: Asked, other: Asked) -> bool:
    """Whether a request is in the same conversation as an `other` one before it, or is that."""
    messages, earlier = asked.body.get("messages"), other.body.get("messages")
    return isinstance(messages, list) and isinstance(earlier, list) and messages[: len(earlier)] == earlier


def _stands(place: Place, line: str, asked: Asked) -> str:
    return f"{place.name} (request {asked.place} of run {asked.run}): {line.strip()!r}"


def _line(place: Place, text: str) -> str:
    return next((line for line in place.text.split("\n") if text in line), text)


def _lines(answer: Answer) -> Iterator[str]:
    for text in (*answer.rows, answer.text):
        yield from (line for line in text.split("\n") if not line.startswith("#"))
