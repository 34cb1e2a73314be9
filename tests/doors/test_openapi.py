"""/openapi.json, and what happens to whoever believes it."""

from __future__ import annotations

import json
import re

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from fakememtrace import Dialect, World
from fakememtrace.doors.openapi import document
from fakememtrace.memory.routes import ROUTES

DIALECTS = ["0.2.0", "documented"]
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]
# The words with which the contract lets 0.2.0 answer 500 to a value that it passes on unchecked.
UNCHECKED = re.compile(
    r"invalid (\w+_id|memory_type|event_type|tag|include_type)\b|failed to (create|query|search) memor"
)


def statuses(dialect, route):
    """The statuses that the document has for `route`, such as ``POST /api/v1/memories``."""
    method, path = route.split(" ")
    return sorted(map(int, document(Dialect(dialect))["paths"][path][method.lower()]["responses"]))


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_route_is_described(dialect):
    """The document has the routes of the table, no more and no fewer, and names each once."""
    described = [
        (method.upper(), path, operation["operationId"])
        for path, operations in document(Dialect(dialect))["paths"].items()
        for method, operation in operations.items()
    ]
    assert sorted(described) == sorted((route.method, route.path, route.handler.__name__) for route in ROUTES)
    assert len({name for _, _, name in described}) == len(ROUTES)


@pytest.mark.parametrize(
    ("dialect", "route", "expected"),
    [
        ("0.2.0", "GET /health", [200]),
        ("0.2.0", "GET /ready", [200, 503]),
        ("0.2.0", "POST /api/v1/memories", [201, 400, 401, 409, 413, 500, 503]),
        ("0.2.0", "GET /api/v1/memories", [200, 401, 413, 500, 503]),
        ("documented", "GET /api/v1/memories", [200, 400, 401, 413, 500, 503]),
        ("0.2.0", "GET /api/v1/memories/{id}", [200, 401, 404, 413, 500, 503]),
        ("0.2.0", "PUT /api/v1/sessions/{id}", [200, 400, 401, 413]),
        ("documented", "PUT /api/v1/sessions/{id}", [200, 400, 401, 404, 413]),
        ("0.2.0", "POST /api/v1/sessions/{id}/context", [200, 401, 413, 500, 503]),
        ("documented", "POST /api/v1/sessions/{id}/context", [200, 400, 401, 404, 413, 500, 503]),
        ("0.2.0", "DELETE /api/v1/agents/{id}", [204, 401, 404, 413]),
        ("0.2.0", "POST /api/v1/agents", [201, 400, 401, 409, 413]),
    ],
)
def test_each_route_has_its_own_statuses(dialect, route, expected):
    """What a route can answer is what the contract says it can, in that dialect."""
    assert statuses(dialect, route) == expected


def test_a_dialect_is_described_as_it_is():
    """What differs between the dialects differs in the document: ids, error bodies, statuses."""
    released, documented = (document(Dialect(name))["components"]["schemas"] for name in DIALECTS)
    assert "memory_id" in documented["Memory"]["required"]
    assert "memory_id" not in released["Memory"]["properties"]
    assert released["Error"]["required"] == ["error"]
    assert documented["Error"]["required"] == ["error", "message"]
    assert documented["Agent"]["required"][:2] == ["id", "agent_id"]
    one = Dialect("0.2.0").replace(bad_filter=400)
    assert "400" in document(one)["paths"]["/api/v1/memories"]["get"]["responses"]


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("HEAD", 200), ("POST", 405)])
def test_it_is_served(method, status):
    """The document is at /openapi.json, needs no key, and is in no journal."""
    world = World("documented")
    with world.serve() as url:
        response = httpx.request(method, f"{url}/openapi.json")
    assert response.status_code == status
    assert len(world.journal) == 0
    if method == "GET":
        assert response.json() == json.loads(json.dumps(document(Dialect("documented"))))


def test_it_follows_the_world():
    """A world that is put back into another dialect is described in that one."""
    world = World()
    with world.serve() as url:
        world.restore(World("documented").snapshot())
        described = httpx.get(f"{url}/openapi.json").json()
    assert described["info"]["description"] == "As fakememtrace serves it: documented."


@pytest.fixture(scope="module", params=DIALECTS)
def described(request):
    """A world with an agent, a session and memories, its server's document, and the ids there are."""
    world = World(request.param)
    with world.serve() as url, httpx.Client(base_url=f"{url}/api/v1", headers={"x-api-key": world.api_key}) as client:
        agent = client.post("/agents", json={"name": "helper", "config": {"a": 1}}).json()["id"]
        session = client.post("/sessions", json={"agent_id": agent, "metadata": {"a": 1}}).json()["id"]
        for n, kind in enumerate(("episodic", "decision", "session", "entity")):
            memory = {"agent_id": agent, "session_id": session, "memory_type": kind, "content": f"fact {n}"}
            client.post("/memories", json={**memory, "tags": ["a"], "importance": 0.5, "metadata": {"b": n}})
        yield world, schemathesis.openapi.from_url(f"{url}/openapi.json"), {"agents": agent, "sessions": session}


# Where nothing is sent there is nothing to send wrongly.
ASKED = [
    pytest.param(route, mode, id=f"{route}-{mode.value}")
    for route in ROUTES
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    if mode is GenerationMode.POSITIVE or route.path.startswith("/api")
]


@pytest.mark.parametrize(("route", "mode"), ASKED)
def test_nothing_answers_what_is_not_described(described, route, mode):
    """schemathesis, with valid and invalid requests, finds no status, type or shape that is not in the document.

    A 5xx is only what the contract names: 0.2.0 passes bad values on to its database.
    """
    world, schema, ids = described
    operation = schema[route.path][route.method]
    key = {"x-api-key": world.api_key} if route.path.startswith("/api") else {}

    @settings(
        max_examples=12,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
    def ask(case, known):
        kind = route.path.split("/")[3] if "{id}" in route.path else ""
        if known and kind in ids and route.method != "DELETE":
            case.path_parameters = {"id": ids[kind]}
        response = case.call(headers=key)
        case.validate_response(response, checks=CHECKS)
        if response.status_code >= 500:
            assert world.memory.dialect.name == "0.2.0"
            assert UNCHECKED.match(response.json()["error"]), response.json()

    ask()
    assert world.journal.problems() == []
