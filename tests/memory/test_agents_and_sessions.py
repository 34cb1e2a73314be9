from __future__ import annotations

from fakememtrace.memory.records import Agent, Session

from .caller import Caller


def test_a_registered_agent(server: Caller) -> None:
    """What was given comes back, with an id, the org and the time."""
    answer = server.post("/agents", {"name": "helper", "description": "helps", "config": {"b": 1, "a": 2.0}})
    assert answer.status == 201
    assert answer.body == {
        "id": "agent_05793679970dfe83dd0cd679",
        "org_id": "org_default",
        "name": "helper",
        "description": "helps",
        "config": {"a": 2, "b": 1},
        "created_at": "2026-02-07T12:00:00Z",
    }


def test_what_is_empty_is_left_out_of_an_agent(server: Caller) -> None:
    """No description, an empty config, and a last_active_at that is never set."""
    body = server.post("/agents", {"name": "helper", "config": {}, "description": ""}).body
    assert set(body) == {"id", "org_id", "name", "created_at"}


def test_an_agent_read_back_has_whole_seconds(server: Caller) -> None:
    """The creation's answer has the microseconds, what is read from the database has not."""
    server.clock.advance("1500us")
    created = server.post("/agents", {"name": "helper"}).body
    assert created["created_at"] == "2026-02-07T12:00:00.0015Z"
    assert server.get(f"/agents/{created['id']}").body["created_at"] == "2026-02-07T12:00:00Z"
    assert server.get("/agents").body["agents"][0]["created_at"] == "2026-02-07T12:00:00Z"


def test_an_agent_needs_a_name(server: Caller) -> None:
    """An empty or absent name is 400."""
    for body in ({"name": ""}, {}):
        assert server.post("/agents", body) == (400, {"error": "name is required"})


def test_an_agents_name_is_taken_once(server: Caller) -> None:
    """The same name in the org is 409."""
    server.agent("helper")
    assert server.post("/agents", {"name": "helper"}) == (
        409,
        {"error": "agent 'helper' already exists in this organization"},
    )


def test_an_agent_is_found_by_id_and_by_name(server: Caller) -> None:
    """Both give the same agent."""
    agent = server.agent("helper")
    assert server.get(f"/agents/{agent}") == server.get("/agents/helper")
    assert server.get("/agents/nobody") == (404, {"error": "agent not found"})


def test_agents_are_listed_newest_first(server: Caller) -> None:
    """Also those created within one second."""
    ids = [server.agent(name) for name in "abc"]
    body = server.get("/agents").body
    assert [agent["id"] for agent in body["agents"]] == ids[::-1]
    assert body["count"] == 3


def test_an_agent_is_deleted_by_id_only(server: Caller) -> None:
    """A name is not found; afterwards the name is free again."""
    agent = server.agent("helper")
    assert server.ask("DELETE", "/agents/helper") == (404, {"error": "agent not found"})
    assert server.ask("DELETE", f"/agents/{agent}") == (204, "")
    assert server.ask("DELETE", f"/agents/{agent}") == (404, {"error": "agent not found"})
    assert server.agent("helper") != agent


def test_an_agent_with_sessions_stays(server: Caller) -> None:
    """Deleting it violates a foreign key, which the server tells as a 404."""
    agent = server.agent()
    server.session(agent)
    assert server.ask("DELETE", f"/agents/{agent}") == (404, {"error": "FOREIGN KEY constraint failed"})
    assert server.get(f"/agents/{agent}").status == 200


def test_a_deleted_agents_memories_stay(server: Caller) -> None:
    """The agent_id of a memory is only a string."""
    agent = server.agent()
    server.remember("x", agent_id=agent)
    server.ask("DELETE", f"/agents/{agent}")
    assert server.contents(agent_id=agent) == ["x"]


def test_a_created_session(server: Caller) -> None:
    """What was given comes back, active, with an id, the org and the times."""
    agent = server.agent()
    answer = server.post("/sessions", {"agent_id": agent, "metadata": {"task": "t"}})
    assert answer.status == 201
    assert answer.body == {
        "id": "sess_8ac3c66dc34f8a4c3d25dd9a",
        "org_id": "org_default",
        "agent_id": agent,
        "status": "active",
        "metadata": {"task": "t"},
        "created_at": "2026-02-07T12:00:00.000001Z",
        "updated_at": "2026-02-07T12:00:00.000001Z",
    }
    assert server.get(f"/sessions/{answer.body['id']}").body == answer.body


def test_empty_session_metadata_is_left_out(server: Caller) -> None:
    """An empty object is no metadata."""
    assert "metadata" not in server.get(f"/sessions/{server.session()}").body


def test_a_session_needs_the_id_of_an_agent(server: Caller) -> None:
    """Not its name, and not nothing."""
    server.agent("helper")
    assert server.post("/sessions", {}) == (400, {"error": "agent_id is required"})
    for agent in ("helper", "agent_unknown"):
        assert server.post("/sessions", {"agent_id": agent}) == (
            400,
            {"error": "failed to create session: FOREIGN KEY constraint failed"},
        )


def test_sessions_are_listed_newest_first_and_by_agent(server: Caller) -> None:
    """All of them, or those of exactly one agent id."""
    one, two = server.agent("one"), server.agent("two")
    sessions = [server.session(agent) for agent in (one, two, one)]
    everything = server.get("/sessions").body
    assert [session["id"] for session in everything["sessions"]] == sessions[::-1]
    assert everything["count"] == 3
    assert [s["id"] for s in server.get("/sessions", agent_id=one).body["sessions"]] == [sessions[2], sessions[0]]
    assert server.get("/sessions", agent_id="one").body == {"sessions": [], "count": 0}
    assert server.get("/sessions", limit=1).body["count"] == 3


def test_an_unknown_session(server: Caller) -> None:
    """GET is 404, PUT is 400, with the same text."""
    assert server.get("/sessions/sess_x") == (404, {"error": "session not found"})
    assert server.ask("PUT", "/sessions/sess_x", {"status": "closed"}) == (400, {"error": "session not found"})


def test_closing_a_session_sets_the_time_each_time(server: Caller) -> None:
    """closed_at follows every closing, and stays when the status becomes another."""
    session = server.session()
    path = f"/sessions/{session}"
    server.clock.advance("1s")
    first = server.ask("PUT", path, {"status": "closed"}).body
    assert (first["status"], first["closed_at"]) == ("closed", "2026-02-07T12:00:01.000002Z")
    assert first["updated_at"] == first["closed_at"]
    again = server.ask("PUT", path, {"status": "closed"}).body
    assert again["closed_at"] == "2026-02-07T12:00:01.000003Z"
    reopened = server.ask("PUT", path, {"status": "whatever"}).body
    assert (reopened["status"], reopened["closed_at"]) == ("whatever", again["closed_at"])


def test_an_update_without_a_status_leaves_it(server: Caller) -> None:
    """Only updated_at moves."""
    session = server.session(task="t")
    before = server.get(f"/sessions/{session}").body
    after = server.ask("PUT", f"/sessions/{session}", {"status": ""}).body
    assert {**before, "updated_at": after["updated_at"]} == after
    assert before["updated_at"] != after["updated_at"]


def test_empty_metadata_replaces_what_was_there(server: Caller) -> None:
    """An empty object is given, null is not."""
    session = server.session(task="t")
    assert server.ask("PUT", f"/sessions/{session}", {"metadata": None}).body["metadata"] == {"task": "t"}
    assert "metadata" not in server.ask("PUT", f"/sessions/{session}", {"metadata": {}}).body


def test_bad_bodies_are_refused_before_the_session_is_looked_up(server: Caller) -> None:
    """The body comes first, on every route that needs one."""
    text = "invalid request body: unexpected end of JSON input"
    for method, path in (("PUT", "/sessions/sess_x"), ("POST", "/sessions"), ("POST", "/agents"), ("POST", "/search")):
        assert server.ask(method, path) == (400, {"error": text})


def test_a_closed_session_still_takes_memories_and_gives_context(server: Caller) -> None:
    """Closing is a label."""
    session = server.session()
    server.ask("PUT", f"/sessions/{session}", {"status": "closed"})
    server.remember("late", session_id=session)
    assert "late" in server.context(session)


def test_the_fake_shows_its_agents_and_sessions_as_values(server: Caller) -> None:
    """In order of creation, for tests and reports."""
    agent = server.agent("helper")
    session = server.session(agent, task="t")
    start = server.clock.micros() - 2
    assert server.fake.agents() == [Agent(agent, "org_default", "helper", "", {}, start)]
    assert server.fake.sessions() == [
        Session(session, "org_default", agent, "active", {"task": "t"}, start + 1, start + 1)
    ]
