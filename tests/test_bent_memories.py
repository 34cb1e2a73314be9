"""Faults that bend memories: fields lost or mixed up, duplicates judged wrongly, answers out of order or short."""

from __future__ import annotations

import json

import httpx
import pytest
from memtrace import ConflictError, Memtrace

from fakememtrace import World
from fakememtrace.faults.kinds import DROPPABLE, READS

CONTEXT = "POST /api/v1/sessions/{id}/context"


@pytest.fixture(params=["0.2.0", "documented"])
def world(request):
    """A world of each dialect, entered."""
    with World(request.param) as world:
        yield world


def ask(world, method, path, **request):
    """The answer to one request with the world's key."""
    return httpx.request(method, f"{world.url}/api/v1{path}", headers={"x-api-key": world.api_key}, **request)


def store(world, content, **fields):
    """Store one memory of agent_1; the answer."""
    return ask(world, "POST", "/memories", json={"agent_id": "agent_1", "content": content, **fields})


def opened(world, name="helper"):
    """The ids of a new agent and of its new session."""
    agent = ask(world, "POST", "/agents", json={"name": name}).json()["id"]
    return agent, ask(world, "POST", "/sessions", json={"agent_id": agent}).json()["id"]


def listed(world, **query):
    """The contents of a list."""
    return [memory["content"] for memory in ask(world, "GET", "/memories", params=query).json()["memories"]]


def struck(world):
    """The names of the faults of the last exchange."""
    return world.journal[-1].fault


WHOLE = {
    "session_id": "sess_1",
    "memory_type": "decision",
    "event_type": "choice",
    "metadata": {"why": "<it> is cheaper", "at": 1.5},
    "tags": ["travel", "plan"],
    "dedup_key": "own",
    "importance": 0.7,
    "parent_id": "first",
}


# -- fields -------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", DROPPABLE)
def test_a_field_is_lost(world, field):
    """The memory is stored as the server stores one that came without the field; the answer still has it."""
    del_one = {name: value for name, value in WHOLE.items() if name != field}
    world.faults.add("dropped_field", field=field, times=1)
    assert store(world, "by train", **WHOLE).json()[field] == WHOLE[field]
    assert struck(world) == "dropped_field"
    world.clock.restore(world.journal[-1].at)
    with World(world.memory.dialect) as plain:
        store(plain, "by train", **del_one)
        expected = plain.memory.memories()[0]
    found = world.memory.memories()[0]
    assert json.loads(found.row) == json.loads(expected.row)
    assert list(json.loads(found.row)) == list(json.loads(expected.row))
    assert found == expected


@pytest.mark.parametrize("field", DROPPABLE)
def test_a_field_that_was_not_sent_cannot_be_lost(world, field):
    """A memory without the field is as it would be: the fault has not struck."""
    world.faults.add("dropped_field", field=field)
    store(world, "by train")
    assert struck(world) == ""


def test_a_lost_own_key_is_one_that_the_server_makes(world):
    """The next one with the same key of its own is stored, and the next with the same content is a duplicate."""
    world.faults.add("dropped_field", field="dedup_key", times=1)
    store(world, "by train", dedup_key="travel")
    assert listed(world) == ["by train"]
    assert store(world, "by car", dedup_key="travel").status_code == 201
    assert store(world, "by train").status_code == 409


def test_a_memory_gets_into_another_session(world):
    """It is the session that was opened last, other than its own; the answer still names the right one."""
    (_, first), (_, second) = opened(world), opened(world, "other")
    world.faults.add("wrong_session")
    assert store(world, "tea", session_id=first).json()["session_id"] == first
    assert store(world, "jazz", session_id=second).json()["session_id"] == second
    assert [memory.session_id for memory in world.memory.memories()] == [second, first]
    assert ask(world, "GET", f"/sessions/{first}/memories").json()["memories"][0]["session_id"] == first


def test_a_memory_without_a_session_gets_into_one(world):
    """It too is stored under the one that was opened last, and stands where a field of its kind does."""
    _, session = opened(world)
    world.faults.add("wrong_session")
    store(world, "tea")
    assert "tea" in ask(world, "POST", f"/sessions/{session}/context", json={}).json()["context"]
    assert list(json.loads(world.memory.memories()[0].row))[-5:] == [
        *("session_id", "memory_type", "event_type", "content", "dedup_key"),
    ]


@pytest.mark.parametrize(("kind", "field"), [("wrong_session", "session_id"), ("wrong_agent", "agent_id")])
def test_one_that_only_memories_name_will_do(world, kind, field):
    """Neither has to be registered: where none is, it is the one of the newest memory that has another."""
    store(world, "tea", **{field: "first"})
    store(world, "jazz", **{field: "second"})
    world.faults.add(kind)
    store(world, "rain", **{field: "second"})
    assert getattr(world.memory.memories()[-1], field) == "first"
    assert struck(world) == kind


@pytest.mark.parametrize(("kind", "field"), [("wrong_session", "session_id"), ("wrong_agent", "agent_id")])
def test_where_there_is_no_other_nothing_strikes(world, kind, field):
    """The fault waits until there is another."""
    world.faults.add(kind, times=1)
    store(world, "tea", **{field: "first"})
    assert struck(world) == ""
    store(world, "jazz", **{field: "second"})
    assert struck(world) == kind
    assert [getattr(memory, field) for memory in world.memory.memories()] == ["first", "first"]


def test_a_memory_gets_another_agent(world):
    """It is the agent that was registered last; an agent's own name and id are one agent."""
    (first, _), (second, _) = opened(world), opened(world, "other")
    world.faults.add("wrong_agent")
    store(world, "tea", agent_id="other")
    store(world, "jazz", agent_id=second)
    store(world, "rain", agent_id=first)
    assert [memory.agent_id for memory in world.memory.memories()] == [first, first, second]


def test_each_memory_of_a_batch_is_bent(world):
    """A batch is one write, and everything in it is struck."""
    world.faults.add("dropped_field", field="tags", times=1)
    batch = [{"agent_id": "agent_1", "content": text, "tags": ["x"]} for text in ("tea", "jazz")]
    assert ask(world, "POST", "/memories", json={"memories": batch}).json()["count"] == 2
    assert [memory.tags for memory in world.memory.memories()] == [[], []]
    assert world.faults.struck("dropped_field") == 1
    assert listed(world, tags="x") == []


# -- duplicates ---------------------------------------------------------------------------------


def test_what_begins_alike_is_taken_for_a_duplicate(world):
    """The answer is the server's 409, and the journal names the fault; another beginning or agent is stored."""
    world.faults.add("false_duplicate", bytes=5)
    assert store(world, "by train").status_code == 201
    assert listed(world) == ["by train"]
    refused = store(world, "by tram")
    true_duplicate = store(world, "by train")
    assert (refused.status_code, refused.json()) == (409, true_duplicate.json())
    assert [exchange.fault for exchange in world.journal][-2:] == ["false_duplicate", ""]
    assert store(world, "by car").status_code == 201
    assert store(world, "by tram", agent_id="agent_2").status_code == 201
    assert store(world, "by tram", event_type="plan").status_code == 201
    with pytest.raises(ConflictError):
        Memtrace(world.url, world.api_key).remember("agent_1", "by tractor")


def test_a_day_may_be_longer_for_duplicates(world):
    """What was stored before the window of the server is still held against a memory."""
    world.faults.add("false_duplicate", window="7d")
    found = []
    for age in ("0s", "1h", "25h", "5d", "6d"):
        world.clock.advance(age)
        found.append((store(world, "tea").status_code, struck(world)))
        listed(world)
    assert found == [(201, ""), (409, ""), (409, "false_duplicate"), (409, "false_duplicate"), (201, "")]


def test_a_false_duplicate_is_left_out_of_a_batch(world):
    """Nothing tells it from one that was a duplicate."""
    store(world, "by train")
    listed(world)
    world.faults.add("false_duplicate", bytes=3)
    batch = [{"agent_id": "agent_1", "content": text} for text in ("by car", "on foot")]
    assert ask(world, "POST", "/memories", json={"memories": batch}).json()["count"] == 1
    assert struck(world) == "false_duplicate"
    assert listed(world) == ["on foot", "by train"]


def test_a_duplicate_is_missed(world):
    """It is stored, alone and in a batch; a memory that is none is no matter of the fault."""
    world.faults.add("missed_duplicate")
    store(world, "tea", dedup_key="own")
    assert struck(world) == ""
    assert listed(world) == ["tea"]
    assert store(world, "jazz", dedup_key="own").status_code == 201
    assert struck(world) == "missed_duplicate"
    listed(world)
    batch = [{"agent_id": "agent_1", "content": "jazz", "dedup_key": "own"}] * 2
    assert ask(world, "POST", "/memories", json={"memories": batch}).json()["count"] == 2
    assert listed(world) == ["jazz", "jazz", "jazz", "tea"]
    assert {memory.dedup_key for memory in world.memory.memories()} == {"own"}


# -- answers ------------------------------------------------------------------------------------


@pytest.fixture
def told(world):
    """A world with three memories of one session, an hour apart, and its session's id."""
    agent, session = opened(world)
    for text in ("tea", "jazz", "rain"):
        store(world, text, agent_id=agent, session_id=session, memory_type="decision")
        world.clock.advance("1h")
    return world, agent, session


def reads(told):
    """The contents that each read shows, by its route."""
    world, agent, session = told
    found = {}
    for route in READS:
        method, path = route.split(" ")
        path = path.removeprefix("/api/v1").replace(
            "{id}", {"agents": agent, "sessions": session}.get(path.split("/")[3], "")
        )
        if path == "/memories/":
            first = world.memory.memories()[0]
            path += first.memory_id if world.memory.dialect.memory_lookup == "memory_id" else "tea"
        answer = ask(world, method, path, json={} if method == "POST" else None)
        found[route] = _shown(answer)
    return found


def _shown(answer):
    value = answer.json()
    if "context" in value:
        return [line.split()[-1] for line in value["context"].splitlines() if line.startswith("- ")], value[
            "memory_count"
        ]
    if "memories" in value or "results" in value:
        rows = value.get("memories", value.get("results"))
        return [row["content"] for row in rows], value["count"]
    return ([value["content"]], 1) if "content" in value else ([], value.get("memory_count", answer.status_code))


def answers(many, lookup, stats=3):
    """The same memories in every read, but for the lookup and the stats."""
    return {
        route: lookup if route.endswith("memories/{id}") else ([], stats) if route.endswith("stats") else many
        for route in READS
    }


def test_every_read_is_as_it_should_be(told):
    """What follows differs from this."""
    assert reads(told) == answers((["rain", "jazz", "tea"], 3), (["tea"], 1))


def test_an_answer_stands_on_its_head(told):
    """The same memories are there, the last one first, also in a context."""
    told[0].faults.add("wrong_order")
    assert reads(told) == answers((["tea", "jazz", "rain"], 3), (["tea"], 1))
    assert told[0].faults.struck("wrong_order") == 5


def test_an_answer_is_one_short(told):
    """The last memory is missing and not counted; where it is the only one, there is none."""
    told[0].faults.add("short_answer")
    assert reads(told) == answers((["rain", "jazz"], 2), ([], 404))
    assert [exchange.fault for exchange in told[0].journal][-7:].count("short_answer") == 6


def test_a_page_is_one_short(told):
    """Who reads page by page loses a memory on each: has_more and the next offset are what they were."""
    told[0].faults.add("short_answer")
    first = ask(told[0], "GET", "/memories", params={"limit": 2}).json()
    assert ([memory["content"] for memory in first["memories"]], first["has_more"]) == (["rain"], True)
    assert listed(told[0], limit=2, offset=2) == []


def test_an_answer_is_empty(told):
    """No memory is in any read; a route makes it the fault of one."""
    told[0].faults.add("empty_answer", times=6)
    assert reads(told) == answers(([], 0), ([], 404))
    told[0].faults.clear()
    told[0].faults.add("empty_answer", route=CONTEXT)
    found = reads(told)
    assert found.pop(CONTEXT) == ([], 0)
    assert all(count for _, count in found.values())


def test_a_refused_read_is_marked(told):
    """The journal names a fault that makes the answer an error."""
    told[0].faults.add("empty_answer")
    assert ask(told[0], "GET", "/memories/tea").status_code == 404
    assert struck(told[0]) == ("empty_answer" if told[0].memory.dialect.memory_lookup == "content" else "")


def test_a_stray_memory_is_in_the_answer(told):
    """It is the newest that is not there by right, and stands at the end."""
    world, agent, session = told
    store(world, "secret", agent_id="agent_2")
    world.faults.add("stray_row")
    found = ask(world, "GET", f"/agents/{agent}/memories").json()
    assert [memory["content"] for memory in found["memories"]] == ["rain", "jazz", "tea", "secret"]
    assert found["count"] == 4
    assert "secret" in ask(world, "POST", f"/sessions/{session}/context", json={}).json()["context"]
    assert listed(world) == ["secret", "rain", "jazz", "tea"]
    assert struck(world) == ""
    assert ask(world, "GET", "/memories/nowhere").json()["content"] == "secret"


def test_an_earlier_version_is_lost(told):
    """The newest memory that has a later one of its kind is missing, as where versions overwrite each other."""
    told[0].faults.add("lost_version", times=1)
    assert listed(told[0]) == ["rain", "tea"]
    told[0].faults.add("lost_version", same="content")
    assert listed(told[0]) == ["rain", "jazz", "tea"]
    assert struck(told[0]) == ""


def test_memories_seem_older(told):
    """What is shown, what a window leaves and what is counted as recent agree on it; the order stays."""
    world, agent, _ = told
    assert listed(world, since="4h") == ["rain", "jazz", "tea"]
    times = [memory["time"] for memory in ask(world, "GET", "/memories").json()["memories"]]
    world.faults.add("wrong_time", by="90m")
    assert listed(world, since="4h") == ["rain", "jazz"]
    later = [memory["time"] for memory in ask(world, "GET", "/memories").json()["memories"]]
    assert times[0].startswith("2026-02-07T14:00:00")
    assert later[0].startswith("2026-02-07T12:30:00")
    assert later == sorted(later, reverse=True)
    world.faults.clear()
    world.faults.add("wrong_time", by="22h")
    assert ask(world, "GET", f"/agents/{agent}/stats").json()["memories_24h"] == 1
    assert [memory["time"] for memory in ask(world, "GET", "/memories").json()["memories"]] != later


def test_no_memory_is_older_than_time_itself():
    """Where a span leads before the first year, the first moment of it is shown."""
    with World(start="0001-01-02T00:00:00Z") as world:
        store(world, "tea")
        world.faults.add("wrong_time", by="30d")
        assert ask(world, "GET", "/memories").json()["memories"][0]["time"] == "0001-01-01T00:00:00Z"


def test_faults_of_one_read_add_up(told):
    """Each goes on from what the one before has made of the answer, and the journal names them in their order."""
    for kind in ("stale_version", "wrong_order", "short_answer"):
        told[0].faults.add(kind)
    assert listed(told[0]) == ["tea"]
    assert struck(told[0]) == "stale_version, wrong_order, short_answer"


def test_what_was_bent_is_in_a_snapshot(told):
    """A world that is restored has the bent memory, the fault and how often it struck."""
    world, agent, session = told
    world.faults.add("dropped_field", field="tags")
    store(world, "snow", agent_id=agent, session_id=session, tags=["winter"])
    world.faults.add("wrong_order")
    before = ask(world, "GET", "/memories").content
    other = World(seed=json.loads(json.dumps(world.snapshot())))
    assert [fault["struck"] for fault in other.faults.to_json()] == [1, 1]
    with other:
        assert ask(other, "GET", "/memories").content == before
