"""A sweep on Dask: a real scheduler, two worker processes over TCP, one of them killed in mid-run."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from fakememtrace.evals.sweeping.executors.cluster import Cluster as OnCluster
from fakememtrace.evals.sweeping.folder import Folder
from fakememtrace.evals.sweeping.sweeping import sweep

from .sweeps import blocks_on_victim, cluster, made, ran

pytest.importorskip("distributed")


def test_a_worker_is_killed_in_mid_run(tmp_path):
    """What it had under way is run by the other one, and the report is that of one process, byte for byte."""
    _, expected = ran(tmp_path, "alone")
    what, units = made(tmp_path)
    started = tmp_path / "started"

    with cluster(tmp_path, "survivor", "victim") as them:

        def kill() -> None:
            while not started.exists():
                time.sleep(0.01)
            them.workers["victim"].send_signal(signal.SIGKILL)

        threading.Thread(target=kill, daemon=True).start()
        done: list[int] = []
        folder = Folder(tmp_path / "cluster")
        swept = sweep(what, units, OnCluster(them.address, blocks_on_victim), folder, lambda n, _: done.append(n))
        assert them.workers["victim"].wait(10) == -signal.SIGKILL
        assert them.workers["survivor"].poll() is None
    # It had begun a unit, which it could not have ended: the other one did.
    assert started.read_text("utf-8") in {unit.name for unit in units.units}
    assert done == list(range(len(units.units) + 1))
    assert swept.report["states"]["scored"] == len(units.units) == 32
    assert (tmp_path / "cluster" / "report.json").read_bytes() == expected
