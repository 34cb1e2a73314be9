"""The process in which a scenario's program runs when a report of it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..scenario import child
from ..world import World

__all__ = ["main"]


def main(job: dict[str, Any]) -> None:
    """Perform the scenario of `job`, and tell all that happened in its world."""
    child.main(job, _observe)


def _observe(world: World, _: Path, __: Any) -> Callable[[], dict[str, Any]]:
    # Imported before the program can change what is found.
    from .gathering import account_of

    return lambda: {"account": account_of(world, "").to_json()}
