"""docs/tutorial.md, typed as it stands in an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "tutorial.md").read_text("utf-8")
SESSION = "".join(re.findall(r"^```console\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE))
PARTS = re.split(r"^\$ ", SESSION, flags=re.MULTILINE)[1:]
STEPS = [(command, shown) for command, _, shown in (part.partition("\n") for part in PARTS)]
TYPED = [command for command, _ in STEPS]


def as_pattern(shown):
    """What is shown as a pattern: a line of three dots is any lines, three dots in a line are anything in it."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return r"(?:.*\n)*?".join(parts).replace(re.escape("..."), ".*")


def typed(command, folder, environ):
    """What a command of the page prints, typed in `folder`."""
    ended = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.stdout


@pytest.fixture
def environ():
    """The variables of somebody with a fresh environment, whose pytest loads no more than our plugin."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    hidden = ("CI", "BUILD_NUMBER", "PYTEST_ADDOPTS", "PYTEST_CURRENT_TEST", "PYTEST_XDIST_WORKER")
    environ = {name: value for name, value in os.environ.items() if name not in hidden}
    only_ours = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": "fakememtrace.plugin"}
    return {**environ, **only_ours, "PATH": path}


def test_it_begins_with_an_installation_and_a_start():
    """The page has all it needs: what to install, and then commands that are there."""
    assert TYPED[:3] == ['pip install "fakememtrace[scenarios]" pytest', "fakememtrace init", "pytest -q tests"]


def test_every_step_prints_what_is_shown(tmp_path, environ):
    """Typed one after the other in one folder, every command prints what the page shows of it."""
    for command, shown in STEPS:
        if not command.startswith("pip install "):
            printed = typed(command, tmp_path, environ)
            assert re.fullmatch(as_pattern(shown), printed), f"$ {command}\n{printed}"


def test_what_is_shown_is_looked_at():
    """A pattern holds the words that are shown, so that other words do not pass."""
    pattern = as_pattern("one\n...\nthree in ...\n")
    assert re.fullmatch(pattern, "one\ntwo\ntwo\nthree in 3 s\n")
    assert not re.fullmatch(pattern, "one\ntwo\nfour in 3 s\n")
    assert not re.fullmatch(pattern, "two\nthree in 3 s\n")
