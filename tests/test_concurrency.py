"""Threads and asyncio tasks at once: nothing is lost, nothing is torn."""

from __future__ import annotations

import asyncio
import json
import random
import sys
import threading

import httpx
import pytest
from memtrace import AsyncMemtrace, Memtrace

from fakememtrace import World

THREADS, CALLS = 8, 40


@pytest.fixture(autouse=True)
def often():
    """Threads take turns as often as they can, so that what can go wrong does."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def together(work):
    """Do `work(n)` in as many threads, all begun at the same moment; what they gave, or the first error."""
    gate, results = threading.Barrier(THREADS), [None] * THREADS

    def run(number):
        gate.wait()
        try:
            results[number] = work(number)
        except BaseException as error:
            results[number] = error

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


def test_threads_write_and_read_at_once():
    """Every write is there once, at a time and under an id of its own; every list is in order and whole."""
    with World() as world:

        def work(number):
            memtrace = Memtrace(world.url, world.api_key)
            for n in range(CALLS):
                memtrace.remember(f"agent_{number}", f"fact {n}")
                mine = [memory.content for memory in memtrace.recall(f"agent_{number}").memories]
                assert mine == [f"fact {m}" for m in reversed(range(n + 1))]

        together(work)
        memories = world.memory.memories()
        assert len(memories) == len({memory.memory_id for memory in memories}) == THREADS * CALLS
        assert [memory.time for memory in memories] == sorted({memory.time for memory in memories})
        assert [exchange.number for exchange in world.journal] == list(range(1, 2 * THREADS * CALLS + 1))


def test_a_batch_is_seen_whole_or_not_at_all():
    """No list comes between the memories of a batch, and no count disagrees with its rows."""
    with World() as world:
        seen = []

        def work(number):
            headers = {"x-api-key": world.api_key}
            with httpx.Client(base_url=world.url, headers=headers) as client:
                for n in range(CALLS // 4):
                    items = [{"agent_id": "a", "content": f"{number} {n} {item}"} for item in range(10)]
                    assert client.post("/api/v1/memories", json={"memories": items}).json()["count"] == 10
                    body = client.get("/api/v1/memories?limit=1000").json()
                    seen.append((len(body["memories"]), body["count"]))

        together(work)
        assert all(rows == count and rows % 10 == 0 for rows, count in seen)
        assert len(world.memory.memories()) == THREADS * CALLS // 4 * 10


def test_one_agent_of_a_name():
    """Of many threads that register one name, one succeeds."""
    with World() as world:

        def work(number):
            headers = {"x-api-key": world.api_key}
            return httpx.post(world.url + "/api/v1/agents", json={"name": "helper"}, headers=headers).status_code

        assert sorted(together(work)) == [201] + [409] * (THREADS - 1)


def test_threads_and_tasks_share_one_memory():
    """Sync clients in threads and async ones in event loops are served side by side."""
    with World() as world:

        async def tasks(number):
            async with AsyncMemtrace(world.url, world.api_key) as memtrace:
                await asyncio.gather(*(memtrace.remember(f"agent_{number}", f"fact {n}") for n in range(CALLS)))

        def work(number):
            if number % 2:
                asyncio.run(tasks(number))
                return
            memtrace = Memtrace(world.url, world.api_key)
            for n in range(CALLS):
                memtrace.remember(f"agent_{number}", f"fact {n}")

        together(work)
        found = sorted((memory.agent_id, memory.content) for memory in world.memory.memories())
        assert found == sorted((f"agent_{n}", f"fact {m}") for n in range(THREADS) for m in range(CALLS))


def test_the_same_order_of_calls_gives_the_same_ids():
    """Whichever thread makes a call, the answers are those of the same calls made by one."""

    def history(threads):
        with World() as world, httpx.Client(base_url=world.url, headers={"x-api-key": world.api_key}) as client:
            answers = []

            def call(number):
                path, body = ("agents", {"name": f"a{number}"}) if number % 3 == 0 else ("memories", {})
                body = body or {"agent_id": "a", "content": f"fact {number}"}
                answers.append(client.post(f"/api/v1/{path}", json=body).content)

            for number in range(30):
                if threads:
                    thread = threading.Thread(target=call, args=(number,))
                    thread.start()
                    thread.join()
                else:
                    call(number)
            return answers

    assert history(threads=True) == history(threads=False)


def test_orgs_faults_and_snapshots_meanwhile():
    """While others write, orgs are made, faults set and taken away, and snapshots taken: each is of one moment."""
    with World() as world:

        def work(number):
            key, rng = world.org(f"org{number % 3}").api_key, random.Random(number)
            memtrace = Memtrace(world.url, key)
            for n in range(CALLS):
                memtrace.remember(f"agent_{number}", f"fact {n}")
                name = world.faults.add("delay", route="GET /health", by="1s", name=f"{number} {n}").name
                if rng.random() < 0.1:
                    snapshot = world.snapshot()
                    count = sum(len(org.get("memories", ())) for org in snapshot["orgs"])
                    assert snapshot["ids"].get("mem_", 0) == count
                    json.dumps(snapshot)
                world.faults.remove(name)

        together(work)
        assert sum(len(org.memories()) for org in world.memory.tenants.orgs()) == THREADS * CALLS
        assert len({org.api_key for org in world.memory.tenants.orgs()}) == 4


@pytest.mark.parametrize("ask", ["restore", "reset"])
def test_nobody_is_answered_in_the_middle_of_a_restore(monkeypatch, ask):
    """A request that comes meanwhile waits, and meets the world as it was restored."""
    with World() as world:
        snapshot, answered = world.snapshot(), threading.Event()
        rewind = world.claude.rewind

        def write():
            Memtrace(world.url, world.api_key).remember("agent_1", "tea")
            answered.set()

        def interrupted(played):
            threading.Thread(target=write).start()
            assert not answered.wait(0.3)
            rewind(played)

        monkeypatch.setattr(world.claude, "rewind", interrupted)
        world.restore(snapshot) if ask == "restore" else world.reset()
        assert answered.wait(10)
        assert [memory.content for memory in world.memory.memories()] == ["tea"]
        assert world.snapshot()["ids"] == {"mem_": 1}
