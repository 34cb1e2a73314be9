"""The pages that are typed: the tutorial and the how-tos, each as it stands in an empty folder."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ["lost-memory.md", "report.md", "review.md", "tutorial.md"]


def steps(page):
    """The commands of a page, each with what is shown of its output; lines that begin with > belong to the command."""
    text = (ROOT / "docs" / page).read_text("utf-8")
    session = "".join(re.findall(r"^```console\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    for part in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        more = [line[2:] for line in itertools.takewhile(lambda line: line.startswith(">"), lines[1:])]
        yield "".join([lines[0], *(line or "\n" for line in more)]), "".join(lines[1 + len(more) :])


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


def test_the_tutorial_begins_with_an_installation_and_a_start():
    """The page has all it needs: what to install, and then commands that are there."""
    typed_first = [command.strip() for command, _ in steps("tutorial.md")][:3]
    assert typed_first == ['pip install "fakememtrace[scenarios]" pytest', "fakememtrace init", "pytest -q tests"]


@pytest.mark.parametrize("page", PAGES)
def test_every_step_prints_what_is_shown(page, tmp_path, environ):
    """Typed one after the other in one folder, every command prints what the page shows of it."""
    done = 0
    for command, shown in steps(page):
        if not command.startswith("pip install "):
            printed = typed(command, tmp_path, environ)
            assert re.fullmatch(as_pattern(shown), printed), f"$ {command}\n{printed}"
            done += 1
    assert done >= 4


def test_what_is_shown_is_looked_at():
    """A pattern holds the words that are shown, so that other words do not pass."""
    pattern = as_pattern("one\n...\nthree in ...\n")
    assert re.fullmatch(pattern, "one\ntwo\ntwo\nthree in 3 s\n")
    assert not re.fullmatch(pattern, "one\ntwo\nfour in 3 s\n")
    assert not re.fullmatch(pattern, "two\nthree in 3 s\n")


def test_the_workflow_of_the_page_asks_for_what_there_is():
    """The steps that the page about CI shows are commands with options that exist."""
    text = (ROOT / "docs" / "ci.md").read_text("utf-8")
    runs = re.findall(r"- run: fakememtrace (\w+)(.*)", text)
    assert [name for name, _ in runs] == ["replay", "eval", "diff"]
    for name, rest in runs:
        known = subprocess.run(
            [sys.executable, "-m", "fakememtrace", name, "--help"], capture_output=True, text=True, check=True
        ).stdout
        assert [option for option in re.findall(r"--[a-z-]+", rest) if option not in known] == []
