"""The transports that a client can be given."""

from __future__ import annotations

import time

import anthropic
import httpx
import httpx2
import pytest
from memtrace import Memtrace

from fakememtrace import World
from fakememtrace.clock import RealClock
from fakememtrace.doors import transports
from fakememtrace.errors import NetworkRefused, UnknownName, UsageError
from fakememtrace.wire import Response

from .stand_in import CLAUDE, MEMTRACE, Program, StandIn

AGENTS = f"{MEMTRACE}/api/v1/agents"


def of(world, program):
    """The transport of `world` that fits `program`."""
    make = transports.async_transport if program.is_async else transports.transport
    return make(world, program.module.__name__)


def ask(world, program, url, **arguments):
    """The answer to `program`, whose client has the transport of `world`."""
    with program.client(transport=of(world, program)) as client:
        return program.send(url, client, **arguments)


def test_it_answers_without_a_block(program: Program) -> None:
    """A world that is not entered is served to whoever has its transport, and to nobody else."""
    world = StandIn()
    response = ask(world, program, f"{MEMTRACE}/a%20b?q=x%20y", method="POST", content=program.body(b"one ", b"two"))
    assert response.json() == {"from": "world"}
    assert ask(world, program, CLAUDE).status_code == 200
    request = world.requests[0]
    assert request[:4] == ("POST", MEMTRACE, "/a%20b", "q=x%20y")
    assert request.body == b"one two"


def test_it_answers_from_its_own_world_inside_another(program: Program) -> None:
    """Inside the block of another world the transport still belongs to the one that made it."""
    with StandIn(name="other"):
        assert ask(StandIn(name="mine"), program, MEMTRACE).json() == {"from": "mine"}
        assert program.send(MEMTRACE).json() == {"from": "other"}


def test_other_loopback_addresses_are_passed_on(program: Program, loopback: str) -> None:
    """What is on this machine and not faked is reached, as through the patched door."""
    world = StandIn()
    assert ask(world, program, loopback, method="POST", content=b"to the network").content == b"to the network"
    assert world.requests == []


def test_every_other_host_is_refused(program: Program) -> None:
    """A host that nobody fakes is refused by name, with the library's own error as well."""
    with pytest.raises(NetworkRefused, match="weather") as refused:
        ask(StandIn(), program, "https://api.weather.example/")
    assert isinstance(refused.value, program.module.ConnectError)


def test_a_dropped_connection_is_the_librarys_own_error(program: Program) -> None:
    """A program sees what it would see of a server that closes the connection without a word."""
    dropped = StandIn(Response(200, (), (b"never sent",), ending="dropped"))
    with pytest.raises(program.module.RemoteProtocolError) as error:
        ask(dropped, program, MEMTRACE)
    assert str(error.value) == "Server disconnected without sending a response."
    with dropped, pytest.raises(program.module.RemoteProtocolError):
        program.send(MEMTRACE)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ((("content-length", "9"),), " (received 5 bytes, expected 9)"),
        ((("content-type", "text/event-stream"),), " (incomplete chunked read)"),
    ],
)
def test_a_cut_body_breaks_off(program: Program, headers: tuple[tuple[str, str], ...], reason: str) -> None:
    """Status and headers arrive, the start of the body, and then the library's own error."""
    cut = StandIn(Response(200, headers, (b"whol", b"e"), ending="cut"))
    with pytest.raises(program.module.RemoteProtocolError) as error:
        ask(cut, program, MEMTRACE)
    assert str(error.value) == "peer closed connection without sending complete message body" + reason


def test_a_delay_is_waited_for_by_a_real_clock_only(program: Program) -> None:
    """On the machine's clock a late answer is late; on a virtual one the clock has moved instead."""
    late = StandIn(Response(200, delay=400_000))
    for clock in (RealClock(), World().clock):
        late.clock = clock
        start = time.monotonic()
        ask(late, program, MEMTRACE)
        assert (time.monotonic() - start >= 0.4) == clock.is_real


def test_the_world_makes_them() -> None:
    """world.transport() and world.async_transport() are for httpx, and for httpx2 where it is named."""
    world = World()
    headers = {"x-api-key": world.api_key}
    with httpx.Client(transport=world.transport(), headers=headers) as client:
        assert client.get(AGENTS).json() == {"agents": [], "count": 0}
    with httpx2.Client(transport=world.transport("httpx2"), headers=headers) as other:
        assert other.get(AGENTS).status_code == 200
    assert isinstance(world.async_transport(), httpx.AsyncBaseTransport)
    assert isinstance(world.async_transport("httpx2"), httpx2.AsyncBaseTransport)
    assert [exchange.response.status for exchange in world.journal] == [200, 200]


def test_the_sdks_take_them() -> None:
    """The client that anthropic is given may have the transport, and so may the one inside memtrace-sdk."""
    world = World()
    roots = [base.__module__.partition(".")[0] for base in anthropic.DefaultHttpxClient.__mro__]
    library = next(root for root in roots if root in ("httpx", "httpx2"))
    with anthropic.DefaultHttpxClient(transport=world.transport(library)) as http_client:
        claude = anthropic.Anthropic(api_key="k", http_client=http_client)
        with pytest.raises(anthropic.BadRequestError, match="Claude was asked without one"):
            claude.messages.create(model="m", max_tokens=1, messages=[])
    memtrace = Memtrace(world.url, world.api_key)
    memtrace._client.close()
    memtrace._client = httpx.Client(
        base_url=world.url, headers={"x-api-key": world.api_key}, transport=world.transport()
    )
    with memtrace:
        memtrace.remember("agent_1", "tea")
        assert memtrace.recall("agent_1").count == 1


def test_a_library_that_is_none_is_refused() -> None:
    """The name of the library is checked, and the nearest one is named."""
    with pytest.raises(UnknownName) as refused:
        World().transport("htpx")
    assert str(refused.value) == "unknown library 'htpx'. Did you mean 'httpx'? Known: httpx and httpx2."


def test_a_library_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the library the transport is refused, and the words say how to get it."""
    transports._classes.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UsageError) as refused:
        World().async_transport("httpx2")
    assert str(refused.value) == (
        "a transport for httpx2 needs httpx2, which is not installed. Install it with: pip install httpx2"
    )
