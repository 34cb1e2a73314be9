"""From checked values to what an org has; what a seed leaves out is filled in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..clock import EARLIEST, Ids, drawn, rfc3339
from ..memory.dialect import Dialect
from ..memory.forms import new_memory
from ..memory.gojson import mapping_json
from ..memory.records import Agent, Memory, Session
from ..memory.refusal import Refusal
from ..memory.rows import dedup_key, stored
from .reading import Place

__all__ = ["Made", "Maker", "in_time"]

_TIMES = "Give each a time no later than the clock's, or leave the time out."


class Made(NamedTuple):
    """What an org has: its records, and how many of the memories (those of the end) no query has found yet."""

    agents: list[Agent]
    sessions: list[Session]
    memories: list[Memory]
    unfound: int
    waiting: list[Memory]


class Maker:
    """Makes the records of one world, in the order of their places.

    What has no id gets the next one; what has no time is as if written now, one microsecond after
    the other from `now` on.
    """

    def __init__(self, ids: Ids, dialect: Dialect, now: int) -> None:
        self.now = self._start = now
        self._ids, self._dialect = ids, dialect
        self._shows_id = dialect.memory_id == "shown"
        self._taken: set[str] = set()
        self._numbers = {drawn("mem_", number): number for number in range(1, ids.counts().get("mem_", 0) + 1)}

    def made(self, place: Place, org_id: str, value: Mapping[str, Any]) -> Made:
        """The records of one org; SnapshotError where one cannot be."""
        agents = [self._agent(place["agents"][n], org_id, item) for n, item in enumerate(value.get("agents", ()))]
        by_name = {agent.name: agent.id for agent in agents}
        if len(by_name) < len(agents):
            name = next(agent.name for agent in agents if by_name[agent.name] != agent.id)
            raise place["agents"].wrong(f"there are two agents named {name!r}.", "A name is an agent's own in its org.")
        sessions = [
            self._session(place["sessions"][n], org_id, item, by_name)
            for n, item in enumerate(value.get("sessions", ()))
        ]
        memories, unfound = self._memories(place["memories"], org_id, value.get("memories", ()), by_name)
        waiting, _ = self._memories(place["waiting"], org_id, value.get("waiting", ()), by_name)
        return Made(agents, sessions, memories, unfound, waiting)

    def _agent(self, place: Place, org_id: str, item: Mapping[str, Any]) -> Agent:
        if not item.get("name"):
            raise place.wrong("an agent needs a name.")
        agent_id = self._id(place, item, "agent_")
        return Agent(
            agent_id,
            org_id,
            item["name"],
            item.get("description", ""),
            item.get("config", {}),
            self._time(place, item, "created_at"),
        )

    def _session(self, place: Place, org_id: str, item: Mapping[str, Any], by_name: Mapping[str, str]) -> Session:
        agent_id = _agent_of(place, item, by_name)
        if self._dialect.session_agent == "registered_id" and agent_id not in by_name.values():
            raise place.wrong(f"there is no agent with the id {agent_id!r}, which this dialect asks for.", _NAMED)
        session_id = self._id(place, item, "sess_")
        created_at = self._time(place, item, "created_at")
        status = item.get("status", "active")
        closed_at = item.get("closed_at", created_at if status == "closed" else None)
        updated_at = item.get("updated_at", created_at)
        return Session(
            session_id, org_id, agent_id, status, item.get("metadata", {}), created_at, updated_at, closed_at
        )

    def _memories(
        self, place: Place, org_id: str, items: Iterable[Mapping[str, Any]], by_name: Mapping[str, str]
    ) -> tuple[list[Memory], int]:
        memories = []
        unfound = 0
        for n, item in enumerate(items):
            memories.append(self._memory(place[n], org_id, item, by_name))
            if item.get("found", True) and unfound:
                raise place[n].wrong("this memory is found, and one before it is not.", _TIMES)
            unfound += not item.get("found", True)
        return sorted(memories, key=lambda memory: memory.time), unfound

    def _memory(self, place: Place, org_id: str, item: Mapping[str, Any], by_name: Mapping[str, str]) -> Memory:
        content = item.get("content", "")
        agent_id, metadata = _agent_of(place, item, by_name), mapping_json(item.get("metadata", {}))
        fields = {**item, "agent_id": agent_id, "content": content, "metadata": metadata}
        if item.get("dedup_key") and not content:
            # Only a truncated memory has none, and no client can ask for that.
            fields["content"] = "-"
        try:
            new = new_memory(fields)._replace(content=content)
        except Refusal as refusal:
            raise place.wrong(f"no such memory can be: {refusal.text}.") from None
        identity, time = self._identity(item), self._time(place, item, "time")
        return stored(new, org_id, time, identity, new.dedup_key or dedup_key(new), self._shows_id)

    def _identity(self, item: Mapping[str, Any]) -> int | str:
        # A memory that a fault stored twice shares its id; no other record may.
        given = item.get("id")
        return self._numbers.get(given, given) if given else self._ids.count("mem_")

    def _id(self, place: Place, item: Mapping[str, Any], prefix: str) -> str:
        given = item.get("id") or self._ids.next(prefix)
        if given in self._taken:
            raise place.wrong(f"the id {given!r} is taken already.", "Every id is one record's own; leave it out.")
        self._taken.add(given)
        return str(given)

    def _time(self, place: Place, item: Mapping[str, Any], field: str) -> int:
        if field in item and "ago" in item:
            raise place.wrong(f"there are both {field!r} and 'ago'.", "Give one of them, or neither.")
        if "ago" in item:
            return self._before(place, int(item["ago"]))
        if field not in item:
            self.now += 1
            return self.now - 1
        return int(item[field])

    def _before(self, place: Place, micros: int) -> int:
        if self._start - micros < EARLIEST:
            raise place["ago"].wrong("so long ago there was no year 1 yet.", "Give a shorter span, such as 30d.")
        return self._start - micros


_NAMED = 'Give the agent by its id ("agent_id") or by its name ("agent").'


def _agent_of(place: Place, item: Mapping[str, Any], by_name: Mapping[str, str]) -> str:
    if "agent" not in item:
        return str(item.get("agent_id", ""))
    if "agent_id" in item:
        raise place.wrong("there are both 'agent_id' and 'agent'.", _NAMED)
    if item["agent"] not in by_name:
        known = ", ".join(map(repr, by_name)) or "none"
        raise place.wrong(f"there is no agent named {item['agent']!r} in this org; there are: {known}.", _NAMED)
    return by_name[item["agent"]]


def in_time(place: Place, made: Made, now: int) -> None:
    """Refuse records that are later than `now`."""
    times = [("memory", memory.content[:40], memory.time) for memory in (*made.memories, *made.waiting)]
    times += [("agent", agent.name, agent.created_at) for agent in made.agents]
    times += [("session", session.id, session.created_at) for session in made.sessions]
    for kind, name, time in times:
        if time > now:
            raise place.wrong(
                f"the {kind} {name!r} is of {rfc3339(time)}, and the clock stands at {rfc3339(now)}.", _TIMES
            )
