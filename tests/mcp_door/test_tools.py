"""The seven tools: what a model is told of them, what each asks Memtrace, and what it gives."""

from __future__ import annotations

import asyncio
import json

import jsonschema
import mcp
import pytest

from fakememtrace import World
from fakememtrace.doors.mcp.server import server
from fakememtrace.doors.mcp.tools import TOOLS
from fakememtrace.wire import Request

from .helpers import ask, asked

# As the issue lists them.
LISTED = """
memtrace_remember(agent_id, content, memory_type, event_type, session_id, tags, importance, metadata)
memtrace_recall(agent_id, since, session_id, memory_type, limit)
memtrace_search(agent_id, content_contains, memory_types, tags, since, min_importance, limit)
memtrace_decide(agent_id, decision, reasoning)
memtrace_session_create(agent_id, metadata)
memtrace_session_context(session_id, since, include_types, max_tokens)
memtrace_agent_register(name, description)
"""
WHOLE = {
    "remember": {
        "agent_id": "agent_1",
        "content": "Tee für <Ada>",
        "memory_type": "entity",
        "event_type": "order",
        "session_id": "sess_1",
        "tags": ["tea"],
        "importance": 0.5,
        "metadata": {"cups": 2},
    },
    "recall": {"agent_id": "agent_1", "since": "7d", "session_id": "sess_1", "memory_type": "entity", "limit": 5},
    "search": {
        "agent_id": "agent_1",
        "content_contains": "Tee",
        "memory_types": ["entity"],
        "tags": ["tea"],
        "since": "2h",
        "min_importance": 0.25,
        "limit": 5,
    },
    "decide": {"agent_id": "agent_1", "decision": "Serve it hot", "reasoning": "It is < 5 degrees"},
    "session_create": {"agent_id": "agent_1", "metadata": {"goal": "tea & cake"}},
    "session_context": {"session_id": "sess_1", "since": "4h", "include_types": ["entity"], "max_tokens": 100},
    "agent_register": {"name": "waiter", "description": "tea & cake"},
}


def told():
    """The tools as a client is told of them."""

    async def listed():
        async with mcp.Client(server(World())) as client:
            return (await client.list_tools()).tools

    return [tool.model_dump(by_alias=True, exclude_none=True) for tool in asyncio.run(listed())]


def sent(world):
    """The last request to Memtrace: method and path with the query, and its JSON."""
    request = world.journal[-1].request
    assert world.journal[-1].service == "memtrace"
    return request.url.removeprefix("http://localhost:9100/api/v1"), json.loads(request.body) if request.body else None


def test_there_are_the_tools_that_the_issue_lists():
    """Seven, with those arguments in that order."""
    assert [f"{tool['name']}({', '.join(tool['inputSchema']['properties'])})" for tool in told()] == LISTED.split("\n")[
        1:-1
    ]


def test_what_a_model_is_told_is_as_pinned(snapshot):
    """Names, words and schemas change only together with the snapshot, which is reviewed."""
    assert told() == snapshot


@pytest.mark.parametrize("name", WHOLE)
def test_a_schema_is_one_and_every_argument_is_explained(name):
    """Each is a valid JSON schema that takes no argument it does not name, and says what each is for."""
    schema = TOOLS[f"memtrace_{name}"].arguments.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(WHOLE[name], schema)
    assert schema["additionalProperties"] is False
    assert all(value["description"] for value in schema["properties"].values())


@pytest.mark.parametrize(
    ("name", "url", "body"),
    [
        ("remember", "/memories", WHOLE["remember"]),
        (
            "recall",
            "/memories?agent_id=agent_1&limit=5&memory_type=entity&order=desc&session_id=sess_1&since=7d",
            None,
        ),
        ("search", "/search", {**WHOLE["search"], "order": "desc"}),
        (
            "decide",
            "/memories",
            {
                "agent_id": "agent_1",
                "memory_type": "decision",
                "event_type": "decision",
                "content": "Serve it hot",
                "metadata": {"reasoning": "It is < 5 degrees"},
            },
        ),
        ("session_create", "/sessions", WHOLE["session_create"]),
        (
            "session_context",
            "/sessions/sess_1/context",
            {"since": "4h", "include_types": ["entity"], "max_tokens": 100},
        ),
        ("agent_register", "/agents", WHOLE["agent_register"]),
    ],
)
def test_a_tool_sends_one_request(name, url, body):
    """It is that of Memtrace's own MCP server, and in the journal with its key."""
    world = World()
    ask(world, name, **WHOLE[name])
    assert sent(world) == (url, body)
    assert len(world.journal) == 1
    request = world.journal[0].request
    assert request.method == ("GET" if body is None else "POST")
    assert request.headers["x-api-key"] == world.api_key
    assert request.headers.get("content-type") == (None if body is None else "application/json")


@pytest.mark.parametrize(
    ("name", "given", "url", "body"),
    [
        (
            "remember",
            {"agent_id": "a", "content": "x"},
            "/memories",
            {"agent_id": "a", "content": "x", "memory_type": "episodic", "event_type": "general"},
        ),
        ("recall", {"agent_id": "a"}, "/memories?agent_id=a&limit=50&order=desc&since=24h", None),
        ("search", {}, "/search", {"limit": 50, "order": "desc"}),
        ("session_create", {"agent_id": "a"}, "/sessions", {"agent_id": "a"}),
        ("session_context", {"session_id": "s"}, "/sessions/s/context", {}),
        ("agent_register", {"name": "n"}, "/agents", {"name": "n"}),
    ],
)
def test_what_is_left_out_has_the_default(name, given, url, body):
    """Where the tool has none, nothing is sent, and the server's own default holds: a search looks back for ever."""
    world = World()
    ask(world, name, **given)
    assert sent(world) == (url, body)


def test_what_is_empty_counts_as_left_out():
    """An empty text or list, and 0, are what Memtrace's MCP server does not send either."""
    # decision: the contract is silent; the fields of that server's requests are left out where they are empty.
    world = World()
    empty = {"memory_type": "episodic", "event_type": "", "session_id": "", "tags": [], "importance": 0, "metadata": {}}
    ask(world, "remember", agent_id="a", content="x", **empty)
    assert sent(world)[1] == {"agent_id": "a", "content": "x", "memory_type": "episodic", "event_type": "general"}
    ask(world, "recall", agent_id="a", since="", limit=0)
    assert sent(world)[0] == "/memories?agent_id=a&limit=50&order=desc&since=24h"
    ask(world, "search", content_contains="", memory_types=[], since="", min_importance=0, limit=0)
    assert sent(world)[1] == {"limit": 50, "order": "desc"}


def test_a_whole_number_may_be_written_with_a_fraction():
    """50.0 is a whole number for JSON schema, and is sent as one, since Memtrace takes no other."""
    world = World()
    assert not ask(world, "search", limit=50.0).is_error
    assert '"limit":50,' in world.journal[0].request.body.decode()


def test_what_stands_in_a_url_is_escaped():
    """A session's id and a filter may hold anything; they do not become another path or another parameter."""
    world = World()
    ask(world, "session_context", session_id="../agents?x=ä")
    assert sent(world)[0] == "/sessions/..%2Fagents%3Fx%3D%C3%A4/context"
    ask(world, "recall", agent_id="a&limit=1", since="7 d")
    assert sent(world)[0] == "/memories?agent_id=a%26limit%3D1&limit=50&order=desc&since=7+d"


def test_recall_looks_back_a_day_unless_told_otherwise():
    """The window is measured by the world's clock."""
    world = World()
    ask(world, "remember", agent_id="a", content="yesterday")
    world.clock.advance("25h")
    ask(world, "remember", agent_id="a", content="today")

    def recalled(**window):
        return [memory["content"] for memory in ask(world, "recall", agent_id="a", **window).value["memories"]]

    assert recalled() == ["today"]
    assert recalled(since="48h") == ["today", "yesterday"]
    assert recalled(since="48h", limit=1) == ["today"]


def test_a_search_is_not_bound_to_an_agent_or_a_time():
    """Without a filter it finds what all agents of the org ever stored."""
    world = World()
    ask(world, "remember", agent_id="a", content="old tea")
    world.clock.advance("400d")
    ask(world, "remember", agent_id="b", content="new tea")
    assert [memory["content"] for memory in ask(world, "search").value["results"]] == ["new tea", "old tea"]
    assert ask(world, "search", agent_id="a", content_contains="tea").value["count"] == 1


def test_a_decision_is_in_no_session():
    """The tool takes no session, as the SDK's decide: a session's context does not show what was decided."""
    world = World()
    agent = ask(world, "agent_register", name="a").value["id"]
    session = ask(world, "session_create", agent_id=agent).value["id"]
    decision = ask(world, "decide", agent_id=agent, decision="Wait", reasoning="Too early").value
    assert decision["metadata"] == {"reasoning": "Too early"}
    assert "session_id" not in decision
    assert "Wait" not in ask(world, "session_context", session_id=session).text


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
@pytest.mark.parametrize("name", [name for name in WHOLE if name != "session_context"])
def test_the_text_is_the_answer_as_go_writes_it(name, dialect):
    """Indented, and with <, > and & escaped; the structured content is the same JSON, as Memtrace answered it."""
    world = World(dialect)
    agent = ask(world, "agent_register", name="chef").value["id"]
    ask(world, "remember", **{**WHOLE["remember"], "agent_id": agent, "content": "Tee: 2 < 3 & 3 > 2"})
    takes_agent = "agent_id" in TOOLS[f"memtrace_{name}"].arguments.schemas
    heard = ask(world, name, **{**WHOLE[name], **({"agent_id": agent} if takes_agent else {})})
    answer = json.loads(world.journal[-1].response.body)
    assert heard.value == answer
    plain = json.dumps(answer, indent=2, ensure_ascii=False)
    assert heard.text == plain.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e") != plain


def test_the_context_is_the_markdown_and_nothing_else():
    """It is what the API gives as the context; there is no JSON around it and no structured content."""
    world = World()
    ask(world, "remember", agent_id="a", session_id="sess_1", content="1 < 2")
    heard = ask(world, "session_context", session_id="sess_1")
    assert heard == (
        "## Session Context (sess_1)\n\n### Recent Actions (1)\n- [2026-02-07T12:00:00Z] general: 1 < 2\n\n",
        None,
        False,
    )


def test_structured_content_is_there_only_when_it_is_wanted():
    """Without it the answer is what the released MCP server of Memtrace gives, and its text is the same."""
    call = ("remember", {"agent_id": "a", "content": "x"})
    (whole,), (bare,) = asked(World(), call), asked(World(), call, structured=False)
    assert (bare.text, bare.value, whole.value) == (whole.text, None, json.loads(whole.text))


def test_a_name_starts_a_session_only_as_documented():
    """A model is told that an agent's name serves as its id, as Memtrace tells it; the released server disagrees."""
    # decision: the contract is silent about what tools promise; a fake that promised less would hide this.
    for dialect, words in (
        ("0.2.0", "memtrace api error (status 400): failed to create session: FOREIGN KEY constraint failed"),
        ("documented", ""),
    ):
        world = World(dialect)
        ask(world, "agent_register", name="waiter")
        heard = ask(world, "session_create", agent_id="waiter")
        assert (heard.text if heard.is_error else "") == words


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_both_eras_of_the_protocol_give_the_same(mode):
    """A client that shakes hands first and one that does not hear the same words, call by call."""
    calls = [("remember", {"agent_id": "a", "content": "x"}), ("recall", {"agent_id": "a"}), ("recall", {})]
    assert asked(World(), *calls, mode=mode) == asked(World(), *calls)


def test_two_orgs_do_not_see_each_other():
    """The key decides whose memory it is; a server of one org finds nothing of another, on one and the same store."""
    world = World()
    acme = world.org("acme").api_key
    asked(world, ("remember", {"agent_id": "a", "content": "a secret of Acme"}), key=acme)
    assert [memory.content for memory in world.org("acme").memories()] == ["a secret of Acme"]
    (theirs,), (ours,) = asked(world, ("search", {}), key=acme), asked(world, ("search", {}))
    assert (theirs.value["count"], ours.value["count"]) == (1, 0)


def test_two_worlds_do_not_see_each_other_and_are_alike():
    """Every server has the store of its world, and the same calls give the same bytes."""
    one, other = World(), World()
    call = ("remember", {"agent_id": "a", "content": "x"})
    assert asked(one, call) == asked(other, call)
    assert [len(world.memory.memories()) for world in (one, other)] == [1, 1]


def test_it_is_the_store_of_every_other_door():
    """What is stored over HTTP is recalled by the tool."""
    world = World()
    headers = {"x-api-key": world.api_key, "content-type": "application/json"}
    world.handle(Request("POST", world.url, "/api/v1/memories", "", headers, b'{"agent_id":"a","content":"by HTTP"}'))
    assert ask(world, "recall", agent_id="a").value["memories"][0]["content"] == "by HTTP"
