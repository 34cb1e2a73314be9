"""A scenario with an edited prompt or edited tools, its program in a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ...scenario import child
from ...scenario.outcome import Outcome
from ...scenario.replay import check, run
from ...world import World
from .changing import ChangedWorld
from .sweep import Edit

__all__ = ["main", "staged"]


def staged(folder: Path, dialect: str, edits: Sequence[Edit]) -> tuple[Outcome, dict[str, Any] | None]:
    """What became of the scenario in `folder`; with it the edits that were ``met``, and what was left unplayed.

    The second is None where its process had no end.
    """
    options = {"main": __name__, "edits": [list(edit) for edit in edits]}
    return run(check(folder, dialect), dialect, options=options)


def main(job: dict[str, Any]) -> None:
    """Perform the scenario of `job` with its ``edits``; meant for a process of its own."""
    child.main(job, _observe, partial(ChangedWorld, [Edit(*edit) for edit in job["edits"]]))


def _observe(world: World, _: Path, __: Any) -> Callable[[], dict[str, Any]]:
    def told() -> dict[str, Any]:
        met = sorted(world.met) if isinstance(world, ChangedWorld) else []
        # A cassette has the answers for several prompts, of which one run plays some.
        return {"met": [list(edit) for edit in met], "open_ends": [world.claude.open_ends()]}

    return told
