"""The released SDK, unchanged, against the fake."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

import httpx
import memtrace
import pytest
from memtrace import (
    AddMemoryRequest,
    AsyncMemtrace,
    ContextOptions,
    CreateSessionRequest,
    ListOptions,
    Memtrace,
    RegisterAgentRequest,
    SearchQuery,
)

from fakememtrace.wire import Request

from .caller import KEY, Caller

URL = "http://localhost:9100"


def transport(server: Caller) -> httpx.MockTransport:
    """Httpx's way to the fake."""

    def answer(request: httpx.Request) -> httpx.Response:
        path, _, query = request.url.raw_path.decode("ascii").partition("?")
        headers = {name.lower(): value for name, value in request.headers.items()}
        response = server.fake.handle(Request(request.method, URL, path, query, headers, request.read()))
        return httpx.Response(response.status, headers=list(response.headers), content=response.body)

    return httpx.MockTransport(answer)


def client(server: Caller, key: str = KEY) -> Memtrace:
    """The released client, its transport exchanged."""
    made = Memtrace(URL, key)
    headers = made._client.headers
    made.close()
    made._client = httpx.Client(base_url=URL, headers=headers, transport=transport(server))
    return made


def memory(content: str, **fields: Any) -> AddMemoryRequest:
    """A request with all that the SDK asks for."""
    return AddMemoryRequest(
        **{"agent_id": "a", "memory_type": "entity", "event_type": "fact", "content": content} | fields
    )


def use_memories(made: Memtrace, wait: Callable[[Any], Any]) -> set[str]:
    """Call every method for memories; their names."""
    assert wait(made.remember("a", "likes tea")).content == "likes tea"
    decision = wait(made.decide("a", "take tea", "it is late"))
    assert (decision.memory_type, decision.metadata) == ("decision", {"reasoning": "it is late"})
    assert [m.content for m in wait(made.recall("a")).memories] == ["take tea", "likes tea"]
    added = wait(made.add_memory(memory("has a cat", tags=["pet"], importance=0.5)))
    assert (added.tags, added.importance) == (["pet"], 0.5)
    assert [m.content for m in wait(made.add_memories([memory("b1"), memory("b2", session_id="s")]))] == ["b1", "b2"]
    listed = wait(made.list_memories(ListOptions(agent_id="a", tags="pet", since="1h", limit=9)))
    assert (listed.memories, listed.count, listed.has_more) == ([added], 1, False)
    found = wait(made.search_memories(SearchQuery(content_contains="cat", min_importance=0.5, memory_types=["entity"])))
    assert (found.results, found.count, found.query_time_ms) == ([added], 1, 0)
    return {"remember", "decide", "recall", "add_memory", "add_memories", "list_memories", "search_memories"}


def use_agents(made: Memtrace, wait: Callable[[Any], Any]) -> set[str]:
    """Call every method for agents; their names."""
    agent = wait(made.register_agent(RegisterAgentRequest(name="helper", config={"k": 1})))
    assert wait(made.get_agent("helper")).id == agent.id
    assert [a.id for a in wait(made.list_agents()).agents] == [agent.id]
    wait(made.remember(agent.id, "x"))
    assert wait(made.get_agent_memories(agent.id, ListOptions(limit=5))).count == 1
    assert wait(made.get_agent_memories(agent.id)).memories[0].content == "x"
    assert wait(made.get_agent_stats(agent.id)).memory_types == {"episodic": 1}
    assert wait(made.delete_agent(agent.id)) is None
    assert wait(made.list_agents()).count == 0
    return {"register_agent", "get_agent", "list_agents", "get_agent_memories", "get_agent_stats", "delete_agent"}


def use_sessions(made: Memtrace, wait: Callable[[Any], Any]) -> set[str]:
    """Call every method for sessions; their names."""
    agent = wait(made.register_agent(RegisterAgentRequest(name="talker")))
    session = wait(made.create_session(CreateSessionRequest(agent_id=agent.id, metadata={"task": "t"})))
    assert wait(made.get_session(session.id)) == session
    assert wait(made.list_sessions(agent.id)).sessions == [session]
    assert wait(made.list_sessions()).count == 1
    wait(made.add_memory(memory("in session", session_id=session.id)))
    assert wait(made.get_session_memories(session.id, ListOptions(order="asc"))).memories[0].content == "in session"
    assert wait(made.get_session_memories(session.id)).count == 1
    context = wait(made.get_session_context(session.id, ContextOptions(since="4h", include_types=["entity"])))
    assert (context.session_id, context.memory_count) == (session.id, 1)
    assert "in session" in wait(made.get_session_context(session.id)).context
    closed = wait(made.close_session(session.id))
    assert (closed.status, closed.closed_at) == ("closed", closed.updated_at)
    return {
        "create_session",
        "get_session",
        "list_sessions",
        "get_session_memories",
        "get_session_context",
        "close_session",
    }


def public_methods(kind: type) -> set[str]:
    """All that a client offers, but for closing it."""
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"} - {"close"}


def test_it_is_the_released_sdk() -> None:
    """The version that the contract speaks of."""
    assert memtrace.__version__ == "0.2.0"


def test_every_method_of_the_sdk_works(either: Caller) -> None:
    """In either dialect, without a change to the SDK."""
    with client(either) as made:
        used = [use(made, lambda answer: answer) for use in (use_memories, use_agents, use_sessions)]
        assert set.union(*used) == public_methods(Memtrace)


def test_every_method_of_the_async_sdk_works(either: Caller) -> None:
    """The asynchronous client is the same client."""
    made = AsyncMemtrace(URL, KEY)
    loop = asyncio.new_event_loop()
    loop.run_until_complete(made.close())
    made._client = httpx.AsyncClient(base_url=URL, headers=made._client.headers, transport=transport(either))
    try:
        used = [use(made, loop.run_until_complete) for use in (use_memories, use_agents, use_sessions)]
        assert set.union(*used) == public_methods(AsyncMemtrace)
        loop.run_until_complete(made.close())
    finally:
        loop.close()


def test_the_sdks_errors(server: Caller) -> None:
    """Each has its class, and the server's text."""
    made = client(server)
    with pytest.raises(memtrace.NotFoundError, match=r"^agent not found$"):
        made.get_agent("nobody")
    with pytest.raises(memtrace.AuthenticationError, match=r"^invalid API key$"):
        client(server, "wrong").list_agents()
    made.register_agent(RegisterAgentRequest(name="helper"))
    with pytest.raises(memtrace.ConflictError, match=r"^agent 'helper' already exists in this organization$"):
        made.register_agent(RegisterAgentRequest(name="helper"))
    with pytest.raises(memtrace.MemtraceError) as caught:
        made.create_session(CreateSessionRequest(agent_id="helper"))
    assert str(caught.value) == "failed to create session: FOREIGN KEY constraint failed"
    assert caught.value.status_code == 400


def test_the_sdks_error_for_a_missing_arc(server: Caller) -> None:
    """The 503 that names it has a class of its own."""
    server.fake.tenants.add_org("org_b", arc="none")
    with pytest.raises(memtrace.NoArcInstanceError, match=r"^no arc instance configured for this org$"):
        client(server, server.fake.tenants.add_key("org_b")).recall("a")


def test_users_reach_through_the_sdk(server: Caller) -> None:
    """Its inner httpx client answers as well."""
    answer = client(server)._client.get("/api/v1/sessions", params={"agent_id": "x"})
    assert answer.json() == {"sessions": [], "count": 0}
