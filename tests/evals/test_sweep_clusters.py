"""Trouble on a real cluster: coordinators, schedulers and workers that are killed, strangers, and deadly units."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from fakememtrace.evals.sweeping import ALONE, Folder, sweep
from fakememtrace.evals.sweeping.executors import Stopped
from fakememtrace.evals.sweeping.executors.cluster import Cluster, Patience

from .sweeps import CASES, ROOT, cluster, ends_every_worker, ends_its_process, made, ran, sweep_file
from .test_sweep_executors import KILLED

pytest.importorskip("distributed")

# Long enough to be interrupted: each of these takes a while to store.
LONG = CASES.replace('"synthetic"', ", ".join(f'"synthetic {seed}"' for seed in range(1, 7)))
FEW = CASES.replace('"synthetic"', '"synthetic/swapped", "synthetic/updates"')


def commanded(folder, *arguments):
    """The command as a process of its own."""
    command = [sys.executable, "-m", "fakememtrace", "sweep", "plans.toml", *arguments]
    return subprocess.Popen(
        command, cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def some_are_done(folder, coordinator=None, least=5):
    """Wait until so many results are in the folder of the sweep; how many there are."""
    for _ in range(6000):
        found = len(list(folder.glob("plans.sweep/units/[0-9a-f]*.json")))
        if found >= least:
            return found
        if coordinator is not None and coordinator.poll() is not None:
            raise AssertionError(f"it ended before: {coordinator.communicate()[1].decode()}")
        time.sleep(0.01)
    raise AssertionError("nothing was done")


@pytest.mark.parametrize("how", ["workers", "scheduler"])
def test_a_coordinator_is_killed_and_resumed(how, tmp_path):
    """What it had is taken, the rest is run, and the report has the bytes of one that nobody killed."""
    _, expected = ran(tmp_path, "whole", ALONE, LONG)
    with cluster(tmp_path, *(("a", "b") if how == "scheduler" else ())) as them:
        options = ["--scheduler", them.address] if how == "scheduler" else ["--workers", "2"]
        coordinator = commanded(tmp_path, *options)
        some_are_done(tmp_path, coordinator)
        coordinator.send_signal(signal.SIGKILL)
        coordinator.communicate()
        done = some_are_done(tmp_path)
        assert not (tmp_path / "plans.sweep" / "report.json").exists()
        resumed = commanded(tmp_path, *options, "--resume", "plans.sweep")
        _, told = resumed.communicate()
    assert resumed.returncode == 0
    of = json.loads(expected)["states"]["scored"]
    assert 5 <= done < of == 192
    assert f"{done} of {of} were in the folder, {of - done} were run.\n" in told.decode()
    assert (tmp_path / "plans.sweep" / "report.json").read_bytes() == expected


@pytest.mark.parametrize("how", ["alone", "workers", "scheduler"])
def test_ctrl_c_says_how_to_go_on(how, tmp_path):
    """The folder can be used, and nothing but these words is said."""
    sweep_file(tmp_path, LONG)
    with cluster(tmp_path, *(("a", "b") if how == "scheduler" else ())) as them:
        options = {"alone": [], "workers": ["--workers", "2"], "scheduler": ["--scheduler", them.address]}[how]
        coordinator = commanded(tmp_path, *options)
        some_are_done(tmp_path, coordinator)
        before = time.monotonic()
        coordinator.send_signal(signal.SIGINT)
        printed, told = coordinator.communicate()
        assert time.monotonic() - before < 20
    assert coordinator.returncode == 130
    assert printed == b""
    assert told.decode().endswith(
        "\nfakememtrace: stopped. What is done is kept. Go on with: "
        "fakememtrace sweep plans.toml --resume plans.sweep\n"
    )
    assert "Traceback" not in told.decode()


def test_a_scheduler_is_killed(tmp_path):
    """One paragraph, exit code 2, and what is done is kept."""
    sweep_file(tmp_path, LONG)
    with cluster(tmp_path, "a", "b") as them:
        coordinator = commanded(tmp_path, "--scheduler", them.address)
        some_are_done(tmp_path, coordinator)
        them.scheduler.send_signal(signal.SIGKILL)
        _, told = coordinator.communicate(timeout=30)
    assert coordinator.returncode == 2
    assert told.decode().endswith(
        f"\nfakememtrace: --scheduler {them.address}: the connection is lost.\n"
        "What to do: look whether the scheduler is still running.\n"
        "What is done is kept. Go on with: fakememtrace sweep plans.toml --resume plans.sweep\n"
    )
    assert "Traceback" not in told.decode()


def test_all_workers_are_killed(tmp_path):
    """It is not waited for ever for one that takes over."""
    what, units = made(tmp_path, LONG)
    patience = Patience(worker=1.0, look=0.2)
    with cluster(tmp_path, "a", "b") as them:

        def kill() -> None:
            some_are_done(tmp_path)
            for worker in them.workers.values():
                worker.send_signal(signal.SIGKILL)

        threading.Thread(target=kill, daemon=True).start()
        with pytest.raises(Stopped, match="it has no worker, and none came within 1 s"):
            sweep(what, units, Cluster(them.address, patience=patience), Folder(tmp_path / "plans.sweep"))


def test_a_unit_that_kills_workers_has_crashed(tmp_path):
    """It is told from those that only were beside it, costs one worker here, and the others have their results."""
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with cluster(tmp_path, "a", "b", scheduler=allowed) as them:
        swept, report = ran(tmp_path, "cluster", Cluster(them.address, ends_its_process), FEW)
        ended = [worker.poll() for worker in them.workers.values()]
    assert sorted(ended, key=str) == [-signal.SIGKILL, None]
    assert swept.report["states"] == {"scored": 7, "passed": 0, "failed": 0, "unscored": 0, "crashed": 1}
    assert [unit["words"] for unit in swept.report["units"] if unit["state"] == "crashed"] == [KILLED]
    from fakememtrace.evals.sweeping.executors.pool import Pool

    assert ran(tmp_path, "pool", Pool(2, ends_its_process), FEW)[1] == report


def test_a_unit_that_kills_workers_from_within_its_own_process(tmp_path):
    """That is not endless, either, and the others have their results."""
    allowed = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
    with cluster(tmp_path, "a", "b", "c", scheduler=allowed) as them:
        swept, _ = ran(tmp_path, "cluster", Cluster(them.address, ends_every_worker), FEW)
        ended = [worker.poll() for worker in them.workers.values()]
    assert sorted(ended, key=str) == [-signal.SIGKILL, -signal.SIGKILL, None]
    assert swept.report["states"]["scored"] == 7
    assert [unit["words"] for unit in swept.report["units"] if unit["state"] == "crashed"] == [
        "worker after worker was lost while it was run, even in a process of its own"
    ]


STRANGER = "import fakememtrace; fakememtrace.__version__ = '0.0.9'\n"
NOTHING = "import sys; sys.modules['fakememtrace'] = None\n"


def stranger(folder, text):
    """Variables with which a worker begins with this."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(text, "utf-8")
    return {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}


def test_workers_of_another_version_are_refused(tmp_path):
    """Nothing is run, and it is said who has what."""
    own = stranger(tmp_path / "other", STRANGER)
    with cluster(tmp_path, "a", "b", b=own) as them, pytest.raises(Stopped) as caught:
        ran(tmp_path, "cluster", Cluster(them.address), FEW)
    head, _, tail = str(caught.value).partition("\n")
    assert head.startswith("the worker at tcp://127.0.0.1:")
    assert head.endswith(" has fakememtrace 0.0.9 and not 0.1.0.")
    assert tail == (
        "Expected the same as here: results of different versions are not comparable, so none of its are taken. "
        "What to do: install the same on every machine, and start the workers anew."
    )
    assert list((tmp_path / "cluster" / "units").iterdir()) == []


def test_workers_without_the_package_are_refused(tmp_path):
    """In words, not with a traceback of Dask's."""
    own = stranger(tmp_path / "other", NOTHING)
    with cluster(tmp_path, "a", a=own) as them, pytest.raises(Stopped) as caught:
        ran(tmp_path, "cluster", Cluster(them.address), FEW)
    assert " cannot run a unit: " in str(caught.value)
    assert "No module named 'fakememtrace" in str(caught.value)
    assert str(caught.value).endswith(
        "\nExpected fakememtrace there as it is here. What to do: install the same on every machine, and start the "
        "workers anew."
    )
