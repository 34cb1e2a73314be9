"""One call of every public method of the SDK, and what it must answer: the table that a test holds against the SDK.

Each entry starts from an empty world.  ``use`` calls a method of the client and waits for the answer where that is
needed, so the table serves the synchronous and the asynchronous client alike.
"""

from __future__ import annotations

from types import ModuleType
from typing import Any


class Use:
    """A client of the SDK `sdk`, every method of which answers at once."""

    def __init__(self, sdk: ModuleType, client: Any, wait: Any) -> None:
        self.sdk, self._client, self._wait = sdk, client, wait

    def __getattr__(self, method: str) -> Any:
        return lambda *args, **kwargs: self._wait(getattr(self._client, method)(*args, **kwargs))

    def memory(self, content: str, **fields: Any) -> Any:
        """A request with all that the SDK asks for."""
        given = {"agent_id": "a", "memory_type": "entity", "event_type": "fact", "content": content}
        return self.sdk.AddMemoryRequest(**given | fields)

    def agent(self, name: str = "helper", **fields: Any) -> Any:
        """A new agent."""
        return self.register_agent(self.sdk.RegisterAgentRequest(name=name, **fields))

    def session(self, **metadata: Any) -> Any:
        """A new session of a new agent."""
        return self.create_session(self.sdk.CreateSessionRequest(agent_id=self.agent().id, metadata=metadata))


def contents(found: Any) -> list[str]:
    """The contents of memories, in their order."""
    return [memory.content for memory in found]


def remember(use: Use) -> None:
    stored = use.remember("a", "likes tea")
    assert (stored.content, stored.memory_type, stored.event_type) == ("likes tea", "episodic", "general")
    assert (stored.session_id, stored.tags, stored.importance) == (None, None, None)


def recall(use: Use) -> None:
    use.remember("a", "likes tea")
    use.remember("b", "likes milk")
    use.remember("a", "has a cat")
    found = use.recall("a")
    assert (contents(found.memories), found.count, found.has_more) == (["has a cat", "likes tea"], 2, False)
    assert contents(use.recall("a", since="1h").memories) == ["has a cat", "likes tea"]


def decide(use: Use) -> None:
    stored = use.decide("a", "take tea", "it is late")
    assert (stored.memory_type, stored.event_type, stored.content) == ("decision", "decision", "take tea")
    assert stored.metadata == {"reasoning": "it is late"}


def add_memory(use: Use) -> None:
    stored = use.add_memory(use.memory("has a cat", tags=["pet"], importance=0.5, metadata={"k": [1]}, parent_id="p"))
    assert (stored.memory_type, stored.event_type, stored.parent_id) == ("entity", "fact", "p")
    assert (stored.tags, stored.importance, stored.metadata) == (["pet"], 0.5, {"k": [1]})


def add_memories(use: Use) -> None:
    stored = use.add_memories([use.memory("one"), use.memory("two", session_id="s")])
    assert [(memory.content, memory.session_id) for memory in stored] == [("one", None), ("two", "s")]


def list_memories(use: Use) -> None:
    use.add_memories([use.memory("one", tags=["pet"]), use.memory("two", tags=["pet"]), use.memory("three")])
    options = use.sdk.ListOptions(agent_id="a", memory_type="entity", tags="pet", since="1h", limit=1, offset=1)
    found = use.list_memories(options)
    assert (contents(found.memories), found.count) == (["one"], 1)


def search_memories(use: Use) -> None:
    use.add_memories([use.memory("a black cat", importance=0.5), use.memory("a cat"), use.memory("tea")])
    query = use.sdk.SearchQuery(content_contains="cat", min_importance=0.5, memory_types=["entity"], order="asc")
    found = use.search_memories(query)
    assert (contents(found.results), found.count, found.query_time_ms) == (["a black cat"], 1, 0)


def register_agent(use: Use) -> None:
    agent = use.agent(description="helps", config={"k": 1})
    assert (agent.name, agent.description, agent.config) == ("helper", "helps", {"k": 1})
    assert agent.last_active_at is None


def list_agents(use: Use) -> None:
    first, second = use.agent("first"), use.agent("second")
    found = use.list_agents()
    assert ([agent.id for agent in found.agents], found.count) == ([second.id, first.id], 2)


def get_agent(use: Use) -> None:
    agent = use.agent()
    assert use.get_agent(agent.id).id == use.get_agent("helper").id == agent.id


def get_agent_stats(use: Use) -> None:
    use.remember("a", "likes tea")
    use.recall("a")
    stats = use.get_agent_stats("a")
    assert (stats.agent_id, stats.memory_count, stats.memories_24h, stats.errors_24h) == ("a", 1, 1, 0)
    assert (stats.session_count, stats.active_sessions, stats.memory_types) == (0, 0, {"episodic": 1})


def get_agent_memories(use: Use) -> None:
    use.remember("a", "likes tea")
    assert contents(use.get_agent_memories("a").memories) == ["likes tea"]
    assert use.get_agent_memories("a", use.sdk.ListOptions(agent_id="b", memory_type="entity", limit=5)).count == 0


def delete_agent(use: Use) -> None:
    agent = use.agent()
    assert use.delete_agent(agent.id) is None
    assert use.list_agents().count == 0


def create_session(use: Use) -> None:
    session = use.session(task="t")
    assert (session.status, session.metadata, session.closed_at) == ("active", {"task": "t"}, None)


def get_session(use: Use) -> None:
    session = use.session()
    assert use.get_session(session.id).id == session.id


def get_session_context(use: Use) -> None:
    session = use.session()
    use.add_memory(use.memory("in the session", memory_type="episodic", session_id=session.id))
    context = use.get_session_context(session.id)
    assert (context.session_id, context.memory_count) == (session.id, 1)
    assert context.context.startswith(f"## Session Context ({session.id})\n\n### Recent Actions (1)\n- ")
    options = use.sdk.ContextOptions(since="4h", include_types=["decision"], max_tokens=100)
    assert use.get_session_context(session.id, options).memory_count == 0


def get_session_memories(use: Use) -> None:
    use.add_memories([use.memory("one", session_id="s"), use.memory("two", session_id="s"), use.memory("three")])
    assert contents(use.get_session_memories("s").memories) == ["two", "one"]
    options = use.sdk.ListOptions(session_id="other", order="asc")
    assert contents(use.get_session_memories("s", options).memories) == ["one", "two"]


def list_sessions(use: Use) -> None:
    session = use.session()
    assert [found.id for found in use.list_sessions().sessions] == [session.id]
    assert use.list_sessions(session.agent_id).count == 1
    assert use.list_sessions("nobody").count == 0


def close_session(use: Use) -> None:
    closed = use.close_session(use.session().id)
    assert (closed.status, closed.closed_at) == ("closed", closed.updated_at)


CALLS = {
    call.__name__: call
    for call in (
        remember,
        recall,
        decide,
        add_memory,
        add_memories,
        list_memories,
        search_memories,
        register_agent,
        list_agents,
        get_agent,
        get_agent_stats,
        get_agent_memories,
        delete_agent,
        create_session,
        get_session,
        get_session_context,
        get_session_memories,
        list_sessions,
        close_session,
    )
}


# How to come by each exception; without a key that opens anything, and for an org without Arc, by any call.
TROUBLES = {
    "no such agent": lambda use: use.get_agent("nobody"),
    "same name": lambda use: (use.agent("twin"), use.agent("twin")),
    "bad tag": lambda use: use.add_memory(use.memory("x", tags=["a b"])),
    "slash in a name": lambda use: use.get_agent("a/b"),
}
