from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Iterator
from typing import Any

import httpcore
import httpx
import pytest
import respx
from respx.mocks import HTTPCoreMocker, Mocker
from respx.patterns import Pattern

from fakememtrace.doors import respx_router
from fakememtrace.doors.respx_router import Mount
from fakememtrace.errors import ProgramStopped, UsageError
from fakememtrace.wire import Response, json_response

from .stand_in import CLAUDE, LIBRARIES, MEMTRACE, Program, StandIn


@contextlib.contextmanager
def mounted(world: StandIn, router: respx.MockRouter) -> Iterator[Mount]:
    """`world` entered, and mounted in `router`, as World does it."""
    with world:
        mount = Mount(world, router)
        world.mounted = True
        try:
            yield mount
        finally:
            mount.remove()
            world.mounted = False


def pool_methods() -> list[Any]:
    """What respx patches, in both generations."""
    cores = [importlib.import_module(name.replace("httpx", "httpcore")) for name in LIBRARIES]
    sync = [vars(core.ConnectionPool)["handle_request"] for core in cores]
    return sync + [vars(core.AsyncConnectionPool)["handle_async_request"] for core in cores]


@pytest.fixture(autouse=True)
def _respx_is_restored() -> Iterator[None]:
    """Every test must leave respx as it found it."""
    before = pool_methods(), dict(Mocker.registry), dict(Pattern.registry)
    yield
    assert (pool_methods(), dict(Mocker.registry), dict(Pattern.registry)) == before
    assert respx_router._Httpcore2Mocker.routers == HTTPCoreMocker.routers == []


def test_the_fakes_are_routes_of_the_router(program: Program) -> None:
    """A program's request is answered by the fake, and the router shows the call under the fake's name."""
    with respx.mock() as router, mounted(StandIn(), router):
        url = f"{MEMTRACE}/a%20b?q=%C3%BC"
        response = program.send(url, method="POST", content=program.body(b"one ", b"two"), headers={"X-Api-Key": "k"})
        assert response.json() == {"from": "world"}
        call = router["memtrace"].calls.last
        assert router.calls == [call]
        assert (str(call.request.url), call.request.content) == (url, b"one two")
        assert call.response.json() == {"from": "world"}
        assert router["claude"].called is False


def test_the_whole_request_arrives_through_the_router(program: Program) -> None:
    """Method, raw path and query, headers and body reach the world as they were sent."""
    world = StandIn()
    with respx.mock(assert_all_called=False) as router, mounted(world, router):
        program.send(f"{CLAUDE}/v1%2Fx?q=%20", method="PUT", content=b"body", headers={"X-Api-Key": "k"})
    (request,) = world.requests
    assert request[:4] == ("PUT", CLAUDE, "/v1%2Fx", "q=%20")
    assert (request.body, request.headers["x-api-key"]) == (b"body", "k")


@pytest.mark.parametrize("chunks", [(b"one",), (b"one", b"two", b"three")])
def test_a_body_streams_chunk_by_chunk_through_the_router(program: Program, chunks: tuple[bytes, ...]) -> None:
    """A program that streams sees the pieces of the world's answer, and so can the test afterwards."""
    with respx.mock() as router, mounted(StandIn(Response(200, (), chunks)), router):
        assert program.raw_chunks(MEMTRACE) == list(chunks)
        assert router.calls.last.response.read() == b"".join(chunks)


def test_a_route_of_the_test_wins(program: Program) -> None:
    """What the test has routed itself is answered by the test, everything else of the host by the fake."""
    with respx.mock() as router:
        router.get(f"{MEMTRACE}/api/v1/memories").respond(503)
        with mounted(StandIn(), router):
            assert program.send(f"{MEMTRACE}/api/v1/memories").status_code == 503
            assert program.send(f"{MEMTRACE}/api/v1/agents").status_code == 200


def test_the_router_sees_foreign_hosts(program: Program) -> None:
    """A mounted router answers for the rest of the world, also where httpx2 asks, and the fakes stay out of it."""
    world = StandIn()
    with respx.mock() as router, mounted(world, router):
        router.get("https://example.com/").respond(json={"from": "the test"})
        assert program.send("https://example.com/").json() == {"from": "the test"}
        with pytest.raises(AssertionError, match=r"RESPX: .* not mocked!"):
            program.send("https://example.org/")
    assert world.requests == []


def test_a_router_passes_through(program: Program, loopback: str) -> None:
    """A pass_through of respx reaches a server of the test's, body intact."""
    with respx.mock() as router, mounted(StandIn(), router):
        router.route(host="127.0.0.1").pass_through()
        sent = program.send(loopback, method="POST", content=program.body(b"a", b"b"), headers={"content-length": "2"})
        assert sent.content == b"ab"


@pytest.mark.parametrize("base_url", ["http://localhost:9100", "http://localhost:9100/api/v1", "https://example.com"])
def test_the_base_url_of_the_router_is_for_its_own_routes(program: Program, base_url: str) -> None:
    """The fakes' addresses are absolute, like an absolute URL among the router's routes."""
    with respx.mock(base_url=base_url) as router:
        router.get("/mine").respond(202)
        with mounted(StandIn(), router):
            assert program.send(f"{base_url}/mine").status_code == 202
            assert program.send(f"{MEMTRACE}/other").json() == {"from": "world"}
            assert program.send(CLAUDE).json() == {"from": "world"}


def test_fakes_behind_one_host_are_told_apart_by_their_path() -> None:
    """A gateway with both fakes: each route gets what is below its own path, and nothing else."""
    world = StandIn()
    for name in ("memtrace", "claude"):
        world.addresses.add(name, f"http://gateway.test/{name}", world, "the test")
    with respx.mock() as router, mounted(world, router):
        httpx.get("http://gateway.test/claude/v1/messages")
        assert (router["claude"].call_count, router["memtrace"].call_count) == (1, 0)
        with pytest.raises(AssertionError, match="not mocked"):
            httpx.get("http://gateway.test/claudette")


def test_uncalled_fakes_are_no_complaint() -> None:
    """A test need not use every fake, but it must still use every route of its own."""
    with respx.mock(assert_all_called=True) as router, mounted(StandIn(), router):
        router.assert_all_called()
        router.get("https://example.com/", name="mine").respond(200)
        with pytest.raises(AssertionError, match="RESPX: some routes were not called!"):
            router.assert_all_called()
        httpx.get("https://example.com/")
    assert "assert_all_called" not in vars(router)


def test_a_fake_error_reaches_the_caller(program: Program) -> None:
    """What a fake raises comes out as it is, BaseException or not."""
    for error in (ValueError("a bug in a fake"), ProgramStopped("enough")):
        with respx.mock() as router, mounted(StandIn(error), router), pytest.raises(type(error)) as raised:
            program.send(MEMTRACE)
        assert raised.value is error


def test_the_router_may_end_first(program: Program) -> None:
    """When the router's own block ends it drops the fakes, and removing them afterwards is harmless."""
    world = StandIn()
    with world:
        with respx.mock() as router:
            mount = Mount(world, router)
            assert mount.serving
            world.mounted = True
            assert program.send(MEMTRACE).status_code == 200
        assert not mount.serving
        assert list(router.routes) == []
        mount.remove()


def test_the_router_may_end_last(program: Program) -> None:
    """When the world ends first, the router goes on without the fakes."""
    with respx.mock() as router:
        router.get("https://example.com/").respond(202)
        with mounted(StandIn(), router) as mount:
            program.send(MEMTRACE)
        assert not mount.serving
        assert len(router.routes) == 1
        assert httpx.get("https://example.com/").status_code == 202
        with pytest.raises(AssertionError, match="not mocked"):
            httpx.get(MEMTRACE)


def test_a_router_may_be_started_later_and_again(program: Program) -> None:
    """Fakes mounted before the router is started are served in each of its blocks."""
    router = respx.MockRouter()
    with mounted(StandIn(), router) as mount:
        assert not mount.serving
        for _ in range(2):
            with router:
                assert mount.serving
                assert program.send(MEMTRACE).status_code == 200
            assert not mount.serving
    with router:
        assert list(router.routes) == []


def test_a_router_entered_twice_forgets_the_fakes() -> None:
    """A removed mount does not come back from the router's snapshots."""
    router = respx.MockRouter()
    world = StandIn()
    with router:
        with world:
            mount = Mount(world, router)
            router.__enter__()
            mount.remove()
        router.__exit__(None, None, None)
        assert list(router.routes) == []
        assert "memtrace" not in router.routes


def test_a_router_that_is_not_started_is_passed_by(program: Program, loopback: str) -> None:
    """A mounted router outside its block does not stand in the way of httpx or httpx2."""
    world = StandIn()
    with mounted(world, respx.MockRouter()):
        assert program.send(loopback).content == b"real"


@pytest.mark.parametrize("using", ["httpcore", "httpx"])
def test_both_mockers_of_respx_work(program: Program, using: str) -> None:
    """Whatever respx patches for httpx, the router sees httpx2 as well."""
    with respx.mock(using=using) as router, mounted(StandIn(), router):
        assert program.send(MEMTRACE).json() == {"from": "world"}
        assert router["memtrace"].call_count == 1


def test_the_innermost_world_serves_through_routers(program: Program) -> None:
    """Worlds nest, mounted or not: the outer one's router leaves the request to the inner one."""
    with respx.mock() as outer, mounted(StandIn(name="outer"), outer):
        with respx.mock() as inner, mounted(StandIn(name="inner"), inner):
            assert program.send(MEMTRACE).json() == {"from": "inner"}
            assert (outer.calls.call_count, inner.calls.call_count) == (0, 1)
        with StandIn(name="plain"):
            assert program.send(MEMTRACE).json() == {"from": "plain"}
        assert program.send(MEMTRACE).json() == {"from": "outer"}


def test_two_routers_for_one_world(program: Program) -> None:
    """A world mounted twice is removed from each router for itself."""
    world = StandIn()
    with respx.mock() as first, respx.mock() as second, mounted(world, first):
        mount = Mount(world, second)
        mount.remove()
        assert program.send(MEMTRACE).status_code == 200
        assert first["memtrace"].called


def test_a_name_that_is_taken_is_refused() -> None:
    """A route of the test is never replaced: nothing is mounted, and the message says what to do."""
    with respx.mock(assert_all_called=False) as router, StandIn() as world:
        router.get("https://example.com/", name="claude").respond(202)
        with pytest.raises(UsageError) as refused:
            Mount(world, router)
        assert len(router.routes) == 1
    assert str(refused.value) == (
        "The respx router already has a route named 'claude', which is what the fake's route is called. "
        "Give that route another name, or mount the world into another router."
    )


def test_a_route_the_test_put_in_the_fakes_place_stays() -> None:
    """A test that renames over the fake's route keeps it when the world ends."""
    with respx.mock(assert_all_called=False) as router:
        with mounted(StandIn(), router):
            router.get("https://example.com/", name="memtrace").respond(202)
        assert [route.name for route in router.routes] == ["memtrace"]


def test_without_respx_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named in full."""
    monkeypatch.setitem(sys.modules, "respx", None)
    monkeypatch.delitem(sys.modules, "fakememtrace.doors.respx_router")
    with pytest.raises(UsageError) as missing:
        importlib.import_module("fakememtrace.doors.respx_router")
    assert str(missing.value) == 'World.mount needs respx. Install it with: pip install "fakememtrace[respx]"'


def test_the_door_can_be_imported_afresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pytest inside pytest forgets modules, but respx remembers: nothing of ours is in its registers."""
    monkeypatch.delitem(sys.modules, "fakememtrace.doors.respx_router")
    fresh = importlib.import_module("fakememtrace.doors.respx_router")
    assert fresh.Mount is not Mount


def test_bare_httpcore_is_served_too() -> None:
    """A mounted router also sees what speaks httpcore without httpx."""
    with respx.mock() as router, mounted(StandIn(json_response(200, [1])), router), httpcore.ConnectionPool() as pool:
        assert pool.request("GET", f"{MEMTRACE}/").content == b"[1]"
