"""The process in which a scenario's program runs while it is compared with its recordings."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from ..claude.cassette import Cassette
from ..claude.recording.rehearsal import Rehearsal
from ..scenario import child
from ..world import World
from .telling import told

__all__ = ["main"]


class _Named(Cassette):
    """A cassette that is called otherwise than its file."""

    def __init__(self, cassette: Cassette, name: str) -> None:
        super().__init__(cassette.interactions, cassette.path)
        self._shown = name

    def __str__(self) -> str:
        return self._shown


def main(job: dict[str, Any]) -> None:
    """Perform the scenario of `job`, whose cassette is called ``job["shown"]``; ``is_strict`` is as for a Rehearsal."""
    child.main(job, partial(_observe, job["shown"], job["is_strict"]))


def _observe(shown: str, is_strict: bool, world: World, cassette: Path, recording: Any) -> Callable[[], dict[str, Any]]:
    def player_of(tape: Cassette) -> Any:
        return world.claude.player_of(_Named(tape, shown))

    rehearsal = Rehearsal(cassette, recording, player_of, is_strict)
    world.claude.answer_from(rehearsal)
    return lambda: told(rehearsal, world.journal)
