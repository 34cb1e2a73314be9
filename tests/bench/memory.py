"""What a call of memtrace-sdk costs: through the world's door, and through its peers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from itertools import count

import httpx
import respx
from memtrace import AddMemoryRequest, ListOptions, Memtrace

from fakememtrace.wire import Response
from fakememtrace.world import World

from . import peers
from .floors import constant_memtrace, memtrace
from .harness import Block, Plan, Row, interleaved, seconds

__all__ = ["answer_to_add", "memory", "rows"]

_ROWS = 100
_numbers = count(1)


def rows(plan: Plan) -> list[Row]:
    """add_memory and list_memories."""
    return [*_adding(plan), *_listing(plan)]


def memory() -> AddMemoryRequest:
    """A memory like no other."""
    number = next(_numbers)
    return AddMemoryRequest(
        agent_id="agent_bench",
        session_id=f"sess_{number % 20}",
        memory_type="episodic",
        event_type="general",
        content=f"Customer {number} asked about invoice {number * 7919}; the second payment was refunded today.",
        metadata={"source": "bench", "number": number},
        tags=["billing", "refund"],
        importance=number % 10 / 10,
    )


def answer_to_add() -> Response:
    """What a world answers to a memory."""
    with World() as world:
        memtrace().add_memory(memory())
        return _last_answer(world)


def _adding(plan: Plan) -> list[Row]:
    answer = answer_to_add()
    floor = constant_memtrace(answer)
    surroundings: dict[str, Callable[[], AbstractContextManager[object]]] = {
        "world": World,
        "world mounted in respx": _mounted,
        "peer: respx, one route": partial(_respx, answer),
    }
    if peers.installed("pytest_httpx"):
        surroundings["peer: pytest-httpx, one response"] = partial(peers.pytest_httpx, answer)
    blocks: dict[str, Block] = {name: partial(_add_within, make, plan.calls) for name, make in surroundings.items()}
    blocks |= {name: partial(_add, floor, plan.calls) for name in ("floor", "the floor again (noise)")}
    measured = interleaved({f"add_memory, {name}": block for name, block in blocks.items()}, plan.rounds)
    found = [
        measured.row(f"add_memory, {name}", "add_memory, floor", 1.3 if name == "world" else None)
        for name in blocks
        if name != "floor"
    ]
    return found if peers.installed("pytest_httpx") else [*found, peers.missing("add_memory, peer: pytest-httpx")]


def _listing(plan: Plan) -> list[Row]:
    options = ListOptions(agent_id="agent_bench", since="24h", limit=_ROWS)
    with World() as world:
        client = memtrace()
        for _ in range(3 * _ROWS):
            client.add_memory(memory())
        client.list_memories(options)
        answer = _last_answer(world)
    floor = constant_memtrace(answer)
    times = [options] * (plan.calls // 4)

    def served() -> float:
        with world:
            return seconds(client.list_memories, times) / len(times)

    name = f"list_memories of {_ROWS} rows, world"
    measured = interleaved(
        {"floor": lambda: seconds(floor.list_memories, times) / len(times), name: served}, plan.rounds
    )
    return [measured.row(name, "floor", 1.1)]


def _add(client: Memtrace, calls: int) -> float:
    memories = [memory() for _ in range(calls)]
    return seconds(client.add_memory, memories) / calls


def _add_within(surroundings: Callable[[], AbstractContextManager[object]], calls: int) -> float:
    """The time of add_memory in fresh `surroundings`; making them, and a first call, are not counted."""
    with surroundings():
        client = memtrace()
        client.add_memory(memory())
        return _add(client, calls)


@contextmanager
def _mounted() -> Iterator[None]:
    with World() as world, respx.mock() as router:
        world.mount(router)
        yield


@contextmanager
def _respx(answer: Response) -> Iterator[None]:
    with respx.mock() as router:
        response = httpx.Response(answer.status, headers=list(answer.headers), content=answer.body)
        router.post(path="/api/v1/memories").mock(return_value=response)
        yield


def _last_answer(world: World) -> Response:
    answer = world.journal[-1].response
    assert answer is not None
    return answer
