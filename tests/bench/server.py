"""What ``fakememtrace serve`` keeps of a bare ASGI application's speed: ``python -m tests.bench.server``.

Two servers under the same uvicorn: the fake, and an application that reads the body and answers each kind of request
with the same bytes every time.  16 connections ask both in turn, each block being compared with the one beside it.
``--minutes 5`` asks for so long and prints how much memory the fake's server takes.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from .harness import FULL, QUICK, Measured, Plan, Row, interleaved

if TYPE_CHECKING:
    from fakememtrace.wire import Request, Response
    from fakememtrace.world import World

__all__ = ["rows"]

CONNECTIONS = 16
KEY = "mtk_bench"
# The fake may take 1 / 0.6 of the bare application's time.
TARGET = round(1 / 0.6, 2)
# In the long run memories repeat, since a store that grows is no leak.
REPEATED = 2_000

Ask = Callable[[int], bytes]


class Load(NamedTuple):
    """A kind of request: its name, and the bytes of the n-th."""

    name: str
    ask: Ask


def _request(method: str, path: str, value: object = None) -> bytes:
    body = b"" if value is None else json.dumps(value).encode()
    lines = [f"{method} {path} HTTP/1.1", "host: bench", f"x-api-key: {KEY}", "content-type: application/json"]
    return "\r\n".join([*lines, f"content-length: {len(body)}", "", ""]).encode() + body


def _memory(n: int) -> bytes:
    content = f"Customer {n} asked about invoice {n * 7919}; the second payment was refunded today."
    fields = {"agent_id": f"agent_{n % 50}", "session_id": f"sess_{n % 200}", "content": content}
    return _request("POST", "/api/v1/memories", {**fields, "tags": ["billing", "refund"], "importance": 0.5})


def _list(n: int) -> bytes:
    return _request("GET", f"/api/v1/memories?agent_id=agent_{n % 50}&since=24h&limit=20")


def _search(n: int) -> bytes:
    return _request(
        "POST", "/api/v1/search", {"content_contains": "refund", "agent_id": f"agent_{n % 50}", "limit": 20}
    )


def _context(n: int) -> bytes:
    return _request("POST", f"/api/v1/sessions/sess_{n % 200}/context", {"since": "4h"})


def _mixed(n: int) -> bytes:
    return (_memory, _list, _memory, _search, _memory, _list, _context, _memory, _list, _search)[n % 10](n)


LOADS = [Load("a mix of calls", _mixed), Load("add_memory", _memory), Load("list_memories of 20", _list)]


def rows(plan: Plan) -> list[Row]:
    """Each load, the bare application being the floor."""
    numbers = count()
    with _server("fake") as fake, _server("bare") as bare:
        _asked(fake, _memory, REPEATED // CONNECTIONS, numbers)
        blocks = {
            f"{load.name}, {name}": partial(_asked, port, load.ask, plan.calls // 20, numbers)
            for load in LOADS
            for name, port in (("serve", fake), ("bare", bare))
        }
        measured: Measured = interleaved(blocks, plan.rounds)
    return [
        measured.row(f"{load.name}, serve", f"{load.name}, bare", TARGET if load.ask is _mixed else None)
        for load in LOADS
    ]


def _asked(port: int, ask: Ask, calls: int, numbers: Iterator[int]) -> float:
    """The seconds that one answer took, of 16 connections that make `calls` requests each."""
    return asyncio.run(_load(port, ask, calls, numbers))


async def _load(port: int, ask: Ask, calls: int, numbers: Iterator[int]) -> float:
    requests = [[ask(next(numbers)) for _ in range(calls)] for _ in range(CONNECTIONS)]
    start = perf_counter()
    await asyncio.gather(*(_connection(port, mine) for mine in requests))
    return (perf_counter() - start) / (calls * CONNECTIONS)


async def _connection(port: int, requests: Sequence[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head[9:12] in (b"200", b"201", b"409"), head
        await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
    writer.close()
    await writer.wait_closed()


@contextlib.contextmanager
def _server(kind: str) -> Iterator[int]:
    """The port of a server in a process of its own."""
    with _process(kind) as (_, port):
        yield port


@contextlib.contextmanager
def _process(kind: str) -> Iterator[tuple[int, int]]:
    command = [sys.executable, "-m", __spec__.name if __spec__ else "tests.bench.server", "--be", kind]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.pid, int(process.stdout.readline().split("http://127.0.0.1:")[1].split(",")[0])
    finally:
        process.terminate()
        process.communicate()


def _be(kind: str) -> None:
    if kind == "fake":
        from fakememtrace.commands.serve import command

        command(["--port", "0", "--key", KEY], standalone_mode=False)
    else:
        from fakememtrace.doors import server

        listener = server.listen("127.0.0.1", 0)
        server.run(_Bare(), listener, lambda: print(server.url_of(listener), flush=True))


class _Bare:
    """Reads the body and answers each kind of request with the same bytes every time: what a world once answered."""

    def __init__(self) -> None:
        from fakememtrace.world import World

        world = World(api_key=KEY)
        for n in range(REPEATED):
            _through(world, _memory(n))
        samples = (_memory(REPEATED), _list(1), _search(1), _context(1))
        self._answers = {
            _kind(request.method, request.path): response
            for request, response in (_through(world, sample) for sample in samples)
        }

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        body = self._answers[_kind(scope["method"], scope["path"])].body
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _kind(method: str, path: str) -> str:
    return method + path.rpartition("/")[2]


def _through(world: World, raw: bytes) -> tuple[Request, Response]:
    from fakememtrace.wire import Request

    head, _, body = raw.decode().partition("\r\n\r\n")
    method, target = head.split(" ")[:2]
    path, _, query = target.partition("?")
    request = Request(
        method, world.url, path, query, {"x-api-key": KEY, "content-type": "application/json"}, body.encode()
    )
    return request, world.handle(request)


def _long(minutes: float) -> None:
    """Ask both in turn for `minutes`, and print throughput and memory about twelve times."""
    numbers, shares = _repeating(), []
    with _process("fake") as (pid, fake), _server("bare") as bare:
        start, shown = perf_counter(), 0.0
        print("minutes | serve req/s | bare req/s | share | RSS of serve")
        while (passed := (perf_counter() - start) / 60) < minutes:
            mine, floor = (1 / _asked(port, _mixed, 60, numbers) for port in (fake, bare))
            shares.append(mine / floor)
            if passed >= shown:
                print(f"{passed:7.2f} | {mine:11,.0f} | {floor:10,.0f} | {mine / floor:5.2f} | {_rss(pid):,} KiB")
                shown += minutes / 12
        print(f"{minutes:7.2f} | share, median of {len(shares)} blocks: {median(shares):.2f} | {_rss(pid):,} KiB")


def _repeating() -> Iterator[int]:
    while True:
        yield from range(REPEATED)


def _rss(pid: int) -> int:
    """The resident memory of a process in KiB; 0 where the system does not tell."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0
    return int(status.read_text().partition("VmRSS:")[2].split()[0])


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.server", description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter blocks")
    parser.add_argument("--minutes", type=float, default=0, help="ask for so long instead, and print the memory taken")
    parser.add_argument("--be", choices=["fake", "bare"], help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.be:
        _be(given.be)
    elif given.minutes:
        _long(given.minutes)
    else:
        from .table import show

        show(
            {
                "16 connections; floor: a bare ASGI application under the same uvicorn": rows(
                    QUICK if given.quick else FULL
                )
            }
        )


if __name__ == "__main__":
    main()
