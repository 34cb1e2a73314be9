"""What the installed plugin costs a pytest run that does not use it: CPU time of whole processes."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from .harness import Plan, Row, interleaved

__all__ = ["rows"]

_PYTEST = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider"]


def rows(plan: Plan) -> list[Row]:
    """With the plugin, and once more without it for the noise; the floor is a run without it.

    The third row is what the option ``-p`` costs by itself, as pytest then looks through all installed packages.
    """
    name, noise = "collect one test, unused plugin, CPU", "collect one test, no plugin again (noise)"
    empty = "collect one test, an empty plugin"
    with TemporaryDirectory() as folder:
        Path(folder, "test_empty.py").write_text("def test_nothing():\n    pass\n")
        Path(folder, "empty_plugin.py").touch()
        bare = partial(_cpu, _PYTEST, folder)
        nothing = partial(_cpu, [*_PYTEST, "-p", "empty_plugin"], folder)
        plugged = partial(_cpu, [*_PYTEST, "-p", "fakememtrace.plugin"], folder)
        measured = interleaved({"floor": bare, noise: bare, empty: nothing, name: plugged}, plan.process_rounds)
    return [measured.row(name, "floor", 1.03), measured.row(noise, "floor"), measured.row(empty, "floor")]


def _cpu(command: list[str], folder: str) -> float:
    """The user and system seconds of `command`."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, cwd=folder, env=_environment(folder), stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def _environment(folder: str) -> dict[str, str]:
    """Our own, without what pytest would obey; compiled modules are kept in `folder` from the first run on."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST_", "PYTHONDONTWRITE"))}
    return {**kept, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPYCACHEPREFIX": str(Path(folder, "compiled"))}
