"""The documentation's examples run with this client as they are written."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from fakememtrace import World, client
from fakememtrace.client import (
    ContextOptions,
    CreateSessionRequest,
    Memtrace,
    MemtraceError,
    RegisterAgentRequest,
)

PAGE = Path(__file__).parents[3] / "shared" / "claude-integration.md"
REFUSED = "failed to create session: FOREIGN KEY constraint failed"


def blocks() -> list[str]:
    """The page's blocks of Python."""
    if not PAGE.is_file():
        pytest.skip("the documentation's page is not beside the repository (../shared/claude-integration.md)")
    return re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def tool_use(name: str, **arguments: Any) -> Any:
    """A block in which Claude calls a tool."""
    return SimpleNamespace(type="tool_use", id=f"toolu_{name}", name=name, input=arguments)


class Claude:
    """Stands in for anthropic.Anthropic(): answers with these turns and keeps what it was shown."""

    def __init__(self, *turns: list[Any]) -> None:
        self.turns, self.asked, self.messages = list(turns), [], self

    def create(self, **request: Any) -> Any:
        """The next turn; when there is none left, a last word."""
        # The page's loop goes on with the same list of messages.
        self.asked.append({**request, "messages": list(request["messages"])})
        content = self.turns.pop(0) if self.turns else [SimpleNamespace(type="text", text="Done.")]
        kind = "tool_use" if any(block.type == "tool_use" for block in content) else "end_turn"
        return SimpleNamespace(content=content, stop_reason=kind)


def run(monkeypatch: pytest.MonkeyPatch, code: str, world: World, claude: Claude, **names: Any) -> dict[str, Any]:
    """Run a block in `world`, as a program in which the `names` are known; its names afterwards."""
    anthropic = ModuleType("anthropic")
    anthropic.Anthropic = lambda: claude  # type: ignore[attr-defined]
    ours = ModuleType("memtrace")
    vars(ours).update(vars(client))
    # The page shows a key with the rest left out.
    ours.Memtrace = lambda url, key: Memtrace(world.url, world.api_key)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "anthropic", anthropic)
    monkeypatch.setitem(sys.modules, "memtrace", ours)
    names.setdefault("claude", claude)
    exec(code, names)  # the documentation's own words are what is tested
    return names


def test_the_page_has_the_blocks_that_are_tested() -> None:
    """A block that is added to the page is a block to be run here."""
    assert [block.splitlines()[0] for block in blocks()] == [
        "from memtrace import Memtrace, ContextOptions",
        "from memtrace import Memtrace, RegisterAgentRequest, CreateSessionRequest, ContextOptions",
        "# Create shared session",
        "# Find or create session for customer",
    ]


def test_the_pages_memory_loop(world: World, client: Memtrace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The session's context is what Claude is shown."""
    agent = client.register_agent(name="helper")
    session = client.create_session(agent_id=agent.id)
    client.remember(agent.id, "likes tea", session_id=session.id)
    claude = Claude()
    run(monkeypatch, blocks()[0], world, claude, session_id=session.id, MEMTRACE_TOOLS=[])
    assert "likes tea" in claude.asked[0]["system"]


def test_the_pages_single_agent(world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """All four tools do their work, and the session is closed."""
    calls = [
        tool_use("memtrace_remember", content="prefers dark mode", tags=["ui"], importance=0.7),
        tool_use("memtrace_recall"),
        tool_use("memtrace_search", content_contains="dark"),
        tool_use("memtrace_decide", decision="use dark mode", reasoning="it is preferred"),
    ]
    claude = Claude(calls)
    run(monkeypatch, blocks()[1], world, claude)
    stored = world.memory.memories()
    assert [memory.content for memory in stored] == ["prefers dark mode", "use dark mode"]
    shown = [result["content"] for result in claude.asked[1]["messages"][-1]["content"]]
    name = stored[0].memory_id if world.memory.dialect.memory_id == "shown" else stored[0].dedup_key
    assert shown == [f"Stored memory: {name}", "- prefers dark mode", "- prefers dark mode", "Decision logged"]
    assert world.memory.sessions()[0].status == "closed"
    assert capsys.readouterr().out == "Done.\n"
    assert world.journal.notes == [
        "add_memory(dict)",
        "add_memory without memory_type",
        "add_memory without event_type",
        "Memory.id",
        "list_memories(dict)",
        "search_memories(dict)",
        "SearchResult.memories",
    ]


def test_the_pages_multi_agent(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture) -> None:
    """It starts a session for an agent that is not registered yet, which only the documentation allows."""
    names = {"add_user_message": lambda text: None, **vars(client)}
    with World("documented") as world:
        claude = Claude()
        made = Memtrace(world.url, world.api_key)
        run(monkeypatch, blocks()[2], world, claude, memtrace=made, **names)
        assert [agent.name for agent in world.memory.agents()] == ["researcher", "summarizer"]
        assert claude.asked[0]["system"].startswith("You are a report writer.\n\n## Session Context (sess_")
    with World("0.2.0") as world, pytest.raises(MemtraceError, match=f"^{re.escape(REFUSED)}$"):
        run(monkeypatch, blocks()[2], world, claude, memtrace=Memtrace(world.url, world.api_key), **names)


def test_the_pages_customer_support(world: World, client: Memtrace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second message finds the session of the first, and what was said in it."""
    bot = client.register_agent(RegisterAgentRequest(name="internet"))
    claude = Claude()
    for message in ("My router is dead", "It is alive again"):
        names = {
            "memtrace": client,
            "CreateSessionRequest": CreateSessionRequest,
            "MEMTRACE_TOOLS": [],
            "bot_agent_id": bot.id,
            "customer_id": "c1",
            "customer_message": message,
            "department": "Internet",
            "response_text": f"I heard: {message}",
        }
        run(monkeypatch, blocks()[3], world, claude, **names)
    (session,) = world.memory.sessions()
    assert session.metadata == {"account_id": "c1", "channel": "telegram"}
    assert "Customer: My router is dead" in claude.asked[1]["system"]
    assert [memory.session_id for memory in world.memory.memories()] == [session.id] * 4
    assert world.journal.notes == ["search_sessions", "remember(session_id)", "remember(session_id)"] * 2


# The same calls in our own words, for where the page is not at hand.


def test_a_tool_loop_in_dicts(client: Memtrace) -> None:
    """What a model's tool calls carry goes straight into dicts, None and all."""
    agent = client.register_agent(RegisterAgentRequest(name="assistant", description="has a memory"))
    session = client.create_session(CreateSessionRequest(agent_id=agent.id, metadata={"task": "talk"}))
    arguments: dict[str, Any] = {"content": "prefers dark mode"}
    stored = client.add_memory(
        {
            "agent_id": agent.id,
            "session_id": session.id,
            "content": arguments["content"],
            "tags": arguments.get("tags", []),
            "importance": arguments.get("importance", 0),
        }
    )
    assert stored.id
    listed = client.list_memories(
        {"agent_id": agent.id, "session_id": session.id, "since": arguments.get("since", "24h")}
    )
    assert [memory.content for memory in listed.memories] == ["prefers dark mode"]
    query = {"agent_id": agent.id, "content_contains": "dark", "tags": None, "min_importance": None}
    assert [memory.content for memory in client.search_memories(query).memories] == ["prefers dark mode"]
    client.decide(agent.id, "use dark mode", "it is preferred")
    context = client.get_session_context(session.id, ContextOptions(since="4h"))
    assert context["context"] == context.context
    assert "prefers dark mode" in context.context


def test_two_agents_in_one_session() -> None:
    """A session under a name, before the agent exists: promised by the documentation, refused by the server."""
    request = CreateSessionRequest(agent_id="researcher", metadata={"task": "research"})
    with World("documented") as world, Memtrace(world.url, world.api_key) as client:
        session = client.create_session(request)
        client.register_agent(RegisterAgentRequest(name="researcher"))
        client.remember("researcher", "tea is warm", session_id=session.id)
        assert "tea is warm" in client.get_session_context(session.id, ContextOptions()).context
    with World("0.2.0") as world, Memtrace(world.url, world.api_key) as client:
        with pytest.raises(MemtraceError, match=f"^{re.escape(REFUSED)}$") as caught:
            client.create_session(request)
        assert caught.value.status_code == 400


def test_a_customers_session_is_found_again(client: Memtrace) -> None:
    """By a pair of its metadata, among those that are active."""
    agent = client.register_agent(RegisterAgentRequest(name="internet"))
    wanted = {"metadata": {"account_id": "c1"}, "status": "active", "order": "desc", "limit": 1}
    assert client.search_sessions(wanted).sessions == []
    session = client.create_session(
        CreateSessionRequest(agent_id=agent.id, metadata={"account_id": "c1", "channel": "telegram"})
    )
    client.remember(agent.id, "Customer: hello", session_id=session.id)
    assert client.search_sessions(wanted).sessions[0].id == session.id
    assert "Customer: hello" in client.get_session_context(session.id, since="4h", include_types=["episodic"]).context
