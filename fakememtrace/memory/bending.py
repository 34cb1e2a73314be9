"""What faults make of memories that are written: of what is stored, and of the check for duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..clock import duration
from ..faults.kinds import DROPPABLE, Fault
from .forms import NewMemory
from .records import Memory
from .refusal import Duplicate
from .rows import dedup_key, key_of, rewritten
from .store import MemoryStore
from .tenants import Org

__all__ = ["CHECKS", "Misjudging", "bent"]

# The kinds that strike the check for duplicates.
CHECKS = ("false_duplicate", "missed_duplicate")


def bent(fault: Fault, memories: list[Memory], org: Org) -> list[Memory]:
    """What `fault`, which strikes writes, makes of the `memories` that are to be stored."""
    if fault.kind == "lost_write":
        return []
    if fault.kind == "late_write":
        late = duration(fault.options["by"])
        org.late_until |= {memory.memory_id: memory.time + late for memory in memories}
        return memories
    if fault.kind == "duplicate":
        return [memory for memory in memories for _ in range(2)]
    return [_with(memory, _changes(fault, memory, org)) for memory in memories]


class Misjudging(MemoryStore):
    """A store whose check for duplicates goes wrong as its ``faults`` say; ``struck`` are those that made it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.faults: Sequence[Fault] = ()
        self.struck: list[Fault] = []

    def free_key(self, memory: NewMemory) -> str:
        """The dedup key of `memory`; a Duplicate when it is taken for one."""
        try:
            super().free_key(memory)
        except Duplicate:
            refused = True
        else:
            refused = False
        for fault in self.faults:
            if refused if fault.kind == "missed_duplicate" else not refused and self._has_alike(fault.options, memory):
                refused = not refused
                self.struck.append(fault)
        if refused:
            raise Duplicate
        return memory.dedup_key or dedup_key(memory)

    def _has_alike(self, options: Mapping[str, Any], memory: NewMemory) -> bool:
        heading, start = memory.heading, memory.content.encode()[: options["bytes"]]
        since = self.now() - duration(options["window"])
        return any(
            row.time > since
            and row.agent_id == heading.agent_id
            and row.event_type == heading.event_type
            and row.content.encode()[: options["bytes"]] == start
            for row in self.rows[: self.seen()]
        )


def _changes(fault: Fault, memory: Memory, org: Org) -> Mapping[str, Any]:
    """The fields of `memory` that `fault` changes, and what they become."""
    if fault.kind == "truncated":
        return {"content": _start(memory.content, fault.options)}
    if fault.kind == "wrong_session":
        others = [*_written_to(org, "session_id"), *(session.id for session in org.sessions())]
        return _last("session_id", others, ("", memory.session_id))
    if fault.kind == "wrong_agent":
        own = org.directory.agent(memory.agent_id)
        others = [*_written_to(org, "agent_id"), *(agent.id for agent in org.agents())]
        return _last("agent_id", others, (memory.agent_id, *((own.id, own.name) if own else ())))
    field = fault.options["field"]
    default = DROPPABLE[field]
    return {field: key_of(memory.agent_id, memory.event_type, memory.content) if default is None else default}


def _written_to(org: Org, field: str) -> Iterable[str]:
    return (getattr(row, field) for row in org.store.rows)


def _last(field: str, values: list[str], own: Sequence[str]) -> Mapping[str, Any]:
    """The last of the `values` that is not among its `own`; nothing where there is none."""
    other = next((value for value in reversed(values) if value not in own), None)
    return {} if other is None else {field: other}


def _with(memory: Memory, changes: Mapping[str, Any]) -> Memory:
    return (
        memory if all(getattr(memory, name) == value for name, value in changes.items()) else rewritten(memory, changes)
    )


def _start(content: str, options: Mapping[str, Any]) -> str:
    if options["bytes"] is None:
        return content[: options["characters"]]
    return content.encode()[: options["bytes"]].decode("utf-8", "replace")
