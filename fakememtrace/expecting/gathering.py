"""From a world to the evidence of what happened in it."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import Any, NamedTuple

from ..claude.missing.knowledge import Read
from ..errors import UsageError
from ..journal import Exchange
from ..memory.records import Memory
from ..memory.tenants import Org
from ..recollection import reads_in, writes_in
from ..world import World
from .evidence import Answer, Asked, Evidence, Sent, Session, Stored, ToolCall

__all__ = ["Runs", "calls_in", "evidence_of"]

_OPEN_SESSION = "POST /api/v1/sessions"


class _Start(NamedTuple):
    """How far things were when a run began: exchanges in the journal, messages that bots sent."""

    exchanges: int
    sent: int


class Runs:
    """The runs of a program in one `world`: each begins where :meth:`begin` is called.

    Without it all that happened is one run::

        runs = Runs(world)
        runs.begin()
        agent.talk("I am vegetarian.")
        runs.begin()
        agent.talk("What can I eat?")
        assert recalled(runs, "Ada is vegetarian", from_run=1)
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._starts: list[_Start] = []

    def begin(self) -> None:
        """Begin the next run here."""
        self._starts.append(_Start(len(self._world.journal), len(_sent(self._world))))
        self._world.journal.begin(self._world.clock.micros())

    def evidence(self) -> Evidence:
        """What happened until now."""
        return _evidence(self._world, self._starts or [_Start(0, 0)])


def evidence_of(where: World | Runs | Evidence) -> Evidence:
    """The evidence of a world, of its runs, or the evidence itself.

    Raises:
        UsageError: it is something else.
    """
    if isinstance(where, Evidence):
        return where
    if not isinstance(where, (Runs, World)):
        raise UsageError(
            f"an expectation looks at a World or at its Runs, and was given {where!r}.\n"
            "In a test the fixture fakememtrace is one."
        )
    return where.evidence() if isinstance(where, Runs) else Runs(where).evidence()


class _Timeline:
    """Which run something belongs to."""

    def __init__(self, starts: Sequence[_Start]) -> None:
        self._exchanges = [start.exchanges for start in starts]
        self._sent = [start.sent for start in starts]

    def of_exchange(self, number: int) -> int:
        """The run of the exchange with that number."""
        return bisect_left(self._exchanges, number)

    def of_sent(self, number: int) -> int:
        """The run of the message that is the how manieth sent."""
        return bisect_left(self._sent, number)


def _evidence(world: World, starts: Sequence[_Start]) -> Evidence:
    runs, exchanges = _Timeline(starts), list(world.journal)
    requests = tuple(_requests(world, exchanges, runs))
    return Evidence(
        runs=len(starts),
        requests=requests,
        calls=tuple(calls_in(requests)),
        memories=tuple(_memories(world, exchanges, runs)),
        answers=tuple(_answer(read, runs) for read in reads_in(exchanges, world.memory)),
        sent=tuple(
            Sent(runs.of_sent(place), place, str(one.bot), str(one.user), str(one.text))
            for place, one in enumerate(_sent(world), 1)
        ),
    )


def _answer(read: Read, runs: _Timeline) -> Answer:
    rows = tuple(row.content for row in read.rows)
    return Answer(runs.of_exchange(read.number), read.number, read.route, rows, read.text)


def _sent(world: World) -> Sequence[Any]:
    """What bots sent, where the world has any."""
    try:
        return world.telegram.sent
    except UsageError:
        return ()


def _requests(world: World, exchanges: Iterable[Exchange], runs: _Timeline) -> Iterator[Asked]:
    """What Claude was asked, by the calls that reached it, each with the exchange that carried it."""
    carried: defaultdict[bytes, deque[int]] = defaultdict(deque)
    for exchange in exchanges:
        if exchange.service == "claude":
            carried[exchange.request.body].append(exchange.number)
    places: defaultdict[int, Iterator[int]] = defaultdict(lambda: count(1))
    for call in world.claude.calls:
        numbers = carried[call.body]
        number = numbers.popleft() if numbers else 0
        run = runs.of_exchange(number)
        answer = call.response.get("content") if isinstance(call.response, dict) else None
        yield Asked(run, next(places[run]), number, call.request, answer or [])


def calls_in(requests: Sequence[Asked]) -> Iterator[ToolCall]:
    """The tools that Claude called, each with the first result that came back for it in its run."""
    results = _results(requests)
    places: defaultdict[int, Iterator[int]] = defaultdict(lambda: count(1))
    for asked in requests:
        for block in asked.blocks:
            if block.get("type") == "tool_use":
                call = str(block.get("id"))
                told, result = results.get((asked.run, call), (0, None))
                place, given = next(places[asked.run]), block.get("input") or {}
                yield ToolCall(asked.run, place, call, str(block.get("name")), given, asked.number, told, result)


def _results(requests: Iterable[Asked]) -> dict[tuple[int, str], tuple[int, str]]:
    found: dict[tuple[int, str], tuple[int, str]] = {}
    for asked in requests:
        for message in _objects(asked.body.get("messages")):
            for block in _objects(message.get("content")):
                if block.get("type") == "tool_result":
                    key = (asked.run, str(block.get("tool_use_id")))
                    found.setdefault(key, (asked.number, _text(block.get("content"))))
    return found


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(block.get("text", f"[{block.get('type')}]")) for block in _objects(content))


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _memories(world: World, exchanges: Sequence[Exchange], runs: _Timeline) -> Iterator[Stored]:
    # The time of a memory is its own, so it tells which request stored it.
    numbers = {write.time: write.number for write in writes_in(exchanges) if write.time}
    for org in world.memory.tenants.orgs():
        sessions = dict(_sessions(org, exchanges, runs))
        names = {agent.id: agent.name for agent in org.agents()}
        for memory in org.memories():
            number = numbers.get(memory.shown_time, 0)
            yield _stored(memory, number, runs, sessions.get(memory.session_id), names.get(memory.agent_id, ""), org)


def _stored(memory: Memory, number: int, runs: _Timeline, opened: Session | None, name: str, org: Org) -> Stored:
    return Stored(
        run=runs.of_exchange(number),
        number=number,
        content=memory.content,
        type=memory.memory_type,
        event=memory.event_type,
        tags=memory.tags,
        importance=memory.importance,
        metadata=memory.metadata,
        agent=memory.agent_id,
        name=name,
        session=memory.session_id,
        opened=opened,
        org=org.name,
    )


def _sessions(org: Org, exchanges: Iterable[Exchange], runs: _Timeline) -> Iterator[tuple[str, Session]]:
    opened = {
        _id(exchange): runs.of_exchange(exchange.number)
        for exchange in exchanges
        if exchange.response is not None and exchange.response.note == _OPEN_SESSION
    }
    for session in org.sessions():
        yield session.id, Session(session.id, session.metadata, opened.get(session.id, 0))


def _id(exchange: Exchange) -> str:
    """The id in an answer; empty where it has none."""
    try:
        value = json.loads(exchange.response.body if exchange.response else b"")
    except (ValueError, RecursionError):
        return ""
    return str(value.get("id", "")) if isinstance(value, dict) else ""
