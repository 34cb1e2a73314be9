"""A server over this process's stdin and stdout, until the client goes away or a signal comes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from ...errors import UsageError

__all__ = ["Signals", "run"]

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")
# How long what was asked before the end may take to be answered, in seconds.
_PATIENCE = 1.0
_CHUNK = 65_536


class Signals:
    """Within the block, SIGINT, SIGTERM and SIGHUP only say that it is time to end: at once, or once a loop runs."""

    def __init__(self) -> None:
        self.told = False
        self.then: Callable[[], object] = bool
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Signals:
        numbers = [getattr(signal, name) for name in _NAMES if hasattr(signal, name)]
        self._before = {number: signal.signal(number, self._take) for number in numbers}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _take(self, number: int, frame: Any) -> None:
        self.told = True
        self.then()


def run(server: Any, signals: Signals) -> None:
    """Serve one client, which is on the other side of stdin and stdout, until it goes away or `signals` are told.

    Nothing else reaches stdout meanwhile: what is printed goes to stderr.

    Raises:
        UsageError: there is no stdin or no stdout.
    """
    source, target = _descriptor(sys.stdin, "stdin"), _descriptor(sys.stdout, "stdout")
    with contextlib.redirect_stdout(sys.stderr):
        asyncio.run(_serve(server, signals, source, target))


async def _serve(server: Any, signals: Signals, source: int, target: int) -> None:
    from mcp.server.stdio import stdio_server

    serving = asyncio.ensure_future(_session(server, stdio_server, _Wire(source, target)))
    loop = asyncio.get_running_loop()
    signals.then = lambda: loop.call_soon_threadsafe(serving.cancel)
    if signals.told:
        serving.cancel()
    try:
        await serving
    except asyncio.CancelledError:
        if not signals.told:
            raise
    finally:
        signals.then = bool


async def _session(server: Any, stdio_server: Any, wire: _Wire) -> None:
    with wire:
        async with stdio_server(stdin=wire, stdout=wire) as (read, write):
            await server.run(read, write, server.create_initialization_options())


class _Wire:
    """Two descriptors as the files that the SDK reads and writes: ``stdin`` and ``stdout`` in one.

    The SDK's own wait in threads that cannot be left, so that a signal would be heard when the next line comes, and at
    the end of stdin the SDK gives up on what it has not answered yet.  Here the threads are daemons, and the end of
    stdin is told when all is answered.
    """

    def __init__(self, source: int, target: int) -> None:
        self._source, self._target = source, target
        self._loop = asyncio.get_running_loop()
        self._lines: asyncio.Queue[bytes | None] = asyncio.Queue()
        self._output: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._open: set[str] = set()
        self._answered = asyncio.Event()
        self._writer = threading.Thread(target=self._write, name="fakememtrace stdout", daemon=True)

    def __enter__(self) -> _Wire:
        self._writer.start()
        threading.Thread(target=self._read, name="fakememtrace stdin", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._output.put(None)
        # Who does not read what it asked for is not waited for.
        self._writer.join(_PATIENCE)

    async def __aiter__(self) -> AsyncIterator[str]:
        while (line := await self._lines.get()) is not None:
            if line.strip():
                self._asked(line)
                yield line.decode("utf-8", "replace")
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._all_answered(), _PATIENCE)

    async def write(self, text: str) -> None:
        """Put one message out."""
        self._settled(text)
        self._output.put(text.encode("utf-8", "replace"))

    async def flush(self) -> None:
        """Nothing: what is put out is on its way."""

    async def _all_answered(self) -> None:
        while self._open:
            self._answered.clear()
            await self._answered.wait()

    def _asked(self, line: bytes) -> None:
        for message in _messages(line):
            if message.get("method") == "notifications/cancelled":
                self._open.discard(_key((message.get("params") or {}).get("requestId")))
            elif "method" in message and "id" in message:
                self._open.add(_key(message["id"]))

    def _settled(self, text: str) -> None:
        for message in _messages(text):
            if "method" not in message:
                self._open.discard(_key(message.get("id")))
        self._answered.set()

    def _read(self) -> None:
        rest = b""
        with contextlib.suppress(OSError):
            while piece := os.read(self._source, _CHUNK):
                *lines, rest = (rest + piece).split(b"\n")
                self._tell(*lines)
        self._tell(rest, None)

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            while (rest := self._output.get()) is not None:
                while rest:
                    rest = rest[os.write(self._target, rest) :]
            return
        # Nobody reads any more, which is as if nobody asked any more.
        self._open.clear()
        self._tell(None)

    def _tell(self, *lines: bytes | None) -> None:
        def told() -> None:
            for line in lines:
                self._lines.put_nowait(line)
            self._answered.set()

        # The loop may be over.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(told)


def _messages(line: str | bytes) -> Iterator[dict[str, Any]]:
    """The messages in a line; what is none is the SDK's to judge."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return
    yield from (message for message in (value if isinstance(value, list) else [value]) if isinstance(message, dict))


def _key(identity: Any) -> str:
    return json.dumps(identity)


def _descriptor(stream: Any, name: str) -> int:
    try:
        number: int = stream.fileno()
    except (AttributeError, OSError, ValueError):
        raise UsageError(
            f"there is no {name}. MCP is spoken over stdin and stdout; have an MCP client start this command."
        ) from None
    return number
