"""The process in which one scenario's program runs.

A program of its own process can raise, hang, leave threads behind or patch libraries, and
nothing of it stays.  The outcome goes into a file; whatever the program prints is its own.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from ..addresses import is_local
from ..errors import NetworkRefused
from ..wire import Request
from ..world import World
from .perform import Performance
from .places import Places
from .scenario import load_scenario

__all__ = ["main"]

_GUARDED = frozenset(
    {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendmsg", "socket.sendto"}
)


def main(job: dict[str, Any]) -> None:
    """Perform the scenario of `job`, which is known to be sound, and write its outcome to ``job["result"]``."""
    # The parent answers Ctrl-C; this process just goes.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    _end_with_parent()
    result = Path(job["result"])
    scenario = load_scenario(Path(job["folder"]))
    world = World(job["dialect"], scenario.cassette(job["dialect"]), scenario.start)
    world.claude.max_calls = job["max_turns"]
    performance = Performance(scenario, world, job["timeout"])
    _guard(world, Places(scenario.folder, scenario.program))
    over = threading.Lock()
    _watch(performance, job["timeout"], result, over)
    outcome = performance.perform()
    over.acquire()
    _finish(result, outcome.as_json())


def _end_with_parent() -> None:
    """End this process when its standard input is closed; the program's own is empty."""
    lifeline = os.dup(0)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)

    def wait() -> None:
        os.read(lifeline, 1)
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def _watch(performance: Performance, timeout: float, result: Path, over: threading.Lock) -> None:
    program = threading.get_ident()

    def give_up() -> None:
        if over.acquire(blocking=False):
            _finish(result, performance.give_up(program).as_json())

    timer = threading.Timer(timeout, give_up)
    timer.daemon = True
    timer.start()


def _finish(result: Path, values: dict[str, Any]) -> None:
    """Write the result and end the process, whatever threads the program left running."""
    whole = result.with_suffix(".part")
    whole.write_text(json.dumps(values), "utf-8")
    whole.replace(result)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _guard(world: World, places: Places) -> None:
    """Refuse every socket that would leave this machine, whatever library asks for it."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _GUARDED:
            host = _host(event, arguments)
            if host and not is_local(host):
                where = places.of_frame(sys._getframe())
                problem = (
                    f"{where}: the program asked the network for the host {host!r} ({event}), and a replay has no "
                    "network.\n"
                    "What to do: leave the call out of the scenario, or answer it with something on this machine."
                )
                request = Request("CONNECT", f"tcp://{host}", "")
                world.journal.record(world.clock.micros(), "network", request, None, problem)
                raise NetworkRefused(problem)

    sys.addaudithook(hook)


def _host(event: str, arguments: tuple[Any, ...]) -> str | None:
    """The host of a socket event; None for what has none, such as a Unix socket."""
    where = arguments[0] if event.startswith("socket.get") else arguments[1]
    if isinstance(where, tuple):
        where = where[0]
    elif not event.startswith("socket.get"):
        return None
    return where.decode("ascii", "replace") if isinstance(where, bytes) else where
