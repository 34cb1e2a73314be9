"""Writes the cassettes of our own scenarios from what their authors wrote, and the transcripts of their pages.

Usage: ``python -m tests.authors``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from fakememtrace.claude.author import Author
from fakememtrace.claude.cassette import Cassette
from fakememtrace.scenario.perform import Performance
from fakememtrace.scenario.scenario import load_scenario
from fakememtrace.world import World

from . import multi_agent, single_agent, single_agent_documented, telegram_support
from .pages import page_of, with_transcript

SCENARIOS = Path(__file__).parents[2] / "scenarios"
AUTHORS: dict[str, ModuleType] = {
    "multi_agent": multi_agent,
    "single_agent": single_agent,
    "single_agent_documented": single_agent_documented,
    "telegram_support": telegram_support,
}
DIALECTS = {"0.2.0": "cassette.json", "documented": "cassette.documented.json"}


def authored(name: str, dialect: str) -> Cassette:
    """The cassette of the scenario `name`: its program, answered by its author."""
    scenario = load_scenario(SCENARIOS / name)
    author = Author(AUTHORS[name].TURNS, AUTHORS[name].DATE)
    outcome = Performance(
        scenario, World(dialect, author, scenario.start, telegram=scenario.telegram), scenario.timeout
    ).perform()
    if not outcome.passed:
        raise SystemExit(f"{name} ({dialect}) does not come to its end: {outcome}")
    return author.cassette


def main() -> None:
    """Write them all."""
    for name in AUTHORS:
        for dialect, file in DIALECTS.items():
            authored(name, dialect).save(SCENARIOS / name / file)
            print(f"scenarios/{name}/{file}", file=sys.stderr)
        page_of(name).write_text(with_transcript(name), "utf-8")


if __name__ == "__main__":
    main()
