"""A store of made-up memories: 50 agents, 2,000 sessions, 20 tags, 120 characters, the last seven days."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from fakememtrace.clock import Clock, Ids
from fakememtrace.memory.dialect import Dialect
from fakememtrace.memory.forms import NewMemory, new_memory
from fakememtrace.memory.store import DAY, MemoryStore

from .harness import SEED

__all__ = ["AGENTS", "SESSIONS", "TAGS", "WORDS", "filled", "memories"]

AGENTS, SESSIONS = 50, 2_000
TAGS = [
    "billing",
    "refund",
    "prod",
    "eu",
    "vip",
    "bug",
    "api",
    "mobile",
    "web",
    "email",
    "urgent",
    "chat",
    "crm",
    "login",
    "export",
    "import",
    "trial",
    "churn",
    "ops",
    "legal",
]
WORDS = [
    "customer",
    "wrote",
    "about",
    "the",
    "order",
    "and",
    "agent",
    "replied",
    "with",
    "policy",
    "refund",
    "tried",
    "tool",
    "lookup",
    "gave",
    "error",
    "again",
    "closed",
    "plan",
    "next",
    "step",
]
_DAYS = 7
_LENGTH = 120


def memories(count: int, first: int = 0) -> Iterator[NewMemory]:
    """So many memories, no two alike; their numbers begin with `first`."""
    draw = random.Random(f"{SEED} {first}")
    for number in range(first, first + count):
        yield new_memory(_fields(number, draw))


def filled(count: int, dialect: str = "0.2.0") -> tuple[MemoryStore, Clock]:
    """A store with so many memories, and the clock behind it."""
    clock = Clock()
    store = MemoryStore("org_default", clock, Ids(), Dialect(dialect))
    for memory in memories(count):
        store.create(memory)
        clock.pass_by(_DAYS * DAY // count)
    return store, clock


def _fields(number: int, draw: random.Random) -> dict[str, Any]:
    text = f"memory {number} order {draw.randrange(1_000)} {' '.join(draw.choices(WORDS, k=24))}"
    return {
        "agent_id": f"agent_{draw.randrange(AGENTS)}",
        "session_id": f"sess_{draw.randrange(SESSIONS)}",
        "memory_type": draw.choice(("episodic", "decision", "session", "entity")),
        "event_type": draw.choice(("general", "general", "general", "error")),
        "content": text[:_LENGTH],
        "tags": draw.sample(TAGS, 2),
        "importance": draw.randrange(11) / 10,
    }
