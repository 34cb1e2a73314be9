"""What runs units: several processes give the bytes of one, and whatever ends a process is found out."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from fakememtrace.errors import UsageError
from fakememtrace.evals.sweeping import ALONE, executor
from fakememtrace.evals.sweeping.executors import Alone, Stopped
from fakememtrace.evals.sweeping.executors.apart import apart
from fakememtrace.evals.sweeping.executors.cluster import Cluster, Patience
from fakememtrace.evals.sweeping.executors.pool import Pool
from fakememtrace.evals.sweeping.executors.remote import perform, perform_apart, versions
from fakememtrace.evals.sweeping.running import run_unit
from fakememtrace.evals.sweeping.versions import Versions, differences, here, libraries_of, needed

from .sweeps import CASES, ROOT, cluster, ends_its_process, made, raises, ran

SMALL = CASES.replace('"synthetic"', '"synthetic/swapped", "synthetic/updates"')
SOON = Patience(scheduler=0.5, worker=0.5, look=0.2)
KILLED = (
    "the process that runs it is ended by SIGKILL before it is done, among others as well as alone.\n"
    "What to do: look for what ends it, such as too little memory, or a library in C."
)


def test_two_processes_give_the_bytes_of_one(tmp_path):
    """Whatever order units are done in."""
    assert ran(tmp_path, "two", Pool(2))[1] == ran(tmp_path, "one")[1]


def test_a_unit_that_ends_its_process_has_crashed(tmp_path):
    """It is found out which one it is, it is not tried for ever, and all others have their results."""
    swept, _ = ran(tmp_path, "two", Pool(2, ends_its_process), SMALL)
    assert swept.report["states"] == {"scored": 7, "passed": 0, "failed": 0, "unscored": 0, "crashed": 1}
    (crashed,) = [unit for unit in swept.report["units"] if unit["state"] == "crashed"]
    assert (crashed["case"], crashed["variant"]) == ("synthetic/updates", {"dialect": "0.2.0", "plan": "newest"})
    assert crashed["words"] == KILLED
    # Once nothing ends it any more, it is as if nothing had been.
    assert ran(tmp_path, "two", ALONE, SMALL)[1] == ran(tmp_path, "one", ALONE, SMALL)[1]


def test_a_unit_apart(tmp_path):
    """A process of its own gives the same result; one that only ends has an exit code."""
    (unit, *_) = made(tmp_path, SMALL)[1].units
    assert apart(unit, run_unit) == run_unit(unit)
    assert apart(unit, raises)["words"] == KILLED.replace("is ended by SIGKILL", "ends with exit code 1")


def test_processes_end_with_the_one_that_started_them(tmp_path):
    """A coordinator that is killed leaves no worker behind."""
    script = tmp_path / "coordinator.py"
    script.write_text(
        "import time\n"
        "from pathlib import Path\n"
        "from fakememtrace.evals.sweeping.executors.pool import Pool\n"
        "from tests.evals.sweeps import made, says_who_it_is\n"
        "if __name__ == '__main__':\n"
        "    for _ in Pool(2, says_who_it_is).results(made(Path.cwd())[1].units):\n"
        "        pass\n",
        "utf-8",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FAKEMEMTRACE_TEST_PIDS": str(tmp_path / "pids")}
    (tmp_path / "pids").mkdir()
    coordinator = subprocess.Popen([sys.executable, str(script)], cwd=tmp_path, env=environment)
    assert _comes_true(lambda: len(list((tmp_path / "pids").iterdir())) == 2)
    coordinator.send_signal(signal.SIGKILL)
    coordinator.wait()
    pids = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert _comes_true(lambda: not any(_is_alive(pid) for pid in pids))


def _comes_true(condition):
    """Whether it does within twenty seconds."""
    for _ in range(1000):
        if condition():
            return True
        time.sleep(0.02)
    return False


def _is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_which_executor_is_meant(monkeypatch):
    """One process is this one; an address that is none and a missing library are refused before anything is run."""
    assert executor() is ALONE
    assert isinstance(executor(2), Pool)
    assert isinstance(executor(scheduler="tcp://127.0.0.1:8786"), Cluster)
    assert isinstance(executor(scheduler="tls://[::1]:8786"), Cluster)
    with pytest.raises(UsageError) as caught:
        executor(scheduler="localhost:8786")
    assert str(caught.value) == (
        "--scheduler localhost:8786: this is no address of a scheduler.\n"
        "Expected one as dask scheduler prints it, such as tcp://10.0.0.7:8786."
    )
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError) as caught:
        executor(scheduler="tcp://127.0.0.1:8786")
    assert str(caught.value) == (
        'A scheduler needs Dask distributed. Install it with: pip install "fakememtrace[sweep]"'
    )
    assert caught.value.exit_code == 2


def test_a_scheduler_that_does_not_answer(tmp_path):
    """One paragraph, exit code 2, and no longer than it was to be waited."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    before = time.monotonic()
    with pytest.raises(Stopped) as caught:
        ran(tmp_path, "cluster", Cluster(address, patience=SOON))
    assert time.monotonic() - before < 5
    assert caught.value.exit_code == 2
    assert str(caught.value) == (
        f"--scheduler {address}: there is no answer within 0.5 s.\n"
        "Expected a Dask scheduler there. What to do: start one with dask scheduler, and workers with "
        "dask worker ADDRESS; look at the address and at firewalls."
    )


def test_nothing_to_run_asks_nobody(tmp_path):
    """A folder that has all needs no scheduler."""
    _, expected = ran(tmp_path, "plans", ALONE, SMALL)
    assert ran(tmp_path, "plans", Cluster("tcp://127.0.0.1:9", patience=SOON), SMALL)[1] == expected


def test_differences_of_versions_are_told_in_words():
    """Version, code, Python, and libraries that results rest on; a library that is missing is one, too."""
    mine = Versions("0.1.0", "abc", "3.11", (("anthropic", "1.0"), ("numpy", "2.0"), ("rank-bm25", "0.2")))
    assert list(differences(mine, mine)) == []
    other = Versions("0.2.0", "abd", "3.12", (("anthropic", "1.0"), ("numpy", "1.0"), ("rank-bm25", "")))
    assert list(differences(mine, other)) == [
        "fakememtrace 0.2.0 and not 0.1.0",
        "Python 3.12 and not 3.11",
        "numpy 1.0 and not 2.0",
        "no rank-bm25 and not 0.2",
    ]
    assert list(differences(mine, mine._replace(code="abd"))) == ["other code under the name of fakememtrace 0.1.0"]
    assert list(differences(mine._replace(libraries=(("numpy", ""),)), other)) == [
        "fakememtrace 0.2.0 and not 0.1.0",
        "Python 3.12 and not 3.11",
        "numpy 1.0 and not none",
    ]


def test_only_libraries_that_matter_are_compared(tmp_path):
    """Lists need none, BM25 and scenarios do."""
    assert libraries_of("data", "newest") == libraries_of("evals", "") == ()
    assert "rank-bm25" in libraries_of("data", "bm25")
    assert "anthropic" in libraries_of("scenarios", "")
    assert needed(made(tmp_path, SMALL)[1].units) == ()
    assert needed(made(tmp_path, SMALL.replace("newest", "bm25"))[1].units) == ("numpy", "rank-bm25")
    assert here().package == "0.1.0"


def test_a_worker_runs_nothing_of_another_version(tmp_path):
    """It says what it has instead; in a process of its own as well."""
    (unit, *_) = made(tmp_path, SMALL)[1].units
    mine = versions(())
    assert perform(run_unit, unit, mine) == perform_apart(run_unit, unit, mine) == {"result": run_unit(unit)}
    other = ("0.0.9", *mine[1:])
    assert perform(raises, unit, other) == perform_apart(raises, unit, other) == {"differs": mine}


def test_who_runs_alone_runs_in_order(tmp_path):
    """No process, no surprise."""
    units = made(tmp_path, SMALL)[1].units
    assert [unit for unit, _ in Alone().results(units)] == list(units)


def test_a_scheduler_without_workers(tmp_path):
    """It is waited for one, and not for ever."""
    with cluster(tmp_path) as them, pytest.raises(Stopped) as caught:
        ran(tmp_path, "cluster", Cluster(them.address, patience=SOON))
    assert str(caught.value) == (
        f"--scheduler {them.address}: it has no worker, and none came within 0.5 s.\n"
        f"Expected at least one. What to do: start some with dask worker {them.address}."
    )
