"""What fails is told to the model in words: Memtrace's own, or what it may say instead."""

from __future__ import annotations

import asyncio
import json

import jsonschema
import mcp
import pytest

from fakememtrace import World
from fakememtrace.clock import RealClock
from fakememtrace.doors.mcp.server import server
from fakememtrace.doors.mcp.tools import TOOLS

from .helpers import ask, asked, said

FORM = "must be alphanumeric with underscores/hyphens/dots, max 64 chars"
REMEMBER = ("remember", {"agent_id": "a", "content": "x"})
URL = "http://localhost:9100/api/v1"


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
@pytest.mark.parametrize(
    ("name", "given", "status", "words"),
    [
        ("remember", {"agent_id": "", "content": "x"}, 400, "agent_id is required"),
        ("remember", {"agent_id": "a", "content": ""}, 400, "content is required"),
        (
            "remember",
            {"agent_id": "a", "content": "x", "tags": ["a b"]},
            400,
            f"invalid tag 'a b': invalid tag format: {FORM}",
        ),
        ("agent_register", {"name": ""}, 400, "name is required"),
        ("session_context", {"session_id": ""}, 404, "Cannot POST /api/v1/sessions//context"),
    ],
)
def test_memtrace_is_quoted(dialect, name, given, status, words):
    """Status and text are the answer's, in both dialects, whose errors have different bodies."""
    assert ask(World(dialect), name, **given) == (f"memtrace api error (status {status}): {words}", None, True)


@pytest.mark.parametrize(
    ("dialect", "words"),
    [
        ("0.2.0", "memtrace api error (status 500): failed to query memories: Arc query failed (status 500): {"),
        ("documented", "memtrace api error (status 400): invalid since: invalid timestamp field format: "),
    ],
)
def test_a_bad_filter_has_the_words_of_the_dialect(dialect, words):
    """What only one dialect does reaches the model."""
    world = World(dialect)
    asked(world, REMEMBER)
    heard = ask(world, "recall", agent_id="a", since="yesterday")
    assert heard.is_error
    assert heard.text.startswith(words)


def test_a_duplicate_is_an_error():
    """The same sentence again, later than the write buffer: the model is told, and nothing is stored."""
    world = World()
    asked(world, REMEMBER)
    world.clock.advance("2s")
    assert asked(world, REMEMBER) == [("memtrace api error (status 409): duplicate memory", None, True)]
    assert len(world.memory.memories()) == 1


def test_an_org_without_an_arc_has_no_memory():
    """Its tools say so; what needs no Arc works."""
    world = World()
    key = world.org("bare", arc=False).api_key
    remembered, registered = asked(world, REMEMBER, ("agent_register", {"name": "a"}), key=key)
    assert remembered.text == "memtrace api error (status 503): no arc instance configured for this org"
    assert (remembered.is_error, registered.is_error) == (True, False)


def test_a_key_that_opens_nothing_is_refused():
    """The server speaks with the key that it is given."""
    assert asked(World(), REMEMBER, key="mtk_wrong") == [
        ("memtrace api error (status 401): invalid API key", None, True)
    ]


@pytest.mark.parametrize(
    ("name", "given", "words"),
    [
        ("remember", {"agent_id": "a"}, ": content is missing; expected a string."),
        (
            "remember",
            {"agent_id": "a", "content": "x", "memory_type": "episode"},
            ": memory_type is \"episode\"; expected episodic, decision, entity or session. Did you mean 'episodic'?",
        ),
        (
            "remember",
            {"agent": "a", "content": 5, "importance": 2, "tags": "tea", "metadata": [1], "session_id": None},
            (
                ":\n- agent_id is missing; expected a string."
                "\n- there is no argument 'agent'. Did you mean 'agent_id'? Known: agent_id, content, memory_type, "
                "event_type, session_id, tags, importance and metadata."
                "\n- content is 5; expected a string."
                "\n- importance is 2; expected a number from 0 to 1."
                '\n- tags is "tea"; expected a list of strings.'
                "\n- metadata is [1]; expected an object."
                "\n- session_id is null; expected a string. Leave it out instead."
            ),
        ),
        ("remember", {"agent_id": None, "content": "x"}, ": agent_id is null; expected a string."),
        ("recall", {"agent_id": "a", "limit": 2.5}, ": limit is 2.5; expected a whole number from 0 on."),
        ("recall", {"agent_id": "a", "limit": -1}, ": limit is -1; expected a whole number from 0 on."),
        ("recall", {"agent_id": "a", "limit": True}, ": limit is true; expected a whole number from 0 on."),
        (
            "search",
            {"memory_types": ["entity", "fact"]},
            ': memory_types is ["entity", "fact"]; expected a list of episodic, decision, entity or session.',
        ),
        ("search", {"tags": ["a", 1]}, ': tags is ["a", 1]; expected a list of strings.'),
        (
            "session_context",
            {"session_id": "s", "include_types": "x" * 100},
            f': include_types is "{"x" * 79}...; expected a list of episodic, decision, entity or session.',
        ),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said(name, given, words):
    """Each is named with what is allowed and what is nearest, Memtrace is not asked, and the schema says the same."""
    world = World()
    assert ask(world, name, **given) == (f"memtrace_{name} was not called{words}", None, True)
    assert len(world.journal) == 0
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(given, TOOLS[f"memtrace_{name}"].arguments.schema())


def test_a_tool_that_is_not_there_is_refused_with_the_nearest():
    """It is an error of the tool, which a model gets to read, and not one of the protocol."""
    # decision: the contract is silent; of the protocol's two ways this is the one from which a model learns.
    names = ", ".join(list(TOOLS)[:-1])
    heard = ask(World(), "remeber")
    assert heard.is_error
    assert heard.text == (
        "there is no tool 'memtrace_remeber'. Did you mean 'memtrace_remember'? "
        f"Known: {names} and memtrace_agent_register."
    )


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("status", {"status": 429, "body": {"error": "slow down"}}, "memtrace api error (status 429): slow down"),
        ("status", {"status": 502, "body": "<html>"}, "memtrace api error (status 502): <html>"),
        (
            "status",
            {"status": 500, "body": {"error": {"type": "x"}}},
            'memtrace api error (status 500): {"error":{"type":"x"}}',
        ),
        (
            "status",
            {"status": 200, "body": "<html>"},
            f"the answer to POST {URL}/memories cannot be read: '<html>'. Expected a Memtrace server's JSON.",
        ),
        ("drop", {}, f"request failed: POST {URL}/memories: the connection was closed before an answer came"),
        ("cut", {"bytes": 5}, f"request failed: POST {URL}/memories: the connection was closed within the answer"),
        ("delay", {"by": "31s"}, f"request failed: POST {URL}/memories: no answer within 30 seconds"),
    ],
)
def test_a_fault_reaches_the_model(kind, options, words):
    """The tool says what happened to its request, once, and works again afterwards."""
    world = World()
    world.faults.add(kind, times=1, **options)
    first, second = asked(world, REMEMBER, ("recall", {"agent_id": "a"}))
    assert first == (words, None, True)
    assert not second.is_error
    assert [exchange.fault for exchange in world.journal] == [kind, ""]


def test_a_context_that_is_none_is_refused():
    """An answer without a context is not shown as one."""
    world = World()
    world.faults.add("status", status=200, body={"memory_count": 0})
    heard = ask(world, "session_context", session_id="s")
    assert heard.is_error
    assert heard.text == (
        f"the answer to POST {URL}/sessions/s/context cannot be read: '{{\"memory_count\":0}}'. "
        "Expected a Memtrace server's JSON."
    )


def test_a_lost_memory_is_lost():
    """Faults of memories strike what a tool stores, which is told that all went well."""
    world = World()
    world.faults.add("lost_write", times=1)
    stored, recalled = asked(world, REMEMBER, ("recall", {"agent_id": "a"}))
    assert (stored.is_error, recalled.value["count"]) == (False, 0)


def test_a_late_answer_takes_its_time_on_the_worlds_clock():
    """No time passes, and the clock has moved by the delay, but not by more than the tool waits."""
    world = World()
    world.faults.add("delay", by="5s", times=1)
    world.faults.add("delay", by="2h", route="GET /api/v1/memories")
    asked(world, REMEMBER, ("recall", {"agent_id": "a"}))
    assert world.clock.now().isoformat() == "2026-02-07T12:00:35.000001+00:00"


def test_a_late_answer_holds_up_nobody():
    """Where the clock is real a call waits, and the next one is answered meanwhile."""
    world = World(clock=RealClock())
    world.faults.add("delay", by="300ms", route="POST /api/v1/memories")
    order = []

    async def call(client, name, given):
        order.append((name, said(await client.call_tool(f"memtrace_{name}", given)).is_error))

    async def both():
        async with mcp.Client(server(world)) as client:
            await asyncio.gather(call(client, *REMEMBER), call(client, "agent_register", {"name": "a"}))

    asyncio.run(both())
    assert order == [("agent_register", False), ("remember", False)]


def test_what_fakememtrace_refuses_is_in_its_own_words():
    """A delay that leads past the last year is an error of the tool, without a traceback."""
    world = World(start="9999-12-31T23:59:50Z")
    world.faults.add("delay", by="20s")
    (heard,) = asked(world, REMEMBER)
    assert heard.is_error
    assert heard.text == (
        "fakememtrace: the clock stands at 9999-12-31T23:59:50.000001Z, and so much later the year would be over 9999. "
        "Let less time go by."
    )


def test_half_a_character_arrives_as_a_replacement():
    """A lone surrogate has no UTF-8 form; Memtrace stores what Go makes of it."""
    world = World()
    ask(world, "remember", agent_id="a", content="half \ud83d here")
    assert world.memory.memories()[0].content == "half \ufffd here"
    assert json.loads(world.journal[0].request.body)["content"] == "half \ud83d here"
