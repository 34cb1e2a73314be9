"""What only the documentation promises, and what the journal is told of it."""

from __future__ import annotations

import asyncio
import dataclasses
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from fakememtrace import World
from fakememtrace.client import (
    AddMemoryRequest,
    AsyncMemtrace,
    ContextOptions,
    CreateSessionRequest,
    ListOptions,
    Memtrace,
    RegisterAgentRequest,
    SearchQuery,
    SessionQuery,
)
from tests.sdk import derived

MEMORY = {"agent_id": "a", "content": "likes tea", "memory_type": "entity", "event_type": "fact"}
# Method, what stands before the request, its model, and a request that the released SDK knows as well.
REQUESTS: list[tuple[str, list[str], Any, dict[str, Any]]] = [
    ("add_memory", [], AddMemoryRequest, MEMORY),
    ("list_memories", [], ListOptions, {"agent_id": "a", "limit": 5}),
    ("search_memories", [], SearchQuery, {"content_contains": "tea", "tags": ["t"]}),
    ("register_agent", [], RegisterAgentRequest, {"name": "helper", "config": {"k": 1}}),
    ("create_session", [], CreateSessionRequest, {"agent_id": "a", "metadata": {"k": 1}}),
    ("get_agent_memories", ["a"], ListOptions, {"since": "1h"}),
    ("get_session_memories", ["s"], ListOptions, {"since": "1h"}),
    ("get_session_context", ["s"], ContextOptions, {"since": "4h", "include_types": ["decision"]}),
    ("search_sessions", [], SessionQuery, {"agent_id": "a"}),
]


def used(world: World, run: Any) -> list[str]:
    """What the journal notes while `run` uses a client, whatever the server answers."""
    before = len(world.journal.notes)
    with Memtrace(world.url, world.api_key) as client:
        run(client)
    return world.journal.notes[before:]


@pytest.mark.parametrize(("method", "first", "model", "fields"), REQUESTS)
@pytest.mark.parametrize("form", [Memtrace, AsyncMemtrace])
def test_a_request_is_a_model_a_dict_or_keywords(
    form: type, method: str, first: list[str], model: Any, fields: dict[str, Any]
) -> None:
    """The three ways send one and the same request, and None stands for what is not given."""
    as_model = derived.sent(form, method, [*first, model(**fields)])
    assert derived.sent(form, method, [*first, fields]) == as_model
    assert derived.sent(form, method, [*first, {**fields, **dict.fromkeys(_absent(model, fields))}]) == as_model
    assert derived.sent(form, method, first, **fields) == as_model


def _absent(model: Any, fields: dict[str, Any]) -> list[str]:
    return [field.name for field in dataclasses.fields(model) if field.name not in fields]


@pytest.mark.parametrize(("method", "first", "model", "fields"), REQUESTS[:-1])
def test_dicts_and_keywords_are_noted(
    world: World, method: str, first: list[str], model: Any, fields: dict[str, Any]
) -> None:
    """The released SDK takes the model only."""
    answer = httpx.Response(500, json={"error": "never mind"})

    def notes(*args: Any, **kwargs: Any) -> list[str]:
        with Memtrace(world.url, "k", transport=httpx.MockTransport(lambda request: answer)) as client:
            before = len(world.journal.notes)
            with pytest.raises(Exception, match="never mind"):
                getattr(client, method)(*first, *args, **kwargs)
            return world.journal.notes[before:]

    assert notes(model(**fields)) == []
    assert notes(dict(fields)) == [f"{method}(dict)"]
    assert notes(**fields) == [f"{method}(keywords)"]


def test_remember_says_where_and_how(world: World, client: Memtrace) -> None:
    """Every extra keyword arrives, and is noted."""
    stored = client.remember(
        "a",
        "likes tea",
        session_id="s",
        memory_type="entity",
        event_type="fact",
        tags=["t"],
        importance=0.5,
        metadata={"k": 1},
        dedup_key="d",
        parent_id="p",
    )
    assert (stored.session_id, stored.memory_type, stored.event_type, stored.tags) == ("s", "entity", "fact", ["t"])
    assert (stored.importance, stored.metadata, stored.dedup_key, stored.parent_id) == (0.5, {"k": 1}, "d", "p")
    extras = ("session_id", "memory_type", "event_type", "tags", "importance", "metadata", "dedup_key", "parent_id")
    assert world.journal.notes == [f"remember({name})" for name in extras]


def test_decide_says_where_and_keeps_metadata_beside_the_reasoning(world: World, client: Memtrace) -> None:
    """A decision can be in a session's context, unlike the SDK's."""
    stored = client.decide(
        "a", "tea", "it is late", session_id="s", tags=["t"], importance=1, metadata={"by": "me", "reasoning": "none"}
    )
    assert stored.metadata == {"by": "me", "reasoning": "it is late"}
    assert (stored.session_id, stored.tags, stored.importance) == ("s", ["t"], 1)
    assert (stored.memory_type, stored.event_type) == ("decision", "decision")
    assert world.journal.notes == [f"decide({name})" for name in ("session_id", "tags", "importance", "metadata")]


def test_a_memory_needs_no_types(world: World, client: Memtrace) -> None:
    """The server has defaults for them, and the SDK demands them."""
    stored = client.add_memory(AddMemoryRequest(agent_id="a", content="likes tea"))
    assert (stored.memory_type, stored.event_type) == ("episodic", "general")
    assert world.journal.notes == ["add_memory without memory_type", "add_memory without event_type"]


def test_a_batch_may_mix_models_and_dicts(world: World, client: Memtrace) -> None:
    """Each use is noted once for the batch."""
    one, two, three = client.add_memories(
        [AddMemoryRequest(**MEMORY), {**MEMORY, "content": "b"}, {**MEMORY, "content": "c"}]
    )
    assert [one.content, two.content, three.content] == ["likes tea", "b", "c"]
    assert world.journal.notes == ["add_memories(dict)"]


def test_fields_that_the_released_models_lack_are_noted(world: World) -> None:
    """The SDK would drop them without a word."""
    query = SearchQuery(max_importance=0.5, offset=1)
    assert used(world, lambda client: client.search_memories(query)) == [
        "search_memories(max_importance)",
        "search_memories(offset)",
    ]
    agent = world.memory.tenants.named("default").directory.register("helper", "", {})
    session = Memtrace(world.url, world.api_key).create_session(CreateSessionRequest(agent_id=agent.id))
    options = ContextOptions(until="2026-02-07T13:00:00Z", order="asc", exclude_types=["entity"])
    assert used(world, lambda client: client.get_session_context(session.id, options)) == [
        "get_session_context(exclude_types)",
        "get_session_context(until)",
        "get_session_context(order)",
    ]


def test_a_memory_has_an_id(client: Memtrace, world: World) -> None:
    """It is the memory_id where the server sends one, else the dedup_key; reading it is noted."""
    stored = client.remember("a", "likes tea")
    assert world.journal.notes == []
    shown = world.memory.dialect.memory_id == "shown"
    assert stored.id == (stored.memory_id if shown else stored.dedup_key) is not None
    assert client.recall("a").memories[0].id == stored.id
    assert world.journal.notes == ["Memory.id"] * 3


def test_a_search_result_has_memories(client: Memtrace, world: World) -> None:
    """They are the results; only reading them under that name is noted."""
    client.remember("a", "likes tea")
    found = client.search_memories(SearchQuery(agent_id="a"))
    assert found.results[0].content == "likes tea"
    assert world.journal.notes == []
    assert found.memories is found.results
    assert world.journal.notes == ["SearchResult.memories"]


def test_agents_and_sessions_repeat_their_ids(client: Memtrace, world: World) -> None:
    """The documentation shows agent_id and session_id beside id."""
    agent = client.register_agent(RegisterAgentRequest(name="helper"))
    session = client.create_session(CreateSessionRequest(agent_id=agent.id))
    assert (agent.agent_id, session.session_id) == (agent.id, session.id)
    assert world.journal.notes == ["Agent.agent_id", "Session.session_id"]


def test_every_result_can_be_subscripted(client: Memtrace, world: World) -> None:
    """A subscript is the attribute of that name, noted under the result's."""
    stored = client.remember("a", "likes tea")
    context = client.create_session(
        CreateSessionRequest(agent_id=client.register_agent(RegisterAgentRequest(name="helper")).id)
    )
    assert stored["content"] == "likes tea"
    assert context["status"] == "active"
    assert client.recall("a")["memories"][0]["agent_id"] == "a"
    assert stored["id"] == stored.id
    assert world.journal.notes == [
        'Memory["content"]',
        'Session["status"]',
        'MemoryList["memories"]',
        'Memory["agent_id"]',
        'Memory["id"]',
        "Memory.id",
        "Memory.id",
    ]


def test_times_are_aware_and_have_microseconds() -> None:
    """Up to nine digits come from a server; a datetime holds six, as the SDK's does."""
    answer = {**MEMORY, "org_id": "o", "time": "2026-02-07T10:00:00.123456789Z", "tomorrow": "unknown to us"}
    transport = httpx.MockTransport(lambda request: httpx.Response(201, json=answer))
    with Memtrace("http://localhost:9100", "k", transport=transport) as client:
        stored = client.remember("a", "likes tea")
    assert stored.time == datetime(2026, 2, 7, 10, 0, 0, 123456, tzinfo=timezone.utc)


def test_nothing_is_noted_of_a_server_that_no_world_serves(world: World) -> None:
    """A client of a server elsewhere tells a world that happens to be there nothing, and it no more than the SDK."""
    heard: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        heard.append(request)
        return httpx.Response(200, json={"sessions": [], "count": 0})

    with Memtrace("https://memory.example", "k", transport=httpx.MockTransport(answer)) as client:
        assert client.search_sessions(status="active")["sessions"] == []
    assert world.journal.notes == []
    assert [name for name in heard[0].headers if name.startswith("x-")] == ["x-api-key"]


def test_the_innermost_world_is_told() -> None:
    """Of worlds inside of each other the one that serves has the note, and without any nobody has."""
    with World() as outer:
        with World() as inner, Memtrace(inner.url, inner.api_key) as client:
            stored = client.remember("a", "likes tea")
            assert stored.id
        assert (inner.journal.notes, outer.journal.notes) == (["Memory.id"], [])
    assert stored.id
    assert (inner.journal.notes, outer.journal.notes) == (["Memory.id"], [])


def test_a_client_with_the_worlds_transport_needs_no_block() -> None:
    """world.transport() and world.async_transport() are doors as any other, notes included."""
    world = World()
    with Memtrace(world.url, world.api_key, transport=world.transport()) as client:
        client.remember("a", "likes tea", tags=["t"])

    async def read() -> int:
        transport = world.async_transport()
        async with AsyncMemtrace(world.url, world.api_key, transport=transport) as asynchronous:
            return (await asynchronous.search_memories(agent_id="a")).memories[0]["agent_id"]

    assert asyncio.run(read()) == "a"
    assert world.journal.notes == [
        "remember(tags)",
        "search_memories(keywords)",
        "SearchResult.memories",
        'Memory["agent_id"]',
    ]


def test_a_world_that_is_reset_has_no_notes(world: World, client: Memtrace) -> None:
    """As new means the notes as well."""
    client.search_sessions()
    world.reset()
    assert world.journal.notes == []


def test_over_a_socket_it_is_the_same_client() -> None:
    """It is a real HTTP client, and the server is told what was used of it."""
    pytest.importorskip("uvicorn", reason="uvicorn is not installed (extra server)")
    world = World()

    async def found(url: str) -> list[str]:
        async with AsyncMemtrace(url, world.api_key) as client:
            return [session["id"] for session in (await client.search_sessions(metadata={"k": 1})).sessions]

    with world.serve() as url:
        with Memtrace(url, world.api_key) as client:
            agent = client.register_agent(name="helper")
            session = client.create_session({"agent_id": agent.id, "metadata": {"k": 1}})
            client.remember(agent.id, "likes tea", session_id=session.id)
            assert client.get_session_context(session.id, since="4h")["memory_count"] == 1
        assert asyncio.run(found(url)) == [session.id]
    assert {"register_agent(keywords)", "search_sessions"} <= set(world.journal.notes)


def test_a_served_world_is_told_with_the_next_request(world: World) -> None:
    """A world that is served, as in another process, has the notes in its journal too: those of a request with it."""
    with World() as other, world.serve() as url, Memtrace(url, world.api_key) as client:
        stored = client.add_memory(AddMemoryRequest(**MEMORY))
        assert stored.id
        assert world.journal.notes == []
        client.search_sessions()
        assert world.journal.notes == ["Memory.id", "search_sessions"]
        client.list_agents()
        assert len(world.journal.notes) == 2
        assert other.journal.notes == []
