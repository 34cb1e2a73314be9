from __future__ import annotations

import json

import pytest

from fakememtrace.clock import moment
from fakememtrace.errors import UnknownName, UsageError
from fakememtrace.memory.routes import ROUTES
from fakememtrace.wire import Response

from .caller import KEY, Caller

MEBI = 1024 * 1024


def parsed(response: Response) -> tuple[int, object]:
    """Status and parsed JSON."""
    return response.status, json.loads(response.body)


@pytest.mark.parametrize(
    ("spent", "uptime"),
    [
        ("0s", "0s"),
        ("7us", "7µs"),
        ("250ms", "250ms"),
        ("1500us", "1.5ms"),
        ("1s", "1s"),
        ("90s", "1m30s"),
        ("1h", "1h0m0s"),
        ("2h30m15s", "2h30m15s"),
        ("1500ms", "1.5s"),
    ],
)
def test_health_tells_the_virtual_uptime(server: Caller, spent: str, uptime: str) -> None:
    """Uptime is the time on the clock since the fake was made, as Go writes a duration."""
    server.clock.advance(spent)
    assert parsed(server.raw("GET", "/health")) == (
        200,
        {"status": "ok", "service": "memtrace", "uptime": uptime, "arc": {"org_default": True}},
    )


def test_ready_when_every_arc_is_reachable(server: Caller) -> None:
    """The first org has an Arc, and it is reachable."""
    assert parsed(server.raw("GET", "/ready")) == (200, {"status": "ready", "arc": {"org_default": True}})


def test_not_ready_when_an_arc_is_unreachable(server: Caller) -> None:
    """One org's Arc is enough; an org without one does not count."""
    server.fake.tenants.add_org("org_b", arc="unreachable")
    server.fake.tenants.add_org("org_c", arc="none")
    assert parsed(server.raw("GET", "/ready")) == (
        503,
        {"status": "not ready", "arc": {"org_b": False, "org_default": True}},
    )


def test_not_ready_without_any_arc(server: Caller) -> None:
    """With no instance at all the answer says so and gives a hint."""
    server.fake.tenants.org("org_default").store.arc = "none"
    # decision: the contract names a hint without its text; and `arc` is there, empty.
    assert parsed(server.raw("GET", "/ready")) == (
        503,
        {
            "status": "not ready",
            "reason": "no_instances",
            "hint": "configure an Arc instance with `memtrace org add-arc`",
            "arc": {},
        },
    )


def test_there_are_eighteen_routes() -> None:
    """The table is the contract's."""
    assert len(set(map(str, ROUTES))) == 18


@pytest.mark.parametrize("route", ROUTES, ids=str)
def test_every_route_is_known_by_its_row(server: Caller, route: object) -> None:
    """The response's note is the row of the table, whatever the answer."""
    method, path = str(route).split(" ")
    response = server.raw(method, path.replace("{id}", "x1"), x_api_key=KEY)
    assert response.note == str(route)
    assert response.unexpected == ""


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/nowhere", ""),
        ("/api/v1/nowhere", KEY),
        ("/api/v1/agents/a/b/c", KEY),
        ("/", ""),
        ("/api/v1/agents//stats", KEY),
        ("/api/v1/agents//GET", KEY),
    ],
)
def test_an_unknown_path_is_404_in_plain_text(either: Caller, path: str, key: str) -> None:
    """Not in JSON, in either dialect."""
    response = either.raw("GET", path, "a=b", x_api_key=key)
    assert (response.status, response.body, response.note) == (404, f"Cannot GET {path}".encode(), "")
    assert response.header("content-type") == "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/memories", "GET, HEAD, POST"),
        ("PATCH", "/api/v1/agents/x", "GET, HEAD, DELETE"),
        ("POST", "/health", "GET, HEAD"),
        ("HEAD", "/api/v1/search", "POST"),
    ],
)
def test_a_wrong_method_is_405_in_plain_text(either: Caller, method: str, path: str, allowed: str) -> None:
    """Not in JSON; the methods that would do are named."""
    response = either.raw(method, path, x_api_key=KEY)
    assert response.status == 405
    assert response.body == (b"" if method == "HEAD" else b"Method Not Allowed")
    assert response.header("allow") == allowed


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/v1/nowhere"), ("PUT", "/api/v1/memories"), ("GET", "/api/v1")]
)
def test_the_key_is_checked_before_the_route(server: Caller, method: str, path: str) -> None:
    """Under /api/v1 nothing is told to whom has no key."""
    assert parsed(server.raw(method, path)) == (401, {"error": "missing API key"})


@pytest.mark.parametrize("path", ["/api/v1/memories/", "/API/v1/Memories"])
def test_case_and_trailing_slashes_do_not_matter(server: Caller, path: str) -> None:
    """The server's router forgives both."""
    # decision: the contract is silent; this is the default of the router that it names.
    assert server.raw("GET", path, x_api_key=KEY).note == "GET /api/v1/memories"


def test_an_id_keeps_its_case_and_escapes(server: Caller) -> None:
    """Path parameters are taken as they were sent."""
    server.agent("a/B")
    assert server.get("/agents/a%2FB").status == 404
    server.agent("Memories")
    assert server.get("/agents/Memories").body["name"] == "Memories"
    assert server.get("/agents/memories").status == 404


def test_head_is_answered_where_get_is(server: Caller) -> None:
    """With the same status, headers and length, and no body."""
    server.remember()
    for path in ("/api/v1/agents", "/api/v1/memories"):
        head, get = (server.raw(method, path, x_api_key=KEY) for method in ("HEAD", "GET"))
        length = ("content-length", str(len(get.body)))
        assert (head.status, head.headers, head.body) == (get.status, (*get.headers, length), b"")


def test_a_body_of_four_mebibytes_is_the_most(server: Caller) -> None:
    """One byte more is 413, with or without a key."""
    fits = json.dumps({"agent_id": "a", "content": "x"}).encode().ljust(4 * MEBI)
    headers = {"x_api_key": KEY, "content_type": "application/json"}
    assert server.raw("POST", "/api/v1/memories", "", fits, **headers).status == 201
    response = server.raw("POST", "/api/v1/memories", "", fits + b" ")
    assert (response.status, response.body) == (413, b"Request Entity Too Large")


def test_cors_allows_every_origin(server: Caller) -> None:
    """A browser may call from anywhere; errors too can be read."""
    for headers in ({"x_api_key": KEY}, {}):
        response = server.raw("GET", "/api/v1/agents", origin="https://example.org", **headers)
        assert response.header("access-control-allow-origin") == "*"
    assert server.raw("GET", "/health").header("access-control-allow-origin") is None


def test_a_preflight_needs_no_key(server: Caller) -> None:
    """The browser asks first, without credentials."""
    response = server.raw(
        "OPTIONS",
        "/api/v1/agents",
        origin="https://example.org",
        access_control_request_method="POST",
        access_control_request_headers="x-api-key",
    )
    assert response.status == 204
    assert response.header("access-control-allow-origin") == "*"
    assert response.header("access-control-allow-methods") == "GET,POST,HEAD,PUT,DELETE,PATCH"
    assert response.header("access-control-allow-headers") == "x-api-key"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"x_api_key": KEY}, 200),
        ({"authorization": f"Bearer {KEY}"}, 200),
        ({"authorization": KEY}, 200),
        ({"x_api_key": KEY, "authorization": "Bearer wrong"}, 200),
        ({"x_api_key": "", "authorization": f"Bearer {KEY}"}, 200),
        ({"x_api_key": "wrong", "authorization": f"Bearer {KEY}"}, 401),
        ({"authorization": f"bearer {KEY}"}, 401),
        ({"authorization": "Bearer "}, 401),
    ],
)
def test_where_a_key_may_be(server: Caller, headers: dict[str, str], status: int) -> None:
    """x-api-key, else Authorization with or without Bearer; x-api-key wins."""
    assert server.raw("GET", "/api/v1/agents", **headers).status == status


def test_a_wrong_key_is_told_from_a_missing_one(server: Caller) -> None:
    """Unknown, disabled and expired keys get one text, no key another."""
    tenants = server.fake.tenants
    disabled = tenants.add_key("org_default", enabled=False)
    expired = tenants.add_key("org_default", expires_at=moment("2026-02-07T12:00:00Z"))
    for key in ("wrong", disabled, expired):
        assert parsed(server.raw("GET", "/api/v1/agents", x_api_key=key)) == (401, {"error": "invalid API key"})
    assert parsed(server.raw("GET", "/api/v1/agents")) == (401, {"error": "missing API key"})


def test_a_key_works_until_it_expires(server: Caller) -> None:
    """Expiry is by the virtual clock."""
    key = server.fake.tenants.add_key("org_default", expires_at=moment("2026-02-07T12:00:01Z"))
    assert server.raw("GET", "/api/v1/agents", x_api_key=key).status == 200
    server.clock.advance("1s")
    # decision: at the moment itself the key is expired.
    assert server.raw("GET", "/api/v1/agents", x_api_key=key).status == 401


def test_a_made_up_key_looks_like_a_real_one(server: Caller) -> None:
    """mtk_ and 32 bytes in URL-safe base64; the same in every run."""
    key = server.fake.tenants.add_key("org_default")
    assert key.startswith("mtk_")
    assert len(key) == 47
    assert key == Caller().fake.tenants.add_key("org_default")


def test_nothing_crosses_orgs(either: Caller) -> None:
    """Another org's agents, sessions and memories are not found, empty or zero; names and keys are free again."""
    agent = either.agent("helper")
    session = either.session(agent)
    either.remember("secret", agent_id=agent, session_id=session, dedup_key="k")
    either.get("/memories")
    either.fake.tenants.add_org("org_b")
    either.key = either.fake.tenants.add_key("org_b")
    assert either.get(f"/agents/{agent}").status == 404
    assert either.get("/agents").body == {"agents": [], "count": 0}
    assert either.get(f"/sessions/{session}").status == 404
    assert either.get("/sessions").body == {"sessions": [], "count": 0}
    assert either.contents() == []
    assert either.found(content_contains="secret") == []
    assert either.get(f"/agents/{agent}/stats").body["memory_count"] == 0
    assert either.get("/memories/secret").status == 404
    assert either.remember("secret", agent_id=agent, dedup_key="k")["org_id"] == "org_b"
    assert either.agent("helper") != agent


def test_the_org_is_never_taken_from_the_request(server: Caller) -> None:
    """org_id in a body or a query changes nothing."""
    server.fake.tenants.add_org("org_b")
    server.remember("mine", org_id="org_b")
    assert server.contents(org_id="org_b") == ["mine"]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/memories", {"agent_id": "a", "content": "x"}),
        ("POST", "/memories", {"memories": [{"agent_id": "a", "content": "x"}]}),
        ("GET", "/memories", None),
        ("GET", "/memories/x", None),
        ("POST", "/search", {}),
        ("GET", "/agents/a/memories", None),
        ("GET", "/agents/a/stats", None),
        ("GET", "/sessions/s/memories", None),
        ("POST", "/sessions/s/context", {}),
    ],
)
def test_an_org_without_arc_has_no_memories(server: Caller, method: str, path: str, body: object) -> None:
    """Every route that touches memories answers 503 and gives a hint."""
    server.fake.tenants.add_org("org_b", arc="none")
    server.key = server.fake.tenants.add_key("org_b")
    answer = server.ask(method, path, body)
    assert answer == (
        503,
        {
            "error": "no arc instance configured for this org",
            "hint": "ask an admin to run `memtrace org add-arc <org_id>`",
        },
    )


def test_an_org_without_arc_still_has_agents_and_sessions(server: Caller) -> None:
    """What is in SQLite works without Arc; what touches memories is 503, whatever else is wrong with it."""
    # decision: the missing Arc is told before a bad request, since "every route that touches memories answers 503".
    server.fake.tenants.add_org("org_b", arc="none")
    server.key = server.fake.tenants.add_key("org_b")
    session = server.session()
    assert server.ask("PUT", f"/sessions/{session}", {"status": "closed"}).status == 200
    for answer in (
        server.post("/memories", {}),
        server.get("/memories", agent_id="1"),
        server.post("/search", {"limit": "x"}),
        server.post(f"/sessions/{session}/context", {"since": "yesterday"}),
        server.get("/agents/1/stats"),
    ):
        assert (answer.status, answer.body["error"]) == (503, "no arc instance configured for this org")


def test_tenants_refuse_what_cannot_be() -> None:
    """An org that is there already, one that is not, and an Arc that is neither here nor there."""
    tenants = Caller().fake.tenants
    with pytest.raises(UsageError) as twice:
        tenants.add_org("org_default")
    assert str(twice.value) == "there is an org 'org_default' already. Give the new one another id."
    with pytest.raises(UnknownName) as unknown:
        tenants.add_key("org_defaults")
    assert str(unknown.value) == "unknown org 'org_defaults'. Did you mean 'org_default'? Known: org_default."
    with pytest.raises(UnknownName) as arc:
        tenants.add_org("org_b", arc="non")
    assert str(arc.value) == "unknown arc 'non'. Did you mean 'none'? Known: none, reachable and unreachable."
