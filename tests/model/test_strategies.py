from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from fakememtrace import World, strategies
from fakememtrace.errors import UnknownName
from fakememtrace.strategies import MemtraceMachine
from fakememtrace.wire import Request, Response, json_response

from ..memory.caller import Caller
from .running import run

TEA = {"agent_id": "agent_a", "content": "likes tea"}
DIALECTS = ("0.2.0", "documented")
REFUSED = (400, 500)

fifty = settings(
    max_examples=50,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def ready(dialect: str) -> tuple[Caller, str]:
    """A server with a memory, and a session's id."""
    server = Caller(dialect)
    session = server.session()
    server.remember("likes tea", session_id=session)
    return server, session


def as_query(server: Caller, options: dict[str, str]) -> int:
    return server.get("/memories", **options).status


def as_search(server: Caller, query: dict[str, Any]) -> int:
    return server.post("/search", query).status


def created(path: str) -> Callable[[Caller, Any], int]:
    """What is answered to a body that creates."""
    return lambda server, body: server.post(path, body).status


def in_a_session(server: Caller, body: dict[str, Any]) -> int:
    """What is answered to a session of a registered agent."""
    return server.post("/sessions", {**body, "agent_id": server.agent("owner")}).status


def in_a_context(server: Caller, options: dict[str, Any]) -> int:
    return server.post(f"/sessions/{server.fake.sessions()[0].id}/context", options).status


def by_tool(server: Caller, call: dict[str, Any]) -> int:
    """What is answered when an agent's loop passes on what Claude asks."""
    assert call["type"] == "tool_use"
    given = call["input"]
    if call["name"] == "memtrace_remember":
        return server.post("/memories", {"agent_id": "a", **given}).status
    if call["name"] == "memtrace_recall":
        return server.get("/memories", agent_id="agent_1", **given).status
    if call["name"] == "memtrace_search":
        return server.post("/search", given).status
    body = {"agent_id": "a", "content": given["decision"], "metadata": {"reasoning": given["reasoning"]}}
    return server.post("/memories", body).status


VALID: list[tuple[str, Any, Callable[[Caller, Any], int], tuple[int, ...]]] = [
    ("agents", strategies.agents(), created("/agents"), (201, 409)),
    ("sessions", strategies.sessions(), in_a_session, (201,)),
    ("memories", strategies.memories(), created("/memories"), (201,)),
    ("batches", strategies.batches(), created("/memories"), (201,)),
    ("list_options", strategies.list_options(), as_query, (200,)),
    ("search_queries", strategies.search_queries(), as_search, (200,)),
    ("context_options", strategies.context_options(), in_a_context, (200, 400)),
    ("windows", strategies.windows().map(lambda since: {"since": since}), as_query, (200,)),
    ("windows", strategies.windows().map(lambda since: {"until": since}), as_search, (200,)),
    ("ids", strategies.ids().map(lambda name: {**TEA, "agent_id": name}), created("/memories"), (201,)),
    ("contents", strategies.contents().map(lambda text: {**TEA, "content": text}), created("/memories"), (201,)),
    ("tags", strategies.tags().map(lambda tags: {**TEA, "tags": tags}), created("/memories"), (201,)),
    ("tool_calls", strategies.tool_calls(), by_tool, (200, 201)),
]
INVALID: list[tuple[str, Any, Callable[[Caller, Any], int], tuple[int, ...]]] = [
    ("invalid_agents", strategies.invalid_agents(), created("/agents"), (400,)),
    ("invalid_sessions", strategies.invalid_sessions(), created("/sessions"), (400,)),
    ("invalid_memories", strategies.invalid_memories(), created("/memories"), (400,)),
    ("invalid_batches", strategies.invalid_batches(), created("/memories"), REFUSED),
    ("invalid_list_options", strategies.invalid_list_options(), as_query, REFUSED),
    ("invalid_search_queries", strategies.invalid_search_queries(), as_search, REFUSED),
    ("invalid_context_options", strategies.invalid_context_options(), in_a_context, REFUSED),
    ("invalid_windows", strategies.invalid_windows().map(lambda since: {"since": since}), as_query, REFUSED),
    (
        "invalid_ids",
        strategies.invalid_ids().map(lambda name: {**TEA, "session_id": name}),
        created("/memories"),
        (400,),
    ),
]


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize(("name", "strategy", "ask", "statuses"), [*VALID, *INVALID])
def test_what_is_drawn_is_what_the_name_says(
    name: str,
    strategy: st.SearchStrategy[Any],
    ask: Callable[[Caller, Any], int],
    statuses: tuple[int, ...],
    dialect: str,
) -> None:
    """A valid value is taken by every Memtrace, an invalid one is refused by each."""

    @fifty
    @given(value=strategy)
    def check(value: Any) -> None:
        assert ask(ready(dialect)[0], value) in statuses

    check()


def test_every_strategy_is_held_to_its_name() -> None:
    """What is exported is drawn above; an invalid tool call is invalid for a tool, not for a route."""
    exported = set(strategies.__all__) - {"MemtraceMachine"}
    assert {name for name, *_ in [*VALID, *INVALID]} == exported - {"invalid_tool_calls"}
    assert all(getattr(strategies, name).__doc__ for name in exported)


def fits(call: dict[str, Any]) -> bool:
    """Whether a tool's input is what its schema says."""
    given, needed = call["input"], {"memtrace_remember": ["content"], "memtrace_decide": ["decision", "reasoning"]}
    kinds = {"tags": list, "importance": (int, float), "min_importance": (int, float)}
    return (
        call["name"] != "memtrace_forget"
        and all(given.get(name) for name in needed.get(call["name"], []))
        and all(isinstance(value, kinds.get(name, str)) for name, value in given.items())
        and all(isinstance(tag, str) and " " not in tag for tag in given.get("tags", []))
        and 0 <= given.get("importance", 0) <= 1
    )


def test_a_tool_call_fits_its_schema() -> None:
    """Name, required inputs, types and ranges."""

    # Not a @given test itself: for those Hypothesis's plugin writes a folder when it collects them.
    @fifty
    @given(call=strategies.tool_calls())
    def check(call: dict[str, Any]) -> None:
        assert fits(call)

    check()


def test_an_invalid_tool_call_does_not() -> None:
    """But for a time that is none, which the schema cannot tell."""

    @fifty
    @given(call=strategies.invalid_tool_calls())
    def check(call: dict[str, Any]) -> None:
        assert not fits(call) or "since" in call["input"]

    check()


def test_calls_of_one_tool() -> None:
    """A name narrows them down; another name is refused."""
    assert find(strategies.tool_calls("memtrace_recall"), bool, settings=fifty)["name"] == "memtrace_recall"
    with pytest.raises(UnknownName) as unknown:
        strategies.tool_calls("memtrace_serch")
    assert str(unknown.value) == (
        "unknown tool 'memtrace_serch'. Did you mean 'memtrace_search'? "
        "Known: memtrace_decide, memtrace_recall, memtrace_remember and memtrace_search."
    )


def test_ids_can_be_given() -> None:
    """So that memories, sessions and queries are about what is there."""
    one = st.just("agent_x")
    for strategy in (strategies.memories(one), strategies.sessions(one)):
        assert find(strategy, bool, settings=fifty)["agent_id"] == "agent_x"
    assert find(strategies.search_queries(one), lambda query: "agent_id" in query, settings=fifty) == {
        "agent_id": "agent_x"
    }
    assert find(strategies.windows("2030-05-05T00:00:00Z"), lambda text: "-" in text, settings=fifty)[:7] in (
        "2030-05",
        "2030-04",
    )


def test_the_machine_drives_what_connect_gives() -> None:
    """One method is enough, and no World is opened."""
    seen = []

    class Elsewhere(MemtraceMachine):
        def connect(self) -> Callable[[Request], Response]:
            server = Caller()
            self.url, self.api_key = "http://memtrace.test", server.key
            return lambda request: seen.append(request) or server.fake.handle(request)

    run(Elsewhere, 3)
    assert {request.origin for request in seen} == {"http://memtrace.test"}
    assert len(seen) > 150


def test_rules_can_be_added_and_the_machine_is_a_test_case() -> None:
    """As with any of Hypothesis's machines."""

    class Mine(MemtraceMachine):
        def check(self, request: Request, response: Response) -> None:
            super().check(request, response)
            assert response.status != 409, "a duplicate"

    with pytest.raises(AssertionError, match="a duplicate"):
        run(Mine, 20)
    assert Mine.TestCase.__name__ == "Mine.TestCase"


@pytest.mark.parametrize(
    ("path", "answer", "problem"),
    [
        ("/api/v1/agents", json_response(200, {"agents": [], "count": 1}), "count is not the number of its agents"),
        ("/api/v1/memories", json_response(418, {}), "a status that no route has"),
        ("/api/v1/memories", json_response(500, {"error": "panic"}), "an error that no Memtrace has"),
        ("/api/v1/memories", json_response(500, {"error": ""}), "an error without a text"),
        (
            "/api/v1/memories",
            json_response(200, {"memories": [{"org_id": "a", "time": "2"}, {"org_id": "b", "time": "1"}], "count": 2}),
            "with memories of several organizations",
        ),
        (
            "/api/v1/memories",
            json_response(200, {"memories": [{"org_id": "a", "time": "1"}, {"org_id": "a", "time": "2"}], "count": 2}),
            "whose memories are out of order",
        ),
        (
            "/api/v1/memories",
            json_response(200, {"memories": [{"org_id": "a", "time": "1"}] * 1001, "count": 1001}),
            "more than a page",
        ),
    ],
)
def test_what_holds_for_every_memtrace_is_checked(path: str, answer: Response, problem: str) -> None:
    """Each of the invariants can fail."""
    machine = MemtraceMachine()
    try:
        with pytest.raises(AssertionError, match=problem):
            machine.check(Request("GET", "http://localhost:9100", path), answer)
    finally:
        machine.teardown()


def test_the_default_is_the_http_surface_of_a_world() -> None:
    """Through httpx, and it is closed with the example."""
    machine = MemtraceMachine()
    machine.create_memory(body=TEA)
    world = machine.world
    assert isinstance(world, World)
    assert world.journal[-1].request.headers["user-agent"].startswith("python-httpx/")
    assert [memory.content for memory in world.memory.memories()] == ["likes tea"]
    machine.wait("1h")
    assert world.clock.now().hour == 13
    machine.teardown()


def test_without_hypothesis_the_error_says_what_to_install() -> None:
    """One line, and no traceback of ours."""
    code = (
        "import sys; sys.modules['hypothesis'] = None\n"
        "from fakememtrace.errors import UsageError\n"
        "try: import fakememtrace.strategies\n"
        "except UsageError as error: print(error)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == (
        'fakememtrace.strategies needs hypothesis. Install it with: pip install "fakememtrace[hypothesis]"\n'
    )
