"""Scripted trouble: every kind of fault, where it strikes, and what it looks like to a program."""

from __future__ import annotations

import asyncio
import json

import anthropic
import httpx
import httpx2
import pytest
import respx
from memtrace import Memtrace, MemtraceError

from fakememtrace import ClockError, UnexpectedTraffic, UnknownName, UsageError, World
from fakememtrace.claude.author import Author, Turn, text
from fakememtrace.faults.kinds import KINDS, READS
from fakememtrace.memory.routes import ROUTES

CREATE = "POST /api/v1/memories"


def client(world, key=""):
    """The real client of a world, retrying nothing."""
    return Memtrace(world.url, key or world.api_key)


def contents(memtrace, agent="agent_1"):
    """What the agent recalls, newest first."""
    return [memory.content for memory in memtrace.recall(agent).memories]


def raw(world, method, path, library=httpx, **request):
    """The answer to one request with the world's key."""
    return library.request(method, world.url + path, headers={"x-api-key": world.api_key}, **request)


# -- faults of routes ---------------------------------------------------------------------------


def test_a_status_is_answered_instead():
    """The fake does not see the request, and the journal names the fault."""
    with World() as world:
        world.faults.add("status", route=CREATE, status=503, body={"error": "out of order"})
        with pytest.raises(MemtraceError, match="out of order") as raised:
            client(world).remember("agent_1", "tea")
        assert raised.value.status_code == 503
        assert world.memory.memories() == []
        assert str(world.journal[0]).endswith("POST http://localhost:9100/api/v1/memories -> 503 (fault: status)")
        world.journal.assert_clean()


@pytest.mark.parametrize(
    ("options", "kind", "body"),
    [
        ({"status": 500}, "application/json", '{"error":"Internal Server Error"}'),
        ({"status": 599}, "application/json", '{"error":"Status 599"}'),
        ({"status": 502, "body": "<html>"}, "text/plain; charset=utf-8", "<html>"),
        ({"status": 200, "body": [1]}, "application/json", "[1]"),
        ({"status": 429, "body": "no", "headers": {"Content-Type": "text/html"}}, "text/html", "no"),
        ({"status": 204, "body": "unsent"}, None, ""),
    ],
)
def test_a_status_has_any_body(options, kind, body):
    """The body is JSON or text as it is given; without one it is an error as Memtrace writes them."""
    with World() as world:
        world.faults.add("status", **options)
        answer = raw(world, "GET", "/health")
        assert (answer.status_code, answer.headers.get("content-type"), answer.text) == (options["status"], kind, body)


def test_claude_fails_in_its_own_words():
    """A status for Claude has the API's error shape, so that the SDK raises what it would."""
    with World() as world:
        world.faults.add("status", route="claude POST /v1/messages", status=529, headers={"x-should-retry": "false"})
        with pytest.raises(anthropic.APIStatusError) as raised:
            anthropic.Anthropic().messages.create(model="m", max_tokens=1, messages=[])
        assert raised.value.body == {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
        assert client(world).recall("agent_1").count == 0
        world.journal.assert_clean()


def test_it_strikes_after_so_many_calls_so_many_times():
    """The first calls go well, then it strikes as often as it was told, then all goes well again."""
    with World() as world:
        fault = world.faults.add("status", route="GET /api/v1/agents/{id}", status=500, after=2, times=2)
        raw(world, "GET", "/api/v1/agents")
        statuses = [raw(world, "GET", f"/api/v1/agents/{n}").status_code for n in range(6)]
        assert statuses == [404, 404, 500, 500, 404, 404]
        assert world.faults.struck(fault.name) == 2


@pytest.mark.parametrize(
    ("route", "struck"),
    [
        ("*", ["health", "list", "get", "claude", "tokens", "model"]),
        ("memtrace *", ["health", "list", "get"]),
        ("claude *", ["claude", "tokens", "model"]),
        ("claude POST /v1/messages", ["claude"]),
        ("POST /v1/messages", ["claude"]),
        ("claude POST /v1/messages/count_tokens", ["tokens"]),
        ("claude GET /v1/models/{id}", ["model"]),
        ("GET /api/v1/memories", ["list"]),
        ("memtrace GET /api/v1/memories/{id}", ["get"]),
        ("GET /api/v1/memories/tea", ["get"]),
        ("GET /api/v1/memories/coffee", []),
    ],
)
def test_a_route_says_what_is_struck(route, struck):
    """A route is a method and a path, a service, or everything."""
    with World() as world:
        world.faults.add("status", route=route, status=418)
        answers = {
            "health": raw(world, "GET", "/health"),
            "list": raw(world, "GET", "/api/v1/memories"),
            "get": raw(world, "GET", "/api/v1/memories/tea"),
            "claude": httpx.post("https://api.anthropic.com/v1/messages", json={}),
            "tokens": httpx.post("https://api.anthropic.com/v1/messages/count_tokens", json={}),
            "model": httpx.get("https://api.anthropic.com/v1/models/claude-x"),
        }
        assert [name for name, answer in answers.items() if answer.status_code == 418] == struck


def test_a_delay_moves_the_clock():
    """The answer comes late by the world's clock, and takes no time of the test's."""
    with World() as world:
        world.faults.add("delay", route=CREATE, by="4s", times=1)
        client(world).remember("agent_1", "tea")
        assert world.clock.now().isoformat() == "2026-02-07T12:00:04.000001+00:00"
        assert world.memory.memories()[0].time == world.journal[0].at


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_who_does_not_wait_that_long_times_out(library):
    """A delay beyond the client's own timeout is the library's ReadTimeout, though the request was handled."""
    with World() as world:
        world.faults.add("delay", by="6s")
        with pytest.raises(library.ReadTimeout, match="The read operation timed out"):
            raw(world, "POST", "/api/v1/agents", library, json={"name": "a"}, timeout=5)
        assert raw(world, "GET", "/health", library, timeout=None).status_code == 200
        assert len(world.memory.agents()) == 1


async def get(library, url):
    """The answer to one asynchronous request."""
    async with library.AsyncClient() as asynchronous:
        return await asynchronous.get(url)


@pytest.mark.parametrize("mounted", [False, True], ids=["patched", "respx"])
@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        ("drop", {}, "Server disconnected without sending a response."),
        ("cut", {"bytes": 7}, "peer closed connection without sending complete message body (received 7 bytes, exp"),
    ],
)
def test_a_lost_connection_looks_real(kind, options, message, library, mounted):
    """It is the error that the library itself raises, for sync and async, through both doors."""
    with World() as world, respx.mock() as router:
        if mounted:
            world.mount(router)
        world.faults.add(kind, **options)
        with pytest.raises(library.RemoteProtocolError) as synchronous:
            library.get(world.url + "/health")
        with pytest.raises(library.RemoteProtocolError) as asynchronous:
            asyncio.run(get(library, world.url + "/health"))
        assert str(synchronous.value).startswith(message)
        assert str(asynchronous.value) == str(synchronous.value)
        assert synchronous.value.request.url == world.url + "/health"
        world.journal.assert_clean()


@pytest.mark.parametrize(("handled", "stored"), [(True, 1), (False, 0)])
def test_a_dropped_connection_may_have_done_its_work(handled, stored):
    """The request was handled and only its answer lost, or it never arrived: the caller cannot tell."""
    with World() as world:
        world.faults.add("drop", handled=handled)
        with pytest.raises(httpx.RemoteProtocolError):
            client(world).remember("agent_1", "tea")
        assert len(world.memory.memories()) == stored
        assert str(world.journal[0]).endswith("-> dropped (fault: drop)")


def test_a_cut_answer_gives_its_start():
    """What came before the cut can be read from a stream; what is not longer is whole."""
    with World() as world:
        whole = httpx.get(world.url + "/health").content
        world.faults.add("cut", bytes=7, times=1)
        with httpx.stream("GET", world.url + "/health") as answer:
            pieces = answer.iter_raw()
            assert next(pieces) == whole[:7]
            assert answer.headers["content-length"] == str(len(whole))
            with pytest.raises(httpx.RemoteProtocolError):
                next(pieces)
        assert str(world.journal[-1]).endswith("-> 200, cut (fault: cut)")
        world.faults.add("cut", bytes=len(whole))
        assert httpx.get(world.url + "/health").content == whole


def test_a_stream_of_claude_is_cut():
    """Events up to the cut arrive, then the connection is gone."""
    with World(cassette=Author([Turn([text("Good morning")], 10)], "2026-02-07")) as world:
        world.faults.add("cut", route="claude *", bytes=200)
        request = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}], "stream": True}
        with httpx.stream("POST", "https://api.anthropic.com/v1/messages", json=request) as answer:
            lines = []
            with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
                lines.extend(answer.iter_lines())
        assert lines[0] == "event: message_start"


def test_faults_add_up():
    """Several faults strike one call, and the journal names them in the order they were added."""
    with World() as world:
        world.faults.add("delay", by="1s", name="slow")
        world.faults.add("status", status=500)
        world.faults.add("status", status=400)
        assert raw(world, "GET", "/health").status_code == 500
        assert world.journal[0].fault == "slow, status, status-2"
        assert world.clock.now().isoformat() == "2026-02-07T12:00:01+00:00"


# -- faults of memory ---------------------------------------------------------------------------


@pytest.fixture(params=["0.2.0", "documented"])
def world(request):
    """A world of each dialect, entered, with a second org."""
    with World(request.param) as world:
        world.org("acme")
        yield world


def test_a_lost_write_is_answered_and_not_stored(world):
    """The caller gets its 201, with an id and a time; nothing is there afterwards."""
    world.faults.add("lost_write", times=1)
    memtrace = client(world)
    assert memtrace.remember("agent_1", "tea").content == "tea"
    assert contents(memtrace) == []
    assert memtrace.get_agent_stats("agent_1").memory_count == 0
    memtrace.remember("agent_1", "tea")
    assert contents(memtrace) == ["tea"]
    assert [exchange.fault for exchange in world.journal if exchange.request.method == "POST"] == ["lost_write", ""]


def test_a_whole_batch_is_lost(world):
    """A batch is one write."""
    world.faults.add("lost_write", times=1)
    batch = {"memories": [{"agent_id": "agent_1", "content": text} for text in ("tea", "coffee")]}
    assert raw(world, "POST", "/api/v1/memories", json=batch).json()["count"] == 2
    assert world.memory.memories() == []
    assert world.faults.struck("lost_write") == 1


def test_an_invalid_memory_is_not_struck(world):
    """What is refused is refused as ever, and does not use the fault up."""
    world.faults.add("lost_write", times=1)
    assert raw(world, "POST", "/api/v1/memories", json={"agent_id": "agent_1"}).status_code == 400
    assert world.faults.struck("lost_write") == 0


def test_a_late_write_is_found_after_its_span(world):
    """Until then it is in no list, search, context, count or check for duplicates; it keeps its time."""
    world.faults.add("late_write", by="10m", times=1)
    memtrace = client(world)
    memtrace.remember("agent_1", "tea")
    memtrace.remember("agent_1", "tea")
    assert contents(memtrace) == ["tea"]
    assert memtrace.get_agent_stats("agent_1").memory_count == 1
    world.clock.advance("10m")
    assert contents(memtrace) == ["tea", "tea"]
    assert memtrace.get_agent_stats("agent_1").memory_count == 2
    assert [memory.time for memory in world.memory.memories()] == [exchange.at for exchange in world.journal][:2]


@pytest.mark.parametrize(
    ("options", "stored"), [({"bytes": 2}, "t�"), ({"characters": 2}, "té"), ({"characters": 0}, "")]
)
def test_a_truncated_memory_lost_its_end(world, options, stored):
    """The answer shows it whole; what is read later is cut, in bytes or in characters."""
    world.faults.add("truncated", **options)
    memtrace = client(world)
    assert memtrace.remember("agent_1", "té!").content == "té!"
    assert contents(memtrace) == [stored]
    assert world.journal[0].fault == "truncated"


def test_what_is_short_enough_is_not_truncated(world):
    """A fault that changes nothing has not struck."""
    world.faults.add("truncated", characters=3)
    client(world).remember("agent_1", "tea")
    assert (world.journal[0].fault, world.faults.struck("truncated")) == ("", 0)


def test_a_memory_is_stored_twice(world):
    """The duplicate is there in every read and in the counts."""
    world.faults.add("duplicate", times=1)
    memtrace = client(world)
    memtrace.remember("agent_1", "tea")
    assert contents(memtrace) == ["tea", "tea"]
    assert memtrace.get_agent_stats("agent_1").memory_count == 2


def test_a_memory_is_read_twice(world):
    """One read has its newest memory twice, the next one is as it should be."""
    memtrace = client(world)
    for content in ("tea", "coffee"):
        memtrace.remember("agent_1", content)
    world.faults.add("duplicate", where="read", times=1)
    assert contents(memtrace) == ["coffee", "coffee", "tea"]
    assert contents(memtrace) == ["coffee", "tea"]


def test_a_row_of_another_org_leaks(world):
    """The newest one that fits what is asked for, with the other org's id on it."""
    other = client(world, world.org("acme").api_key)
    for agent, content in (("agent_1", "old secret"), ("agent_1", "secret"), ("agent_2", "not asked for")):
        other.remember(agent, content)
    memtrace = client(world)
    memtrace.remember("agent_1", "tea")
    world.faults.add("foreign_row", of="acme", after=1, times=1)
    reads = [memtrace.recall("agent_1").memories for _ in range(3)]
    assert [[memory.content for memory in read] for read in reads] == [["tea"], ["tea", "secret"], ["tea"]]
    assert [memory.org_id for memory in reads[1]] == ["org_default", "org_acme"]
    assert [exchange.fault for exchange in world.journal][4:] == ["", "foreign_row", ""]


def test_a_leak_reaches_a_context_and_a_lookup(world):
    """The fault is about every answer that is made from memories."""
    agent = raw(world, "POST", "/api/v1/agents", json={"name": "helper"}).json()["id"]
    session = raw(world, "POST", "/api/v1/sessions", json={"agent_id": agent}).json()["id"]
    foreign = {"agent_id": "agent_1", "session_id": session, "content": "secret"}
    key = world.org("acme").api_key
    stored = httpx.post(world.url + "/api/v1/memories", json=foreign, headers={"x-api-key": key}).json()
    world.faults.add("foreign_row")
    assert "secret" in raw(world, "POST", f"/api/v1/sessions/{session}/context").json()["context"]
    found = raw(world, "GET", f"/api/v1/memories/{stored.get('memory_id', 'secret')}")
    assert found.json()["org_id"] == "org_acme"
    assert raw(world, "GET", "/api/v1/agents/agent_1/stats").json()["memory_count"] == 1


def test_without_a_row_that_fits_nothing_leaks(world):
    """No other org has anything to show: the fault has not struck, and waits."""
    memtrace = client(world)
    memtrace.remember("agent_1", "tea")
    world.faults.add("foreign_row", times=1)
    assert contents(memtrace) == ["tea"]
    assert world.faults.struck("foreign_row") == 0
    client(world, world.org("acme").api_key).remember("agent_1", "secret")
    assert contents(memtrace) == ["secret", "tea"]


# decision: memories are never rewritten; the versions of one are what an agent stored under one event type (or `same`)
def test_a_stale_read_shows_the_earlier_version(world):
    """The newest memory that has an earlier version is missing from the answer."""
    memtrace = client(world)
    for event, content in (("plan", "by train"), ("food", "vegetarian"), ("plan", "by car")):
        body = {"agent_id": "agent_1", "event_type": event, "content": content}
        raw(world, "POST", "/api/v1/memories", json=body)
    world.faults.add("stale_version", times=1)
    assert contents(memtrace) == ["vegetarian", "by train"]
    assert contents(memtrace) == ["by car", "vegetarian", "by train"]


@pytest.mark.parametrize(("same", "stale"), [("tags", ["b", "a"]), (["agent_id", "tags"], ["c", "b", "a"])])
def test_what_makes_two_memories_versions_can_be_said(world, same, stale):
    """`same` names the fields that the versions of a memory have in common."""
    for agent, content, tags in (("agent_1", "a", ["x"]), ("agent_1", "b", ["y"]), ("agent_2", "c", ["x"])):
        raw(world, "POST", "/api/v1/memories", json={"agent_id": agent, "content": content, "tags": tags})
    world.faults.add("stale_version", same=same)
    assert [memory["content"] for memory in raw(world, "GET", "/api/v1/memories").json()["memories"]] == stale


@pytest.mark.parametrize("route", READS)
def test_a_read_fault_can_be_of_one_route(world, route):
    """With a route it strikes the answers of that one only."""
    session = "sess_1"
    if world.memory.dialect.unknown_session == "not_found":
        session = raw(world, "POST", "/api/v1/sessions", json={"agent_id": "agent_1"}).json()["id"]
    body = {"agent_id": "agent_1", "session_id": session, "content": "mem_tea"}
    raw(world, "POST", "/api/v1/memories", json=body)
    body["content"] = "mem_tea, too"
    httpx.post(world.url + "/api/v1/memories", json=body, headers={"x-api-key": world.org("acme").api_key})
    by_id = world.memory.dialect.memory_lookup == "memory_id"
    foreign = world.org("acme").memories()[0].memory_id
    fault = world.faults.add("foreign_row", route=route)
    ids = {"memories": foreign if by_id else "mem_tea", "agents": "agent_1", "sessions": session}
    for read in READS:
        method, path = read.split(" ")
        path = path.replace("{id}", ids[path.split("/")[3]]) if "{id}" in path else path
        before = world.faults.struck(fault.name)
        raw(world, method, path, json={} if method == "POST" else None)
        assert world.faults.struck(fault.name) - before == (read == route), read


def test_a_fault_of_one_org_leaves_the_others_alone(world):
    """`org` is whose memories are struck."""
    world.faults.add("lost_write", org="acme")
    client(world).remember("agent_1", "tea")
    client(world, world.org("acme").api_key).remember("agent_1", "tea")
    assert len(world.memory.memories()) == 1
    assert world.org("acme").memories() == []


def test_faults_strike_the_same_way_every_time():
    """Two worlds with the same faults that are asked the same answer the same."""

    def history():
        with World() as world:
            client(world, world.org("acme").api_key).remember("agent_1", "secret")
            world.faults.add("status", route=CREATE, status=500, after=3, times=1)
            world.faults.add("late_write", by="2s", after=1, times=2)
            world.faults.add("foreign_row", after=2)
            for n in range(8):
                raw(world, "POST", "/api/v1/memories", json={"agent_id": "agent_1", "content": f"fact {n}"})
                raw(world, "GET", "/api/v1/memories")
                world.clock.advance("1s")
            return [(str(exchange), exchange.response) for exchange in world.journal]

    assert history() == history()


def test_an_unstruck_world_answers_the_same(world):
    """Faults that never strike leave every answer as it is without them."""
    needed = {
        "dropped_field": {"field": "tags"},
        "late_write": {"by": "1s"},
        "truncated": {"bytes": 1},
        "wrong_time": {"by": "1s"},
    }

    def history(faults):
        with World(world.memory.dialect) as fresh:
            fresh.org("acme")
            for kind in faults:
                fresh.faults.add(kind, after=1000, **needed.get(kind, {}))
            for n in range(4):
                raw(fresh, "POST", "/api/v1/memories", json={"agent_id": "agent_1", "content": f"fact {n % 2}"})
                raw(fresh, "GET", "/api/v1/agents/agent_1/stats")
            raw(fresh, "GET", "/api/v1/memories")
            return [exchange.response for exchange in fresh.journal]

    assert history([kind.name for kind in KINDS.values() if kind.strikes != "route"]) == history([])


# -- the faults of a world ----------------------------------------------------------------------

EXAMPLES = [
    {"kind": "status", "status": 503, "body": {"error": "x"}, "headers": {"retry-after": "1"}},
    {"kind": "delay", "by": "1h30m", "route": "memtrace *"},
    {"kind": "drop", "handled": True, "after": 1},
    {"kind": "cut", "bytes": 0, "times": 3},
    {"kind": "stream_error", "events": 0, "error_type": "api_error", "message": "no", "route": "claude *"},
    {"kind": "malformed", "events": 4},
    {"kind": "lost_write", "org": "org_default"},
    {"kind": "late_write", "by": "10m", "name": "slow store"},
    {"kind": "truncated", "characters": 5},
    {"kind": "dropped_field", "field": "tags"},
    {"kind": "wrong_session", "times": 1},
    {"kind": "wrong_agent", "org": "org_default"},
    {"kind": "duplicate", "where": "read", "route": "POST /api/v1/search"},
    {"kind": "false_duplicate", "bytes": 20, "window": "7d"},
    {"kind": "missed_duplicate", "after": 2},
    {"kind": "foreign_row", "of": "org_default"},
    {"kind": "stray_row", "route": "memtrace *"},
    {"kind": "stale_version", "same": ["agent_id", "tags"]},
    {"kind": "lost_version", "same": ["content"]},
    {"kind": "wrong_order", "name": "upside down"},
    {"kind": "wrong_time", "by": "1h"},
    {"kind": "short_answer", "route": "GET /api/v1/memories"},
    {"kind": "empty_answer", "route": "POST /api/v1/sessions/{id}/context"},
]


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: value["kind"])
def test_a_fault_is_plain_json(value):
    """Its JSON form says everything, and makes an equal fault."""
    fault = World().faults.add(**value)
    form = json.loads(json.dumps(fault.to_json()))
    assert value.items() <= form.items()
    assert World().faults.add(**form) == fault


def test_every_kind_has_an_example():
    """No kind of fault is left out above."""
    assert [value["kind"] for value in EXAMPLES] == list(KINDS)


def test_faults_can_be_looked_at_and_taken_away():
    """They are a list of named values, in the order they were added."""
    faults = World().faults
    faults.add("drop")
    faults.add("drop")
    faults.add("cut", bytes=1, name="short")
    assert [fault.name for fault in faults] == ["drop", "drop-2", "short"]
    faults.remove("drop")
    assert [fault.name for fault in faults] == ["drop-2", "short"]
    assert (len(faults), faults.on_routes, faults.on_memories) == (2, True, False)
    faults.add("lost_write")
    faults.clear()
    assert (list(faults), faults.on_routes, faults.on_memories) == ([], False, False)


def test_the_routes_that_read_are_routes():
    """The routes of read faults are all of the API that answers from memories."""
    assert set(READS) <= {str(route) for route in ROUTES}


@pytest.mark.parametrize(
    ("kind", "options", "error", "message"),
    [
        (
            "lost_writ",
            {},
            UnknownName,
            (
                "unknown kind of fault 'lost_writ'. Did you mean 'lost_write'? Known: cut, delay, drop, dropped_field, "
                "duplicate, empty_answer, false_duplicate, foreign_row, late_write, lost_version, lost_write, "
                "malformed, missed_duplicate, short_answer, stale_version, status, stray_row, stream_error, truncated, "
                "wrong_agent, wrong_order, wrong_session and wrong_time."
            ),
        ),
        (
            "cut",
            {"byte": 5},
            UnknownName,
            (
                "unknown option of the fault 'cut' 'byte'. Did you mean 'bytes'? "
                "Known: after, bytes, events, name, route and times."
            ),
        ),
        ("status", {}, UsageError, "the fault 'status' needs status, as in faults.add('status', status=...)."),
        *[
            ("cut", given, UsageError, "the fault 'cut' needs either bytes or events: how much of the answer comes.")
            for given in ({}, {"bytes": 1, "events": 1}, {"bytes": None})
        ],
        (
            "status",
            {"status": None},
            UsageError,
            "status of the fault 'status' is None. Expected an HTTP status from 200 to 599.",
        ),
        ("cut", {"events": -1}, UsageError, "events of the fault 'cut' is -1. Expected a whole number from 0."),
        (
            "malformed",
            {"events": None},
            UsageError,
            "events of the fault 'malformed' is None. Expected a whole number from 0.",
        ),
        (
            "stream_error",
            {"error_type": "overloaded"},
            UnknownName,
            (
                "unknown error_type of the fault 'stream_error' 'overloaded'. Did you mean 'overloaded_error'? "
                "Known: api_error, authentication_error, billing_error, invalid_request_error, not_found_error, "
                "overloaded_error, permission_error, rate_limit_error, request_too_large and timeout_error."
            ),
        ),
        ("stream_error", {"message": 529}, UsageError, "message of the fault 'stream_error' is 529. Expected text."),
        (
            "foreign_row",
            {"route": "GET /api/v1/memorys"},
            UnknownName,
            (
                "unknown route 'GET /api/v1/memorys'. Did you mean 'GET /api/v1/memories'? Known: *, "
                "GET /api/v1/agents/{id}/memories, GET /api/v1/agents/{id}/stats, GET /api/v1/memories, "
                "GET /api/v1/memories/{id}, GET /api/v1/sessions/{id}/memories, POST /api/v1/search, "
                "POST /api/v1/sessions/{id}/context and memtrace *."
            ),
        ),
        (
            "lost_write",
            {"org": "acne"},
            UnknownName,
            "unknown org 'acne'. Did you mean 'org_acme'? Known: org_acme and org_default.",
        ),
        (
            "stale_version",
            {"same": ["agent"]},
            UnknownName,
            (
                "unknown field in same of the fault 'stale_version' 'agent'. Did you mean 'agent_id'? Known: agent_id, "
                "content, dedup_key, event_type, memory_type, session_id and tags."
            ),
        ),
        (
            "dropped_field",
            {"field": "tag"},
            UnknownName,
            (
                "unknown field of the fault 'dropped_field' 'tag'. Did you mean 'tags'? Known: dedup_key, event_type, "
                "importance, memory_type, metadata, parent_id, session_id and tags."
            ),
        ),
        (
            "dropped_field",
            {},
            UsageError,
            "the fault 'dropped_field' needs field, as in faults.add('dropped_field', field=...).",
        ),
        (
            "false_duplicate",
            {"bytes": None},
            UsageError,
            "bytes of the fault 'false_duplicate' is None. Expected a whole number from 0.",
        ),
        (
            "stale_version",
            {"same": []},
            UsageError,
            (
                "same of the fault 'stale_version' is []. Expected one or more of agent_id, content, dedup_key, "
                "event_type, memory_type, session_id and tags."
            ),
        ),
        (
            "duplicate",
            {"where": "stored"},
            UnknownName,
            "unknown where of the fault 'duplicate' 'stored'. Did you mean 'store'? Known: read and store.",
        ),
        (
            "duplicate",
            {"route": "POST /api/v1/search"},
            UsageError,
            "the fault 'duplicate' takes a route only where it strikes what is read: where='read'.",
        ),
        (
            "truncated",
            {"bytes": 1, "characters": 1},
            UsageError,
            "the fault 'truncated' needs either bytes or characters: how much of the content is kept.",
        ),
        (
            "status",
            {"status": 600},
            UsageError,
            "status of the fault 'status' is 600. Expected an HTTP status from 200 to 599.",
        ),
        (
            "status",
            {"status": 500, "body": {1, 2}},
            UsageError,
            "body of the fault 'status' is {1, 2}. Expected text or a value that JSON can hold.",
        ),
        (
            "status",
            {"status": 500, "headers": {"retry-after": 1}},
            UsageError,
            (
                "headers of the fault 'status' is {'retry-after': 1}. Expected names and their texts, such as "
                '{"retry-after": "1"}.'
            ),
        ),
        *[
            (
                "status",
                {"status": 500, "headers": {name: text}},
                UsageError,
                (
                    f"headers of the fault 'status' has {name!r}: {text!r}, which cannot be sent. Expected a name of "
                    "letters, digits and hyphens, and one line of ASCII text."
                ),
            )
            for name, text in [("x", "a\r\nset-cookie: b"), ("a b", "c"), ("", "c"), ("x", "\0"), ("x", "ü")]
        ],
        (
            "late_write",
            {"by": "99999999d"},
            ClockError,
            "by of the fault 'late_write' is '99999999d', which is longer than a century. Expected less, such as 1h.",
        ),
        ("drop", {"handled": 1}, UsageError, "handled of the fault 'drop' is 1. Expected True or False."),
        ("drop", {"after": -1}, UsageError, "after of the fault 'drop' is -1. Expected a whole number from 0."),
        (
            "drop",
            {"times": 0},
            UsageError,
            "times of the fault 'drop' is 0. Expected a whole number from 1, or None for ever.",
        ),
        ("drop", {"route": 5}, UsageError, "route of the fault 'drop' is 5. Expected text."),
        (
            "delay",
            {"by": "soon"},
            ClockError,
            (
                "by of the fault 'delay': 'soon' is no duration. Expected numbers with a unit (us, ms, s, m, h, d, w), "
                'such as "90m", "1h30m" or "2d", or a datetime.timedelta.'
            ),
        ),
        (
            "drop",
            {"name": "there"},
            UsageError,
            "there is a fault called 'there' already. Give the new one another name.",
        ),
    ],
)
def test_what_cannot_be_is_refused_in_words(kind, options, error, message):
    """A slip is answered with what was expected and the nearest there is; nothing is set."""
    world = World()
    world.org("acme")
    world.faults.add("drop", name="there")
    with pytest.raises(error) as refused:
        world.faults.add(kind, **options)
    assert str(refused.value) == message
    assert len(world.faults) == 1


@pytest.mark.parametrize("ask", ["remove", "struck"])
def test_a_fault_that_is_not_there_is_named(ask):
    """Taking away, or asking about, what is not set shows what is."""
    faults = World().faults
    faults.add("drop")
    with pytest.raises(UnknownName) as refused:
        getattr(faults, ask)("drip")
    assert str(refused.value) == "unknown fault 'drip'. Did you mean 'drop'? Known: drop."


def test_unexpected_traffic_is_still_unexpected():
    """A fault is part of the plan; what was not planned fails the test as ever."""
    with World() as world:
        world.faults.add("delay", by="1s")
        with pytest.raises(anthropic.BadRequestError):
            anthropic.Anthropic().messages.create(model="m", max_tokens=1, messages=[])
        with pytest.raises(UnexpectedTraffic, match=r"400 \(fault: delay\)"):
            world.journal.assert_clean()


def test_a_delay_past_the_last_year_is_told_as_that():
    """It is the test's own span that is wrong, and not called a defect of fakememtrace."""
    with World(start="9999-12-31T00:00:00Z") as world:
        world.faults.add("delay", by="90d")
        with pytest.raises(ClockError, match=r"so much later the year would be over 9999\. Let less time go by\.$"):
            httpx.get(world.url + "/health", timeout=None)
