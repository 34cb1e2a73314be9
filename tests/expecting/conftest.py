"""What happened, for the tests that only look at it."""

from __future__ import annotations

import pytest

from fakememtrace.expecting import Runs

from .agent import Agent, remember, search, world_with


@pytest.fixture(scope="module")
def story():
    """Two runs: Ada tells what she eats; a day later the assistant knows it, and looks for a place."""
    world = world_with(
        ["I keep that.", remember("Ada is vegetarian", tags=["food", "preference"], importance=0.9)],
        remember("Ada lives in Lisbon", importance=0.4),
        "Noted.",
        "Tofu, since you eat no meat.",
        search("Lisbon"),
        "In Lisbon, then.",
    )
    runs = Runs(world)
    with world:
        assistant = Agent(world)
        runs.begin()
        assistant.talk("I'm Ada, I eat no meat.")
        world.clock.advance("20h")
        runs.begin()
        assistant.talk("What can I eat?")
        assistant.talk("And where?")
    world.journal.assert_clean()
    return runs.evidence()
