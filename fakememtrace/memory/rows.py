"""From what a request asks to store to what is kept: its key, and its row of JSON."""

from __future__ import annotations

from ..clock import rfc3339
from ..hashing import sha256
from .forms import NewMemory
from .gojson import escaped, quoted
from .records import Memory, memory_id_of

__all__ = ["dedup_key", "stored"]

# One object for each of the usual importances: every memory's own would take 24 bytes.
_SHARED = {number / 100: number / 100 for number in range(1, 100)}


def dedup_key(memory: NewMemory) -> str:
    """The key that the server makes for a memory that came without one."""
    heading = memory.heading
    named = f"{heading.agent_id}|{heading.event_type}|".encode()
    return sha256(named + memory.content.encode()[:200]).hexdigest()[:32]


def stored(memory: NewMemory, org_id: str, time: int, identity: int | str, key: str, shows_id: bool) -> Memory:
    """`memory` as it is kept.

    `time` is in microseconds since 1970, `identity` the memory_id or its number; the row has the
    memory_id when it `shows_id`.
    """
    # Written piece by piece, since it is most of the cost of a write.
    (agent_id, session_id, memory_type, event_type, tags_csv, names, tags), content, metadata, _, importance, parent = (
        memory
    )
    shown = f'"memory_id":"{memory_id_of(identity)}",' if shows_id else ""
    row = f'{{"time":"{rfc3339(time)}",{shown}"org_id":{quoted(org_id)},{names},"content":{quoted(content)}'
    if metadata:
        row += f',"metadata":{metadata}'
    row += f'{tags},"dedup_key":{quoted(key)}'
    if importance:
        row += f',"importance":{importance!r}'
    if parent:
        row += f',"parent_id":{quoted(parent)}'
    return Memory(
        time,
        identity,
        org_id,
        agent_id,
        session_id,
        memory_type,
        event_type,
        content,
        tags_csv,
        key,
        _SHARED.get(importance, importance),
        parent,
        escaped(row + "}"),
    )
