"""The fakes behind a real socket."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import re
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import anthropic
import httpx
import pytest
from memtrace import AsyncMemtrace, AuthenticationError, Memtrace

from fakememtrace import Cassette, World
from fakememtrace.clock import RealClock
from fakememtrace.doors import server
from fakememtrace.errors import UsageError
from fakememtrace.wire import Request
from tests.claude.helpers import answer, interaction, request

MEBI = 1024 * 1024
JSON = "application/json"


@pytest.fixture
def world():
    """A world that nobody has entered."""
    return World()


@pytest.fixture
def url(world):
    """Where it is served."""
    with world.serve() as url:
        yield url


def headers(world, **more):
    """What a client of `world` sends."""
    return {"x-api-key": world.api_key, "content-type": JSON, **more}


def remember(url, world):
    """Store a memory through the SDK at `url`."""
    with Memtrace(url, world.api_key) as memtrace:
        memtrace.remember("agent_1", "tea")


def recalled(url, world):
    """How many memories the SDK finds at `url`."""
    with Memtrace(url, world.api_key) as memtrace:
        return memtrace.recall("agent_1").count


def exchange(url, *pieces):
    """All that the server says to `pieces`, sent as they are, until it closes the connection."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        for piece in pieces:
            connection.sendall(piece)
        received = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := connection.recv(65536):
                received += piece
    return received


def raw(method, path, *lines, body=b""):
    """A request as bytes, after whose answer the connection is closed."""
    head = [f"{method} {path} HTTP/1.1", "host: x", "connection: close", *lines]
    return "\r\n".join([*head, f"content-length: {len(body)}", "", ""]).encode() + body


def told(received):
    """Status and body of a raw answer that is not chunked."""
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), body


# -- the API ---------------------------------------------------------------------------------------


def test_the_sdk_works_against_it(world, url):
    """The real client, sync and async, over a real socket."""

    async def recall():
        async with AsyncMemtrace(url, world.api_key) as memtrace:
            return (await memtrace.recall("agent_1")).count

    with Memtrace(url, world.api_key) as memtrace:
        memtrace.remember("agent_1", "tea")
        assert memtrace.recall("agent_1").memories[0].content == "tea"
    assert asyncio.run(recall()) == 1
    with Memtrace(url, "wrong") as stranger, pytest.raises(AuthenticationError):
        stranger.recall("agent_1")


def test_it_is_reached_from_inside_the_block(world, url):
    """Inside the world's own block its server is an address like any other on this machine."""
    with world:
        remember(world.url, world)
        assert recalled(url, world) == 1


def test_the_journal_shows_the_usual_addresses(world, url):
    """What came over HTTP stands in the journal as if it had come through another door, whatever the port was."""
    httpx.get(f"{url}/health?a=b")
    httpx.post(f"{url}/v1/messages", json=request("hi"))
    assert [str(entry) for entry in world.journal] == [
        "#1 2026-02-07T12:00:00Z memtrace GET http://localhost:9100/health?a=b -> 200",
        "#2 2026-02-07T12:00:00Z claude POST https://api.anthropic.com/v1/messages -> 400",
    ]


def test_claude_is_on_the_same_port():
    """ANTHROPIC_BASE_URL can point to the server: an answer comes back by value, and as a stream."""
    world = World(cassette=Cassette([interaction(request("hi"), answer("Tea it is. " * 9)) for _ in range(2)]))
    with world.serve() as url, anthropic.Anthropic(base_url=url, api_key="k") as claude:
        plain = claude.messages.create(**request("hi"))
        with claude.messages.stream(**request("hi")) as stream:
            pieces = list(stream.text_stream)
    assert "".join(pieces) == plain.content[0].text == "Tea it is. " * 9
    assert len(pieces) > 3
    world.journal.assert_clean()


def test_a_stream_is_sent_event_by_event():
    """Each event is a chunk of its own on the wire."""
    world = World(cassette=Cassette([interaction(request("hi"), "Tea it is, and more of it.")]))
    body = json.dumps({**request("hi"), "stream": True}).encode()
    with world.serve() as url:
        received = exchange(url, raw("POST", "/v1/messages", body=body))
    head, _, chunked = received.partition(b"\r\n\r\n")
    assert b"transfer-encoding: chunked" in head.lower()
    chunks = re.findall(rb"[0-9a-f]+\r\n(event: .*?\n\n)\r\n", chunked, re.DOTALL)
    assert tuple(chunks) == world.journal[0].response.chunks
    assert len(chunks) > 6


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/files"])
def test_what_claude_does_not_serve_is_said_in_its_own_shape(world, url, path):
    """A call of anthropic that is not served is an error that the SDK can show."""
    error = httpx.get(url + path, headers={"anthropic-version": "2023-06-01"}).json()["error"]
    assert error["type"] == "not_found_error"
    assert path in error["message"]


def test_paths_below_v1_that_are_not_claudes_are_unknown(world, url):
    """To whoever does not speak to Claude there is nothing but the Memtrace API."""
    assert (httpx.get(f"{url}/v1/memories").status_code, httpx.get(f"{url}/v1/memories").text) == (
        404,
        "Cannot GET /v1/memories",
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/nowhere%20at/all?x=1", 404, b"Cannot GET /nowhere%20at/all"),
        ("PUT", "/health", 405, b"Method Not Allowed"),
        ("GET", "/api/v1/nowhere", 401, b'{"error":"missing API key"}'),
        ("GET", "/_fakememtrace", 404, b"Cannot GET /_fakememtrace"),
        ("POST", "/_fakememtrace/reset", 404, b"Cannot POST /_fakememtrace/reset"),
        ("PATCH", "/health", 405, b"Method Not Allowed"),
    ],
)
def test_what_is_not_served_is_said_as_the_server_says_it(url, method, path, status, body):
    """Unknown paths, wrong methods, no key; and without being asked for, no control surface."""
    assert told(exchange(url, raw(method, path))) == (status, body)


def test_percent_escapes_are_not_decoded(world, url):
    """The id in a path is taken as it was sent; the values of a query are decoded."""
    post = httpx.post(f"{url}/api/v1/agents", json={"name": "a/b"}, headers=headers(world))
    assert post.status_code == 201
    assert httpx.get(f"{url}/api/v1/agents/a%2Fb", headers=headers(world)).status_code == 404
    assert world.journal[-1].request.path == "/api/v1/agents/a%2Fb"
    assert httpx.get(f"{url}/api/v1/memories?agent_id=%20", headers=headers(world)).status_code == 500


def test_head_is_answered_without_a_body(world, url):
    """HEAD has status and headers of GET, and the connection goes on."""
    with httpx.Client(headers=headers(world)) as client:
        for _ in range(2):
            head = client.head(f"{url}/api/v1/agents")
            assert (head.status_code, head.headers["content-type"], head.content) == (200, JSON, b"")


def test_a_browser_may_ask_from_anywhere(world, url):
    """CORS allows every origin, and a preflight needs no key."""
    origin = {"origin": "https://example.org"}
    assert httpx.get(f"{url}/health", headers=origin).headers["access-control-allow-origin"] == "*"
    asked = {**origin, "access-control-request-method": "POST", "access-control-request-headers": "x-api-key"}
    preflight = httpx.options(f"{url}/api/v1/memories", headers=asked)
    assert (preflight.status_code, preflight.content) == (204, b"")
    assert preflight.headers["access-control-allow-headers"] == "x-api-key"


def test_headers_that_come_twice_are_joined(world, url):
    """The request has one text for each name of a header, as from every other door."""
    exchange(url, raw("GET", "/health", "X-Two: 1", "x-two: 2"))
    assert world.journal[0].request.headers["x-two"] == "1, 2"


# -- bodies ----------------------------------------------------------------------------------------


def fits(size):
    """A memory of `size` bytes of JSON."""
    return json.dumps({"agent_id": "a", "content": "x"}).encode().ljust(size)


def test_four_mebibytes_are_the_most(world, url):
    """That much is taken, one byte more is 413, with a length and without, and nothing is stored."""
    with httpx.Client(headers=headers(world)) as client:
        post = f"{url}/api/v1/memories"
        assert client.post(post, content=fits(4 * MEBI)).status_code == 201
        for body in (fits(4 * MEBI + 1), iter([fits(4 * MEBI), b" "])):
            refused = client.post(post, content=body)
            assert (refused.status_code, refused.text) == (413, "Request Entity Too Large")
        assert client.get(post).json()["count"] == 1


def test_a_body_without_end_is_not_waited_for(world, url):
    """Whoever announces a terabyte, or sends chunks for ever, is told 413 after the first four mebibytes."""
    start = f"POST /api/v1/memories HTTP/1.1\r\nhost: x\r\nx-api-key: {world.api_key}\r\n"
    for framing, piece in (
        (f"content-length: {1 << 40}", b"x" * 65536),
        ("transfer-encoding: chunked", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    ):
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 10) as connection:
            connection.sendall(f"{start}{framing}\r\n\r\n".encode())
            for _ in range(70):
                connection.sendall(piece)
            assert connection.recv(100).startswith(b"HTTP/1.1 413 ")
    assert [len(entry.request.body) for entry in world.journal] == [4 * MEBI + 1] * 2


def test_a_client_that_leaves_in_the_middle_of_a_body_stores_nothing(world, url):
    """Half a body is no request: nothing is answered, stored, or written down."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as connection:
        connection.sendall(raw("POST", "/api/v1/memories", f"x-api-key: {world.api_key}", body=fits(1000))[:-500])
        time.sleep(0.05)
    assert httpx.get(f"{url}/api/v1/memories", headers=headers(world)).json()["count"] == 0
    assert len(world.journal) == 1


DEEP = b'{"agent_id":"a","content":"x","metadata":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001
BODIES = {
    "empty": b"",
    "not JSON": b"tea",
    "half an object": b'{"agent_id":"a","content":"x"',
    "a list": b"[]",
    "a number": b"1",
    "null": b"null",
    "no object in the batch": b'{"memories":[1,"x",null]}',
    "wrong types": b'{"agent_id":7,"content":["x"],"tags":"t","importance":"high"}',
    "NaN": b'{"agent_id":"a","content":"nan","importance":NaN}',
    "infinity": b'{"agent_id":"a","content":"inf","importance":1e999}',
    "digits without end": b'{"agent_id":"a","content":"digits","importance":' + b"9" * 5000 + b"}",
    "a huge exponent": b'{"agent_id":"a","content":"huge","metadata":{"n":1e308,"m":-1e-320}}',
    "deep": DEEP,
    "deep list": b"[" * 100_000,
    "lone surrogate": b'{"agent_id":"a","content":"x \\ud800 y","metadata":{"\\udfff":"\\ud800"}}',
    "NUL": b'{"agent_id":"a","content":"nul \\u0000 y","dedup_key":"\\u0000"}',
    "raw NUL": b'{"agent_id":"a","content":"\x00"}',
    "no UTF-8": b'{"agent_id":"a","content":"\xff\xfe\xed\xa0\x80"}',
    "a BOM": b'\xef\xbb\xbf{"agent_id":"a","content":"bom"}',
    "UTF-16": '{"agent_id":"a","content":"sixteen"}'.encode("utf-16"),
    "unknown fields": b'{"agent_id":"a","content":"unknown","org_id":"other","__proto__":{},"time":1}',
    "duplicate keys": b'{"agent_id":"a","content":"first","Content":"second","CONTENT":"third"}',
    "nulls": b'{"agent_id":"a","content":"nulls","tags":null,"metadata":null,"importance":null}',
    "an invalid batch": b'{"memories":[{"agent_id":"a","content":"one"},{"agent_id":"","content":"two"}]}',
}
TARGETS = [
    ("POST", "/api/v1/memories"),
    ("POST", "/api/v1/search"),
    ("POST", "/api/v1/agents"),
    ("POST", "/api/v1/sessions"),
    ("PUT", "/api/v1/sessions/sess_1"),
    ("POST", "/api/v1/sessions/sess_1/context"),
]


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_bad_bodies_get_the_same_answer_as_through_any_door(dialect):
    """Whatever the body is, HTTP gives the fake's own answer: no crash, no hang, and the same is kept."""
    served, asked = World(dialect), World(dialect)
    with served.serve() as url, httpx.Client(base_url=url, headers=headers(served), timeout=10) as client:
        for name, body in BODIES.items():
            for method, path in TARGETS:
                over_http = client.request(method, path, content=body)
                direct = asked.handle(Request(method, "http://localhost:9100", path, "", headers(asked), body))
                assert (over_http.status_code, over_http.content) == (direct.status, direct.body), (name, path)
                assert not direct.unexpected, (name, path)
                assert direct.status < 500 or b"failed to create memory" in direct.body, (name, path)
    assert served.memory.memories() == asked.memory.memories()
    assert served.journal.problems() == []


@pytest.mark.parametrize(
    "lines",
    [
        b"tea\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_what_is_no_http_is_400(world, url, lines):
    """A client that speaks something else is told so, and the server goes on."""
    received = exchange(url, lines, b"\r\n\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert httpx.get(f"{url}/health").status_code == 200


# -- concurrency -----------------------------------------------------------------------------------


def test_sixteen_connections_lose_no_write(world, url):
    """Threads that write and read at once: every write is kept once, and no answer is torn."""

    def work(number):
        with httpx.Client(base_url=url, headers=headers(world)) as client:
            for n in range(25):
                memory = {"agent_id": f"agent_{number % 4}", "content": f"{number} {n} " + "x" * 500}
                assert client.post("/api/v1/memories", json=memory).status_code == 201
                page = client.get("/api/v1/memories", params={"agent_id": f"agent_{number % 4}"}).json()
                assert len(page["memories"]) == page["count"]
                assert all(len(memory["content"]) > 500 for memory in page["memories"])
        return number

    with ThreadPoolExecutor(16) as threads:
        assert sorted(threads.map(work, range(16))) == list(range(16))
    contents = [memory.content.split(" x")[0] for memory in world.memory.memories()]
    assert sorted(contents) == sorted(f"{number} {n}" for number in range(16) for n in range(25))
    times = [memory.time for memory in world.memory.memories()]
    assert times == sorted(set(times))


def test_asyncio_tasks_lose_no_write(world, url):
    """Many tasks of one program, each with the same client."""

    async def write():
        async with AsyncMemtrace(url, world.api_key) as memtrace:
            await asyncio.gather(*(memtrace.remember("agent_1", f"fact {n}") for n in range(100)))

    asyncio.run(write())
    assert sorted(memory.content for memory in world.memory.memories()) == sorted(f"fact {n}" for n in range(100))


WRITER = """
import json, sys, urllib.request
url, key, name = sys.argv[1:]
def call(method, path, value=None):
    headers = {"x-api-key": key, "content-type": "application/json"}
    body = None if value is None else json.dumps(value).encode()
    with urllib.request.urlopen(urllib.request.Request(url + path, body, headers, method=method)) as answer:
        return json.load(answer)
agent = call("POST", "/api/v1/agents", {"name": name})["id"]
for n in range(30):
    call("POST", "/api/v1/memories", {"memories": [{"agent_id": agent, "content": f"{n} {m}"} for m in range(5)]})
    assert call("GET", f"/api/v1/memories?agent_id={agent}&limit=1000")["count"] == 5 * (n + 1)
print(agent)
"""


def test_several_processes_share_it(world, url):
    """Each process sees all of its own writes at once, and none is lost."""
    arguments = [sys.executable, "-c", WRITER, url, world.api_key]
    writers = [subprocess.Popen([*arguments, f"w{n}"], stdout=subprocess.PIPE, text=True) for n in range(4)]
    agents = [writer.communicate(timeout=60)[0].strip() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * 4
    assert len(world.memory.memories()) == 4 * 150
    assert sorted(agents) == sorted(agent.id for agent in world.memory.agents())


# -- faults ----------------------------------------------------------------------------------------


def test_a_dropped_connection_says_nothing(world, url):
    """The connection is closed without a byte, the next one is served, and the journal tells."""
    world.faults.add("drop", route="GET /health", times=1)
    assert exchange(url, raw("GET", "/health")) == b""
    assert told(exchange(url, raw("GET", "/health")))[0] == 200
    world.faults.add("drop", route="GET /health", handled=True)
    with pytest.raises(httpx.RemoteProtocolError, match="Server disconnected without sending a response"):
        httpx.get(f"{url}/health")
    assert [entry.fault for entry in world.journal] == ["drop", "", "drop-2"]


def test_a_cut_body_promises_more_than_it_has(world, url):
    """The headers are those of the whole answer, the connection ends early, and a client notices."""
    whole = told(exchange(url, raw("GET", "/health")))[1]
    world.faults.add("cut", route="GET /health", bytes=7)
    received = exchange(url, raw("GET", "/health"))
    assert f"content-length: {len(whole)}".encode() in received.lower()
    assert told(received) == (200, whole[:7])
    with pytest.raises(httpx.RemoteProtocolError, match=f"received 7 bytes, expected {len(whole)}"):
        httpx.get(f"{url}/health")


def test_a_cut_stream_ends_without_its_end():
    """Of an event stream the first bytes arrive, and no last chunk."""
    world = World(cassette=Cassette([interaction(request("hi"), "Tea")]))
    world.faults.add("cut", route="claude POST /v1/messages", bytes=20)
    with world.serve() as url:
        body = json.dumps({**request("hi"), "stream": True}).encode()
        received = exchange(url, raw("POST", "/v1/messages", body=body))
    assert received.endswith(b"\r\n\r\n14\r\nevent: message_start\r\n")


def test_a_delay_is_waited_for_on_a_real_clock_only():
    """A late answer is late and holds nobody up; on a virtual clock the clock moves instead."""
    world = World(clock=RealClock())
    world.faults.add("delay", route="GET /ready", by="500ms")
    with world.serve() as url, ThreadPoolExecutor(1) as thread:
        start = time.monotonic()
        late = thread.submit(httpx.get, f"{url}/ready")
        while not len(world.journal):
            time.sleep(0.001)
        assert httpx.get(f"{url}/health").status_code == 200
        assert not late.done()
        assert late.result().status_code == 200
        assert time.monotonic() - start >= 0.5
    world = World()
    world.faults.add("delay", route="GET /ready", by="1h")
    with world.serve() as url:
        assert httpx.get(f"{url}/ready").status_code == 200
    assert world.clock.now().hour == 13


# -- beginning and end -----------------------------------------------------------------------------


def test_it_leaves_nothing_behind(world):
    """No thread, no socket, no event loop; the port is free again, whatever clients are still connected."""
    before = set(threading.enumerate())
    port = 0
    with httpx.Client() as client:
        for _ in range(3):
            with world.serve(port=port) as url:
                port = int(url.rpartition(":")[2])
                assert client.get(f"{url}/health").status_code == 200
                idle = socket.create_connection(("127.0.0.1", port), 10)
            assert idle.recv(1) == b""
            idle.close()
            assert set(threading.enumerate()) == before
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
    gc.collect()


def test_the_end_of_the_block_does_not_wait_for_ever():
    """Answers that are an hour late and bodies that never come do not keep the server."""
    world = World(clock=RealClock())
    world.faults.add("delay", route="GET /health", by="1h")
    with contextlib.ExitStack() as sockets:
        start = time.monotonic()
        with world.serve() as url:
            host, port = url.removeprefix("http://").split(":")
            for piece in (raw("GET", "/health"), raw("POST", "/api/v1/memories", body=fits(500))[:-5]):
                connection = sockets.enter_context(socket.create_connection((host, int(port)), 10))
                connection.sendall(piece)
            while not len(world.journal):
                time.sleep(0.001)
        assert time.monotonic() - start < 5


def test_a_world_is_served_several_times_at_once(world):
    """Two servers of one world have one memory."""
    with world.serve() as one, world.serve() as other:
        assert one != other
        remember(one, world)
        assert recalled(other, world) == 1


def test_a_port_in_use_is_refused(world, url):
    """The second server on a port is refused, in words, and leaves nothing behind."""
    port = int(url.rpartition(":")[2])
    before = threading.active_count()
    with pytest.raises(UsageError) as refused, world.serve(port=port):
        pass
    assert str(refused.value) == (
        f"port {port} of 127.0.0.1 is in use. Stop what listens there, or take another port; 0 is any free one."
    )
    assert threading.active_count() == before


@pytest.mark.parametrize(
    ("place", "error", "problem"),
    [
        (
            "getaddrinfo",
            socket.gaierror(-2, "Name or service not known"),
            (
                "the host 'nowhere' cannot be found: [Errno -2] Name or service not known. "
                "Name an address of this machine, such as 127.0.0.1."
            ),
        ),
        (
            "socket.bind",
            PermissionError(13, "Permission denied"),
            "port 80 of nowhere is not allowed to this user. Take one from 1024 on; 0 is any free one.",
        ),
    ],
    ids=["unknown host", "privileged port"],
)
def test_an_address_that_cannot_be_had_is_explained(monkeypatch, place, error, problem):
    """What the system says against an address is told with what to do."""

    def refuse(*_, **__):
        raise error

    class Socket(socket.socket):
        bind = refuse

    address = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 80))
    monkeypatch.setattr(server.socket, "getaddrinfo", refuse if place == "getaddrinfo" else lambda *_, **__: [address])
    monkeypatch.setattr(server.socket, "socket", Socket)
    with pytest.raises(UsageError) as refused:
        server.listen("nowhere", 80)
    assert str(refused.value) == problem


def test_who_stops_a_program_says_so_over_a_socket_and_is_not_asked_again(world, url):
    """The process that asked cannot be ended from here: it gets the reason at once, and its SDK does not retry."""
    world.claude.max_calls = 0
    claude = anthropic.Anthropic(base_url=url, api_key="k")
    with pytest.raises(anthropic.BadRequestError) as refused:
        claude.messages.create(**request("hi"))
    assert refused.value.body["error"] == {
        "type": "invalid_request_error",
        "message": "fakememtrace: it asked Claude more than 0 times; the program was stopped there.",
    }
    assert len(world.journal) == 1
