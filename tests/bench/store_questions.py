"""What a store is asked: of ours and, with the same arguments, of DuckDB."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from fakememtrace.clock import Clock, Ids
from fakememtrace.memory.context import session_context
from fakememtrace.memory.directory import Directory
from fakememtrace.memory.forms import NewMemory, new_memory
from fakememtrace.memory.query import list_question, page, search_selection, select, stats
from fakememtrace.memory.records import Memory
from fakememtrace.memory.refusal import Duplicate
from fakememtrace.memory.rows import dedup_key
from fakememtrace.memory.store import DAY, MemoryStore

from .corpus import AGENTS, SESSIONS, TAGS, WORDS, memories
from .duck import Duck, has, later
from .harness import SEED

__all__ = ["FASTER", "FLAT", "ROUNDS", "Question", "Search", "questions", "search"]

ROUNDS = 11
_WARMTH = 300
FLAT, FASTER = "<= 20 µs", "<= DuckDB"


class Question(NamedTuple):
    """One question for each of the arguments; `repeatable` if asking changes nothing."""

    what: str
    arguments: list[Any]
    ours: Callable[[Any], Any]
    theirs: Callable[[Duck, Any], Any] | None = None
    target: str = ""
    repeatable: bool = True


class Search(NamedTuple):
    """A text, a tag and the least importance."""

    text: str
    tag: str = ""
    least: float = 0

    def given(self) -> dict[str, Any]:
        """The body of its request."""
        tags = [self.tag] if self.tag else []
        return {"content_contains": self.text, "tags": tags, "min_importance": self.least}

    def conditions(self) -> list[str]:
        """The conditions of its SQL."""
        tags = [has("tags_csv", self.tag)] if self.tag else []
        least = [f"importance >= {self.least:f}"] if self.least else []
        return [*tags, has("content", self.text), *least]


def questions(store: MemoryStore, clock: Clock) -> Iterator[Question]:
    """All of them; those that change the store come last."""
    draw = random.Random(SEED)
    directory = Directory(store.org_id, clock, Ids(), store.dialect)
    day, week = store.now() - DAY, store.now() - 7 * DAY
    agents = [f"agent_{draw.randrange(AGENTS)}" for _ in range(ROUNDS)]
    sessions = [f"sess_{draw.randrange(SESSIONS)}" for _ in range(ROUNDS)]
    recent = [_again(store.rows[-draw.randrange(1, len(store.rows) // 8)]) for _ in range(ROUNDS)]
    new = list(memories(_WARMTH + ROUNDS, len(store.rows)))
    yield Question(
        "list 100 of an agent, 24 h", agents, partial(_list, store, "agent_id", "24h"), _newest("agent_id", day), FLAT
    )
    yield Question(
        "context: 100 rows, 7 d", sessions, partial(_list, store, "session_id", "7d"), _newest("session_id", week), FLAT
    )
    yield Question("context: rows and text, 7 d", sessions, partial(_context, store, directory))
    yield Question("stats", agents, partial(_counts, store, directory), lambda duck, name: duck.tally(name, day), FLAT)
    for what, searches in _searches(store, draw).items():
        theirs = _searched_by_duckdb
        yield Question(f"search: {what}", searches, partial(search, store), theirs, FASTER)
    yield Question(
        "a duplicate",
        recent,
        partial(_is_refused, store),
        lambda duck, again: duck.has_key(dedup_key(again), day),
        FLAT,
    )
    for memory in new[:_WARMTH]:
        store.create(memory)
    yield Question(
        "insert", new[_WARMTH:], partial(_insert, store), lambda duck, _: duck.insert(store.rows[-1]), FLAT, False
    )


def search(store: MemoryStore, asked: Search) -> list[Memory]:
    """What the store finds."""
    return select(store, search_selection(asked.given(), store.now(), store.dialect))


def _searches(store: MemoryStore, draw: random.Random) -> dict[str, list[Search]]:
    def rare() -> str:
        return f"memory {draw.randrange(len(store.rows))} order"

    def phrase() -> str:
        return " ".join(draw.choices(WORDS, k=8))

    kinds: dict[str, Callable[[], Search]] = {
        "frequent text + tag + importance": lambda: Search(draw.choice(WORDS), draw.choice(TAGS), 0.5),
        "text of 1 in 90 + tag + importance": lambda: Search(
            f"order {draw.randrange(10, 100)}", draw.choice(TAGS), 0.5
        ),
        "rare text + tag + importance": lambda: Search(rare(), draw.choice(TAGS), 0.5),
        "rare text": lambda: Search(rare()),
        "rare phrase of frequent words": lambda: Search(phrase()),
        "that + tag + importance": lambda: Search(phrase(), draw.choice(TAGS), 0.5),
    }
    return {what: [make() for _ in range(ROUNDS)] for what, make in kinds.items()}


def _searched_by_duckdb(duck: Duck, asked: Search) -> list[str]:
    return duck.contents(asked.conditions(), 50)


def _newest(column: str, after: int) -> Callable[[Duck, str], list[str]]:
    return lambda duck, value: duck.contents([f"{column} = '{value}'", later(after)], 100)


def _list(store: MemoryStore, field: str, since: str, value: str) -> list[bytes]:
    dialect = store.dialect
    asked = list_question({field: value, "since": since}, dialect.bad_filter, dialect.limit_over_1000)
    return store.lines_at(page(store, asked.at(store.now(), dialect), asked.asked).positions)


def _context(store: MemoryStore, directory: Directory, session_id: str) -> object:
    return session_context(store, directory, session_id, {"since": "7d"})


def _counts(store: MemoryStore, directory: Directory, agent_id: str) -> tuple[int, ...]:
    counts = stats(store, directory, agent_id)
    return counts["memory_count"], counts["memories_24h"], counts["errors_24h"]


def _again(memory: Memory) -> NewMemory:
    """The request that `memory` came from, but for what makes no difference to its key."""
    return new_memory({"agent_id": memory.agent_id, "event_type": memory.event_type, "content": memory.content})


def _is_refused(store: MemoryStore, memory: NewMemory) -> bool:
    try:
        store.create(memory)
    except Duplicate:
        return True
    return False


def _insert(store: MemoryStore, memory: NewMemory) -> None:
    store.create(memory)
    # The indexes take it in when they are asked, which is a part of its price.
    store.values("agent_id")
