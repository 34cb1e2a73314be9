"""Snapshot, restore and reset: a whole world as plain JSON."""

from __future__ import annotations

import copy
import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakememtrace import Dialect, World
from fakememtrace.claude.author import Author, Turn, text
from fakememtrace.clock import RealClock
from fakememtrace.snapshot.reading import SnapshotError

DIALECTS = ["0.2.0", "documented", Dialect("0.2.0").replace(visibility_delay="300ms")]


def ask(world, org, method, path, value=None):
    """The answer to one request of an org."""
    key = world.org(org).api_key
    with httpx.Client(transport=world.transport()) as client:
        answer = client.request(method, world.url + "/api/v1" + path, headers={"x-api-key": key}, json=value)
    return answer.status_code, answer.content


def step(world, number, kind, org):
    """One step of a history; what it was answered."""
    if kind == "agent":
        return ask(world, org, "POST", "/agents", {"name": f"agent {number}", "config": {"b": 1e3, "a": [number]}})
    if kind == "session":
        agents = world.org(org).agents()
        body = {"agent_id": agents[-1].id if agents else "agent_1", "metadata": {"n": number}}
        return ask(world, org, "POST", "/sessions", body)
    if kind == "close":
        session = (world.org(org).sessions() or [None])[-1]
        return ask(world, org, "PUT", f"/sessions/{session.id if session else 'none'}", {"status": "closed"})
    if kind == "batch":
        items = [{"agent_id": "agent_1", "content": f"batch {n % 2}"} for n in range(number % 5)]
        return ask(world, org, "POST", "/memories", {"memories": items})
    if kind == "write":
        body = {"agent_id": "agent_1", "content": f"fact {number % 3}", "tags": ["a", "b"], "importance": 0.5}
        return ask(world, org, "POST", "/memories", body | {"metadata": {"<&>": [1, None, 2.5]}, "parent_id": "p"})
    if kind == "pass":
        return str(world.clock.advance(f"{number % 7 * 200}ms"))
    if kind == "arc":
        world.org(org).arc = "down" if world.org(org).arc is True else True
        return world.org(org).arc
    if kind == "key":
        return world.org(org).new_key(expires="1h" if number % 2 else None, enabled=number % 3 > 0)
    paths = {"list": "/memories", "stats": "/agents/agent_1/stats", "agents": "/agents", "sessions": "/sessions"}
    return ask(world, org, "GET", paths[kind])


def played(world, steps):
    """What a whole history was answered, and the state after it."""
    return [step(world, *each) for each in steps], json.dumps(world.snapshot())


STEPS = st.lists(
    st.tuples(
        st.integers(0, 50),
        st.sampled_from(
            [
                "agent",
                "session",
                "close",
                "batch",
                "write",
                "write",
                "write",
                "pass",
                "pass",
                "arc",
                "key",
                "list",
                "stats",
                "agents",
                "sessions",
            ]
        ),
        st.sampled_from(["default", "acme"]),
    ),
    max_size=25,
)
FAULTS = st.lists(
    st.sampled_from(
        [
            {"kind": "late_write", "by": "1s", "after": 1},
            {"kind": "truncated", "characters": 3, "times": 2},
            {"kind": "duplicate", "after": 2},
            {"kind": "wrong_session", "after": 1},
            {"kind": "wrong_agent", "times": 2},
            {"kind": "false_duplicate", "bytes": 1, "after": 1},
            {"kind": "missed_duplicate", "after": 1, "times": 2},
            {"kind": "foreign_row", "times": 2},
            {"kind": "wrong_order", "after": 1, "times": 2},
            {"kind": "short_answer", "after": 2},
            {"kind": "status", "status": 503, "after": 3, "times": 1},
        ]
    ),
    max_size=2,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(dialect=st.sampled_from(DIALECTS), faults=FAULTS, before=STEPS, after=STEPS)
def test_a_restored_world_goes_on_as_the_first_one(dialect, faults, before, after):
    """After restore(snapshot()), here or in a new world, the same calls get the same bytes as without it."""
    world = World(dialect)
    for fault in faults:
        world.faults.add(**fault)
    played(world, before)
    snapshot = json.loads(json.dumps(world.snapshot()))
    answers = played(world, after)
    world.restore(snapshot)
    assert json.dumps(world.snapshot()) == json.dumps(snapshot)
    assert played(world, after) == answers
    other = World(seed=snapshot)
    assert played(other, after) == answers
    other.reset()
    assert other.snapshot() == snapshot


@pytest.mark.parametrize("dialect", DIALECTS, ids=str)
def test_a_reset_world_is_as_new(dialect):
    """Clock, ids, memory, keys, faults and journal are those of a world that was just made."""
    world = World(dialect)
    new = world.snapshot()
    steps = [(n, kind, "acme") for n, kind in enumerate(["agent", "write", "arc", "key", "pass", "list"])]
    first = played(world, steps)
    world.faults.add("drop")
    world.journal.note("search_sessions")
    world.reset()
    assert (world.snapshot(), len(world.journal), world.journal.notes, list(world.faults)) == (new, 0, [], [])
    assert played(world, steps) == first
    assert world.journal[0].number == 1


def test_what_was_not_visible_yet_stays_so():
    """The write buffer is part of the state: stats and the check for duplicates still do not see it."""
    world = World()
    step(world, 0, "write", "default")
    world.restore(world.snapshot())
    assert json.loads(step(world, 0, "stats", "default")[1])["memory_count"] == 0
    assert step(world, 0, "write", "default")[0] == 201
    world.clock.advance("1s")
    assert json.loads(step(world, 0, "stats", "default")[1])["memory_count"] == 2
    assert step(world, 0, "write", "default")[0] == 409


def test_what_is_on_its_way_arrives_when_it_would_have():
    """What a read flushed into a slow Arc is found after the delay from then; what was found before stays found."""
    world = World(Dialect("0.2.0").replace(visibility_delay="400ms"))
    for number in (0, 1):
        step(world, number, "write", "default")
        step(world, number, "list", "default")
        world.clock.advance("400ms" if number == 0 else "1ms")
    world.restore(world.snapshot())
    assert json.loads(step(world, 0, "stats", "default")[1])["memory_count"] == 1
    world.clock.advance("398ms")
    assert json.loads(step(world, 0, "stats", "default")[1])["memory_count"] == 1
    world.clock.advance("1ms")
    assert json.loads(step(world, 0, "stats", "default")[1])["memory_count"] == 2


def asked(world):
    """Ask Claude; the status."""
    request = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "hi"}]}
    with httpx.Client(transport=world.transport()) as client:
        return client.post("https://api.anthropic.com/v1/messages", json=request).status_code


@pytest.fixture
def cassette():
    """A cassette that answers the same request twice."""
    author = Author([Turn([text("one")], 10), Turn([text("two")], 10)], "2026-02-07")
    world = World(cassette=author)
    assert [asked(world), asked(world)] == [200, 200]
    return author.cassette


def test_the_cassette_is_where_it_was(cassette):
    """Which recordings were played is part of the state, and a reset rewinds them."""
    world = World(cassette=cassette)
    asked(world)
    snapshot = world.snapshot()
    assert snapshot["claude"] == {"played": [1]}
    assert [asked(world), asked(world)] == [200, 400]
    world.restore(snapshot)
    assert [asked(world), asked(world)] == [200, 400]
    world.reset()
    assert (world.claude.calls, len(world.journal)) == ([], 0)
    assert [asked(world), asked(world), asked(world)] == [200, 200, 400]


def test_a_snapshot_that_played_more_than_there_is_is_refused(cassette):
    """Without the cassette it was taken with, a world cannot go on from it."""
    world = World(cassette=cassette)
    asked(world)
    other = World()
    before = other.snapshot()
    with pytest.raises(SnapshotError) as refused:
        other.restore(world.snapshot())
    assert str(refused.value) == (
        "the snapshot, claude.played: interaction 1 was played, and this world's cassette has none of that number.\n"
        "Open the world with the cassette that it was taken with."
    )
    assert other.snapshot() == before


def test_a_world_is_saved_and_opened_again(tmp_path):
    """A file seeds a new world, and restores an old one; the same state is the same bytes."""
    world = World("documented")
    played(world, [(n, "write", "acme") for n in range(3)])
    world.save(tmp_path / "one.json")
    World(seed=tmp_path / "one.json").save(tmp_path / "two.json")
    assert (tmp_path / "one.json").read_bytes() == (tmp_path / "two.json").read_bytes()
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["one.json", "two.json"]
    world.reset()
    world.restore(tmp_path / "two.json")
    assert len(world.org("acme").memories()) == 3


SEED = {
    "start": "2026-03-01T08:00:00Z",
    "agents": [{"name": "helper", "config": {"tone": "warm"}}],
    "sessions": [{"id": "sess_monday", "agent": "helper", "metadata": {"user": "ada"}}],
    "memories": [
        {"agent": "helper", "session_id": "sess_monday", "content": "Ada is vegetarian", "tags": ["food"]},
        {"agent_id": "helper", "content": "Ada likes tea", "ago": "2h", "importance": 0.7},
    ],
    "orgs": [{"name": "acme", "arc": "down", "memories": [{"agent_id": "a", "content": "theirs"}]}],
    "faults": [{"kind": "lost_write", "times": 1}],
}


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_a_seed_says_only_what_matters(dialect):
    """Ids, times, keys and rows are made up as if all had been stored at the start, and found."""
    world = World(dialect, seed=SEED)
    (agent,), (session,), (tea, food) = world.memory.agents(), world.memory.sessions(), world.memory.memories()
    assert (agent.id, session.agent_id) == ("agent_05793679970dfe83dd0cd679", agent.id)
    assert (tea.content, tea.agent_id, tea.time) == ("Ada likes tea", "helper", 1772352000000000 - 7_200_000_000)
    assert (food.agent_id, food.tags, food.dedup_key[:8]) == (agent.id, ["food"], food.dedup_key[:8])
    assert world.memory.dialect == Dialect(dialect)
    assert json.loads(ask(world, "default", "GET", "/memories?agent_id=helper")[1])["count"] == 1
    assert ask(world, "default", "POST", "/memories", {"agent_id": "helper", "content": "Ada likes tea"})[0] == 409
    assert world.org("acme").arc == "down"
    assert [fault.name for fault in world.faults] == ["lost_write"]


def test_a_seed_is_what_a_request_would_have_stored():
    """A memory of a seed is byte for byte the one that a client would have created."""
    world, seeded = World(), World(seed={"memories": [{"agent_id": "a", "content": "<tea>", "tags": ["x"]}]})
    ask(world, "default", "POST", "/memories", {"agent_id": "a", "content": "<tea>", "tags": ["x"]})
    assert world.memory.memories() == seeded.memory.memories()


def test_an_empty_seed_is_a_new_world():
    """Nothing said is nothing there."""
    assert World(seed={}).snapshot() == World().snapshot()


def test_the_dialect_asked_for_comes_before_the_seeds():
    """One seed serves both dialects."""
    seed = {"dialect": "documented", "memories": [{"agent_id": "a", "content": "tea"}]}
    assert World(seed=seed).memory.dialect == Dialect("documented")
    assert b"memory_id" in World(seed=seed).memory.memories()[0].row
    assert b"memory_id" not in World("0.2.0", seed=seed).memory.memories()[0].row
    changed = {"dialect": {"preset": "documented", "offset": "ignored"}}
    assert World(seed=changed).memory.dialect == Dialect("documented").replace(offset="ignored")


def test_a_real_clock_goes_on():
    """On the machine's own clock what was stored is there, and time is the machine's."""
    world = World(clock=RealClock(), seed=SEED)
    played(world, [(1, "write", "default")])
    snapshot = world.snapshot()
    world.restore(snapshot)
    assert [memory.content for memory in world.memory.memories()] == ["Ada likes tea", "Ada is vegetarian"]
    world.reset()
    assert len(world.memory.memories()) == 2


def test_a_restored_world_is_opened_by_its_own_key():
    """A snapshot of a world with another key lets this world's key in as well."""
    snapshot = World(api_key="mtk_other").snapshot()
    world = World()
    world.restore(snapshot)
    assert ask(world, "default", "GET", "/agents")[0] == 200
    assert [key.text for key in world.org("default").keys] == ["mtk_other", world.api_key]


A_SNAPSHOT = World(seed=SEED).snapshot()
ADVICE = "world.snapshot() and world.save(path) make one; one may also be written by hand, as a seed."


def broken(path, value):
    """A good snapshot but for one value."""
    snapshot = copy.deepcopy(A_SNAPSHOT)
    inner = snapshot
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    return snapshot


@pytest.mark.parametrize(
    ("snapshot", "message"),
    [
        ([], "the snapshot: this is a list, and no snapshot of a world. Expected an object.\n" + ADVICE),
        (
            {},
            "the snapshot: the format is None, so this is no snapshot of a world ('fakememtrace-world').\n" + ADVICE,
        ),
        (
            {"format": "fakememtrace-cassette", "version": 1},
            (
                "the snapshot: the format is 'fakememtrace-cassette', so this is no snapshot of a world "
                "('fakememtrace-world').\n" + ADVICE
            ),
        ),
        (
            broken(["version"], 2),
            (
                "the snapshot, version: this is version 2, and this fakememtrace knows versions up to 1.\n"
                "Update fakememtrace, or take the snapshot with this one."
            ),
        ),
        (
            broken(["version"], "1"),
            "the snapshot, version: '1' is no version. Expected a whole number from 1 to 1.\n" + ADVICE,
        ),
        (
            broken(["orgs", 0, "memories", 1, "contents"], "x"),
            (
                "the snapshot, orgs[0].memories[1]: there is no 'contents' here. Did you mean 'content'? Known: id, "
                "time, ago, agent_id, agent, session_id, memory_type, event_type, content, metadata, tags, dedup_key, "
                "importance, parent_id and found.\n" + ADVICE
            ),
        ),
        (
            broken(["orgs", 0, "memories", 0, "memory_type"], "semantic"),
            ("the snapshot, orgs[0].memories[0]: no such memory can be: invalid memory_type: semantic.\n" + ADVICE),
        ),
        (
            broken(["orgs", 0, "memories", 0, "tags"], ["a", 1]),
            "the snapshot, orgs[0].memories[0].tags[1]: 1 is a number. Expected text.\n" + ADVICE,
        ),
        (
            broken(["orgs", 0, "memories", 0, "metadata"], []),
            (
                "the snapshot, orgs[0].memories[0].metadata: [] is a list. Expected an object of names and values.\n"
                + ADVICE
            ),
        ),
        (
            broken(["orgs", 0, "memories", 0, "importance"], "high"),
            "the snapshot, orgs[0].memories[0].importance: 'high' is text. Expected a number.\n" + ADVICE,
        ),
        (
            broken(["orgs", 0, "memories", 0, "time"], "yesterday"),
            (
                "the snapshot, orgs[0].memories[0].time: 'yesterday' is no moment in time. Expected ISO 8601 with a "
                'time zone, such as "2026-02-07T12:00:00Z".\n' + ADVICE
            ),
        ),
        (
            broken(["orgs", 0, "memories", 0, "time"], "2027-01-01T00:00:00Z"),
            (
                "the snapshot, orgs[0]: the memory 'Ada likes tea' is of 2027-01-01T00:00:00Z, and the clock stands at "
                "2026-03-01T08:00:00.000004Z.\nGive each a time no later than the clock's, or leave the time out."
            ),
        ),
        (
            broken(["orgs", 0, "memories", 0, "ago"], "2h"),
            ("the snapshot, orgs[0].memories[0]: there are both 'time' and 'ago'.\nGive one of them, or neither."),
        ),
        (
            broken(["orgs", 0, "memories", 0, "found"], False),
            (
                "the snapshot, orgs[0].memories[1]: this memory is found, and one before it is not.\n"
                "Give each a time no later than the clock's, or leave the time out."
            ),
        ),
        (
            broken(["orgs", 0, "agents", 0, "name"], ""),
            "the snapshot, orgs[0].agents[0]: an agent needs a name.\n" + ADVICE,
        ),
        (
            broken(["orgs", 0, "agents"], [{"name": "a"}, {"name": "a"}]),
            ("the snapshot, orgs[0].agents: there are two agents named 'a'.\nA name is an agent's own in its org."),
        ),
        (
            broken(["orgs", 0, "sessions", 0, "agent_id"], "helper"),
            (
                "the snapshot, orgs[0].sessions[0]: there is no agent with the id 'helper', which this dialect asks "
                'for.\nGive the agent by its id ("agent_id") or by its name ("agent").'
            ),
        ),
        (
            broken(["orgs", 1, "arc"], "up"),
            "the snapshot, orgs[1].arc: 'up' is no state of an Arc. Expected true, false or \"down\".\n" + ADVICE,
        ),
        (
            broken(["orgs", 1, "name"], "a b"),
            (
                "the snapshot, orgs[1].name: 'a b' cannot be the name of an org. Expected 1 to 64 letters, digits, "
                "hyphens and underscores, the first one a letter or a digit.\n" + ADVICE
            ),
        ),
        (
            broken(["orgs", 1, "name"], "default"),
            "the snapshot, orgs[1]: the org 'org_default' is there already.\nSay all of an org in one place.",
        ),
        (
            broken(["orgs", 1, "keys"], A_SNAPSHOT["orgs"][0]["keys"]),
            (
                f"the snapshot, orgs[1].keys[0]: {A_SNAPSHOT['orgs'][0]['keys'][0]['key']!r} is no key, or one of "
                "another org.\n" + ADVICE
            ),
        ),
        (
            broken(["dialect"], {"preset": "0.2.0", "ofset": "ignored"}),
            "the snapshot, dialect: unknown dialect attribute 'ofset'. Did you mean 'offset'? Known:",
        ),
        (
            broken(["faults", 0, "kind"], "lostwrite"),
            "the snapshot, faults: unknown kind of fault 'lostwrite'. Did you mean 'lost_write'? Known:",
        ),
        (
            broken(["faults", 0], "lost_write"),
            ("the snapshot, faults: fault 0 is 'lost_write'. Expected an object with its kind and options.\n" + ADVICE),
        ),
        (
            broken(["ids", "mem_"], -1),
            "the snapshot, ids.mem_: -1 is no count. Expected a whole number from 0.\n" + ADVICE,
        ),
        (broken(["orgs"], {}), "the snapshot, orgs: {} is an object. Expected a list.\n" + ADVICE),
    ],
)
def test_what_is_no_snapshot_is_refused_with_its_place(snapshot, message):
    """Each fault in a snapshot is named with its place, and nothing of the world has changed."""
    world = World()
    played(world, [(n, kind, "acme") for n, kind in enumerate(["agent", "write", "pass"])])
    world.faults.add("drop", route="claude *")
    before = world.snapshot()
    with pytest.raises(SnapshotError) as refused:
        world.restore(snapshot)
    assert str(refused.value).startswith(message)
    assert message.endswith("Known:") or str(refused.value) == message
    assert world.snapshot() == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "seed.json: there is no such file."),
        (b"\xff", "seed.json, byte 0: this is not UTF-8 text."),
        (b'{\n"orgs": [', "seed.json, line 2: this is not JSON: Expecting value."),
        (b'{"ids": {"mem_": NaN}}', "seed.json: this is not JSON: NaN is no number in JSON."),
        (b"[" * 100_000, "seed.json: this is not JSON: maximum recursion depth exceeded"),
        (b"7", "seed.json: this is a number, and no snapshot of a world. Expected an object."),
    ],
)
def test_a_file_that_is_no_seed_is_named(tmp_path, monkeypatch, content, message):
    """What cannot be read is refused before there is a world, with the name of the file."""
    monkeypatch.chdir(tmp_path)
    if content is not None:
        (tmp_path / "seed.json").write_bytes(content)
    with pytest.raises(SnapshotError) as refused:
        World(seed="seed.json")
    assert str(refused.value).startswith(message)
    assert str(refused.value).endswith("\n" + ADVICE)


@pytest.mark.parametrize("kind", ["agents", "sessions", "memories"])
def test_ids_that_a_seed_says_are_not_given_out_again(kind):
    """A snapshot whose `ids` were taken out is a seed like any other: what is new gets ids that nothing has."""
    before = World("documented")
    for number in range(2):
        ask(before, "default", "POST", "/agents", {"name": f"n{number}"})
        agent = before.memory.agents()[number].id
        ask(before, "default", "POST", "/sessions", {"agent_id": agent})
        ask(before, "default", "POST", "/memories", {"agent_id": "a", "content": f"tea {number}"})
    seed = before.snapshot()
    del seed["ids"]
    world = World(seed=seed)
    ask(world, "default", "POST", "/agents", {"name": "second"})
    ask(world, "default", "POST", "/sessions", {"agent_id": world.memory.agents()[-1].id})
    ask(world, "default", "POST", "/memories", {"agent_id": "a", "content": "coffee"})
    found = getattr(world.memory, kind)()
    assert len({one.memory_id if kind == "memories" else one.id for one in found}) == len(found) == 3


def test_a_seed_before_the_year_1_is_refused_with_its_place():
    """A span that leads out of the calendar is no crash."""
    with pytest.raises(SnapshotError) as refused:
        World(seed={"memories": [{"agent_id": "a", "content": "x", "ago": "3000000d"}]})
    assert str(refused.value).endswith(
        "memories[0].ago: so long ago there was no year 1 yet.\nGive a shorter span, such as 30d."
    )
