"""The hall: what a World gives, and that nothing of it leaks."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import gc
import os
import pickle
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import anthropic
import httpx
import pytest
from memtrace import AsyncMemtrace, Memtrace, MemtraceError

import fakememtrace
from fakememtrace import CassetteError, ClockError, Dialect, NetworkRefused, UnexpectedTraffic, UnknownName, World
from fakememtrace.doors import guard, patched
from fakememtrace.errors import UsageError


def client(world):
    """The real client of a world."""
    return Memtrace(world.url, world.api_key)


def test_it_serves_the_real_client():
    """What is remembered is recalled, until its time is over."""
    with World() as world:
        client(world).remember("agent_1", "User prefers dark mode")
        world.clock.advance("23h")
        assert client(world).recall("agent_1").count == 1
        world.clock.advance("1h")
        assert client(world).recall("agent_1").count == 0
        world.journal.assert_clean()


def test_it_serves_the_async_client():
    """The async client has the same memory."""

    async def remember(world):
        async with AsyncMemtrace(world.url, world.api_key) as memtrace:
            await asyncio.gather(*(memtrace.remember("agent_1", f"fact {n}") for n in range(20)))

    with World() as world:
        asyncio.run(remember(world))
        assert client(world).recall("agent_1").count == 20


def test_its_parts_are_there():
    """A world has a URL, a key, a clock, a memory, a Claude and a journal."""
    with World(start="2026-03-01T00:00:00+01:00") as world:
        assert world.url == "http://localhost:9100"
        assert world.api_key.startswith("mtk_")
        assert world.clock.now().isoformat() == "2026-02-28T23:00:00+00:00"
        client(world).remember("agent_1", "tea")
        assert [memory.content for memory in world.memory.memories()] == ["tea"]
        assert world.claude.requests == []
        assert [str(exchange) for exchange in world.journal] == [
            "#1 2026-02-28T23:00:00Z memtrace POST http://localhost:9100/api/v1/memories -> 201"
        ]


def test_the_same_calls_give_the_same_bytes():
    """Two worlds that are asked the same answer the same, ids and times included."""

    def history():
        with World() as world:
            memtrace = httpx.Client(base_url=world.url, headers={"x-api-key": world.api_key})
            memtrace.post("/api/v1/agents", json={"name": "a", "config": {"b": 1, "a": [2]}})
            agent = memtrace.get("/api/v1/agents/a").json()["id"]
            memtrace.post("/api/v1/sessions", json={"agent_id": agent})
            for n in range(3):
                memtrace.post("/api/v1/memories", json={"agent_id": agent, "content": f"fact {n}"})
            memtrace.get("/api/v1/memories")
            return [(exchange.request.body, exchange.response) for exchange in world.journal]

    assert history() == history()


@pytest.mark.parametrize("base", ["http://localhost:9100", "http://127.0.0.1:9100", "http://[::1]:9100"])
def test_every_name_of_loopback_is_served(base):
    """The Memtrace address is served however the machine is called."""
    with World() as world:
        assert Memtrace(base, world.api_key).recall("agent_1").count == 0


def test_the_address_in_the_environment_is_served(monkeypatch):
    """$MEMTRACE_URL and $ANTHROPIC_BASE_URL are served, and so are the usual addresses."""
    monkeypatch.setenv("MEMTRACE_URL", "https://memory.example/team/")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "https://gate.example/claude")
    with World() as world:
        assert world.url == "https://memory.example/team/"
        assert client(world).recall("agent_1").count == 0
        assert Memtrace("http://localhost:9100", world.api_key).recall("agent_1").count == 0
        with pytest.raises(anthropic.BadRequestError):
            anthropic.Anthropic().messages.create(model="m", max_tokens=1, messages=[])
        assert [exchange.request.url for exchange in world.journal.of("claude")] == [
            "https://gate.example/claude/v1/messages"
        ]


def test_both_can_be_at_one_address(monkeypatch):
    """A program that is pointed at one server for both, as for `fakememtrace serve`, is served in process as well."""
    monkeypatch.setenv("MEMTRACE_URL", "http://127.0.0.1:9200")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://localhost:9200/")
    with World() as world:
        assert client(world).recall("agent_1").count == 0
        with pytest.raises(anthropic.BadRequestError):
            anthropic.Anthropic().messages.create(model="m", max_tokens=1, messages=[])
        assert [exchange.service for exchange in world.journal] == ["memtrace", "claude"]


@pytest.mark.parametrize("name", ["MEMTRACE_URL", "ANTHROPIC_BASE_URL"])
def test_an_address_that_is_none_is_named(monkeypatch, name):
    """A malformed address in the environment is refused before anything is patched."""
    monkeypatch.setenv(name, "localhost")
    with pytest.raises(UsageError) as refused:
        World()
    assert str(refused.value) == (
        f"${name} is 'localhost', which is no URL. Expected scheme, host and port, "
        'such as "http://localhost:9100". Correct or unset it.'
    )


def test_programs_find_it_through_their_environment(monkeypatch):
    """The three variables of a program point here inside the block, and are as before after it."""
    monkeypatch.setenv("MEMTRACE_API_KEY", "mtk_of_the_real_server")
    before = dict(os.environ)
    with World() as world:
        memtrace = Memtrace(os.environ["MEMTRACE_URL"], os.environ["MEMTRACE_API_KEY"])
        assert memtrace.recall("agent_1").count == 0
        assert os.environ["MEMTRACE_API_KEY"] == world.api_key
        assert os.environ["ANTHROPIC_API_KEY"] == "sk-ant-fakememtrace"
    assert dict(os.environ) == before


def test_an_api_key_of_the_users_is_left_alone(monkeypatch):
    """A key for Claude that is there stays: the fake takes any."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-own")
    with World():
        assert os.environ["ANTHROPIC_API_KEY"] == "sk-ant-own"
    assert os.environ["ANTHROPIC_API_KEY"] == "sk-ant-own"


def test_another_host_is_refused_by_name(monkeypatch):
    """What is neither faked nor on this machine is refused, in words, and fails the test."""
    monkeypatch.chdir(Path(__file__).parents[1])
    with World() as world:
        with pytest.raises(NetworkRefused) as refused:
            httpx.get("https://api.weather.example/v1/today?city=Rome")
        assert isinstance(refused.value, httpx.ConnectError)
        line = refused.traceback[0].lineno + 1
        assert str(refused.value) == (
            f"tests/test_world.py:{line}: GET https://api.weather.example/v1/today?city=Rome was refused: the host "
            "'api.weather.example' is neither faked nor on this machine, and a test has no network while a World is "
            "open.\n"
            "Served here, to httpx and httpx2: memtrace at http://localhost:9100, claude at https://api.anthropic.com; "
            "other loopback addresses are passed on.\n"
            "What to do: to have it served here, point the program at one of these (MEMTRACE_URL, ANTHROPIC_BASE_URL); "
            "to answer it in the test, mount the world into a respx router and add a route for it; to let it through, "
            "write World(allow_hosts=['api.weather.example']) or override the fixture fakememtrace_allow_hosts."
        )
        with pytest.raises(UnexpectedTraffic, match=r"api\.weather\.example"):
            world.journal.assert_clean()


def test_claude_at_another_host_is_refused_without_a_retry():
    """An SDK that points elsewhere learns the host at once, not "Connection error." after three tries."""
    with World() as world:
        with pytest.raises(anthropic.BadRequestError, match=r"the host 'proxy\.corp\.example' is neither faked nor"):
            anthropic.Anthropic(base_url="https://proxy.corp.example").messages.create(
                model="m", max_tokens=1, messages=[]
            )
        assert len(world.journal) == 1
        with pytest.raises(UnexpectedTraffic):
            world.journal.assert_clean()


BESIDE = (
    "was refused: of the host '{host}' only {served} is faked, with what is below it, and a test has no network while "
    "a World is open.\n"
    "Served here, to httpx and httpx2: memtrace at http://localhost:9100, claude at https://api.anthropic.com{more}; "
    "other loopback addresses are passed on.\n"
    "What to do: to have it served here, point the program there (MEMTRACE_URL, ANTHROPIC_BASE_URL), scheme, port and "
    "path included; to answer it in the test, mount the world into a respx router and add a route for it{allow}."
)
ALLOW = "; to let it through, write World(allow_hosts=['{}']) or override the fixture fakememtrace_allow_hosts"


def refused(url):
    """Why a request to that URL was refused, without the place in the program."""
    with World() as world:
        with pytest.raises(NetworkRefused) as caught:
            httpx.get(url)
        assert world.journal[0].unexpected == str(caught.value)
    return str(caught.value).partition(": GET ")[2].removeprefix(f"{url} ")


@pytest.mark.parametrize("url", ["https://api.anthropic.com:8443/v1/models", "http://api.anthropic.com/v1/models"])
def test_another_port_of_a_host_that_is_faked_is_told_so(url):
    """Where the host is right and the port or the scheme is not, that is said, and no other host is suggested."""
    expected = BESIDE.format(
        host="api.anthropic.com", served="https://api.anthropic.com", more="", allow=ALLOW.format("api.anthropic.com")
    )
    assert refused(url) == expected


def test_another_path_of_a_gateway_is_told_so(monkeypatch):
    """Beside the path that is faked there is nothing, and no list would let it through, so none is advised."""
    gateway = "https://gw.corp.example/anthropic"
    monkeypatch.setenv("ANTHROPIC_BASE_URL", gateway)
    more = f", claude at {gateway}"
    assert refused("https://gw.corp.example/other") == BESIDE.format(
        host="gw.corp.example", served=gateway, more=more, allow=""
    )


def test_another_path_of_a_memtrace_on_this_machine_is_told_so(monkeypatch):
    """So it is where the host is this machine."""
    monkeypatch.setenv("MEMTRACE_URL", "http://localhost:8000/team")
    told = refused("http://127.0.0.1:8000/other")
    assert told.startswith("was refused: of the host '127.0.0.1' only http://localhost:9100 and http://localhost:8000/")


@pytest.mark.skipif(anthropic.__version__.startswith("0."), reason="httpx itself refuses such a URL")
def test_an_empty_variable_is_no_url(monkeypatch):
    """Where a program is given an empty address, that is what it is told."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "")
    with World() as world, pytest.raises(anthropic.BadRequestError):
        anthropic.Anthropic().messages.create(model="m", max_tokens=1, messages=[])
    assert world.journal[0].unexpected.partition(" was ")[2] == (
        "refused: its URL names no host, and a test has no network while a World is open.\n"
        "Served here, to httpx and httpx2: memtrace at http://localhost:9100, claude at https://api.anthropic.com; "
        "other loopback addresses are passed on.\n"
        "What to do: give the program a whole URL, such as one of these; an empty variable (MEMTRACE_URL, "
        "ANTHROPIC_BASE_URL) is none: unset it."
    )


def test_nested_worlds_do_not_mix():
    """The innermost world serves, and the outer one goes on where it was."""
    with World() as outer:
        memtrace = client(outer)
        memtrace.remember("agent_1", "outer")
        with World() as inner:
            memtrace.remember("agent_1", "inner")
            assert [memory.content for memory in inner.memory.memories()] == ["inner"]
        assert [memory.content for memory in memtrace.recall("agent_1").memories] == ["outer"]


def test_a_world_can_be_entered_again():
    """Its state stays: the second block goes on where the first one ended."""
    world = World()
    for _ in range(2):
        with world:
            client(world).remember("agent_1", "tea" if not world.memory.memories() else "coffee")
    with world, world:
        assert client(world).recall("agent_1").count == 2
    assert len(world.memory.memories()) == 2


def test_worlds_can_be_left_in_any_order(monkeypatch):
    """Also when they are not left the other way round, libraries and variables are as before in the end."""
    monkeypatch.setenv("MEMTRACE_API_KEY", "mtk_of_the_real_server")
    before, environment = patchable(), dict(os.environ)
    one, other = World(), World(api_key="mtk_b3RoZXI")
    for world in (one, other):
        world.__enter__()
    one.__exit__(None, None, None)
    assert os.environ["MEMTRACE_API_KEY"] == "mtk_b3RoZXI"
    assert patchable() != before
    other.__exit__(None, None, None)
    assert (patchable(), dict(os.environ)) == (before, environment)


@pytest.mark.parametrize("name", ["MEMTRACE_URL", "ANTHROPIC_BASE_URL"])
@pytest.mark.parametrize("url", ["http://localhost:99999", "http://[::1", "https://x:abc"])
def test_a_broken_url_is_refused_in_words(monkeypatch, name, url):
    """A port or an address that cannot be is no bare ValueError."""
    monkeypatch.setenv(name, url)
    with pytest.raises(UsageError, match=f"^.{name} is "):
        World()


@pytest.mark.parametrize("host", ["127.0.0.2", "[::ffff:127.0.0.1]", "app.localhost", "0.0.0.0"])
def test_every_address_of_this_machine_is_local(host):
    """Whatever reaches this machine is passed on, or served where the port is a fake's."""
    with World() as world:
        assert world.addresses.passes_on(f"http://{host}:9199")
        assert world.addresses.serves(f"http://{host}:9100")


def patchable():
    """Every method that a door may patch."""
    libraries = [import_module(name) for name in ("httpx", "httpx2") if find_spec(name)]
    return [
        vars(getattr(library, owner))[name]
        for library in libraries
        for owner, name in [
            ("HTTPTransport", "__init__"),
            ("HTTPTransport", "handle_request"),
            ("AsyncHTTPTransport", "__init__"),
            ("AsyncHTTPTransport", "handle_async_request"),
        ]
    ]


@pytest.mark.parametrize("error", [None, ValueError, KeyboardInterrupt])
def test_nothing_leaks_out_of_the_block(error):
    """Afterwards libraries and environment are as before, also when the block raises."""
    before, environment = patchable(), dict(os.environ)
    with pytest.raises(error) if error else contextlib.nullcontext(), World():
        assert patchable() != before
        if error:
            raise error
    assert patchable() == before
    assert dict(os.environ) == environment


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"dialect": "0.3.0"}, UnknownName),
        ({"cassette": "nowhere.json"}, CassetteError),
        ({"start": "noon"}, ClockError),
        ({"cassette": {}}, UsageError),
    ],
)
def test_a_world_that_cannot_be_leaves_nothing_behind(arguments, error):
    """A wrong argument is refused before anything is patched."""
    before = patchable()
    with pytest.raises(error):
        World(**arguments)
    assert patchable() == before


def test_an_unknown_dialect_shows_the_nearest():
    """A slip in the name of a dialect is answered with what was meant."""
    with pytest.raises(UnknownName) as refused:
        World(dialect="documentd")
    assert str(refused.value) == (
        "unknown dialect 'documentd'. Did you mean 'documented'? Known: 0.2.0 and documented."
    )


def test_a_dialect_can_be_given_by_value():
    """A Dialect, also a changed one, does as well as a name."""
    with World(dialect=Dialect("documented")) as world:
        assert world.memory.dialect == Dialect("documented")


def test_threads_lose_no_write():
    """Many threads at once store everything, each at a time of its own."""
    with World() as world:
        memtrace = client(world)

        def write(thread):
            for n in range(50):
                memtrace.remember(f"agent_{thread}", f"fact {n}")

        threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        times = [memory.time for memory in world.memory.memories()]
        assert len(times) == len(set(times)) == 400
        assert len(world.journal) == 400


def test_a_crash_inside_a_fake_is_an_answer_not_a_connection_error(monkeypatch):
    """A defect of ours is a 500 that says so, is not retried, and fails the test."""
    with World() as world:
        monkeypatch.setattr(world.memory, "handle", lambda request: 1 / 0)
        with pytest.raises(MemtraceError) as raised:
            client(world).remember("agent_1", "tea")
        assert raised.value.status_code == 500
        with pytest.raises(UnexpectedTraffic, match="ZeroDivisionError") as found:
            world.journal.assert_clean()
        assert "This is a defect of fakememtrace" in str(found.value)


def test_a_world_that_is_gone_is_collected():
    """Nothing holds a world after its block but those who use it."""
    import weakref

    with World() as world:
        client(world).remember("agent_1", "tea")
    ghost = weakref.ref(world)
    del world
    gc.collect()
    assert ghost() is None


def test_the_public_names_are_what_they_say():
    """Every public name can be had from the package, and no other."""
    assert fakememtrace.__all__ == sorted(fakememtrace.__all__)
    assert all(getattr(fakememtrace, name).__name__ == name for name in fakememtrace.__all__)
    with pytest.raises(AttributeError, match="module 'fakememtrace' has no attribute 'Wrld'"):
        fakememtrace.Wrld  # noqa: B018


def test_an_exchange_can_be_copied_and_its_headers_do_not_change():
    """A test may keep what the journal has, copied or pickled; requests share their headers, so nobody changes them."""
    with World() as world:
        client(world).recall("agent_1")
    exchange = world.journal[0]
    assert copy.deepcopy(exchange) == pickle.loads(pickle.dumps(exchange)) == exchange
    with pytest.raises(TypeError, match="take a copy: dict"):
        exchange.request.headers["x-api-key"] = "mtk_other"


def test_a_preflight_may_name_any_header():
    """What is not ASCII comes back as it came, and not as an exception."""
    asked = {"origin": "http://x", "access-control-request-method": "GET"}
    with World() as world:
        url = f"{world.url}/api/v1/memories"
        answer = httpx.options(url, headers={**asked, "access-control-request-headers": "\u00e4".encode()})
    assert (answer.status_code, answer.headers["access-control-allow-headers"]) == (204, "\u00e4")


def test_a_world_that_cannot_be_entered_leaves_nothing_behind(monkeypatch):
    """When the last step of entering fails, the ones before it are undone: no client and no variable is the world's."""

    def broken(_):
        raise OSError("no guard")

    monkeypatch.setattr(guard, "enter", broken)
    with pytest.raises(OSError, match="no guard"), World():
        pass
    assert patched.innermost() is None
    assert "MEMTRACE_URL" not in os.environ
