"""The control surface: what a test in another language does with the world."""

from __future__ import annotations

import json

import httpx
import pytest
from memtrace import Memtrace

from fakememtrace import World
from fakememtrace.clock import RealClock
from fakememtrace.doors.control import MOST_BYTES, Control
from fakememtrace.wire import Request


@pytest.fixture
def world():
    """A world that is served with its control surface."""
    return World()


@pytest.fixture
def control(world):
    """A client of the control surface."""
    with world.serve(control=True) as url, httpx.Client(base_url=f"{url}/_fakememtrace") as client:
        yield client


def remember(control, world, content="tea"):
    """Store a memory over the same server."""
    with Memtrace(str(control.base_url).partition("/_fake")[0], world.api_key) as memtrace:
        memtrace.remember("agent_1", content)


def contents(world):
    """What is stored."""
    return [memory.content for memory in world.memory.memories()]


def refused(response, status=400):
    """The words of a refusal."""
    assert response.status_code == status
    assert list(response.json()) == ["error"]
    return response.json()["error"]


def test_it_says_what_it_can_do(control):
    """The address itself lists every action."""
    assert control.get("").json() == {
        "actions": [
            "GET /_fakememtrace",
            "GET /_fakememtrace/clock",
            "POST /_fakememtrace/clock/advance",
            "POST /_fakememtrace/clock/move",
            "POST /_fakememtrace/reset",
            "GET /_fakememtrace/snapshot",
            "PUT /_fakememtrace/snapshot",
            "GET /_fakememtrace/faults",
            "POST /_fakememtrace/faults",
            "DELETE /_fakememtrace/faults",
            "GET /_fakememtrace/journal",
        ]
    }


def test_the_clock_is_read_and_moved(control, world):
    """Advance takes a span, move a moment; both say what time it is then."""
    assert control.get("/clock").json() == {"now": "2026-02-07T12:00:00Z", "clock": "virtual"}
    assert control.post("/clock/advance", json={"by": "90m"}).json()["now"] == "2026-02-07T13:30:00Z"
    assert control.post("/clock/move", json={"to": "2026-02-08T01:00:00+01:00"}).json()["now"] == "2026-02-08T00:00:00Z"
    assert world.clock.now().isoformat() == "2026-02-08T00:00:00+00:00"


def test_reset_makes_everything_as_new(control, world):
    """Memory, clock, journal and faults are those of a new world."""
    remember(control, world)
    control.post("/clock/advance", json={"by": "1d"})
    control.post("/faults", json={"kind": "drop", "route": "GET /health"})
    assert control.post("/reset").json() == {}
    assert contents(world) == []
    assert control.get("/clock").json()["now"] == "2026-02-07T12:00:00Z"
    assert control.get("/faults").json() == {"faults": []}
    assert control.get("/journal").json() == {"exchanges": [], "notes": [], "problems": []}


def test_a_snapshot_is_restored(control, world):
    """What the world was is put back, whatever has happened since."""
    remember(control, world)
    snapshot = control.get("/snapshot").json()
    assert snapshot == world.snapshot()
    remember(control, world, "coffee")
    assert contents(world) == ["tea", "coffee"]
    assert control.put("/snapshot", json=snapshot).json() == {}
    assert contents(world) == ["tea"]
    assert control.get("/snapshot").json() == snapshot


def test_a_snapshot_may_be_larger_than_a_request_to_the_api(control, world):
    """What the API would refuse is taken here; beyond all reason it is refused in words."""
    for n in range(6):
        remember(control, world, f"{n}" * 1_000_000)
    snapshot = control.get("/snapshot")
    assert len(snapshot.content) > 4 * 1024 * 1024
    control.post("/reset")
    assert control.put("/snapshot", content=snapshot.content).json() == {}
    assert len(contents(world)) == 6
    huge = Request("PUT", "http://localhost:9100", "/_fakememtrace/snapshot", body=b" " * (MOST_BYTES + 1))
    response = Control(world)(huge)
    assert (response.status, json.loads(response.body)) == (
        413,
        {"error": "the body is larger than 268435456 bytes. Start the server with --seed FILE instead."},
    )


def test_faults_are_set_listed_and_cleared(control, world):
    """A fault is its kind and its options, as in world.faults.add."""
    added = control.post("/faults", json={"kind": "status", "route": "GET /health", "status": 503, "times": 1})
    assert added.json()["name"] == "status"
    (listed,) = control.get("/faults").json()["faults"]
    assert (listed["kind"], listed["struck"]) == ("status", 0)
    root = str(control.base_url).partition("/_fake")[0]
    assert [httpx.get(f"{root}/health").status_code for _ in range(2)] == [503, 200]
    assert control.get("/faults").json()["faults"][0]["struck"] == 1
    assert control.delete("/faults").json() == {"faults": []}
    assert list(world.faults) == []


def test_the_journal_is_read(control, world):
    """Every exchange with what was sent and answered, without the key; control itself is not in it."""
    remember(control, world)
    root = str(control.base_url).partition("/_fake")[0]
    httpx.post(f"{root}/v1/messages", content=b"{}", headers={"authorization": "Bearer sk-ant-own"})
    first, second = control.get("/journal").json()["exchanges"]
    assert {name: first[name] for name in ("number", "service", "method", "url", "status", "note", "fault")} == {
        "number": 1,
        "service": "memtrace",
        "method": "POST",
        "url": "http://localhost:9100/api/v1/memories",
        "status": 201,
        "note": "POST /api/v1/memories",
        "fault": "",
    }
    assert (first["at"], '"content":"tea"' in first["answer"]) == ("2026-02-07T12:00:00Z", True)
    assert '"tea"' in first["body"]
    assert not {"x-api-key", "authorization"} & (set(first["headers"]) | set(second["headers"]))
    assert "Claude was asked without one" in second["unexpected"]
    assert len(control.get("/journal").json()["problems"]) == 1


def test_the_journal_is_read_in_parts(control, world):
    """`after`, `limit`, `service` and `unexpected` choose; the problems are always all of them."""
    root = str(control.base_url).partition("/_fake")[0]
    for _ in range(3):
        httpx.get(f"{root}/health")
    httpx.post(f"{root}/v1/messages", content=b"{}")

    def numbers(**query):
        return [exchange["number"] for exchange in control.get("/journal", params=query).json()["exchanges"]]

    assert numbers() == [1, 2, 3, 4]
    assert numbers(after=1, limit=2) == [2, 3]
    assert numbers(service="claude") == numbers(unexpected="") == [4]
    assert numbers(limit=0) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/clock/advance", b"", 'the body needs \'by\', such as {"by": "90m"}.'),
        ("POST", "/clock/advance", b"{", "the body is not JSON (Expecting property name enclosed in double quotes: "),
        ("POST", "/clock/advance", b"[1]", 'the body is JSON, but no object. Expected one, such as {"by": "90m"}.'),
        ("POST", "/clock/advance", b"\xff", "the body is not JSON ("),
        ("POST", "/clock/advance", b"[" * 100_000, "the body is not JSON ("),
        ("POST", "/clock/advance", b'{"by":"90"}', "'90' is no duration. Expected numbers with a unit"),
        ("POST", "/clock/advance", b'{"by":90}', "90 is no duration. Expected numbers with a unit"),
        ("POST", "/clock/advance", b'{"bye":"90m"}', "unknown field 'bye' in the body. Did you mean 'by'? Known: by."),
        ("POST", "/clock/move", b'{"to":"2026-02-07T11:00:00Z"}', "the clock stands at 2026-02-07T12:00:00Z and does"),
        ("POST", "/reset", b'{"all":true}', "unknown field 'all' in the body. Known: nothing."),
        (
            "POST",
            "/faults",
            b"{}",
            'the body needs "kind" and the options of that kind, such as {"kind": "status", "status": 503}.',
        ),
        ("POST", "/faults", b'{"kind":"stats"}', "unknown kind of fault 'stats'. Did you mean 'status'? Known: "),
        ("POST", "/faults", b'{"kind":"drop","self":1}', 'the body needs "kind" and the options of that kind, such as'),
        ("POST", "/faults", b'{"kind":"status"}', "the fault 'status' needs status, as in "),
        ("PUT", "/snapshot", b"{}", ""),
        ("GET", "/journal?after=x", b"", "after is 'x'. Expected a whole number from 0."),
        ("GET", "/journal?limit=-1", b"", "limit is '-1'. Expected a whole number from 0."),
        (
            "GET",
            "/journal?services=x",
            b"",
            "unknown parameter 'services'. Did you mean 'service'? Known: after, limit, service and unexpected.",
        ),
    ],
)
def test_what_cannot_be_done_is_explained(control, world, method, path, body, problem):
    """A wrong request is a 400 in words, and nothing is changed."""
    world.faults.add("drop", route="GET /ready")
    assert refused(control.request(method, path, content=body)).startswith(problem)
    assert control.get("/clock").json()["now"] == "2026-02-07T12:00:00Z"
    assert len(world.faults) == 1


def test_an_unknown_action_is_404(control):
    """The nearest action is named, and all there are."""
    assert refused(control.get("/clocks"), 404) == (
        "there is no /_fakememtrace/clocks. Did you mean '/_fakememtrace/clock'? There are "
        "/_fakememtrace/clock, /_fakememtrace/clock/advance, /_fakememtrace/clock/move, /_fakememtrace/reset, "
        "/_fakememtrace/snapshot, /_fakememtrace/faults and /_fakememtrace/journal."
    )


def test_a_wrong_method_is_405(control):
    """The methods that would do are named."""
    response = control.put("/faults")
    assert refused(response, 405) == "/_fakememtrace/faults does not take PUT. It takes GET, POST and DELETE."
    assert response.headers["allow"] == "GET, POST, DELETE"


def test_a_web_page_cannot_use_it(control, world):
    """What a browser sends for a page is refused: any page could else reset the server of whoever looks at it."""
    remember(control, world)
    response = control.post("/reset", headers={"origin": "https://example.org"})
    assert refused(response, 403) == "the control surface is for tests, and answers no web page."
    assert "access-control-allow-origin" not in response.headers
    assert contents(world) == ["tea"]


def test_a_real_clock_is_not_moved():
    """On the machine's clock moving time is refused, in words."""
    with World(clock=RealClock()).serve(control=True) as url:
        assert refused(httpx.post(f"{url}/_fakememtrace/clock/advance", json={"by": "1h"})) == (
            "this clock is the machine's own and cannot be advanced. To move time, use a virtual clock."
        )
        assert httpx.get(f"{url}/_fakememtrace/clock").json()["clock"] == "real"


def test_paths_that_only_begin_alike_are_the_apis(control):
    """/_fakememtraces is a path like any other: unknown."""
    root = str(control.base_url).partition("/_fake")[0]
    assert httpx.get(f"{root}/_fakememtraces").text == "Cannot GET /_fakememtraces"


def test_one_fault_can_be_removed(control, world):
    """DELETE takes one fault away by its name, and all without one; what it does not know is refused."""
    for name in ("a", "b"):
        control.post("/faults", json={"kind": "status", "status": 503, "name": name})
    assert [fault["name"] for fault in control.request("DELETE", "/faults", json={"name": "a"}).json()["faults"]] == [
        "b"
    ]
    assert "unknown field" in control.request("DELETE", "/faults", json={"nam": "b"}).json()["error"]
    assert control.delete("/faults").json()["faults"] == []
