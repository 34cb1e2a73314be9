"""What a page shows of an account, worked out before it is laid out."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from ..claude.missing.cuts import in_common, start_of
from ..claude.missing.lines import aligned
from ..clock import rfc3339
from .model import CUT, MEMORY, Account, Line, Mark, Memory, Run, Step, Text, Tool, Turn

__all__ = ["Counts", "Grouped", "Lane", "Map", "MapRow", "Strip", "View", "counts", "pieces"]

_SERVICES = {"claude": "Claude", "memtrace": "Memtrace", "telegram": "Telegram", "network": "elsewhere"}
# A larger map shows nothing at a glance.
_MOST_ROWS, _MOST_COLUMNS = 60, 60
# So few lines that stand elsewhere already are told all the same.
_FEW = 2
# Less than this between two exchanges is of no interest, in microseconds.
_LONG = 60_000_000
_UNITS = (("d", 86_400_000_000), ("h", 3_600_000_000), ("min", 60_000_000))
# How the explanation of an exchange that was not expected begins.
_NUMBER = re.compile(r"#(\d+) ")


class Lane(NamedTuple):
    """The exchanges with one service in the strip: its name, how many there are, and where, as paths of SVG."""

    service: str
    name: str
    exchanges: int
    path: str
    odd: str


class Strip(NamedTuple):
    """All exchanges, each a column; ``numbers`` are theirs, ``edges`` is where runs begin."""

    width: int
    numbers: str
    lanes: tuple[Lane, ...]
    edges: str


class MapRow(NamedTuple):
    """A memory, and what each turn has of it: ``whole``, ``cut``, ``stored``, or nothing."""

    memory: Memory
    cells: tuple[str, ...]


class Map(NamedTuple):
    """Which turn had which memory."""

    turns: tuple[int, ...]
    rows: tuple[MapRow, ...]


class Grouped(NamedTuple):
    """Lines of one kind, as one text; the line where it has memories, and what is not there of those that are cut."""

    kind: str
    text: str
    line: Line | None = None
    rests: tuple[str, ...] = ()


class Counts(NamedTuple):
    """How many memories are in a text, and how many of these are cut."""

    memories: int
    cut: int


class View:
    """An `account` as it is laid out; `at` is the start of all its ids.

    On a page with very much of it, what is `far` away waits, and a system prompt that is mostly one that stands whole
    on the page already is told by what differs.
    """

    def __init__(self, account: Account, at: str, far: bool = False) -> None:
        self.account, self.at, self.far = account, at, far
        self._whole = 0
        self._turns = {turn.exchange: turn.number for turn in account.turns}
        self._later = dict(_pauses(account.steps))
        self._first: dict[int, int] = {}
        self._first_tools: dict[int, int] = {}
        for turn in account.turns:
            self._first.setdefault(turn.prompt, turn.number)
            self._first_tools.setdefault(turn.tools, turn.number)

    def first(self, turn: Turn) -> int:
        """The turn in which the system prompt of a `turn` stood first."""
        return self._first[turn.prompt]

    def tools(self, turn: Turn) -> tuple[Tool, ...]:
        """The tools that a `turn` offers."""
        return self.account.tools[turn.tools - 1] if turn.tools else ()

    def first_tools(self, turn: Turn) -> int:
        """The turn that was the first to offer the tools of a `turn`."""
        return self._first_tools[turn.tools]

    def prompt(self, turn: Turn) -> Iterator[Grouped]:
        """The lines of the system prompt that stands first in a `turn`, grouped; some of them only by where they are.

        The turns must be asked for in their order.
        """
        lines = self.account.prompts[turn.prompt - 1].lines
        before = self.account.prompts[self._whole - 1].lines if self.far and self._whole else ()
        runs = aligned([line.text for line in before], [line.text for line in lines])
        same = sum(run.other_end - run.other_start for run in runs if run.same)
        if 2 * same < len(lines):
            self._whole = turn.prompt
            yield from self.grouped(lines)
            return
        for run in runs:
            some = lines[run.other_start : run.other_end]
            if run.same and len(some) > _FEW:
                yield Grouped("as", f"{len(some)} lines as in turn {self._first[self._whole]}")
            else:
                yield from self.grouped(some)

    def turn(self, step: Step) -> Turn | None:
        """The turn that a `step` is."""
        return self.account.turns[step.turn - 1] if step.turn else None

    def later(self, step: Step) -> str:
        """How long after the one before it in its run a `step` was, and on which day; empty where that is not long."""
        return self._later.get(step.number, "")

    def turn_of(self, problem: str) -> int:
        """The turn that a problem is about; 0 where it is about none."""
        found = _NUMBER.match(problem)
        return self._turns.get(int(found[1]), 0) if found else 0

    @property
    def runs(self) -> Iterator[tuple[Run | None, list[list[Step]]]]:
        """The steps of each run; those of which there is little to say together.  What is of no run has None."""
        runs = {run.number: run for run in self.account.runs}
        for number, steps in groupby(self.account.steps, lambda step: step.run):
            yield runs.get(number), list(self._folded(steps))

    def _folded(self, steps: Iterable[Step]) -> Iterator[list[Step]]:
        """Steps that tell nothing and stand side by side without a pause, as one; every other one alone."""
        some: list[Step] = []
        for step in steps:
            alone = bool(step.told or step.turn or _is_odd(step))
            if some and (alone or self.later(step)):
                yield some
                some = []
            if alone:
                yield [step]
            else:
                some.append(step)
        if some:
            yield some

    @property
    def never_shown(self) -> int:
        """How many memories no request to Claude had."""
        return sum(not memory.shown for memory in self.account.memories)

    @property
    def strip(self) -> Strip:
        """Every exchange at a glance."""
        steps = self.account.steps
        starts = [
            place for place, (one, other) in enumerate(zip(steps[1:], steps, strict=False), 1) if one.run != other.run
        ]
        lanes = (self._lane(service) for service in _SERVICES)
        return Strip(
            len(steps),
            " ".join(str(step.number) for step in steps),
            tuple(lane for lane in lanes if lane.exchanges),
            "".join(f"M{place - 0.06:g} 0h.12v1h-.12z" for place in starts),
        )

    def _lane(self, service: str) -> Lane:
        places = [(place, step) for place, step in enumerate(self.account.steps) if step.service == service]
        plain = (place for place, step in places if not _is_odd(step))
        odd = (place for place, step in places if _is_odd(step))
        return Lane(service, _SERVICES[service], len(places), _columns(plain), _columns(odd))

    @property
    def map(self) -> Map | None:
        """Which turn had which memory; None where there is nothing to see, or too much."""
        turns, memories = self.account.turns, self.account.memories
        if not (0 < len(turns) <= _MOST_COLUMNS and 0 < len(memories) <= _MOST_ROWS):
            return None
        return Map(tuple(turn.number for turn in turns), tuple(MapRow(one, self._cells(one)) for one in memories))

    def _cells(self, memory: Memory) -> tuple[str, ...]:
        cells = ["" for _ in self.account.turns]
        if memory.turn:
            cells[memory.turn - 1] = "stored"
        for shown in memory.shown:
            for number in range(shown.first, shown.last + 1):
                cells[number - 1] = shown.how
        return tuple(cells)

    def grouped(self, lines: Iterable[Line]) -> Iterator[Grouped]:
        """The lines, plain ones together, and each that has memories alone."""
        for kind, some in groupby(lines, lambda line: line.kind):
            if kind == MEMORY:
                yield from self._remembered(some)
            else:
                text = "\n".join(line.text for line in some)
                # A last line that is empty takes its place on a page only where another one begins after it.
                yield Grouped(kind, text if text and not text.endswith("\n") else f"{text}\n")

    def _remembered(self, lines: Iterable[Line]) -> Iterator[Grouped]:
        begun: dict[int, str] = {}
        for line in lines:
            rests = []
            for mark in line.marks if not self.far else ():
                if mark.how == CUT:
                    shown = begun.pop(mark.memory, "") + line.text[mark.start : mark.end]
                    if start_of(shown) == shown:
                        # No dots: the next line has more of it.
                        begun[mark.memory] = f"{shown}\n"
                    else:
                        rests.append(self._rest(mark.memory, start_of(shown)))
            yield Grouped(line.kind, line.text, line, tuple(rests))

    def _rest(self, memory: int, start: str) -> str:
        """What is not there of a memory that is cut after `start`, which may be written as JSON."""
        content = self.account.memories[memory - 1].content
        written = (text for text in (content, *(_as_json(content))) if text.startswith(start))
        return next((text[len(start) :] for text in written), content[in_common(start, content) :])


def pieces(line: Line) -> Iterator[tuple[str, Mark | None]]:
    """A line in pieces: its memories, and what stands around them."""
    end = 0
    for mark in line.marks:
        yield line.text[end : mark.start], None
        yield line.text[mark.start : mark.end], mark
        end = mark.end
    yield line.text[end:], None


def counts(texts: Sequence[Text]) -> Counts:
    """How many memories are in the texts."""
    found: defaultdict[int, set[str]] = defaultdict(set)
    for text in texts:
        for line in text.lines:
            for mark in line.marks:
                found[mark.memory].add(mark.how)
    return Counts(len(found), sum(hows == {CUT} for hows in found.values()))


def _as_json(content: str) -> Iterator[str]:
    yield from (json.dumps(content, ensure_ascii=is_ascii)[1:-1] for is_ascii in (True, False))


def _pauses(steps: Iterable[Step]) -> Iterator[tuple[int, str]]:
    """The numbers of steps before which much time went by, each with how much, and the day where it is another one."""
    for before, step in pairwise(steps):
        passed = step.at - before.at
        if step.run == before.run and passed >= _LONG:
            days = [rfc3339(one.at)[:10] for one in (before, step)]
            yield step.number, f"{_span(passed)} later" + (f", {days[1]}" if days[0] != days[1] else "")


def _span(micros: int) -> str:
    """A span of time in its two largest units: ``3 d 6 h``; in hours up to two days, as windows are told."""
    parts: list[str] = []
    for name, size in _UNITS if micros >= 2 * _UNITS[0][1] else _UNITS[1:]:
        number, micros = divmod(micros, size)
        if number:
            parts.append(f"{number} {name}")
    return " ".join(parts[:2])


def _is_odd(step: Step) -> bool:
    return bool(step.unexpected or step.fault)


def _columns(places: Iterable[int]) -> str:
    return "".join(f"M{place}.1 .1h.8v.8h-.8z" for place in places)
