"""Creating memories: section 4, first half."""

from __future__ import annotations

import hashlib
from typing import Any

from fakememtrace.wire import Request

from .base import ID, ID_FORM, TAG, TAG_FORM, TYPE, TYPE_FORM, Base
from .reading import Broken, batch_of, fields_of, memory_of
from .refused import Refused
from .times import DAY

__all__ = ["Writing"]


class Writing(Base):
    """One memory, or a batch."""

    def create_memory_or_batch(self, request: Request) -> tuple[int, Any]:
        """A list of memories makes it a batch."""
        body = fields_of(request, {})
        try:
            # decision: what cannot be read as a batch is read as a memory.
            items = batch_of(body)
        except Broken:
            items = []
        return self.create_batch(items) if items else (201, self.memory_json(self.create(memory_of(body))))

    def create_batch(self, items: list[dict[str, Any]]) -> tuple[int, Any]:
        """One by one, without the duplicates."""
        if self.dialect["invalid_batch"] == "refused":
            for index, item in enumerate(items):
                self.check_item(index, item, 400)
        created = []
        for index, item in enumerate(items):
            self.check_item(index, item, 500)
            if not self.is_duplicate(self.with_defaults(item)):
                created.append(self.create(item))
        # decision: a batch that was stopped does not get here.
        self.flush(self.now)
        return 201, {"memories": [self.memory_json(memory) for memory in created], "count": len(created)}

    def check_item(self, index: int, item: dict[str, Any], status: int) -> None:
        """Refuse an invalid memory, with its number."""
        try:
            self.with_defaults(item)
        except Refused as refused:
            raise Refused(status, f"failed to create memory {index}: {refused.text}") from None

    def create(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Store one memory."""
        memory = self.with_defaults(fields)
        if self.is_duplicate(memory):
            raise Refused(409, "duplicate memory")
        memory |= {"org_id": self.org_id, "time": self.stamp(), "memory_id": self.new_id("mem_")}
        self.buffer.append(memory)
        if self.dialect["write_buffer"] == "none" or len(self.buffer) >= 100:
            self.flush(memory["time"])
        return memory

    def with_defaults(self, fields: dict[str, Any]) -> dict[str, Any]:
        """The memory, when all checks in their order let it through."""
        for name in ("agent_id", "content"):
            if not fields[name]:
                raise Refused(400, f"{name} is required")
        memory = {**fields, "memory_type": fields["memory_type"] or "episodic"}
        memory["event_type"] = fields["event_type"] or "general"
        if memory["memory_type"] not in ("episodic", "decision", "entity", "session"):
            raise Refused(400, f"invalid memory_type: {memory['memory_type']}")
        self.check_form(ID, memory["agent_id"], f"invalid agent_id: {ID_FORM}", 400)
        self.check_form(ID, memory["session_id"], f"invalid session_id: {ID_FORM}", 400)
        self.check_form(TYPE, memory["event_type"], f"invalid event_type: {TYPE_FORM}", 400)
        for tag in memory["tags"]:
            self.check_form(TAG, tag, f"invalid tag '{tag}': {TAG_FORM}", 400)
        memory["dedup_key"] = fields["dedup_key"] or dedup_key(memory)
        return memory

    def is_duplicate(self, memory: dict[str, Any]) -> bool:
        """Same key, younger than the window, and seen."""
        # decision: a backslash is doubled and a NUL dropped in the key that is asked for.
        asked = memory["dedup_key"].replace("\\", "\\\\").replace("\0", "")
        return any(other["dedup_key"] == asked and other["time"] > self.now - DAY for other in self.seen())


def dedup_key(memory: dict[str, Any]) -> str:
    """The first 32 hex digits of SHA-256 over agent, event type and 200 bytes of the content."""
    start = f"{memory['agent_id']}|{memory['event_type']}|".encode()
    return hashlib.sha256(start + memory["content"].encode()[:200]).hexdigest()[:32]
