"""The cassette: one reviewable JSON file per scenario, one interaction after another.

A request is written as what it adds to an earlier one.  ``"like": 1`` takes all parameters
(everything but the messages) from interaction 1; ``"continues": 1`` takes its messages and its
answer too, so that a conversation reads as one and a prompt line stands in the file once.
A parameter that the earlier request had and this one has not is written as null.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from ..files import write_whole
from .interaction import Interaction
from .reading import FORMAT, VERSION, read_interactions
from .writing import entries

__all__ = ["Cassette"]


class Cassette:
    """Interactions in the order they were recorded.  ``path`` is where they came from, or None."""

    def __init__(self, interactions: Iterable[Interaction] = (), path: str | os.PathLike[str] | None = None) -> None:
        self.interactions = list(interactions)
        self.path = None if path is None else Path(path)
        self._name = "a cassette in memory" if path is None else _from_here(Path(path))

    def __len__(self) -> int:
        return len(self.interactions)

    def __str__(self) -> str:
        return self._name

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Cassette:
        """Read the file `path`.

        Raises:
            CassetteError: it is missing, cut short, of another format, or broken; with the place.
        """
        return cls(read_interactions(path), path)

    def dumps(self) -> str:
        """The canonical text of the file: the same interactions always give the same bytes."""
        document = {"format": FORMAT, "version": VERSION, "interactions": entries(self.interactions)}
        return json.dumps(document, ensure_ascii=False, indent=2) + "\n"

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file: whole or not at all."""
        write_whole(path, self.dumps())


def _from_here(path: Path) -> str:
    """`path` as seen from the folder that we are in."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)
