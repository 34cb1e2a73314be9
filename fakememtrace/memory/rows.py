"""From what a request asks to store to what is kept: its key, and its row of JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..clock import rfc3339
from ..hashing import sha256
from .forms import NewMemory
from .gojson import encode, escaped, quoted
from .records import Memory, memory_id_of

__all__ = ["dedup_key", "key_of", "retimed", "rewritten", "stored"]

# One object for each of the usual importances: every memory's own would take 24 bytes.
_SHARED = {number / 100: number / 100 for number in range(1, 100)}
# The fields of a row that are not always there, in their order.
_ORDER = (
    *("time", "memory_id", "org_id", "agent_id", "session_id", "memory_type", "event_type", "content"),
    *("metadata", "tags", "dedup_key", "importance", "parent_id"),
)
_ALWAYS = ("content", "dedup_key")


def dedup_key(memory: NewMemory) -> str:
    """The key that the server makes for a memory that came without one."""
    return key_of(memory.heading.agent_id, memory.heading.event_type, memory.content)


def key_of(agent_id: str, event_type: str, content: str) -> str:
    """The same of what goes into it."""
    return sha256(f"{agent_id}|{event_type}|".encode() + content.encode()[:200]).hexdigest()[:32]


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


def rewritten(memory: Memory, values: Mapping[str, Any]) -> Memory:
    """`memory` with other `values` in its row and in itself; what is empty then is left out of the row."""
    row = {**json.loads(memory.row), **values}
    kept = {name: row[name] for name in _ORDER if name in row and (row[name] or name in _ALWAYS)}
    fields = {name: value for name, value in values.items() if name not in ("metadata", "tags")}
    if "tags" in values:
        fields["tags_csv"] = ",".join(values["tags"])
    return memory._replace(**fields, row=encode(kept))


def retimed(memory: Memory, time: int) -> Memory:
    """`memory` as if it were of another `time`, in microseconds since 1970."""
    start = b'{"time":"'
    end = memory.row.index(b'"', len(start))
    return memory._replace(time=time, row=start + rfc3339(time).encode() + memory.row[end:])
