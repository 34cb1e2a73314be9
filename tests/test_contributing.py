"""CONTRIBUTING.md and the workflow: what they name is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakememtrace.toml import tomllib

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
WORKFLOW = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
PATHS = sorted({path for path in re.findall(r"`([\w./*]+/[\w./*]*|\w+\.py)`", PAGE) if "NAME" not in path})


@pytest.mark.parametrize("path", PATHS)
def test_every_place_that_it_names_is_there(path):
    """A file or folder that a contributor is sent to exists, in the checkout or in the package."""
    assert [*ROOT.glob(path), *(ROOT / "fakememtrace").glob(path), *(ROOT / "scenarios").glob(f"*/{path}")]


@pytest.mark.parametrize("target", sorted(set(re.findall(r"\bmake ([\w-]+)", PAGE + WORKFLOW))))
def test_every_target_is_in_the_makefile(target):
    """What is to be typed is there."""
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_workflow_runs_every_python_that_is_promised():
    """The matrix has the versions that the package's classifiers name."""
    classifiers = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["classifiers"]
    promised = [match[1] for one in classifiers if (match := re.search(r"Python :: (3\.\d+)", one))]
    assert re.findall(r'"(3\.\d+)"', WORKFLOW)[: len(promised)] == promised
