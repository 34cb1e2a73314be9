"""The README is true word for word."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language):
    """The fenced blocks in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_first_python_block_is_a_test_that_passes(pytester, monkeypatch):
    """The example test passes as it stands, where pytest itself finds our plugin among all that are installed."""
    for name in ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "PYTEST_PLUGINS"):
        monkeypatch.delenv(name)
    pytester.makepyfile(blocks("python")[0])
    # What `make bench` installs has an option of the same name as pytest-recording: no pytest begins with both.
    pytester.runpytest_subprocess("-p", "no:cassetter").assert_outcomes(passed=1)


@pytest.mark.parametrize("code", blocks("python")[1:])
def test_other_python_blocks_run(code):
    """Every other block of Python runs as it stands, and asserts what it says."""
    assert "assert" in code
    exec(compile(code, "README.md", "exec"), {"__name__": "page"})


def test_the_run_of_an_agent_is_the_one_that_is_typed():
    """The commands about one's own agent are among those of the page that is typed from its top to its end."""
    page = (ROOT / "docs" / "your-agent.md").read_text("utf-8")
    shown = [line.partition("  #")[0].rstrip() for line in blocks("console")[2].splitlines()]
    typed = re.findall(r"^\$ fakememtrace run .*", page, re.MULTILINE)
    assert shown
    assert [line for line in shown if line not in typed] == []


def test_the_picture_is_what_replay_prints():
    """The output shown is what `make replay` prints, but for what is left out."""
    printed = subprocess.run(
        [sys.executable, "-m", "fakememtrace", "replay"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    picture, _ = blocks("text")
    position = 0
    for part in picture.split("  ...\n"):
        lines = part.rstrip("\n").splitlines()
        found = [at for at in range(position, len(printed)) if printed[at : at + len(lines)] == lines]
        assert found, f"not printed any more:\n{part}"
        position = found[0] + len(lines)


def test_the_funnel_is_what_eval_prints():
    """The headline of the evals is what `make replay` prints after the scenarios."""
    printed = subprocess.run(
        [sys.executable, "-m", "fakememtrace", "eval", "--quiet"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    _, picture = blocks("text")
    assert printed == picture


def test_the_commands_shown_first_exist():
    """The two commands are targets of the Makefile."""
    assert blocks("console")[0].startswith("$ make replay ")
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"make (\w+)", README)) <= set(targets)
