"""Orgs, their keys and their Arc: nothing crosses from one to another."""

from __future__ import annotations

import base64
import json
from datetime import timedelta

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from memtrace import Memtrace, NoArcInstanceError

from fakememtrace import ClockError, UnknownName, UsageError, World

UNREACHABLE = 'Post "http://localhost:8000/api/v1/{}": dial tcp 127.0.0.1:8000: connect: connection refused'


def ask(world, key, method, path, value=None):
    """Status and body of the answer to one request with that key."""
    with httpx.Client(transport=world.transport()) as client:
        answer = client.request(method, world.url + path, headers={"x-api-key": key}, json=value)
    return answer.status_code, answer.json() if answer.content else None


def remember(world, org, content, **fields):
    """Store a memory of an org; status and body."""
    body = {"agent_id": "agent_1", "content": content, **fields}
    return ask(world, world.org(org).api_key, "POST", "/api/v1/memories", body)


def listed(world, org):
    """The contents of an org's list, newest first."""
    status, body = ask(world, world.org(org).api_key, "GET", "/api/v1/memories")
    assert status == 200, body
    return [memory["content"] for memory in body["memories"]]


@pytest.fixture(params=["0.2.0", "documented"])
def world(request):
    """A world of each dialect."""
    return World(request.param)


# -- orgs and keys ------------------------------------------------------------------------------


def test_an_org_is_made_when_it_is_first_named(world):
    """It has an id, a name and a key of its own, the same in every world, and is the same org ever after."""
    acme = world.org("acme")
    assert (acme.id, acme.name, acme.arc, str(acme)) == ("org_acme", "acme", True, "<Org org_acme>")
    assert acme is world.org("acme") is world.org("org_acme")
    other = World()
    other.org("bare")
    assert other.org("acme").api_key == acme.api_key


def test_the_first_org_is_called_default(world):
    """It is the one that the world's own key opens."""
    remember(world, "default", "tea")
    assert world.org("default").id == "org_default"
    assert world.org("default").api_key == world.api_key
    assert world.org("default").memories() == world.memory.memories() != []


def test_a_key_has_the_form_of_a_real_one(world):
    """`mtk_` and 32 bytes in URL-safe base64; no two are equal."""
    acme = world.org("acme")
    keys = [world.api_key, acme.api_key, acme.new_key(), world.org("bare").api_key]
    for key in keys:
        assert key.startswith("mtk_")
        assert len(base64.urlsafe_b64decode(key[4:] + "=")) == 32
    assert len(set(keys)) == 4


def test_every_key_opens_its_own_org(world):
    """What is stored with a key is there for all keys of its org, and for no other."""
    orgs = [world.org(name) for name in ("default", "acme", "bare", "late")]
    for org in orgs:
        remember(world, org.name, f"of {org.name}")
    for org in orgs:
        assert listed(world, org.name) == [f"of {org.name}"]
        assert ask(world, org.new_key(), "GET", "/api/v1/memories")[1]["count"] == 1


def test_an_org_shows_what_it_has(world):
    """Its agents, sessions and memories, and nobody else's."""
    acme = world.org("acme")
    agent = ask(world, acme.api_key, "POST", "/api/v1/agents", {"name": "helper"})[1]["id"]
    session = ask(world, acme.api_key, "POST", "/api/v1/sessions", {"agent_id": agent})[1]["id"]
    remember(world, "acme", "tea")
    assert [agent.id for agent in acme.agents()] == [agent]
    assert [session.id for session in acme.sessions()] == [session]
    assert [memory.content for memory in acme.memories()] == ["tea"]
    assert (world.memory.agents(), world.memory.sessions(), world.memory.memories()) == ([], [], [])


@pytest.mark.parametrize(
    "expires", ["1h", timedelta(hours=1), "2026-02-07T13:00:00Z", "2026-02-07T14:00:00+01:00"], ids=str
)
def test_a_key_expires(world, expires):
    """After a span or at a moment it opens nothing any more."""
    key = world.org("acme").new_key(expires=expires)
    world.clock.move_to("2026-02-07T12:59:59.999999Z")
    assert ask(world, key, "GET", "/api/v1/agents")[0] == 200
    world.clock.advance("1us")
    assert ask(world, key, "GET", "/api/v1/agents")[0] == 401


def test_a_key_is_disabled(world):
    """A disabled key is refused like an unknown one; the org's other keys go on."""
    acme = world.org("acme")
    key, never = acme.new_key(), acme.new_key(enabled=False)
    assert [ask(world, each, "GET", "/api/v1/agents")[0] for each in (key, never)] == [200, 401]
    acme.disable(key)
    disabled = ask(world, key, "GET", "/api/v1/agents")
    assert disabled == ask(world, "mtk_unknown", "GET", "/api/v1/agents")
    assert disabled[0] == 401
    assert ask(world, acme.api_key, "GET", "/api/v1/agents")[0] == 200


def test_what_no_org_can_be_is_refused(world):
    """A name, an Arc, a key or an expiry that makes no sense is refused in words."""
    with pytest.raises(UsageError) as name:
        world.org("a b")
    assert str(name.value) == (
        "'a b' cannot be the name of an org. Expected 1 to 64 letters, digits, hyphens and underscores, the first one "
        "a letter or a digit."
    )
    with pytest.raises(UnknownName) as arc:
        world.org("acme", arc="dwon")
    assert str(arc.value) == "unknown arc 'dwon'. Did you mean 'down'? Known: False, True and down."
    assert world.memory.tenants.ids() == ["org_default"]
    acme = world.org("acme")
    with pytest.raises(UnknownName) as key:
        acme.disable(world.api_key)
    assert str(key.value) == f"unknown key of org_acme {world.api_key!r}. Known: {acme.api_key}."
    with pytest.raises(ClockError) as expiry:
        acme.new_key(expires="soon")
    assert str(expiry.value) == (
        '\'soon\' is no duration. Expected numbers with a unit (us, ms, s, m, h, d, w), such as "90m", "1h30m" or '
        '"2d", or a datetime.timedelta. A moment does as well, such as "2026-02-07T12:00:00Z".'
    )


# -- isolation ----------------------------------------------------------------------------------

PROBES = [
    ("GET", "/api/v1/memories", None),
    ("GET", "/api/v1/memories?agent_id=shared_agent&tags=shared&since=24h", None),
    ("GET", "/api/v1/memories?session_id={session}&order=asc&limit=1000", None),
    ("GET", "/api/v1/memories/{memory}", None),
    ("GET", "/api/v1/memories/CANARY", None),
    ("POST", "/api/v1/search", {"content_contains": "CANARY"}),
    ("POST", "/api/v1/search", {"agent_id": "{agent}", "tags": ["shared"], "min_importance": 0.1}),
    ("POST", "/api/v1/search", {"org_id": "org_victim"}),
    ("GET", "/api/v1/agents", None),
    ("GET", "/api/v1/agents/{agent}", None),
    ("GET", "/api/v1/agents/canary-agent", None),
    ("GET", "/api/v1/agents/{agent}/memories", None),
    ("GET", "/api/v1/agents/shared_agent/memories", None),
    ("GET", "/api/v1/agents/shared_agent/stats", None),
    ("GET", "/api/v1/agents/{agent}/stats", None),
    ("DELETE", "/api/v1/agents/{agent}", None),
    ("GET", "/api/v1/sessions", None),
    ("GET", "/api/v1/sessions?agent_id={agent}", None),
    ("GET", "/api/v1/sessions/{session}", None),
    ("PUT", "/api/v1/sessions/{session}", {"status": "closed", "metadata": {"by": "attacker"}}),
    ("GET", "/api/v1/sessions/{session}/memories", None),
    ("POST", "/api/v1/sessions/{session}/context", {"since": "24h"}),
    ("POST", "/api/v1/memories", {"agent_id": "shared_agent", "content": "mine", "dedup_key": "shared_key"}),
    ("POST", "/api/v1/memories", {"agent_id": "shared_agent", "content": "x", "org_id": "org_victim"}),
    ("POST", "/api/v1/agents", {"name": "canary-agent", "org_id": "org_victim"}),
    ("POST", "/api/v1/sessions", {"agent_id": "{agent}"}),
]


def settle(world, org):
    """Give an org an agent, a session and memories, with a canary in every field that can hold one; their ids."""
    key = world.org(org).api_key
    agent = ask(world, key, "POST", "/api/v1/agents", {"name": "canary-agent", "config": {"c": "CANARY"}})[1]["id"]
    body = {"agent_id": agent, "metadata": {"c": "CANARY"}}
    session = ask(world, key, "POST", "/api/v1/sessions", body)[1]["id"]
    for agent_id in (agent, "shared_agent"):
        fields = {"session_id": session, "tags": ["shared"], "importance": 0.9, "dedup_key": f"{agent_id}_key"}
        remember(world, org, f"CANARY of {agent_id}", agent_id=agent_id, metadata={"c": "CANARY"}, **fields)
    remember(world, org, "CANARY", agent_id="shared_agent", dedup_key="shared_key")
    listed(world, org)
    memory = world.org(org).memories()[0].memory_id
    return {"{agent}": agent, "{session}": session, "{memory}": memory}


def probe(world, key, steps, ids):
    """Every answer to the probes; the ids in them are those of the org that was settled."""

    def filled(value):
        text = json.dumps(value)
        for name, known in ids.items():
            text = text.replace(name, known)
        return json.loads(text)

    return [ask(world, key, *filled(PROBES[step])) for step in steps]


@settings(max_examples=40, deadline=None)
@given(
    dialect=st.sampled_from(["0.2.0", "documented"]),
    steps=st.lists(st.integers(0, len(PROBES) - 1), max_size=30).map(lambda some: [*some, *range(len(PROBES))]),
)
def test_nothing_crosses_from_one_org_to_another(dialect, steps):
    """An org that probes with another's ids, names, filters and keys gets what it gets when that one is not there."""
    world, alone = World(dialect), World(dialect)
    ids = settle(world, "victim")
    before = world.org("victim").agents(), world.org("victim").sessions(), world.org("victim").memories()
    # The same clock and the same ids given out, but nothing of the other org.
    emptied = world.snapshot()
    emptied["orgs"] = [org for org in emptied["orgs"] if org["name"] != "victim"]
    alone.restore(emptied)
    world.restore(world.snapshot())
    attacker = world.org("attacker").api_key
    assert probe(world, attacker, steps, ids) == probe(alone, alone.org("attacker").api_key, steps, ids)
    victim = world.org("victim")
    assert (victim.agents(), victim.sessions(), victim.memories()) == before


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_the_probes_would_show_a_leak(dialect):
    """The same probes with the other org's own key do tell whether its canaries are there: they are not blind."""
    world = World(dialect)
    ids = settle(world, "victim")
    settled, emptied = world.snapshot(), world.snapshot()
    for kind in ("agents", "sessions", "memories"):
        del emptied["orgs"][1][kind]

    def seen(snapshot, step):
        world.restore(snapshot)
        return probe(world, world.org("victim").api_key, [step], ids)

    blind = [PROBES[step] for step in range(len(PROBES)) if seen(settled, step) == seen(emptied, step)]
    # A body cannot name an org, and each dialect looks a memory up in one way only; sessions take any agent or not.
    documented = [("GET", "/api/v1/memories/CANARY", None), PROBES[-3], PROBES[-1]]
    assert blind == ([("GET", "/api/v1/memories/{memory}", None), PROBES[-3]] if dialect == "0.2.0" else documented)


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_a_leak_would_be_noticed(dialect):
    """With a foreign row let in by a fault, the comparison above does see a difference."""
    world = World(dialect)
    ids = settle(world, "victim")
    attacker = world.org("attacker").api_key
    steps = [
        step
        for step, (_, path, _) in enumerate(PROBES)
        if path == "/api/v1/memories?session_id={session}&order=asc&limit=1000"
    ]
    clean = probe(world, attacker, steps, ids)
    world.faults.add("foreign_row", of="victim")
    leaking = probe(world, attacker, steps, ids)
    assert "CANARY" in str(leaking)
    assert "CANARY" not in str(clean)


# -- Arc ----------------------------------------------------------------------------------------


def test_an_org_without_arc_is_refused_its_memories(world):
    """503 for whatever touches memories; agents and sessions go on."""
    bare = world.org("bare", arc=False)
    if world.memory.dialect.name == "0.2.0":
        with pytest.raises(NoArcInstanceError), world:
            Memtrace(world.url, bare.api_key).recall("agent_1")
    assert remember(world, "bare", "tea")[0] == 503
    assert ask(world, bare.api_key, "POST", "/api/v1/agents", {"name": "helper"})[0] == 201
    bare.arc = True
    assert remember(world, "bare", "tea")[0] == 201


def test_ready_and_health_tell_who_is_down(world):
    """Readiness fails while an Arc is down; an org that has none is not asked about."""
    world.org("acme", arc="down")
    world.org("bare", arc=False)
    arcs = {"org_acme": False, "org_default": True}
    assert ask(world, "", "GET", "/ready") == (503, {"arc": arcs, "status": "not ready"})
    assert ask(world, "", "GET", "/health")[1]["arc"] == arcs
    world.org("acme", arc=True)
    assert ask(world, "", "GET", "/ready")[0] == 200


def text_of(answer):
    """Status and text of an answer that is an error, in either dialect."""
    status, body = answer
    return status, body.get("message", body["error"])


# decision: the contract does not say what a down Arc looks like; this is what the released server's source does
def test_nothing_can_be_read_while_arc_is_down(world):
    """Reads are a 500 in the server's words, stats are zero, and what is wrong is still told first."""
    acme = world.org("acme")
    agent = ask(world, acme.api_key, "POST", "/api/v1/agents", {"name": "helper"})[1]["id"]
    session = ask(world, acme.api_key, "POST", "/api/v1/sessions", {"agent_id": agent})[1]["id"]
    remember(world, "acme", "tea", agent_id=agent, session_id=session)
    acme.arc = "down"
    query = f"failed to query Arc: {UNREACHABLE.format('query')}"
    reads = {
        ("GET", "/memories"): "failed to query memories",
        ("GET", "/memories/tea"): "failed to search memories",
        ("POST", "/search"): "failed to search memories",
        ("GET", f"/agents/{agent}/memories"): "failed to query memories",
        ("GET", f"/sessions/{session}/memories"): "failed to query memories",
        ("POST", f"/sessions/{session}/context"): "failed to query session context",
    }
    for (method, path), failure in reads.items():
        answer = ask(world, acme.api_key, method, f"/api/v1{path}", {} if method == "POST" else None)
        assert text_of(answer) == (500, f"{failure}: {query}")
    stats = ask(world, acme.api_key, "GET", f"/api/v1/agents/{agent}/stats")[1]
    assert (stats["memory_count"], stats["session_count"], stats["memory_types"]) == (0, 1, {})
    assert "invalid agent_id" in text_of(ask(world, acme.api_key, "GET", "/api/v1/memories?agent_id=1"))[1]
    assert ask(world, acme.api_key, "GET", f"/api/v1/agents/{agent}")[0] == 200
    acme.arc = True
    assert listed(world, "acme") == ["tea"]


# decision: as above
def test_what_is_written_while_arc_is_down_waits():
    """It is answered 201, twice if it is sent twice, and is stored as soon as Arc is there again."""
    world = World()
    acme = world.org("acme")
    remember(world, "acme", "tea")
    listed(world, "acme")
    acme.arc = "down"
    assert [remember(world, "acme", content)[0] for content in ("tea", "coffee")] == [201, 201]
    assert remember(world, "acme", "")[0] == 400
    assert [memory.content for memory in acme.memories()] == ["tea", "tea", "coffee"]
    acme.arc = True
    assert listed(world, "acme") == ["coffee", "tea", "tea"]
    assert remember(world, "acme", "coffee")[0] == 409


# decision: as above
def test_when_a_hundred_wait_each_write_is_told_and_kept():
    """From the 100th on the server tries to flush: 400 for one, 500 in a batch, and yet it waits with the others."""
    world = World()
    acme = world.org("acme", arc="down")
    failure = f"failed to write memory: failed to write to Arc: {UNREACHABLE.format('write/msgpack')}"
    assert {remember(world, "acme", f"fact {n}")[0] for n in range(98)} == {201}
    batch = {"memories": [{"agent_id": "a", "content": f"batch {n}"} for n in range(5)]}
    answer = ask(world, acme.api_key, "POST", "/api/v1/memories", batch)
    assert text_of(answer) == (500, f"failed to create memory 1: {failure}")
    assert text_of(remember(world, "acme", "one more")) == (400, failure)
    acme.arc = True
    assert len(acme.memories()) == len(listed(world, "acme")) + 1 == 101


# decision: the documentation knows no write buffer, so there is nowhere to wait
def test_documented_writes_fail_while_arc_is_down():
    """What cannot be stored is a 500, and is not there later."""
    world = World("documented")
    acme = world.org("acme", arc="down")
    status, text = text_of(remember(world, "acme", "tea"))
    assert (status, text[:22]) == (500, "failed to write memory")
    acme.arc = True
    assert acme.memories() == []
