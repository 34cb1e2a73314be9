"""What happened in a world as snapshots of syrupy (extra ``syrupy``): made for review, and free of what moves.

With the fixture ``memory_snapshot``::

    from fakememtrace.syrupy import claude_request, memories, transcript

    def test_agent(fakememtrace, memory_snapshot):
        agent.talk("I eat no meat.")
        assert transcript(fakememtrace) == memory_snapshot
        assert memories(fakememtrace) == memory_snapshot
        assert claude_request(fakememtrace) == memory_snapshot

Each is a text, so other tools for snapshots can keep it, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .memories import memories
from .requests import claude_request
from .transcript import transcript

if TYPE_CHECKING:
    from .extension import MemorySnapshotExtension

__all__ = ["MemorySnapshotExtension", "claude_request", "memories", "transcript"]


def __getattr__(name: str) -> Any:
    if name != "MemorySnapshotExtension":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    # Who only wants the texts needs no syrupy.
    from .extension import MemorySnapshotExtension

    return MemorySnapshotExtension
