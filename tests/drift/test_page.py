"""docs/drift.md is true: its example prints what it says."""

from __future__ import annotations

import re
from pathlib import Path

from fakememtrace import World
from fakememtrace.claude.author import Author
from fakememtrace.scenario.perform import Performance
from fakememtrace.scenario.scenario import load_scenario

from .helpers import drift

PAGE = (Path(__file__).parents[2] / "docs" / "drift.md").read_text("utf-8")
ANSWERS = ["Noted: no nuts.", "Anything without nuts."]


def block(language: str) -> str:
    """The one fenced block in that language."""
    (found,) = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    return str(found)


def concierge(root: Path) -> None:
    """The scenario of the page, answered on the released server."""
    folder = root / "scenarios" / "concierge"
    folder.mkdir(parents=True)
    (folder / "program.py").write_text(block("python"), "utf-8")
    (folder / "script.toml").write_text(block("toml"), "utf-8")
    (folder / "expectations.toml").write_text('[[memory]]\ncontent = "The guest said: What may I eat?"\n', "utf-8")
    scenario = load_scenario(folder)
    author = Author(ANSWERS, "2026-02-07")
    outcome = Performance(scenario, World("0.2.0", author, scenario.start), scenario.timeout).perform()
    assert outcome.passed, outcome
    author.cassette.save(folder / "cassette.json")


def test_the_example_of_the_page(tmp_path: Path) -> None:
    """The command prints just what the page shows, and ends with 1."""
    concierge(tmp_path)
    ended = drift(tmp_path, "concierge")
    assert (ended.returncode, ended.stderr) == (1, "")
    assert ended.stdout.rstrip("\n") == block("text").rstrip("\n")
