"""What is stored in a world: which memory a content is, who stored it, and what is said of one that is not there."""

from __future__ import annotations

from collections.abc import Iterator

from .cuts import cut, start_of
from .knowledge import Knowledge, ShownMemory, Write
from .lines import alike
from .sentences import excerpt, exchange_of, fault_of

__all__ = ["Store"]

_NEAR = 0.5
_STARTING = 6
# Of so many memories, the latest, the nearest is looked for.
_MOST_NEAR = 2_000


class Store:
    """The memories that `knowledge` has, and the attempts to store some; with None nobody knows anything."""

    def __init__(self, knowledge: Knowledge | None) -> None:
        self._knows = knowledge is not None
        self._memories, self._writes = (knowledge.memories, knowledge.writes) if knowledge else ((), ())
        self._by_content: dict[str, list[ShownMemory]] = {}
        for memory in self._memories:
            for shown in {memory.content, cut(memory.content)}:
                self._by_content.setdefault(shown, []).append(memory)

    def find(self, content: str, time: str = "") -> ShownMemory | None:
        """The memory that is shown so: of several the one of that time, else the latest."""
        found = self._by_content.get(content, [])
        at_that_time = [memory for memory in found if memory.time == time]
        if found:
            return (at_that_time or found)[-1]
        start = start_of(content)
        return next(
            (
                memory
                for memory in self._memories
                if (time and memory.time == time and memory.content.startswith(start))
                or (content != start and len(start) >= _STARTING and memory.content.startswith(start))
            ),
            None,
        )

    def by(self, memory: ShownMemory) -> Write | None:
        """The request that stored it."""
        writes = [write for write in self._writes if write.time and write.time == memory.time]
        return next((write for write in writes if write.content.startswith(memory.content)), None)

    def first(self, content: str) -> Write | None:
        """The first attempt to store this content."""
        return next(iter(self._attempts(content)), None)

    def refused(self, content: str) -> Write | None:
        """The last attempt to store it, if it was refused."""
        last = next(reversed(self._attempts(content)), None)
        return last if last and last.status != 201 else None

    def told(self, memory: ShownMemory | None) -> Iterator[str]:
        """Who stored it, and when."""
        if memory is None:
            return
        by = self.by(memory)
        agent = f" by {memory.name or memory.agent}" if memory.agent else ""
        session = f" in session {memory.session}" if memory.session else ""
        name = f" as {memory.id}" if memory.id else ""
        exchange = f" ({exchange_of(by)}{', fault: ' + by.fault if by.fault else ''})" if by else ""
        yield f"stored {memory.time}{name}{agent}{session}{exchange}"

    def shortened(self, memory: ShownMemory, shown: str) -> str:
        """That no more than what is shown of it was stored; empty where more was."""
        by = self.by(memory)
        if by and len(by.content) > len(memory.content):
            size = len(memory.content.encode("utf-8", "replace"))
            return f"#{by.number} sent it whole, and only its first {size} bytes are stored"
        return "no more than that was sent to be stored" if memory.content == shown else ""

    def never(self, content: str) -> Iterator[str]:
        """Why it is not stored."""
        attempts = self._attempts(content)
        if attempts:
            last = attempts[-1]
            yield f"{exchange_of(last)} was answered {last.status}, and it is not stored{fault_of(last.fault)}"
        elif self._knows and not self._memories and not self._writes:
            yield "nothing was stored in this world"
        else:
            yield from self.like(content)

    def like(self, content: str) -> Iterator[str]:
        """The memory that is most like one that is not stored."""
        if not self._knows:
            return
        near = max(self._memories[-_MOST_NEAR:], key=lambda memory: alike(memory.content, content), default=None)
        if near is None or alike(near.content, content) < _NEAR:
            yield "nothing like it is stored in this world"
            return
        by = self.by(near)
        exchange = f" ({exchange_of(by)})" if by else ""
        yield f"it is not stored in this world; nearest: {excerpt(near.content)}{exchange}"

    def _attempts(self, content: str) -> list[Write]:
        """Every attempt to store it."""
        return [write for write in self._writes if content in (write.content, cut(write.content))]
