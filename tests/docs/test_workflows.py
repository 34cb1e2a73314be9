"""The workflows of the pages, and the one that ``fakememtrace init`` writes: taken step by step in a project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from fakememtrace.starting.start import files

from ..scenario.helpers import Folder
from .folders import SUITE, catalogue
from .pages import blocks

# Commits everything, and lets it be what the origin has.
COMMIT = (["init", "-q"], ["add", "."], ["commit", "-qm", "x"], ["update-ref", "refs/remotes/origin/main", "HEAD"])
GIT = ("git", "-c", "user.name=nobody", "-c", "user.email=nobody@example.com")
WORKFLOWS = {
    "docs/ci.md": blocks("docs/ci.md", "yaml")[0].text,
    "docs/regression.md": blocks("docs/regression.md", "yaml")[0].text,
    "fakememtrace init": files()[".github/workflows/memory.yml"],
}


def taken(workflow: str) -> Iterator[dict[str, Any]]:
    """The steps of a workflow that run something here; packages are installed already."""
    # YAML 1.1 reads the key `on` as true.
    for job in yaml.safe_load(workflow)["jobs"].values():
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), step
            if "run" in step and not step["run"].startswith("pip install "):
                yield step


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a scenario, evals and a test, which is where its origin is."""
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "fakememtrace.plugin,xdist.plugin")
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("GITHUB_BASE_REF", "main")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    folder = tmp_path / "project"
    Folder(folder / "scenarios")
    catalogue(folder)
    (folder / "tests" / "test_memory.py").write_text(SUITE, "utf-8")
    for command in COMMIT:
        subprocess.run([*GIT, *command], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
@pytest.mark.parametrize("name", WORKFLOWS)
def test_every_step_can_be_taken(name: str, project: Path) -> None:
    """Each command that a workflow runs ends well in a project in which all is well, as GitHub would run it."""
    steps = list(taken(WORKFLOWS[name]))
    assert steps
    for step in steps:
        ended = subprocess.run(
            ["bash", "-e", "-c", step["run"]], cwd=project, capture_output=True, text=True, check=False, timeout=120
        )
        assert ended.returncode == 0, f"{step['run']}\n{ended.stdout}{ended.stderr}"
