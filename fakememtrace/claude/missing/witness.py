"""What is known of a memory that differs: who stored it, and which answer showed it or did not."""

from __future__ import annotations

from .answers import Reading, bare_lines, has, has_whole, is_in
from .cuts import cut
from .items import Item
from .knowledge import Knowledge, Read, ShownMemory
from .miss import MemoryDifference
from .sentences import (
    cut_by,
    exchange_of,
    fault_of,
    instead,
    moved_in_time,
    not_returned,
    only,
    returned,
    returned_nothing,
    times,
)
from .store import Store

__all__ = ["Witness"]


class Witness:
    """Says of memories what `knowledge` has of them; with None nobody knows anything.

    `texts` are all texts of the request.  Before it is asked it is told, with :meth:`look_at`, which
    of them is at issue.
    """

    def __init__(self, knowledge: Knowledge | None, texts: list[str]) -> None:
        self._knowledge = knowledge or Knowledge()
        self.store = Store(knowledge)
        self._texts = [(text, bare_lines(text)) for text in texts]
        self._used: list[Read] = []
        self._reads: list[Read] = []
        self._is_tool = False
        self.reading = Reading(())

    def look_at(self, text: str, origin: str) -> None:
        """From now on it is about `text`."""
        reads = self._knowledge.reads
        self._is_tool = origin.startswith("tool")
        recent = [read for read in reads if read.number > self._knowledge.turn]
        self._reads = recent if self._is_tool and recent else list(reads)
        self.reading = Reading(recent or reads)
        self._used = [read for read in self._reads if is_in(read, text, bare_lines(text))]

    def missing(self, item: Item, where: str, before: int, now: int) -> MemoryDifference:
        """A memory that was recorded and is not sent, or not so often: `before` times, and `now`."""
        memory = self.store.find(item.content, item.time)
        read = self._asked_for(item, memory)
        facts = [f"recorded {times(before)}, here {times(now)}"] if now else []
        facts += self.store.told(memory)
        refused = self.store.refused(item.content)
        if memory is None:
            facts += self.store.never(item.content)
            facts += returned_nothing(read) if self.store.first(item.content) is None else ()
        elif refused and refused.number > self._knowledge.turn and self._is_tool:
            facts.append(f"{exchange_of(refused)} was answered {refused.status}{fault_of(refused.fault)}")
            read = None
        elif now and read:
            facts += returned(read, item)
        else:
            facts.append(not_returned(read, item, memory))
        return self._difference("missing", where, item, facts, memory, read, recorded=item.time)

    def added(self, item: Item, where: str, before: int, now: int) -> MemoryDifference:
        """A memory that is sent and was not recorded, or not so often."""
        memory = self.store.find(item.content, item.time)
        read = self._returned(item)
        facts = [f"recorded {times(before)}, here {times(now)}"] if before else []
        facts += self.store.told(memory)
        if memory is None:
            facts += self.store.like(item.content)
        if memory and read and read.org and memory.org != read.org:
            facts.append(f"it belongs to another org, {memory.org}")
        facts += returned(read, item)
        return self._difference("added", where, item, facts, memory, read, sent=item.time)

    def cut(self, recorded: Item, sent: Item, where: str) -> MemoryDifference:
        """A memory of which less is sent than was recorded."""
        memory = self.store.find(sent.content, sent.time) or self.store.find(recorded.content, recorded.time)
        read = self._returned(sent) or (self._returned_of(memory) if memory else None)
        facts = [only(recorded.content, sent.content), *self.store.told(memory)]
        if memory is None:
            facts += self.store.never(recorded.content)
        else:
            read = read or self._asked_for(recorded, memory)
            facts.append(self.store.shortened(memory, sent.content) or cut_by(read, recorded, sent, memory))
        return self._difference("cut", where, recorded, facts, memory, read, recorded.time, sent.time)

    def changed(self, recorded: Item, sent: Item, where: str, other: list[tuple[str, str, str]]) -> MemoryDifference:
        """A memory that is sent with another content, time or anything else; `other` are its other facts."""
        memory, read = self.store.find(sent.content, sent.time), self._returned(sent)
        facts = [instead(recorded.content, sent.content)] if sent.content != recorded.content else []
        facts += moved_in_time(recorded.time, sent.time)
        facts += [f"its {name} is {now}, recorded {before}" for name, before, now in other]
        facts += self.store.told(memory)
        refused = self.store.refused(recorded.content)
        if refused:
            facts.append(f"{exchange_of(refused)} was answered {refused.status}{fault_of(refused.fault)}")
        facts += returned(read, sent)
        return self._difference("changed", where, recorded, facts, memory, read, recorded.time, sent.time)

    def reordered(
        self, recorded: Item, sent: Item, where: str, before: tuple[int, int], now: tuple[int, int]
    ) -> MemoryDifference:
        """A memory that is sent in another place than it was recorded: both as a number, and out of how many."""
        memory, read = self.store.find(sent.content, sent.time), self._returned(sent)
        facts = [f"recorded as number {before[0]} of {before[1]}, here number {now[0]} of {now[1]}"]
        facts += [*moved_in_time(recorded.time, sent.time), *self.store.told(memory), *returned(read, sent)]
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
        by = self.store.by(memory) if memory else self.store.first(item.content)
        return MemoryDifference(
            *(verb, where, item.content, tuple(facts), recorded, sent),
            *(known.id, known.agent, known.session, known.org, known.time),
            by.number if by else None,
            read.number if read else None,
        )

    def _returned(self, item: Item) -> Read | None:
        """The latest answer that has it, of those that this text is made of if there are any."""
        among = [read for read in self._used if has(read, item)] or [read for read in self._reads if has(read, item)]
        return among[-1] if among else None

    def _returned_of(self, memory: ShownMemory) -> Read | None:
        """The same of a memory however it is shown: whole, if any answer has it so."""
        reads = [*self._reads, *self._used]
        whole = [read for read in reads if has_whole(read, memory.content)]
        return next(reversed(whole or [read for read in reads if has_whole(read, cut(memory.content))]), None)

    def _asked_for(self, item: Item, memory: ShownMemory | None) -> Read | None:
        """The answer that should have had it."""
        if self._used:
            sessions = {item.session, memory.session if memory else ""} - {""}
            of_session = [read for read in self._used if read.session in sessions]
            return (of_session or self._used)[-1]
        elsewhere = {read.number for text, bare in self._texts for read in self._reads if is_in(read, text, bare)}
        left = [read for read in self._reads if read.number not in elsewhere]
        empty = [read for read in left if not read.rows and not read.text]
        return next(reversed(empty or left or self._reads), None)
