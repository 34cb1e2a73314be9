"""What Claude answers in the first scenario of ``fakememtrace init``, written by hand.

``python -m tests.starting.author`` writes the cassette into the template.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from fakememtrace.claude.author import Author, Turn, text, tool_use
from fakememtrace.scenario.perform import Performance
from fakememtrace.scenario.scenario import load_scenario
from fakememtrace.starting.start import start
from fakememtrace.world import World

__all__ = ["CASSETTE", "authored"]

ROOT = Path(__file__).parents[2]
CASSETTE = ROOT / "fakememtrace" / "starting" / "project" / "scenarios" / "first" / "cassette.json.template"
DATE = "2026-11-28"
TURNS = [
    Turn([tool_use("remember", content="The user is allergic to peanuts")], 1210),
    Turn([text("Noted: no peanuts.")], 840),
    Turn([text("Peanuts: you are allergic to them.")], 900),
]


def authored(folder: Path, dialect: str) -> str:
    """The cassette of the first scenario as a start in `folder` makes it."""
    start(folder)
    scenario = load_scenario(folder / "scenarios" / "first")
    author = Author(TURNS, DATE)
    outcome = Performance(scenario, World(dialect, author, scenario.start), scenario.timeout).perform()
    if not outcome.passed:
        raise SystemExit(f"the first scenario does not come to its end: {outcome}")
    return author.cassette.dumps()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        CASSETTE.write_text(authored(Path(folder), "0.2.0"), "utf-8")
