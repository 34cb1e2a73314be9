"""What is known of a memory that differs: who stored it, and which answer showed it or did not."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...clock import duration, moment
from ...errors import ClockError
from .items import Item, cut, is_cut
from .knowledge import Knowledge, Read, Row, ShownMemory, Write
from .lines import alike
from .miss import MemoryDifference

__all__ = ["Witness", "excerpt", "span"]

_LONGEST = 100
_NEAR = 0.5
_STARTING = 6
# Of so many rows of an answer is looked for anywhere in a text, and not only on a line of its own.
_MOST_ROWS = 20
# Of so many memories, the latest, the nearest is looked for.
_MOST_NEAR = 2_000


class Witness:
    """Says of memories what `knowledge` has of them; with None nobody knows anything.

    `texts` are all texts of the request.  Before it is asked it is told, with :meth:`look_at`, which
    of them is at issue.
    """

    def __init__(self, knowledge: Knowledge | None, texts: list[str]) -> None:
        self._knows = knowledge is not None
        self._knowledge = knowledge or Knowledge()
        self._texts = [(text, _bare_lines(text)) for text in texts]
        self._used: list[Read] = []
        self._reads: list[Read] = []
        self._is_tool = False
        self._by_content: dict[str, list[ShownMemory]] = {}
        for memory in self._knowledge.memories:
            for shown in {memory.content, cut(memory.content)}:
                self._by_content.setdefault(shown, []).append(memory)

    def look_at(self, text: str, origin: str) -> None:
        """From now on it is about `text`."""
        reads = self._knowledge.reads
        self._is_tool = origin.startswith("tool")
        recent = [read for read in reads if read.number > self._knowledge.turn]
        self._reads = recent if self._is_tool and recent else list(reads)
        self._used = [read for read in self._reads if _is_in(read, text, _bare_lines(text))]

    def stored(self, content: str, time: str = "") -> ShownMemory | None:
        """The memory that is shown so: of several the one of that time, else the latest."""
        found = self._by_content.get(content, [])
        at_that_time = [memory for memory in found if memory.time == time]
        if found:
            return (at_that_time or found)[-1]
        start = content.removesuffix("...").removesuffix("…")
        return next(
            (
                memory
                for memory in self._knowledge.memories
                if (time and memory.time == time and memory.content.startswith(start))
                or (content != start and len(start) >= _STARTING and memory.content.startswith(start))
            ),
            None,
        )

    def missing(self, item: Item, where: str, before: int, now: int) -> MemoryDifference:
        """A memory that was recorded and is not sent, or not so often: `before` times, and `now`."""
        memory = self.stored(item.content, item.time)
        read = self._asked_for(item, memory)
        facts = [f"recorded {_times(before)}, here {_times(now)}"] if now else []
        facts += self._stored_fact(memory)
        refused = self._refused(item.content)
        if memory is None:
            facts += self._never_stored(item.content)
        elif refused and refused.number > self._knowledge.turn and self._is_tool:
            facts.append(f"{_exchange(refused)} was answered {refused.status}{_fault(refused.fault)}")
            read = None
        elif now and read:
            facts += _returned_fact(read, item)
        else:
            facts.append(_not_returned(read, item, memory))
        return self._difference("missing", where, item, facts, memory, read, recorded=item.time)

    def added(self, item: Item, where: str, before: int, now: int) -> MemoryDifference:
        """A memory that is sent and was not recorded, or not so often."""
        memory = self.stored(item.content, item.time)
        read = self._returned(item)
        facts = [f"recorded {_times(before)}, here {_times(now)}"] if before else []
        facts += self._stored_fact(memory)
        if self._knows and memory is None:
            facts.append(self._nothing_like(item.content))
        if memory and read and read.org and memory.org != read.org:
            facts.append(f"it belongs to another org, {memory.org}")
        facts += _returned_fact(read, item)
        return self._difference("added", where, item, facts, memory, read, sent=item.time)

    def cut(self, recorded: Item, sent: Item, where: str) -> MemoryDifference:
        """A memory of which less is sent than was recorded."""
        memory, read = self.stored(sent.content, sent.time), self._returned(sent)
        facts = [f"here only {excerpt(sent.content)}", *self._stored_fact(memory), *self._cut_facts(memory, read)]
        return self._difference("cut", where, recorded, facts, memory, read, recorded.time, sent.time)

    def changed(self, recorded: Item, sent: Item, where: str, other: list[tuple[str, str, str]]) -> MemoryDifference:
        """A memory that is sent with another content, time or anything else; `other` are its other facts."""
        memory, read = self.stored(sent.content, sent.time), self._returned(sent)
        facts = [f"here {excerpt(sent.content)}"] if sent.content != recorded.content else []
        facts += _times_fact(recorded.time, sent.time)
        facts += [f"its {name} is {now}, recorded {before}" for name, before, now in other]
        facts += self._stored_fact(memory)
        refused = self._refused(recorded.content)
        if refused:
            facts.append(f"{_exchange(refused)} was answered {refused.status}{_fault(refused.fault)}")
        facts += _returned_fact(read, sent)
        return self._difference("changed", where, recorded, facts, memory, read, recorded.time, sent.time)

    def reordered(
        self, recorded: Item, sent: Item, where: str, before: tuple[int, int], now: tuple[int, int]
    ) -> MemoryDifference:
        """A memory that is sent in another place than it was recorded: both as a number, and out of how many."""
        memory, read = self.stored(sent.content, sent.time), self._returned(sent)
        facts = [f"recorded as number {before[0]} of {before[1]}, here number {now[0]} of {now[1]}"]
        facts += [*_times_fact(recorded.time, sent.time), *self._stored_fact(memory), *_returned_fact(read, sent)]
        return self._difference("reordered", where, sent, facts, memory, read, recorded.time, sent.time)

    def _difference(
        self,
        verb: str,
        where: str,
        item: Item,
        facts: list[str],
        memory: ShownMemory | None,
        read: Read | None,
        recorded: str = "",
        sent: str = "",
    ) -> MemoryDifference:
        known = memory or ShownMemory("", "")
        by = self._stored_by(memory) if memory else next(iter(self._writes(item.content)), None)
        return MemoryDifference(
            *(verb, where, item.content, tuple(facts), recorded, sent),
            *(known.id, known.agent, known.session, known.org, known.time),
            by.number if by else None,
            read.number if read else None,
        )

    def _writes(self, content: str) -> list[Write]:
        """Every attempt to store it."""
        return [write for write in self._knowledge.writes if content in (write.content, cut(write.content))]

    def _refused(self, content: str) -> Write | None:
        """The last attempt to store it, if it was refused."""
        last = next(reversed(self._writes(content)), None)
        return last if last and last.status != 201 else None

    def _stored_by(self, memory: ShownMemory) -> Write | None:
        writes = [write for write in self._knowledge.writes if write.time and write.time == memory.time]
        return next((write for write in writes if write.content.startswith(memory.content)), None)

    def _stored_fact(self, memory: ShownMemory | None) -> Iterator[str]:
        if memory is None:
            return
        by = self._stored_by(memory)
        agent = f" by {memory.name or memory.agent}" if memory.agent else ""
        session = f" in session {memory.session}" if memory.session else ""
        name = f" as {memory.id}" if memory.id else ""
        exchange = f" ({_exchange(by)}{', fault: ' + by.fault if by.fault else ''})" if by else ""
        yield f"stored {memory.time}{name}{agent}{session}{exchange}"

    def _never_stored(self, content: str) -> Iterator[str]:
        writes = self._writes(content)
        if writes:
            last = writes[-1]
            yield f"{_exchange(last)} was answered {last.status}, and it is not stored{_fault(last.fault)}"
        elif self._knows:
            yield self._nothing_like(content)

    def _nothing_like(self, content: str) -> str:
        near = max(
            self._knowledge.memories[-_MOST_NEAR:], key=lambda memory: alike(memory.content, content), default=None
        )
        if near is None or alike(near.content, content) < _NEAR:
            return "nothing like it is stored in this world"
        by = self._stored_by(near)
        return f"it is not stored in this world; nearest: {excerpt(near.content)}" + (
            f" ({_exchange(by)})" if by else ""
        )

    def _cut_facts(self, memory: ShownMemory | None, read: Read | None) -> Iterator[str]:
        if memory is None:
            return
        by = self._stored_by(memory)
        if by and len(by.content) > len(memory.content):
            size = len(memory.content.encode("utf-8", "replace"))
            yield f"#{by.number} sent it whole, and only its first {size} bytes are stored"
        elif read:
            yield f"stored whole; {_exchange(read)} shows the start of it"

    def _returned(self, item: Item) -> Read | None:
        """The latest answer that has it, of those that this text is made of if there are any."""
        among = [read for read in self._used if _has(read, item)] or [read for read in self._reads if _has(read, item)]
        return among[-1] if among else None

    def _asked_for(self, item: Item, memory: ShownMemory | None) -> Read | None:
        """The answer that should have had it."""
        if self._used:
            sessions = {item.session, memory.session if memory else ""} - {""}
            of_session = [read for read in self._used if read.session in sessions]
            return (of_session or self._used)[-1]
        elsewhere = {read.number for text, bare in self._texts for read in self._reads if _is_in(read, text, bare)}
        left = [read for read in self._reads if read.number not in elsewhere]
        empty = [read for read in left if not read.rows and not read.text]
        return next(reversed(empty or left or self._reads), None)


def excerpt(content: str) -> str:
    """A content on one line, in quotes, cut where it is long."""
    text = " ".join(content.split())
    return json.dumps(text if len(text) <= _LONGEST else text[: _LONGEST - 3] + "...", ensure_ascii=False)


def _bare_lines(text: str) -> frozenset[str]:
    """The lines of a text without what marks them as items of a list."""
    return frozenset(line.strip().lstrip("-*• ") for line in text.split("\n"))


def _is_in(read: Read, text: str, bare: frozenset[str]) -> bool:
    """Whether a text, of which these are the lines, is made of this answer."""
    if read.text:
        return read.text.strip() in text
    some = read.rows[:_MOST_ROWS]
    return any(row.content in bare for row in read.rows) or any(row.content and row.content in text for row in some)


def _has(read: Read, item: Item) -> bool:
    if read.text:
        return item.raw.strip() in read.text or (is_cut(item.content) and item.content in read.text)
    return any(_is_row(item, row) for row in read.rows)


def _is_row(item: Item, row: Row) -> bool:
    same_time = not item.time or not row.time or item.time == row.time
    return same_time and item.content in (row.content, cut(row.content))


def _not_returned(read: Read | None, item: Item, memory: ShownMemory) -> str:
    if read is None:
        return "Memtrace was not asked for memories before this request"
    if _has(read, item._replace(content=memory.content)) or _has(read, item):
        return f"{_asked(read)} returned it, and the program left it out"
    if not read.status:
        return f"{_asked(read)} got no answer{_fault(read.fault)}"
    if read.status != 200:
        return f"{_asked(read)} was answered {read.status}{_fault(read.fault)}"
    why = ", ".join(_reasons(read, memory))
    return f"{_asked(read)} did not return it{_fault(read.fault)}{f': {why}' if why else ''}"


def _reasons(read: Read, memory: ShownMemory) -> Iterator[str]:
    """Why what was asked for is not what is stored."""
    if read.org and read.org != memory.org:
        yield f"it belongs to another org, {memory.org}"
    if read.session and read.session != memory.session:
        yield f"it is of session {memory.session}" if memory.session else "it is of no session"
    if read.agent and read.agent not in (memory.agent, memory.name):
        yield f"it is of agent {memory.agent}"
    try:
        if read.since and moment(memory.time) < moment(read.at) - duration(read.since):
            yield f"it is older than {read.since}"
    except ClockError:
        # A moment, or no time at all: what was asked for is shown as it is.
        return
    if read.tokens:
        yield f"it was to have {read.tokens} tokens at most"


def _returned_fact(read: Read | None, item: Item) -> Iterator[str]:
    if read:
        number = read.text.count(item.raw.strip()) if read.text else sum(_is_row(item, row) for row in read.rows)
        often = f" {_times(number)}" if number > 1 else ""
        yield f"{_exchange(read)} returned it{often}{_fault(read.fault)}"


def _times_fact(recorded: str, sent: str) -> Iterator[str]:
    if recorded == sent or not (recorded and sent):
        return
    try:
        apart = moment(sent) - moment(recorded)
    except ClockError:
        yield f"its time is {sent}, recorded {recorded}"
        return
    yield f"its time is {sent}, recorded {recorded}: {span(abs(apart))} {'later' if apart > 0 else 'earlier'}"


def span(micros: int) -> str:
    """``90000000`` -> ``1m30s``, ``1500`` -> ``1.5ms``."""
    if micros < 1_000_000:
        return f"{micros}us" if micros < 1_000 else f"{micros / 1_000:g}ms"
    text = ""
    for unit, size in (("d", 86_400_000_000), ("h", 3_600_000_000), ("m", 60_000_000)):
        if micros >= size:
            text += f"{micros // size}{unit}"
            micros %= size
    seconds = f"{micros / 1_000_000:.6f}".rstrip("0").rstrip(".")
    return text if text and not micros else f"{text}{seconds}s"


def _asked(read: Read) -> str:
    what = f" {read.asked}" if read.asked else ""
    return f"{_exchange(read)}{what}" + (f" at {read.at}" if read.at else "")


def _exchange(exchange: Read | Write) -> str:
    return f"#{exchange.number} {exchange.route}"


def _fault(name: str) -> str:
    return f" (fault: {name})" if name else ""


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"
