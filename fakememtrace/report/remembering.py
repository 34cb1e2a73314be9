"""The memories of a world: who wrote each, which answers had it, and which texts of a request say it."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..claude.missing.items import is_heading
from ..claude.missing.knowledge import Read, Write
from ..expecting.evidence import ToolCall
from ..journal import Exchange
from ..memory import records
from ..recollection import reads_in, writes_in
from ..world import World
from .finding import Finder, Found, Known
from .model import FRAME, MEMORY, PLAIN, Line, Mark, Memory
from .reading import RESULT, SYSTEM, USER, Piece

__all__ = ["Memories", "Source"]

# A shorter text of a call may be part of anything.
_LEAST = 8


class Source(NamedTuple):
    """Where a memory in a request comes from: how much of it is there, and the exchange that had it."""

    how: str
    exchange: int


class Memories:
    """The memories of the `world`, all or the `most` recent, and what `exchanges` have of writing and reading them.

    ``note`` says how many were left out; it is empty where none was.
    """

    def __init__(self, world: World, exchanges: Sequence[Exchange], most: int | None = None) -> None:
        rows = _rows(world)
        kept = rows if most is None else rows[-most:]
        self.note = f"the {len(kept):,} most recent of {len(rows):,} memories" if len(kept) < len(rows) else ""
        self._all = list(_stored(kept, world.memory.dialect.memory_id == "shown"))
        self._by_row = {(one.time, one.content): one.number for one in self._all}
        self._by_time = {one.time: one.number for one in self._all}
        self._finder = Finder(Known(one.number, one.content, one.time) for one in self._all)
        self._writes = {self._by_time[write.time]: write for write in _writes(exchanges, self._by_time)}
        # The exchanges that had a memory in their answers, in order; and the memories of each.
        self._read: defaultdict[int, list[int]] = defaultdict(list)
        self.read_by: dict[int, tuple[int, ...]] = {}
        for read in reads_in(exchanges, world.memory):
            self._learn(read)
        self.stored_by: defaultdict[int, list[int]] = defaultdict(list)
        for number, write in self._writes.items():
            self.stored_by[write.number].append(number)

    def all(self, calls: Iterable[ToolCall], turns: Mapping[int, int], run_of: Mapping[int, int]) -> Iterator[Memory]:
        """Every memory with who wrote it; `turns` are the numbers of the turns by those of their exchanges."""
        by_run: defaultdict[int, list[ToolCall]] = defaultdict(list)
        for call in calls:
            by_run[call.run].append(call)
        for one in self._all:
            write = self._writes.get(one.number)
            run = run_of.get(write.number, 0) if write else 0
            cause = _cause(one.content, write.number, by_run[run]) if write else None
            yield one._replace(
                run=run,
                exchange=write.number if write else 0,
                fault=write.fault if write else "",
                call=cause.name if cause else "",
                turn=turns.get(cause.asked, 0) if cause else 0,
                read=tuple(self._read.get(one.number, ())),
            )

    def lines(self, piece: Piece, exchange: int, found: dict[int, Source]) -> tuple[Line, ...]:
        """The lines of a text of the request that is this `exchange`; the memories in them are added to `found`."""
        marks: defaultdict[int, list[Mark]] = defaultdict(list)
        lines, begins = piece.text.split("\n"), [0]
        for line in lines:
            begins.append(begins[-1] + len(line) + 1)
        for one in self._finder.find(piece.text) if piece.who in (SYSTEM, USER, RESULT) else ():
            memory, source = self._source(one, piece, exchange)
            if memory:
                found.setdefault(memory, source)
                for index, mark in _split(one, memory, begins):
                    marks[index].append(mark)
        return tuple(_line(line, tuple(marks.get(index, ()))) for index, line in enumerate(lines))

    def number(self, content: str, time: str = "") -> int:
        """The number of a memory: that of the time, else the latest of the content; 0 where there is none."""
        if time in self._by_time:
            return self._by_time[time]
        return next((one.number for one in reversed(self._all) if one.content == content), 0)

    def _learn(self, read: Read) -> None:
        if read.text:
            numbers = [found.numbers[-1] for found in self._finder.find(read.text)]
        else:
            found_rows = (self._by_row.get((row.time, row.content)) for row in read.rows)
            numbers = [number for number in found_rows if number]
        self.read_by[read.number] = tuple(dict.fromkeys(numbers))
        for number in self.read_by[read.number]:
            self._read[number].append(read.number)

    def _source(self, found: Found, piece: Piece, exchange: int) -> tuple[int, Source]:
        """Which memory a piece is, and what had it before the request; 0 where it is nobody's but the program's."""
        if piece.who == USER and not (found.alone and "\n" in piece.text):
            # Who asks something may use the words of a memory.
            return 0, Source("", 0)
        candidates = [(self._before(number, exchange), number) for number in found.numbers]
        source, memory = max(candidates)
        if source:
            return memory, Source(found.how, source)
        written = [(self._writes[number].number, number) for number in found.numbers if number in self._writes]
        echoed = [pair for pair in written if pair[0] < exchange] if piece.who == RESULT else []
        source, memory = max(echoed, default=(0, 0))
        return memory, Source(found.how, source)

    def _before(self, number: int, exchange: int) -> int:
        """The latest exchange before that one whose answer had the memory; 0 where none had."""
        read = self._read.get(number, [])
        place = bisect_left(read, exchange)
        return read[place - 1] if place else 0


def _rows(world: World) -> list[tuple[records.Memory, str]]:
    """Every memory of every org in order of time, with the name of its agent."""
    rows: list[tuple[records.Memory, str]] = []
    for org in world.memory.tenants.orgs():
        names = {agent.id: agent.name for agent in org.agents()}
        rows += [(row, names.get(row.agent_id, "")) for row in org.memories()]
    rows.sort(key=lambda pair: (pair[0].time, pair[0].org_id))
    return rows


def _stored(rows: Sequence[tuple[records.Memory, str]], shows_id: bool) -> Iterator[Memory]:
    for number, (row, name) in enumerate(rows, 1):
        yield Memory(
            number=number,
            content=row.content,
            time=row.shown_time,
            type=row.memory_type,
            event=row.event_type,
            tags=tuple(row.tags),
            importance=row.importance,
            metadata=row.metadata,
            agent=row.agent_id,
            name=name,
            session=row.session_id,
            org=row.org_id,
            id=row.memory_id if shows_id else "",
        )


def _writes(exchanges: Iterable[Exchange], known: Mapping[str, int]) -> Iterator[Write]:
    # The time of a memory is its own, so it tells which request stored it.
    return (write for write in writes_in(exchanges) if write.time in known)


def _cause(content: str, number: int, calls: Sequence[ToolCall]) -> ToolCall | None:
    """The latest call of a tool that was under way when the exchange `number` came, and whose input has the text."""
    under_way = (call for call in reversed(calls) if call.asked < number and not 0 < call.told < number)
    return next((call for call in under_way if _holds(call.input, content)), None)


def _holds(given: Mapping[str, object], content: str) -> bool:
    texts = [value for value in given.values() if isinstance(value, str)]
    return any(text == content or (len(text) >= _LEAST and text in content) for text in texts)


def _split(found: Found, memory: int, begins: Sequence[int]) -> Iterator[tuple[int, Mark]]:
    """A piece of a text as a mark in each of its lines."""
    index = bisect_left(begins, found.start + 1) - 1
    while index < len(begins) - 1 and begins[index] < found.end:
        start, end = max(found.start, begins[index]), min(found.end, begins[index + 1] - 1)
        yield index, Mark(start - begins[index], end - begins[index], memory, found.how)
        index += 1


def _line(text: str, marks: tuple[Mark, ...]) -> Line:
    kind = MEMORY if marks else FRAME if is_heading(text) else PLAIN
    return Line(text, kind, marks)
