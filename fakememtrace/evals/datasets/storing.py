"""A history stored in a world, through the door, on its own dates."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from ...clock import rfc3339
from ...errors import FakememtraceError
from ...memory.dialect import Dialect
from ...wire import Request
from ...world import World
from ..metrics.losses import DedupLoss, dedup_loss
from ..retrieval.plans import Plan
from ..retrieval.reader import ITEM, Found, Reader
from .history import Entry, History, Question

__all__ = ["Kept", "StoreFailed", "store", "write"]

_ORIGIN = "http://localhost:9100"
_CREATED, _DUPLICATE = 201, 409
_SECOND = 1_000_000


class StoreFailed(FakememtraceError):
    """Memtrace did not take a memory of a data set."""


class Kept(NamedTuple):
    """A history in a world whose clock stands where it is asked about; ``refused`` are the keys of duplicates."""

    history: History
    world: World
    reader: Reader
    refused: frozenset[str]

    def asked(self, plan: Plan, question: Question, k: int) -> list[str]:
        """The keys of what `plan` finds for `question`, best first."""
        return [found.key for found in plan(self.reader, question.text, k)]

    def lost(self) -> DedupLoss:
        """What dedup took."""
        wanted = {key for question in self.history.questions for key in question.gold}
        return dedup_loss([entry.key for entry in self.history.entries], self.refused, wanted)


def store(history: History, dialect: str | Dialect = "0.2.0") -> Kept:
    """A world of that dialect with one org, named as the history, in which its memories were written at their times.

    Its speakers are agents there.  Two memories of one time are a microsecond apart.

    Raises:
        StoreFailed: one was answered with something else than 201 or 409.
    """
    first = min((entry.at for entry in history.entries), default=history.asked_at)
    # A second before: registering an agent moves the clock by a microsecond.
    world = World(dialect, start=rfc3339(first - _SECOND))
    api_key = world.org(history.name).api_key
    for name in history.speakers:
        _sent(world, api_key, "/api/v1/agents", {"name": name})
    answers = [(entry, write(world, history.name, entry)) for entry in history.entries]
    _move(world, history.asked_at)
    written = [found for _, found in answers if found]
    reader = Reader(world.memory.handle, api_key, speakers=history.speakers, written=written)
    return Kept(history, world, reader, frozenset(entry.key for entry, found in answers if not found))


def write(world: World, org: str, entry: Entry) -> Found | None:
    """Write a memory into that org, at its time or now, whichever is later; None when it is refused as a duplicate.

    Raises:
        StoreFailed: it was answered with something else than 201 or 409.
    """
    _move(world, entry.at)
    status, value = _sent(world, world.org(org).api_key, "/api/v1/memories", dict(_fields(entry)))
    if status == _DUPLICATE:
        return None
    if status != _CREATED:
        raise StoreFailed(
            f"{org}, {entry.key}: Memtrace answered {status}: {json.dumps(value, ensure_ascii=False)}\n"
            "Expected 201. What to do: correct what the data set makes of this item."
        )
    return Found(entry.key, value["content"], entry.agent, entry.session, value["time"])


def _fields(entry: Entry) -> Iterable[tuple[str, Any]]:
    yield from (("agent_id", entry.agent), ("content", entry.content), ("metadata", {ITEM: entry.key}))
    optional = {"session_id": entry.session, "tags": entry.tags, "memory_type": entry.memory_type}
    yield from ((name, value) for name, value in optional.items() if value)
    if entry.event_type:
        yield "event_type", entry.event_type


def _sent(world: World, api_key: str, path: str, value: Any) -> tuple[int, Any]:
    headers = {"x-api-key": api_key, "content-type": "application/json"}
    # Of the fake itself and not through world.handle: a journal of all of this would be long, and nobody reads it.
    answer = world.memory.handle(Request("POST", _ORIGIN, path, "", headers, json.dumps(value).encode()))
    return answer.status, json.loads(answer.body)


def _move(world: World, at: int) -> None:
    world.clock.pass_by(max(0, at - world.clock.micros()))
