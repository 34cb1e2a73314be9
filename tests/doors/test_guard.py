"""The guard: while a world is open no socket leaves this machine, whatever library asks for it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import http.client
import multiprocessing
import pickle
import socket
import sqlite3
import subprocess
import sys
import threading
import urllib.request
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Client, Listener
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from fakememtrace import NetworkRefused, UnexpectedTraffic, UsageError, World
from fakememtrace.doors import guard
from fakememtrace.doors.callers import caller
from fakememtrace.doors.guard import SocketRefused

from .stand_in import Program, running, unix_server

ROOT = Path(__file__).parents[2]
HERE = "tests/doors/test_guard.py"
# Of the blocks that are for documentation only; a call that is let through by mistake finds nobody there.
HOST, IP, IPV6 = "weather.example", "192.0.2.7", "2001:db8::7"
SERVED = "Served here, to httpx and httpx2: memtrace at http://localhost:9100, claude at https://api.anthropic.com"
HAS_IPV6 = socket.has_ipv6 and Path("/proc/net/if_inet6").exists()
MODULE = ("getaddrinfo", "gethostbyaddr", "gethostbyname", "gethostbyname_ex")
METHODS = ("connect", "connect_ex", "sendmsg", "sendto")


@pytest.fixture(autouse=True)
def _in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    """Places are told from the working directory."""
    monkeypatch.chdir(ROOT)


@contextlib.contextmanager
def tcp(family: int = socket.AF_INET, blocking: bool = True) -> Iterator[socket.socket]:
    """A TCP socket, closed afterwards."""
    with socket.socket(family, socket.SOCK_STREAM) as made:
        made.setblocking(blocking)
        yield made


@contextlib.contextmanager
def udp(family: int = socket.AF_INET) -> Iterator[socket.socket]:
    """A UDP socket, closed afterwards."""
    with socket.socket(family, socket.SOCK_DGRAM) as made:
        yield made


def line() -> str:
    """Where the caller of this function stands, as a refusal says it."""
    return f"{HERE}:{sys._getframe(1).f_lineno}"


def by_urllib() -> None:
    urllib.request.urlopen(f"http://{HOST}/today")


def by_http_client() -> None:
    http.client.HTTPConnection(IP, 8080).request("GET", "/")


def by_connect() -> None:
    with tcp() as asking:
        asking.connect((IP, 80))


def by_connect_to_a_name() -> None:
    with tcp() as asking:
        asking.connect((HOST, 80))


def by_connect_without_blocking() -> None:
    with tcp(blocking=False) as asking:
        asking.connect((IP, 80))


def by_connect_over_ipv6() -> None:
    with tcp(socket.AF_INET6) as asking:
        asking.connect((IPV6, 80))


def by_mapped_address() -> None:
    with tcp(socket.AF_INET6) as asking:
        asking.connect((f"::ffff:{IP}", 80, 0, 0))


def by_create_connection() -> None:
    socket.create_connection((IP, 80))


def by_udp_connect() -> None:
    with udp() as asking:
        asking.connect((IP, 53))


def by_sendto() -> None:
    with udp() as asking:
        asking.sendto(b"?", (IP, 53))


def by_sendto_with_flags() -> None:
    with udp() as asking:
        asking.sendto(b"?", 0, (HOST, 53))


def by_broadcast() -> None:
    with udp() as asking:
        asking.sendto(b"?", ("<broadcast>", 9))


def by_sendmsg() -> None:
    with udp() as asking:
        asking.sendmsg([b"?"], [], 0, (HOST, 53))


def by_sendmsg_over_ipv6() -> None:
    with udp(socket.AF_INET6) as asking:
        asking.sendmsg([b"?"], [], 0, (IPV6, 53))


def by_getaddrinfo() -> None:
    socket.getaddrinfo(HOST.upper(), b"https")


def by_getaddrinfo_of_a_number() -> None:
    socket.getaddrinfo(host=IP, port=None)


def by_gethostbyname() -> None:
    socket.gethostbyname(HOST)


def by_gethostbyname_ex() -> None:
    socket.gethostbyname_ex(HOST)


def by_gethostbyaddr() -> None:
    socket.gethostbyaddr(IP)


def by_getnameinfo() -> None:
    socket.getnameinfo((IP, 80), 0)


def by_open_connection() -> None:
    asyncio.run(_opened(HOST))


def by_open_connection_to_a_number() -> None:
    asyncio.run(_opened(IP))


async def _opened(host: str) -> None:
    await asyncio.open_connection(host, 443)


def by_loop_getaddrinfo() -> None:
    asyncio.run(_looked_up())


async def _looked_up() -> None:
    await asyncio.get_running_loop().getaddrinfo(HOST, 443, type=socket.SOCK_STREAM)


def by_requests() -> None:
    requests = pytest.importorskip("requests", reason="requests is not installed")
    requests.get(f"https://{HOST}/today", timeout=5)


def by_aiohttp() -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed")

    async def asked() -> None:
        async with aiohttp.ClientSession() as session:
            await session.get(f"https://{HOST}/today")

    asyncio.run(asked())


# Each way to ask, what the refusal calls it, and what the journal has of it.
WAYS: list[tuple[Callable[[], None], str, str]] = [
    (by_urllib, "socket.getaddrinfo('weather.example', 80)", "tcp://weather.example:80"),
    (by_http_client, "socket.getaddrinfo('192.0.2.7', 8080)", "tcp://192.0.2.7:8080"),
    (by_connect, "socket.connect('192.0.2.7', 80)", "tcp://192.0.2.7:80"),
    (by_connect_to_a_name, "socket.connect('weather.example', 80)", "tcp://weather.example:80"),
    (by_connect_without_blocking, "socket.connect('192.0.2.7', 80)", "tcp://192.0.2.7:80"),
    (by_connect_over_ipv6, "socket.connect('2001:db8::7', 80)", "tcp://[2001:db8::7]:80"),
    (by_mapped_address, "socket.connect('::ffff:192.0.2.7', 80)", "tcp://[::ffff:192.0.2.7]:80"),
    (by_create_connection, "socket.getaddrinfo('192.0.2.7', 80)", "tcp://192.0.2.7:80"),
    (by_udp_connect, "socket.connect('192.0.2.7', 53)", "udp://192.0.2.7:53"),
    (by_sendto, "socket.sendto('192.0.2.7', 53)", "udp://192.0.2.7:53"),
    (by_sendto_with_flags, "socket.sendto('weather.example', 53)", "udp://weather.example:53"),
    (by_broadcast, "socket.sendto('<broadcast>', 9)", "udp://<broadcast>:9"),
    (by_sendmsg, "socket.sendmsg('weather.example', 53)", "udp://weather.example:53"),
    (by_sendmsg_over_ipv6, "socket.sendmsg('2001:db8::7', 53)", "udp://[2001:db8::7]:53"),
    (by_getaddrinfo, "socket.getaddrinfo('WEATHER.EXAMPLE', 'https')", "tcp://WEATHER.EXAMPLE:https"),
    (by_getaddrinfo_of_a_number, "socket.getaddrinfo('192.0.2.7')", "tcp://192.0.2.7"),
    (by_gethostbyname, "socket.gethostbyname('weather.example')", "tcp://weather.example"),
    (by_gethostbyname_ex, "socket.gethostbyname('weather.example')", "tcp://weather.example"),
    (by_gethostbyaddr, "socket.gethostbyaddr('192.0.2.7')", "tcp://192.0.2.7"),
    (by_getnameinfo, "socket.getnameinfo('192.0.2.7', 80)", "tcp://192.0.2.7:80"),
    (by_open_connection, "socket.getaddrinfo('weather.example', 443)", "tcp://weather.example:443"),
    (by_open_connection_to_a_number, "socket.connect('192.0.2.7', 443)", "tcp://192.0.2.7:443"),
    (by_loop_getaddrinfo, "socket.getaddrinfo('weather.example', 443)", "tcp://weather.example:443"),
    (by_requests, "socket.getaddrinfo('weather.example', 443)", "tcp://weather.example:443"),
    (by_aiohttp, "socket.getaddrinfo('weather.example', 443)", "tcp://weather.example:443"),
]


@pytest.mark.parametrize(("way", "call", "url"), WAYS, ids=[way.__name__ for way, _, _ in WAYS])
def test_it_refuses(way: Callable[[], None], call: str, url: str) -> None:
    """Every way to ask for another machine fails as if it were unreachable, and the journal has it with its line."""
    if "[" in url:
        _need_ipv6()
    with World() as world, pytest.raises(OSError):
        way()
    exchanges = list(world.journal)
    assert {(exchange.service, exchange.request.method, exchange.request.url) for exchange in exchanges} == {
        ("network", "CONNECT", url)
    }
    place, told = exchanges[0].unexpected.split(": ", 1)
    assert place.startswith(f"{HERE}:")
    assert told.startswith(f"{call} was refused: the host ")
    assert exchanges[0].response is None


def _need_ipv6() -> None:
    if not HAS_IPV6:
        pytest.skip("this machine has no IPv6")


def refused(ask: Callable[[], Any]) -> str:
    """The text of the refusal."""
    with pytest.raises(SocketRefused) as caught:
        ask()
    assert isinstance(caught.value, NetworkRefused)
    assert isinstance(caught.value, OSError)
    return str(caught.value)


def test_the_whole_refusal() -> None:
    """It says who asked for which host and how, why that is refused, what is served, and what to do."""
    with World() as world:
        text, place = refused(lambda: socket.gethostbyname(HOST)), line()
    assert text == world.journal[0].unexpected
    assert text == (
        f"{place}: socket.gethostbyname('weather.example') was refused: the host 'weather.example' is neither faked "
        "nor on this machine, and a test has no network while a World is open.\n"
        f"{SERVED}; other loopback addresses are passed on.\n"
        "What to do: answer it with something on this machine; to let it through, write World(allow_hosts=["
        "'weather.example']) or override the fixture fakememtrace_allow_hosts."
    )


def test_the_words_are_where_others_look_for_them() -> None:
    """It has the number of an unreachable network, and its words as every OSError has them."""
    with World(), pytest.raises(SocketRefused) as caught:
        socket.gethostbyname(HOST)
    error = caught.value
    assert error.errno == errno.ENETUNREACH
    assert error.strerror == str(error)
    assert error.args == (errno.ENETUNREACH, str(error))
    assert "socket.gethostbyname('weather.example') was refused: " in str(error)


@pytest.mark.parametrize(
    "way", [by_aiohttp, by_open_connection, by_open_connection_to_a_number, by_requests, by_urllib, by_http_client]
)
def test_every_library_shows_the_whole_refusal(way: Callable[[], None]) -> None:
    """What a program sees, logs or swallows says who asked, for which host, and how to allow it."""
    with World() as world, pytest.raises(OSError) as caught:
        way()
    # Some of them show the error inside of theirs as Python writes a text.
    assert all(told in str(caught.value) for told in world.journal[0].unexpected.splitlines())


@pytest.mark.parametrize("address", [(IP, 80), (HOST, 80)])
def test_connect_ex_returns_its_number(address: Any) -> None:
    """Who asks for a number gets that of an unreachable network; the refusal is in the journal all the same."""
    with World() as world, tcp() as asking:
        found, place = asking.connect_ex(address), line()
    assert found == errno.ENETUNREACH
    (refusal,) = world.journal.unexpected()
    assert refusal.unexpected.startswith(f"{place}: socket.connect('{address[0]}', 80) was refused: the host ")


def test_a_slip_shows_what_was_meant_and_what_is_allowed() -> None:
    """The nearest host that is served or allowed is named, and those that are allowed are listed."""
    with World(allow_hosts=["api.weather.example", "mail.example"]):
        text, place = refused(lambda: socket.getaddrinfo("api.wether.example", 443)), line()
    assert text == (
        f"{place}: socket.getaddrinfo('api.wether.example', 443) was refused: the host 'api.wether.example' is neither "
        "faked nor on this machine, and a test has no network while a World is open. "
        "Did you mean 'api.weather.example'?\n"
        f"{SERVED}; other loopback addresses are passed on. Allowed: api.weather.example and mail.example.\n"
        "What to do: answer it with something on this machine; to let it through, write World(allow_hosts=["
        "'api.wether.example']) or override the fixture fakememtrace_allow_hosts."
    )


@pytest.mark.parametrize("host", ["api.anthropic.com", "API.Anthropic.COM."])
def test_claude_for_another_library_is_refused_with_a_way_out(host: str) -> None:
    """Claude's own address is faked for httpx and httpx2; other libraries are told of world.serve()."""
    with World():
        text, place = refused(lambda: socket.getaddrinfo(host, 443)), line()
    assert text == (
        f"{place}: socket.getaddrinfo('{host}', 443) was refused: the host '{host}' is faked for clients of httpx and "
        "httpx2 only, and a test has no network while a World is open.\n"
        f"{SERVED}; other loopback addresses are passed on.\n"
        "What to do: ask with one of these, or point the program at the URL of world.serve(), which is for every "
        "library; to let it through, write World(allow_hosts=['api.anthropic.com']) or override the fixture "
        "fakememtrace_allow_hosts."
    )


def test_a_memtrace_elsewhere_is_refused_like_claude(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where $MEMTRACE_URL points to, another library is told the same."""
    monkeypatch.setenv("MEMTRACE_URL", "https://memory.example/team")
    with World():
        text = refused(lambda: socket.gethostbyname("memory.example"))
    assert "the host 'memory.example' is faked for clients of httpx and httpx2 only, and" in text


# Who asked.


@pytest.mark.parametrize(("way", "asking"), [(by_urllib, by_urllib), (by_open_connection, _opened)])
def test_the_line_is_the_programs_own(way: Callable[[], None], asking: Any) -> None:
    """Not the library's line is told but the innermost one of the program, also in a coroutine."""
    with World() as world, pytest.raises(OSError):
        way()
    assert world.journal[0].unexpected.startswith(f"{HERE}:{asking.__code__.co_firstlineno + 1}: socket.getaddrinfo(")


def test_the_line_of_a_thread() -> None:
    """A thread of the program's own is told by its own line."""
    with World() as world:
        thread = threading.Thread(target=by_gethostbyname_swallowed)
        thread.start()
        thread.join()
    first = by_gethostbyname_swallowed.__code__.co_firstlineno
    assert world.journal[0].unexpected.startswith(f"{HERE}:{first + 2}: socket.gethostbyname('weather.example') was")


def by_gethostbyname_swallowed() -> None:
    with contextlib.suppress(Exception):
        socket.gethostbyname(HOST)


def test_a_librarys_thread_is_told_with_what_the_program_does() -> None:
    """A thread without a line of the program is told by its library, and where the program stands meanwhile."""
    with World(), ThreadPoolExecutor() as pool:
        problem, place = pool.submit(socket.gethostbyname, HOST).exception(), line()
    assert isinstance(problem, SocketRefused)
    assert str(problem).startswith(
        f"a thread of concurrent.futures (the program stands at {place}): socket.gethostbyname('weather.example') was "
    )


LIBRARY = """
import sys
from fakememtrace.doors.callers import caller
asked = compile("told = caller(sys._getframe())", "/usr/lib/python3/site-packages/shop/net.py", "exec")
names = {"sys": sys, "caller": caller, "__package__": NAME}
exec(asked, names)
print(caller(sys._getframe()), "|", names["told"])
"""


@pytest.mark.parametrize(
    ("test", "told"),
    [
        ("", "the program | shop"),
        (
            "tests/test_x.py::test_y[a b] (call)",
            "the program (during tests/test_x.py::test_y[a b]) | shop (during tests/test_x.py::test_y[a b])",
        ),
    ],
)
def test_a_stack_without_a_line_of_the_programs(test: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no line is the program's, the library is told, and the test that runs."""
    monkeypatch.setenv("PYTEST_CURRENT_TEST", test)
    code = LIBRARY.replace("NAME", "'shop'")
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == f"{told}\n"


def test_a_place_below_the_working_directory_is_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another place has its whole path."""
    assert caller(sys._getframe()) == line()
    monkeypatch.chdir(tmp_path)
    assert caller(sys._getframe()) == f"{__file__}:{line().partition(':')[2]}"


# What is let through.


def heard(event: str, *arguments: Any) -> bool:
    """Whether the guard lets an event pass; nothing is asked for in truth."""
    try:
        sys.audit(event, *arguments)
    except SocketRefused:
        return False
    return True


def connects(host: str, port: int = 443) -> bool:
    """Whether a connection there would be let through."""
    return heard("socket.connect", SimpleNamespace(family=socket.AF_INET, type=socket.SOCK_STREAM), (host, port))


def resolves(host: Any) -> bool:
    """Whether a name would be looked up."""
    return heard("socket.getaddrinfo", host, 443, 0, 0, 0)


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "LOCALHOST.", "app.localhost", b"localhost", "127.0.0.1", "127.9.9.9", bytearray(b"127.0.0.1")),
        *("::1", "::ffff:127.0.0.1", "0.0.0.0", "::", "", None),
    ],
)
def test_this_machine_is_let_through(host: Any) -> None:
    """Loopback in every spelling, and no host at all, are this machine."""
    with World() as world:
        assert resolves(host)
        assert connects(host)
    assert len(world.journal) == 0


@pytest.mark.parametrize("host", ["app.localhost", b"APP.localhost.", "a.b.localhost"])
@pytest.mark.parametrize("name", MODULE)
def test_a_name_below_localhost_is_not_asked_for(name: str, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is this machine, and no resolver is asked what it is: one that does not know it would ask another machine."""
    asked: list[Any] = []

    def found(host: Any, port: int = 0) -> Any:
        asked.append(host)
        return ("localhost", [], []) if "ex" in name or "addr" in name[-4:] else []

    monkeypatch.setattr(socket, name, found)
    with World():
        getattr(socket, name)(*([host, 80] if name == "getaddrinfo" else [host]))
        if name == "getaddrinfo":
            socket.getaddrinfo(host=host, port=80)
    assert set(asked) == {"localhost"}
    getattr(socket, name)(*([host, 80] if name == "getaddrinfo" else [host]))
    assert asked[-1] == host


def test_a_name_below_localhost_is_reached() -> None:
    """By a socket that is handed the name, and by a library that looks it up first."""
    with World() as world, running_listener() as (_, port):
        with tcp() as asking, tcp() as other:
            asking.connect(("app.localhost", port))
            assert other.connect_ex(("app.localhost", port)) == 0
        socket.create_connection(("app.localhost", port)).close()
    assert len(world.journal) == 0


def test_the_machines_own_name_is_let_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """So are the addresses that it has, once they were looked up; a name that only begins like it is not."""
    monkeypatch.setattr(socket, "gethostname", lambda: "Box-7")
    monkeypatch.setattr(socket, "gethostbyname", lambda host: IP)
    with World():
        assert resolves("box-7")
        assert not resolves("box-7.corp.example")
        assert not connects(IP)
        assert socket.gethostbyname("box-7") == IP
        assert connects(IP)


@pytest.mark.parametrize(
    ("family", "address"),
    [("AF_UNIX", "/run/x.sock"), ("AF_UNIX", b"\0x"), ("AF_NETLINK", (0, 0)), ("AF_PACKET", ("lo", 0))],
)
def test_other_families_are_let_through(family: str, address: Any) -> None:
    """Only IP has hosts."""
    if not hasattr(socket, family):
        pytest.skip(f"this machine has no {family}")
    asking = SimpleNamespace(family=getattr(socket, family), type=socket.SOCK_DGRAM)
    with World():
        assert all(heard(event, asking, address) for event in ("socket.connect", "socket.sendto", "socket.sendmsg"))


def test_sending_on_a_connected_socket_is_let_through() -> None:
    """What has no address goes where the socket was let through to."""
    with World(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, udp() as client:
        server.bind(("127.0.0.1", 0))
        client.connect(server.getsockname())
        assert client.sendmsg([b"a"]) == client.send(b"b") == 1
        assert client.sendto(b"c", server.getsockname()) == 1
        assert [server.recv(1) for _ in range(3)] == [b"a", b"b", b"c"]


def test_what_is_wrong_is_pythons_own_error() -> None:
    """The guard leaves to Python what is no address."""
    with World() as world, tcp() as asking, udp() as other:
        for wrong in ("localhost", (), (5, 5), None):
            with pytest.raises(TypeError):
                asking.connect(wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            other.sendto(b"x")  # type: ignore[call-overload]
    assert len(world.journal) == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_a_server_of_asyncios_is_reached(host: str) -> None:
    """Servers, connections and look-ups of asyncio work on loopback."""
    if host == "::1":
        _need_ipv6()

    async def talk() -> bytes:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(await reader.readline())
            writer.close()

        server = await asyncio.start_server(answer, host, 0)
        async with server:
            own = server.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(own[0], own[1])
            writer.write(b"tea\n")
            line = await reader.readline()
            writer.close()
            await writer.wait_closed()
            return line

    with World() as world:
        assert asyncio.run(talk()) == b"tea\n"
    world.journal.assert_clean()


def test_databases_and_unix_sockets_work(tmp_path: Path) -> None:
    """SQLite, and a server behind a Unix socket, are no network."""
    path = str(tmp_path / "s")
    with World() as world, running(unix_server(path)), socket.socket(socket.AF_UNIX) as asking:
        asking.connect(path)
        asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert asking.makefile("rb").read().endswith(b"real")
        with contextlib.closing(sqlite3.connect(tmp_path / "db")) as database:
            assert database.execute("select 1").fetchone() == (1,)
    world.journal.assert_clean()


@pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET"])
def test_listeners_of_multiprocessing_work(family: str) -> None:
    """Two ends of a connection of multiprocessing talk."""
    with World() as world, Listener(family=family) as listener, ThreadPoolExecutor() as others:
        asking = others.submit(Client, listener.address)
        with listener.accept() as here, asking.result() as there:
            here.send("tea")
            assert there.recv() == "tea"
    world.journal.assert_clean()


def test_processes_of_multiprocessing_work() -> None:
    """A pool of processes takes work and gives its result back."""
    with World() as world, multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(abs, (-3,)) == 3
    world.journal.assert_clean()


def test_a_process_and_its_pipes_work() -> None:
    """A subprocess talks over its pipes."""
    with World() as world:
        ran = subprocess.run([sys.executable, "-c", "print(input())"], input="tea", capture_output=True, text=True)
    assert ran.stdout == "tea\n"
    world.journal.assert_clean()


# Allowed hosts.


@pytest.mark.parametrize(
    ("allowed", "asked"),
    [
        ("api.example.com", ["api.example.com", "API.Example.Com", "api.example.com.", b"api.example.com"]),
        ("API.example.com.", ["api.example.com"]),
        ("bücher.example", ["bücher.example", "xn--bcher-kva.example"]),
        ("db", ["db"]),
        ("my_db-1", ["my_db-1"]),
        ("192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7"]),
        ("2001:DB8:0::7", ["2001:db8::7", "2001:db8::7%eth0"]),
        ("<broadcast>", ["<broadcast>", "255.255.255.255"]),
    ],
)
def test_an_allowed_host_is_let_through_in_every_spelling(allowed: str, asked: list[Any]) -> None:
    """It is one host however it is written; and no other one."""
    with World(allow_hosts=[allowed]):
        assert all(map(resolves, asked))
        assert all(map(connects, asked))
        strangers = ["example.com", "x.api.example.com", "api.example.co", "api.example.com.evil.example", "192.0.2.70"]
        assert not any(map(resolves, strangers))


WRONG = [
    ("https://api.example.com/v1", 'Write "api.example.com".'),
    ("api.example.com:443", 'Write "api.example.com".'),
    ("api.example.com/v1", 'Write "api.example.com".'),
    (" api.example.com ", 'Write "api.example.com".'),
    ("[2001:db8::7]", 'Write "2001:db8::7".'),
    ("http://[2001:db8::7", 'Write "api.example.com".'),
    ("*.example.com", "There are no wildcards: write out each host."),
    ("*", "There are no wildcards: write out each host."),
    ("", 'Write "api.example.com".'),
    ("a b", 'Write "api.example.com".'),
    (None, 'Write "api.example.com".'),
    (7, 'Write "api.example.com".'),
]


@pytest.mark.parametrize(("host", "advice"), WRONG)
def test_what_is_no_bare_host_is_refused(host: Any, advice: str) -> None:
    """A URL, a port, a wildcard or nonsense is refused with what to write instead."""
    with pytest.raises(UsageError) as caught:
        World(allow_hosts=["localhost", host])
    assert str(caught.value) == (
        f"allow_hosts has {host!r}, which is no host. "
        f"Expected a bare host, as the program asks for it: no scheme, no port, no path. {advice}"
    )


def test_a_text_is_no_list_of_hosts() -> None:
    """A single host that is not in a list is refused, since it would be read letter by letter."""
    with pytest.raises(UsageError) as caught:
        World(allow_hosts="https://api.example.com")
    assert str(caught.value) == (
        "allow_hosts is the text 'https://api.example.com'. Expected a list of hosts. "
        'Write allow_hosts=["api.example.com"].'
    )


class Resolver:
    """Stands in for DNS: every name is one address, and a number is itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
        self._address = address
        found: Any = ("canonical.example", [], [address])
        monkeypatch.setattr(socket, "getaddrinfo", self._rows)
        monkeypatch.setattr(socket, "gethostbyname", lambda host: address)
        monkeypatch.setattr(socket, "gethostbyname_ex", lambda host: found)
        monkeypatch.setattr(socket, "gethostbyaddr", lambda host: found)

    def _rows(self, host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        address = host if host in (IP, "127.0.0.1") else self._address
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]


@pytest.mark.parametrize("name", MODULE)
def test_what_an_allowed_name_was_found_to_be_is_let_through(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the look-up, and not before; what another name was found to be stays refused."""
    Resolver(monkeypatch, IP)
    with World(allow_hosts=["api.example.com"]):
        found = getattr(socket, name)
        ask = (lambda host: found(host=host, port=443)) if name == "getaddrinfo" else found
        ask("other.example")
        assert not connects(IP)
        ask("API.example.com")
        assert connects(IP)
        assert not connects("192.0.2.8")
    with World(allow_hosts=["api.example.com"]):
        assert not connects(IP)


def test_every_library_reaches_an_allowed_host(
    program: Program, loopback: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients of httpx and httpx2 pass it on too, and the world does not see the request."""
    Resolver(monkeypatch, "127.0.0.1")
    url = loopback.replace("127.0.0.1", "api.example.com")
    with World(allow_hosts=["api.example.com"]) as world:
        assert program.send(url).content == b"real"
        assert urllib.request.urlopen(url).read() == b"real"
        with pytest.raises(NetworkRefused):
            program.send(url.replace("api", "www"))
    assert [exchange.request.method for exchange in world.journal] == ["GET"]


def test_an_allowed_host_is_reached_by_requests_and_aiohttp(loopback: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So do the other libraries."""
    requests = pytest.importorskip("requests", reason="requests is not installed")
    aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed")
    Resolver(monkeypatch, "127.0.0.1")
    url = loopback.replace("127.0.0.1", "api.example.com")

    async def asked() -> bytes:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            return bytes(await response.read())

    with World(allow_hosts=["api.example.com"]) as world:
        assert requests.get(url, timeout=5).content == asyncio.run(asked()) == b"real"
    assert len(world.journal) == 0


def test_a_fake_stays_before_an_allowed_host(program: Program) -> None:
    """Claude is answered here by httpx and httpx2 although its host is allowed."""
    with World(allow_hosts=["api.anthropic.com"]) as world:
        assert resolves("api.anthropic.com")
        assert program.send("https://api.anthropic.com/v1/messages", method="POST").status_code == 400
    assert [exchange.service for exchange in world.journal] == ["claude"]


def test_a_route_of_respx_that_passes_on_is_guarded(loopback: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a mounted router lets through to the network reaches an allowed host, and no other."""
    respx = pytest.importorskip("respx", reason="respx is not installed")
    Resolver(monkeypatch, "127.0.0.1")
    url = loopback.replace("127.0.0.1", "api.example.com")
    with respx.mock() as router, World(allow_hosts=["api.example.com"]) as world:
        router.route(host="api.example.com").pass_through()
        router.route(host=IP).pass_through()
        world.mount(router)
        assert httpx.get(url).content == b"real"
        with pytest.raises(httpx.ConnectError, match=rf"^{HERE}:\d+: socket\.connect\('192\.0\.2\.7', 80\) was"):
            httpx.get(f"http://{IP}")


# Worlds, threads, locks.


def test_the_innermost_world_decides() -> None:
    """Worlds with different hosts nest; each has in its journal what it refused."""
    with World(allow_hosts=["outer.example"]) as outer:
        with World(allow_hosts=["inner.example"]) as inner:
            assert (resolves("inner.example"), resolves("outer.example")) == (True, False)
        assert (resolves("inner.example"), resolves("outer.example")) == (False, True)
    assert [exchange.request.url for exchange in inner.journal] == ["tcp://outer.example:443"]
    assert [exchange.request.url for exchange in outer.journal] == ["tcp://inner.example:443"]


def test_worlds_may_be_left_in_any_order_and_entered_again() -> None:
    """The world that is left over decides, and none in the end."""
    one, other = World(allow_hosts=["one.example"]), World(allow_hosts=["other.example"])
    for world in (one, other, one):
        world.__enter__()
    assert (resolves("one.example"), resolves("other.example")) == (True, False)
    one.__exit__(None, None, None)
    assert (resolves("one.example"), resolves("other.example")) == (False, True)
    other.__exit__(None, None, None)
    assert (resolves("one.example"), resolves("other.example")) == (True, False)
    one.__exit__(None, None, None)
    assert resolves("elsewhere.example")


def test_leaving_a_world_that_was_not_entered_is_an_error() -> None:
    """A stray leave does not take another world's place away."""
    with World() as world:
        with pytest.raises(ValueError):
            guard.leave(World())
        assert not resolves(HOST)
    assert len(world.journal) == 1


def functions() -> list[Any]:
    """All that the guard stands over."""
    return [
        *(vars(socket).get(name) for name in MODULE),
        *(vars(socket.socket).get(name) for name in METHODS),
        vars(asyncio.base_events.BaseEventLoop)["getaddrinfo"],
    ]


def test_after_the_world_everything_is_as_before() -> None:
    """The functions are the originals again, also when the block raises, and nothing is refused or written down."""
    before, world = functions(), World()
    with contextlib.suppress(ZeroDivisionError), world:
        inside = functions()
        raise ZeroDivisionError
    assert not any(ours is original for ours, original in zip(inside, before, strict=True))
    assert inside[0].__wrapped__ is before[0]
    assert functions() == before
    assert resolves(HOST)
    assert connects(IP)
    assert len(world.journal) == 0


def test_a_patch_on_top_of_the_guards_stays() -> None:
    """Another tool's function is left alone; what it puts back later does what the original does."""
    before = functions()
    with pytest.MonkeyPatch.context() as theirs:
        with World() as world:
            for name in METHODS:
                theirs.setattr(socket.socket, name, lambda *_: "theirs")
            theirs.setattr(socket, "gethostbyname", lambda _: "theirs")
        with tcp() as asking:
            assert getattr(asking, "connect")((HOST, 1)) == socket.gethostbyname(HOST) == "theirs"  # noqa: B009
    with running_listener() as address, tcp() as asking:
        asking.connect(address)
    assert socket.gethostbyname("127.0.0.1") == "127.0.0.1"
    with World():
        refused(by_connect)
        refused(by_gethostbyname)
    assert functions() == before
    assert len(world.journal) == 0


@contextlib.contextmanager
def running_listener() -> Iterator[Any]:
    """The address of a socket that listens."""
    with tcp() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()


def test_a_refusal_needs_no_lock_of_the_world() -> None:
    """Neither the thread that holds the world's lock nor one that it waits for is kept waiting."""
    with World() as world:
        thread = threading.Thread(target=by_gethostbyname_swallowed, daemon=True)
        with world._lock:
            refused(by_connect)
            thread.start()
            thread.join(10)
        assert not thread.is_alive()
    assert [exchange.number for exchange in world.journal] == [1, 2]


def test_many_threads_are_refused_at_once() -> None:
    """Each refusal is in the journal, under a number of its own."""
    with World() as world, ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(by_gethostbyname_swallowed) for _ in range(200)]:
            done.result()
    assert sorted(exchange.number for exchange in world.journal) == list(range(1, 201))


def test_the_guard_holds_no_world() -> None:
    """A world that was left is collected."""
    with World() as world:
        refused(by_connect)
    ghost = weakref.ref(world)
    del world
    gc.collect()
    assert ghost() is None


def test_a_refusal_can_be_pickled() -> None:
    """It comes back whole out of another process."""
    with World(), pytest.raises(SocketRefused) as caught:
        by_connect()
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (SocketRefused, str(caught.value))


def test_one_hook_is_enough() -> None:
    """However many worlds there were, the process has one hook, and none before its first world."""
    code = """
import sys
added = []
sys.addaudithook(lambda event, arguments: added.append(event) if event == "sys.addaudithook" else None)
from fakememtrace import World
worlds = [World(), World()]
print(added)
for world in worlds * 2:
    with world, world:
        pass
print(added)
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n['sys.addaudithook']\n"


# In pytest.

SWALLOWED = """
import urllib.request

def ask():
    try:
        return urllib.request.urlopen("http://weather.example/today")
    except OSError:
        return None

def test_it(fakememtrace):
    assert ask() is None
"""


def test_a_swallowed_refusal_fails_the_test(pytester: pytest.Pytester) -> None:
    """A program that catches the error is told at the test's end all the same, with its line and no traceback."""
    pytester.makepyfile(test_it=SWALLOWED)
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_it*",
            "1 problem in this world's traffic:",
            "#1 2026-02-07T12:00:00Z network CONNECT tcp://weather.example:80 -> refused",
            "test_it.py:5: socket.getaddrinfo('weather.example', 80) was refused: *",
            "What to do: *",
        ]
    )


def test_two_workers_have_a_guard_each(pytester: pytest.Pytester) -> None:
    """pytest-xdist works while a world is open in every worker, and each of them refuses."""
    pytester.makepyfile(
        **{
            f"test_{n}": """
import socket
import pytest
from fakememtrace import NetworkRefused

@pytest.mark.parametrize("n", range(5))
def test_it(fakememtrace, n):
    with pytest.raises(NetworkRefused, match=r"^test_\\d\\.py:8: socket\\.gethostbyname"):
        socket.gethostbyname("weather.example")
    assert len(fakememtrace.journal) == 1
    fakememtrace.journal.clear()
"""
            for n in range(2)
        }
    )
    pytester.runpytest_subprocess("-n", "2").assert_outcomes(passed=10)


def test_hosts_are_allowed_by_a_fixture(pytester: pytest.Pytester) -> None:
    """A project overrides fakememtrace_allow_hosts; what is no host there is one paragraph."""
    pytester.makepyfile(
        test_it="""
import sys
import pytest

@pytest.fixture
def fakememtrace_allow_hosts():
    return ["api.example.com"]

def test_it(fakememtrace):
    sys.audit("socket.gethostbyname", "api.example.com")

class TestWrong:
    @pytest.fixture
    def fakememtrace_allow_hosts(self):
        return ["*.example.com"]

    def test_it(self, fakememtrace):
        pass
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:randomly")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["allow_hosts has '[*].example.com', which is no host. Expected a bare host*"])
    assert "plugin.py" not in result.stdout.str()


def test_the_traffic_of_a_world_is_not_clean() -> None:
    """journal.assert_clean tells what was refused, and how often."""
    with World() as world:
        for _ in range(3):
            by_gethostbyname_swallowed()
    with pytest.raises(UnexpectedTraffic, match=r"refused \(and 2 more like it, the last is #3\)\ntests/doors/test_g"):
        world.journal.assert_clean()
