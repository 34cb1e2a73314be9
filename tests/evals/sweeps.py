"""Small sweeps for the tests, and clusters to run them on: a real scheduler and real workers, over TCP."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from fakememtrace.evals.sweeping import ALONE, Folder, Sweep, Swept, Unit, crossed, read_sweep, run_unit, sweep
from fakememtrace.evals.sweeping.crossing import Crossed

__all__ = [
    "CASES",
    "ROOT",
    "Cluster",
    "blocks_on_victim",
    "cluster",
    "ends_every_worker",
    "ends_its_process",
    "made",
    "raises",
    "ran",
    "says_who_it_is",
    "sweep_file",
]

ROOT = Path(__file__).parents[2]
CASES = """\
title = "Which plan finds what"
k = [5]
[cases]
data = ["synthetic"]
[axes]
plan = ["newest", "substring"]
"""
_VICTIM = "FAKEMEMTRACE_TEST_VICTIM"
_PIDS = "FAKEMEMTRACE_TEST_PIDS"
_LONG = 60.0


def sweep_file(folder: Path, text: str = CASES) -> Path:
    """A file with a sweep."""
    path = folder / "plans.toml"
    path.write_text(text, "utf-8")
    return path


def made(folder: Path, text: str = CASES) -> tuple[Sweep, Crossed]:
    """A sweep and its units."""
    what = read_sweep(sweep_file(folder, text))
    return what, crossed(what)


def ran(folder: Path, name: str, executor: Any = ALONE, text: str = CASES) -> tuple[Swept, bytes]:
    """What came of a sweep that is kept in the folder `name`, and the bytes of its report."""
    what, units = made(folder, text)
    swept = sweep(what, units, executor, Folder(folder / name))
    return swept, (folder / name / "report.json").read_bytes()


def blocks_on_victim(unit: Unit) -> dict[str, Any]:
    """Run a unit; but on the worker that is the victim, say so in a file and never come to an end."""
    victim = os.environ.get(_VICTIM)
    if victim:
        Path(victim).write_text(unit.name, "utf-8")
        time.sleep(_LONG)
    return run_unit(unit)


def ends_its_process(unit: Unit) -> dict[str, Any]:
    """Run a unit; but one of them ends the process that runs it."""
    if unit.name == "synthetic/updates (0.2.0, newest)":
        os.kill(os.getpid(), signal.SIGKILL)
    return run_unit(unit)


def ends_every_worker(unit: Unit) -> dict[str, Any]:
    """Run a unit; but one of them ends the worker that runs it, from within a process of its own as well."""
    if unit.name == "synthetic/updates (0.2.0, newest)":
        os.kill(os.getppid() if sys.argv[0] == "-c" else os.getpid(), signal.SIGKILL)
    return run_unit(unit)


def says_who_it_is(unit: Unit) -> dict[str, Any]:
    """Leave a file that is called as the process, and take one's time."""
    Path(os.environ[_PIDS], str(os.getpid())).touch()
    time.sleep(_LONG)
    return run_unit(unit)


def raises(_: Unit) -> dict[str, Any]:
    """What no unit does."""
    raise RuntimeError("this call is broken")


class Cluster(NamedTuple):
    """A scheduler and its workers by their names."""

    address: str
    scheduler: subprocess.Popen[bytes]
    workers: Mapping[str, subprocess.Popen[bytes]]


@contextmanager
def cluster(folder: Path, *workers: str, **environments: Mapping[str, str]) -> Iterator[Cluster]:
    """A scheduler on a free port of 127.0.0.1 with these workers; ``victim`` is the one on which units block.

    ``environments`` are variables of a worker, or of the ``scheduler``.
    """
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        file = folder / "scheduler.json"
        started["scheduler"] = _dask("scheduler", ["--port", "0", "--scheduler-file", str(file)], environments)
        address = _address(file)
        for name in workers:
            own = {**environments, "victim": {_VICTIM: str(folder / "started")}}
            options = ["--no-nanny", "--nthreads", "1", "--name", name, "--local-directory", str(folder / name)]
            started[name] = _dask("worker", [address, *options], own, name)
        if workers:
            _await_workers(address, len(workers))
        yield Cluster(address, started["scheduler"], {name: started[name] for name in workers})
    finally:
        for process in started.values():
            process.kill()
        for process in started.values():
            process.wait()
        # A client whose scheduler or workers were killed leaves sockets to the collector: now, and not in another test.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


def _dask(
    kind: str, arguments: list[str], environments: Mapping[str, Mapping[str, str]], name: str = ""
) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{kind}", *arguments, "--host", "127.0.0.1"]
    own = {"PYTHONPATH": str(ROOT), **environments.get(name or kind, {})}
    return subprocess.Popen(
        [*command, "--no-dashboard"],
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
    )


def _await_workers(address: str, number: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=_LONG)


def _address(file: Path) -> str:
    for _ in range(int(_LONG * 50)):
        # It ends with a brace once it is whole.
        if file.exists() and file.read_text("utf-8").rstrip().endswith("}"):
            return str(json.loads(file.read_text("utf-8"))["address"])
        time.sleep(0.02)
    raise AssertionError("the scheduler did not come up")
