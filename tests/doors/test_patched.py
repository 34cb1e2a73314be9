from __future__ import annotations

import contextlib
import functools
import gzip
import pickle
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import httpx
import pytest

from fakememtrace.doors import patched
from fakememtrace.errors import NetworkRefused, ProgramStopped
from fakememtrace.wire import Response, json_response

from .stand_in import LIBRARIES, MEMTRACE, METHODS, Program, StandIn, running, unix_server


def served_by(program: Program, client: Any = None) -> str:
    """The name of the world that answers."""
    return str(program.send(MEMTRACE, client).json()["from"])


def test_importing_the_door_imports_no_library() -> None:
    """A program that never enters a world pays for no HTTP library."""
    code = "import sys, fakememtrace.doors.patched; print([n for n in ('httpx', 'httpx2') if n in sys.modules])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_the_whole_request_arrives(program: Program) -> None:
    """Method, origin, raw path and query, lower-case headers and body reach the world as they were sent."""
    with StandIn() as world:
        url = "http://LOCALHOST:9100/a%20b/c%2Fd?q=x%20y&q=%C3%BC"
        program.send(url, method="PUT", headers=[("X-Api-Key", "k"), ("X-Two", "1"), ("X-Two", "2")], content=b"body")
    (request,) = world.requests
    assert request[:4] == ("PUT", "http://localhost:9100", "/a%20b/c%2Fd", "q=x%20y&q=%C3%BC")
    assert request.body == b"body"
    assert request.headers["x-api-key"] == "k"
    assert request.headers["x-two"] == "1, 2"
    assert request.headers["host"] == "localhost:9100"


@pytest.mark.parametrize("url", ["http://[::1]:9100/", "http://127.0.0.1:9100/", "https://api.anthropic.com:443/"])
def test_every_spelling_of_an_address_is_served(program: Program, url: str) -> None:
    """IPv6, IPv4 and an explicit default port find the same fakes."""
    with StandIn():
        assert program.send(url).status_code == 200


def test_a_streamed_request_body_is_read(program: Program) -> None:
    """A body that the program produces piece by piece arrives whole."""
    with StandIn() as world:
        program.send(MEMTRACE, method="POST", content=program.body(b"one ", b"two"))
    assert world.requests[0].body == b"one two"


def test_the_whole_response_arrives(program: Program) -> None:
    """Status, repeated headers and body come back as the world gave them."""
    answer = Response(418, (("X-Tea", "green"), ("x-tea", "black")), (b"short and stout",))
    with StandIn(answer):
        response = program.send(MEMTRACE)
    assert (response.status_code, response.content) == (418, b"short and stout")
    assert response.headers.get_list("x-tea") == ["green", "black"]
    assert response.headers["content-length"] == "15"
    assert str(response.request.url) == MEMTRACE
    assert response.elapsed.total_seconds() >= 0


def test_a_response_is_what_the_network_would_give(program: Program, loopback: str) -> None:
    """Class, flags, sizes and what a pickle gives are those of a response that came over a socket."""

    def told(response: Any) -> tuple[Any, ...]:
        again = pickle.loads(pickle.dumps(response))
        return (
            type(response).__name__,
            type(response).__module__,
            isinstance(response, program.module.Response),
            type(again) is program.module.Response,
            again.content == response.content == response.read(),
            response.is_closed,
            response.is_stream_consumed,
            response.num_bytes_downloaded == len(response.content),
            response.elapsed.total_seconds() >= 0,
        )

    real = program.send(loopback)
    with StandIn(json_response(200, {"tea": "grün"})):
        assert told(program.send(MEMTRACE)) == told(real)


def test_the_pieces_of_a_body_are_read_once_in_the_sizes_asked_for(program: Program) -> None:
    """Without a size they come as they were sent; with one they are cut; a second reading is the library's error."""
    with StandIn(Response(200, (), (b"one ", b"two ", b"three"))):
        assert program.told_chunks(MEMTRACE, None, None) == [[b"one ", b"two ", b"three"], "StreamConsumed"]
        assert program.told_chunks(MEMTRACE, 5) == [[b"one t", b"wo th", b"ree"]]
        response = program.send(MEMTRACE)
    assert response.content == b"one two three"
    if not program.is_async:
        assert list(response.iter_bytes()) == [b"one two three"]


def test_an_encoded_body_is_decoded(program: Program) -> None:
    """A body that its headers call gzip is unpacked for the program."""
    with StandIn(Response(200, (("content-encoding", "gzip"),), (gzip.compress(b"tea"),))):
        assert program.send(MEMTRACE).content == b"tea"


@pytest.mark.parametrize(
    "answer",
    [
        Response(200, (("Transfer-Encoding", "chunked"),), (b"x",)),
        Response(200, (), (b"x", b"y")),
        Response(204),
    ],
)
def test_no_length_is_added_where_none_belongs(program: Program, answer: Response) -> None:
    """A body in pieces, one framed otherwise, and no body get no content-length."""
    with StandIn(answer):
        response = program.send(MEMTRACE)
    assert "content-length" not in response.headers
    assert response.content == answer.body


@pytest.mark.parametrize("chunks", [(b"one",), (b"one", b"two", b"three"), (b"",), ()])
def test_a_body_streams_chunk_by_chunk(program: Program, chunks: tuple[bytes, ...]) -> None:
    """A program that streams sees the pieces of the world's answer, one by one."""
    with StandIn(Response(200, (), chunks)):
        assert program.raw_chunks(MEMTRACE) == [chunk for chunk in chunks if chunk]


def test_lines_can_be_streamed() -> None:
    """A line that was cut in two by the chunks is whole for a program that streams lines."""
    with StandIn(Response(200, (), (b"da", b"ta: 1\n", b"data: 2\n"))), httpx.stream("GET", MEMTRACE) as response:
        assert list(response.iter_lines()) == ["data: 1", "data: 2"]


def test_clients_made_before_and_inside_the_block_are_served(program: Program) -> None:
    """It makes no difference when a client was made."""
    with program.client() as before, StandIn(), program.client() as inside:
        assert served_by(program, before) == served_by(program, inside) == "world"


def test_a_client_outlives_the_block(program: Program, loopback: str) -> None:
    """A client made and used inside a world reaches the network after it."""
    with contextlib.ExitStack() as later:
        with StandIn():
            client = later.enter_context(program.client())
            assert served_by(program, client) == "world"
        assert program.send(loopback, client).content == b"real"
    assert program.send(loopback).content == b"real"


def test_a_client_is_a_context_manager_in_and_out_of_the_block(program: Program, loopback: str) -> None:
    """`with client:` works whether the client ever needs a connection or not."""

    async def entered(client: Any, *urls: str) -> list[bytes]:
        async with client:
            return [(await client.get(url)).content for url in urls]

    def visit(client: Any, *urls: str) -> list[bytes]:
        if program.is_async:
            return list(program.run(entered(client, *urls)))
        with client:
            return [client.get(url).content for url in urls]

    make = program.module.AsyncClient if program.is_async else program.module.Client
    with StandIn():
        assert visit(make()) == []
        assert visit(make(), MEMTRACE, loopback)[1] == b"real"
        late = make()
    assert visit(late, loopback) == [b"real"]


def test_other_loopback_addresses_are_passed_on(program: Program, loopback: str) -> None:
    """A server of the test's own is reached, and the world does not see the request."""
    with StandIn() as world:
        assert program.send(loopback).content == b"real"
        body, length = program.body(b"one ", b"two"), {"content-length": "7"}
        assert program.send(loopback, method="POST", content=body, headers=length).content == b"one two"
    assert world.requests == []


def test_a_foreign_host_is_refused(program: Program) -> None:
    """The refusal is ours and the library's own, names the host, and carries the request."""
    with StandIn(), pytest.raises(NetworkRefused) as refused:
        program.send("https://example.com/x")
    assert isinstance(refused.value, program.module.ConnectError)
    assert str(refused.value) == "the host 'https://example.com' is neither faked nor on this machine"
    assert str(refused.value.request.url) == "https://example.com/x"
    assert refused.value.__cause__ is None


def test_refusals_have_one_class_for_each_library(program: Program) -> None:
    """Two refusals can be told from nothing but their text, also by a bare transport."""
    caught = []
    with StandIn():
        transport, request = program.transport(), program.module.Request("GET", "https://example.com")
        for _ in range(2):
            with pytest.raises(program.module.ConnectError) as refused:
                program.run(
                    transport.handle_async_request(request) if program.is_async else transport.handle_request(request)
                )
            caught.append(refused.value)
    assert type(caught[0]) is type(caught[1])
    assert caught[0].request is request


@pytest.mark.parametrize("error", [ProgramStopped("enough"), ValueError("a bug in a fake")])
def test_other_exceptions_pass_through_untouched(program: Program, error: BaseException) -> None:
    """What a fake raises reaches the caller as it is."""
    with StandIn(error), pytest.raises(type(error)) as raised:
        program.send(MEMTRACE)
    assert raised.value is error


def test_worlds_nest(program: Program) -> None:
    """The innermost world serves, and the outer one again after it."""
    with StandIn(name="outer"), program.client() as client:
        with StandIn(name="inner"):
            assert served_by(program, client) == "inner"
        assert served_by(program, client) == "outer"


def test_worlds_may_be_left_in_any_order(program: Program) -> None:
    """Leaving an outer world first does not disturb the inner one."""
    outer, inner = StandIn(name="outer"), StandIn(name="inner")
    patched.enter(outer)
    patched.enter(inner)
    patched.leave(outer)
    assert served_by(program) == "inner"
    patched.leave(inner)
    assert patched.innermost() is None


def test_a_world_may_be_entered_twice(program: Program) -> None:
    """One leave undoes one enter, the last one of that world."""
    twice, other = StandIn(name="twice"), StandIn(name="other")
    with twice, other:
        with twice:
            assert served_by(program) == "twice"
        assert served_by(program) == "other"


def test_leaving_a_world_that_was_not_entered_is_an_error() -> None:
    """A stray leave does not take another world's place away."""
    with StandIn() as world:
        with pytest.raises(ValueError):
            patched.leave(StandIn())
        assert patched.innermost() is world


@pytest.mark.parametrize("library", LIBRARIES)
def test_an_exception_leaves_the_classes_as_they_were(library: str) -> None:
    """The block may end as it likes; inside it every function is ours, after it none is."""
    module = pytest.importorskip(library)

    def functions() -> list[Any]:
        return [vars(getattr(module, owner))[name] for owner, name in METHODS]

    before, inside = functions(), []
    with contextlib.suppress(ZeroDivisionError), StandIn():
        inside = functions()
        raise ZeroDivisionError
    assert functions() == before
    assert not set(inside) & set(before)
    assert [function.__wrapped__ for function in inside] == before


def test_a_patch_on_top_of_ours_stays(program: Program, loopback: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another tool's patch is left alone; when it restores ours after the world, that is as good as the original."""
    owner = type(program.transport())
    name = "handle_async_request" if program.is_async else "handle_request"

    def theirs(self: Any, request: Any) -> Any:
        return program.module.Response(200, json={"from": "theirs"})

    async def theirs_async(self: Any, request: Any) -> Any:
        return theirs(self, request)

    with StandIn():
        monkeypatch.setattr(owner, name, theirs_async if program.is_async else theirs)
        assert served_by(program) == "theirs"
    assert served_by(program) == "theirs"
    monkeypatch.undo()
    assert program.send(loopback).content == b"real"
    with StandIn():
        assert served_by(program) == "world"
        assert vars(owner)[name].__wrapped__.__module__ == f"{program.module.__name__}._transports.default"
        assert not hasattr(vars(owner)[name].__wrapped__, "__wrapped__")


def test_a_patch_below_ours_gets_what_is_passed_on(
    program: Program, loopback: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tool that patched before the world was entered still sees what the world does not serve."""
    seen: list[str] = []
    owner = type(program.transport())
    name = "handle_async_request" if program.is_async else "handle_request"
    original = vars(owner)[name]

    def theirs(self: Any, request: Any) -> Any:
        seen.append(request.url.host)
        return original(self, request)

    monkeypatch.setattr(owner, name, theirs)
    with StandIn():
        assert served_by(program) == "world"
        assert program.send(loopback).content == b"real"
    assert vars(owner)[name] is theirs
    assert seen == ["127.0.0.1"]
    monkeypatch.undo()


def test_a_patch_that_copies_attributes_is_not_taken_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours are known by identity, so a functools.wraps of them is left alone."""
    with StandIn():
        theirs = functools.wraps(httpx.HTTPTransport.handle_request)(lambda *_: httpx.Response(200))
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", theirs)
    assert vars(httpx.HTTPTransport)["handle_request"] is theirs
    monkeypatch.undo()
    with StandIn():
        pass


def test_a_mounted_world_is_not_served_here(program: Program, loopback: str) -> None:
    """When a respx router is the door, this one is shut."""
    with StandIn() as world:
        world.addresses.add("memtrace", loopback, world, "the test")
        assert program.send(loopback).json() == {"from": "world"}
        world.mounted = True
        assert program.send(loopback).content == b"real"


@pytest.mark.parametrize("when", ["before", "inside"])
def test_a_unix_socket_is_passed_on(program: Program, tmp_path: Path, when: str) -> None:
    """A transport made for a Unix socket goes there, whatever the URL says."""
    path = str(tmp_path / "s")
    before = program.transport(uds=path)
    with running(unix_server(path)), StandIn() as world:
        transport = before if when == "before" else program.transport(uds=path)
        with program.client(transport=transport) as client:
            assert program.send(MEMTRACE, client).content == b"real"
    assert world.requests == []


def test_subclasses_of_the_transport_are_served(program: Program, loopback: str) -> None:
    """A transport of the program's own comes through its own code, then here, and works after the block."""
    base = type(program.transport())
    seen: list[str] = []

    class Own(base):  # type: ignore[misc, valid-type]
        def handle_request(self, request: Any) -> Any:
            seen.append(str(request.url.port))
            return super().handle_request(request)

        async def handle_async_request(self, request: Any) -> Any:
            seen.append(str(request.url.port))
            return await super().handle_async_request(request)

    with contextlib.ExitStack() as later:
        with StandIn():
            client = later.enter_context(program.client(transport=Own(retries=1)))
            assert served_by(program, client) == "world"
        assert program.send(loopback, client).content == b"real"
    assert seen == ["9100", loopback.rpartition(":")[2]]


def test_a_transport_without_a_pool_is_served(program: Program) -> None:
    """A subclass that never calls the original __init__ has no pool, and needs none."""
    base = type(program.transport())

    class Bare(base):  # type: ignore[misc, valid-type]
        def __init__(self) -> None:
            pass

        def close(self) -> None:
            pass

        async def aclose(self) -> None:
            pass

    with StandIn(), program.client(transport=Bare()) as client:
        assert served_by(program, client) == "world"


def test_no_tls_context_is_built_in_a_world(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """Making, using and closing clients in a world costs no TLS context."""
    built: list[str] = []
    default = sys.modules[f"{program.module.__name__}._transports.default"]
    for owner, name in ((default, "create_ssl_context"), (ssl, "create_default_context")):
        monkeypatch.setattr(owner, name, _counted(getattr(owner, name), built))
    with StandIn():
        served_by(program)
    assert built == []
    with program.client():
        assert built


def _counted(function: Any, calls: list[str]) -> Any:
    def counted(*args: Any, **kwargs: Any) -> Any:
        calls.append(function.__name__)
        return function(*args, **kwargs)

    return counted


def test_bad_arguments_surface_at_the_first_use(program: Program, loopback: str) -> None:
    """In a world a transport's arguments are looked at when it needs a connection, each time."""
    with StandIn(), program.client(transport=program.transport(proxy="gopher://127.0.0.1")) as client:
        assert served_by(program, client) == "world"
        for _ in range(2):
            with pytest.raises(ValueError):
                program.send(loopback, client)


def test_worlds_may_be_entered_in_many_threads() -> None:
    """Threads that enter and leave at once always find a world, and leave the classes as they were."""
    problems: list[BaseException] = []
    start = threading.Barrier(8)

    def visit() -> None:
        try:
            start.wait()
            for _ in range(40):
                with StandIn(), httpx.Client() as client:
                    assert client.get(MEMTRACE).json() == {"from": "world"}
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert patched.innermost() is None
