from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakememtrace.conformance import NoAnswer, Run, Stage, Vector, chosen, load
from fakememtrace.conformance.reading import read_file
from fakememtrace.wire import Request, Response, json_response

from .stages import staged

HEALTH = {"send": "GET /health", "expect": {"status": 200}}


@pytest.fixture
def make(tmp_path: Path) -> Any:
    """Make a vector of steps."""

    def vector(*steps: Any, **more: Any) -> Vector:
        raw = {"id": "v", "fact": "f", "steps": steps, **more}
        path = tmp_path / "part.json"
        path.write_text(json.dumps({"contract": "1", "about": "x", "vectors": [raw]}), "utf-8")
        return read_file(path)[0]

    return vector


class Script:
    """Answers in turn, and what was asked."""

    def __init__(self, *answers: Response | Exception) -> None:
        self.answers, self.asked = list(answers), []

    def __call__(self, request: Request) -> Response:
        """The next answer."""
        self.asked.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def stage(self, **more: Any) -> Stage:
        """A stage with this server."""
        return Stage(self, "mtk_k", "0.2.0", "r1", **more)


def test_what_is_sent(make: Any) -> None:
    """Path, query and body as they are, the key under /api/v1 only, JSON by default; a null leaves a header out."""
    server = Script(*[Response(200)] * 4)
    vector = make(
        {**HEALTH, "send": "GET /health?a=%62"},
        {**HEALTH, "send": "POST /api/v1/x%2F", "json": {"é": "{me}"}},
        {**HEALTH, "send": "POST /api/v1/x", "latin1": "ÿ", "pad": 3, "headers": {"x-api-key": None, "a": "{key}"}},
        {**HEALTH, "send": "PUT /api/v1/x", "text": "é"},
    )
    assert Run(server.stage()).check(vector).state == "passed"
    origin, json_type = "http://localhost:9100", {"content-type": "application/json"}
    assert server.asked == [
        Request("GET", origin, "/health", "a=%62", {}, b""),
        Request(
            "POST", origin, "/api/v1/x%2F", "", {"x-api-key": "mtk_k", **json_type}, '{"é":"conf_r1_0001"}'.encode()
        ),
        Request("POST", origin, "/api/v1/x", "", {**json_type, "a": "mtk_k"}, b"\xff  "),
        Request("PUT", origin, "/api/v1/x", "", {"x-api-key": "mtk_k", **json_type}, "é".encode()),
    ]


def test_every_vector_has_names_of_its_own(make: Any) -> None:
    """Within a run and between runs."""
    vector = make({**HEALTH, "send": "GET /{me}"})
    server = Script(*[Response(200)] * 3)
    run = Run(server.stage())
    run.check(vector)
    run.check(vector)
    Run(server.stage()._replace(run="r2")).check(vector)
    assert [request.path for request in server.asked] == ["/conf_r1_0001", "/conf_r1_0002", "/conf_r2_0001"]


def test_a_difference_ends_a_vector(make: Any) -> None:
    """The exchange that differs is kept; what follows is not sent."""
    server = Script(Response(200), Response(500))
    outcome = Run(server.stage()).check(make(HEALTH, HEALTH, HEALTH))
    assert (outcome.state, outcome.request, outcome.response) == ("differing", server.asked[1], Response(500))
    assert outcome.differences == [("status", "200", "500")]


def test_what_is_kept_goes_into_later_steps(make: Any) -> None:
    """By place; a time also in another zone."""
    answer = json_response(200, {"a": [{"t": "2026-01-01T23:30:00.5Z"}]})
    server = Script(answer, Response(200))
    keep = {"t": "a.0.t", "east": "a.0.t +02:30", "west": "a.0.t -00:30", "bare": "a.0.t none"}
    outcome = Run(server.stage()).check(
        make({**HEALTH, "keep": keep}, {**HEALTH, "send": "GET /{t}/{east}/{west}/{bare}"})
    )
    assert outcome.state == "passed"
    assert server.asked[1].path == (
        "/2026-01-01T23:30:00.5Z/2026-01-02T02:00:00.5+02:30/2026-01-01T23:00:00.5-00:30/2026-01-01T23:30:00.5"
    )


@pytest.mark.parametrize("answer", [Response(200), json_response(200, {}), json_response(200, {"id": 5})])
def test_what_cannot_be_kept_is_a_difference(make: Any, answer: Response) -> None:
    """Nothing there, no JSON, or no text."""
    outcome = Run(Script(answer).stage()).check(make({**HEALTH, "keep": {"id": "id"}}))
    assert [(place, expected) for place, expected, _ in outcome.differences] == [("id", "a text")]


def test_a_need_that_cannot_be_given_skips(make: Any) -> None:
    """Nothing is sent, and the reason is said."""
    server = Script()
    outcome = Run(server.stage()).check(make(HEALTH, needs=["clock", "other_org"]))
    assert (outcome.state, outcome.reason) == (
        "skipped",
        "it needs a clock that can be moved and a second org with a key",
    )


def test_a_server_that_does_not_answer_differs(make: Any) -> None:
    """The reason stands for the answer."""
    outcome = Run(Script(NoAnswer("connection reset")).stage()).check(make(HEALTH))
    assert (outcome.state, outcome.reason, outcome.response) == ("differing", "no answer: connection reset", None)
    assert outcome.request is not None


def test_a_read_is_repeated_while_there_is_patience(make: Any) -> None:
    """As often as `again` says; a write never."""
    tries: list[int] = []
    patient = {"again": lambda count: tries.append(count) or count < 3}
    search = {"send": "POST /api/v1/search", "json": {}, "expect": {"status": 200}}
    assert (
        Run(Script(Response(500), Response(500), Response(200)).stage(**patient)).check(make(search)).state == "passed"
    )
    assert tries == [1, 2]
    assert Run(Script(*[Response(500)] * 3).stage(**patient)).check(make(HEALTH)).state == "differing"
    server = Script(Response(500))
    assert Run(server.stage(**patient)).check(make({**search, "send": "POST /api/v1/memories"})).state == "differing"


def test_clean_up_deletes_the_agents_of_the_run() -> None:
    """Those without sessions go, those with sessions are told, those of others stay."""
    with staged("0.2.0") as stage:
        stranger = json_body(stage, "POST", "/api/v1/agents", {"name": "conf_other"})["id"]
        run = Run(stage)
        for vector in chosen(load(), ["agents", "sessions"]):
            run.check(vector)
        left = run.clean_up()
        agents = [agent["id"] for agent in json_body(stage, "GET", "/api/v1/agents")["agents"]]
        sessions = {session["agent_id"] for session in json_body(stage, "GET", "/api/v1/sessions")["sessions"]}
    assert sorted(agents) == sorted([stranger, *left.kept])
    assert set(left.kept) == sessions
    assert left.deleted > 5
    assert run.clean_up() == (0, [])


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_all_that_is_made_bears_the_prefix_of_the_run(dialect: str) -> None:
    """Agents by their name; sessions and memories by their agent, which is one of these or begins like them."""
    with staged(dialect) as stage:
        run = Run(stage._replace(situations={}))
        for vector in load():
            run.check(vector)
        agents = json_body(stage, "GET", "/api/v1/agents")["agents"]
        sessions = json_body(stage, "GET", "/api/v1/sessions")["sessions"]
        memories: list[Any] = []
        while page := json_body(stage, "GET", "/api/v1/memories", query=f"limit=1000&offset={len(memories)}")[
            "memories"
        ]:
            memories += page
        made = {owner["agent_id"] for owner in (*sessions, *memories)} - {agent["id"] for agent in agents}
    assert [agent["name"] for agent in agents if not agent["name"].startswith("conf_t1_")] == []
    assert len(memories) > 1000
    assert [name for name in made if not name.startswith(("conf_t1_", "agent_"))] == []


def test_clean_up_asks_only_for_what_it_created(make: Any) -> None:
    """An agent that was refused, or that was there before, is not deleted."""
    agent = {"send": "POST /api/v1/agents", "json": {"name": "{me}"}}
    vector = make(
        {**agent, "expect": {"status": 409}},
        {"send": "GET /api/v1/agents/{me}", "expect": {"status": 200}},
        {**agent, "expect": {"status": 400}},
    )
    server = Script(
        json_response(409, {"id": "agent_a"}),
        json_response(200, {"id": "agent_b"}),
        json_response(201, {"id": "agent_c"}),
        Response(204),
    )
    run = Run(server.stage())
    assert run.check(vector).state == "differing"
    assert run.clean_up() == (1, [])
    assert [(request.method, request.path) for request in server.asked[3:]] == [("DELETE", "/api/v1/agents/agent_c")]


def json_body(stage: Stage, method: str, path: str, value: Any = None, query: str = "") -> Any:
    """The parsed body of an answer."""
    headers = {"x-api-key": stage.key, "content-type": "application/json"}
    body = b"" if value is None else json.dumps(value).encode()
    return json.loads(stage.send(Request(method, stage.origin, path, query, headers, body)).body)
