"""The cassette: one reviewable JSON file per scenario, one interaction after another.

A request is written as what it adds to an earlier one.  ``"like": 1`` takes all parameters
(everything but the messages) from interaction 1; ``"continues": 1`` takes its messages and its
answer too, so that a conversation reads as one and a prompt line stands in the file once.
A parameter that the earlier request had and this one has not is written as null.  A recorded
stream is written as its ``events``, each with the milliseconds after which it came; they are
the answer then, and there is no ``response``.
"""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..files import write_whole
from .interaction import Interaction
from .reading import FORMAT, VERSION, read_interactions
from .writing import entries

__all__ = ["Cassette", "loaded"]

# How often each file was read in this process, by its real path.
loaded: Counter[str] = Counter()

# Only what stands directly in an interaction is indented so far.
_EVENTS = re.compile(r'^(      "events": )(\d+)(?=,?$)', re.MULTILINE)


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
        cassette = cls(read_interactions(path), path)
        loaded[os.path.realpath(path)] += 1
        return cassette

    def dumps(self) -> str:
        """The canonical text of the file: the same interactions always give the same bytes."""
        written = entries(self.interactions)
        streams = [entry["events"] for entry in written if "events" in entry]
        for number, entry in enumerate(entry for entry in written if "events" in entry):
            entry["events"] = number
        text = json.dumps({"format": FORMAT, "version": VERSION, "interactions": written}, ensure_ascii=False, indent=2)
        return _EVENTS.sub(lambda found: found[1] + _one_a_line(streams[int(found[2])]), text) + "\n"

    def is_canonical(self) -> bool:
        """Whether the file that it was read from is, byte for byte, what :meth:`save` would write."""
        # Encoded as write_whole does it.
        return self.path is not None and self.path.read_bytes() == self.dumps().encode("utf-8", "backslashreplace")

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file: whole or not at all."""
        write_whole(path, self.dumps())


def _one_a_line(events: list[Any]) -> str:
    """A stream as a person can read it: an event is a line of the file."""
    lines = ",\n".join(f"        {json.dumps(event, ensure_ascii=False)}" for event in events)
    return f"[\n{lines}\n      ]"


def _from_here(path: Path) -> str:
    """`path` as seen from the folder that we are in."""
    try:
        return str(path.relative_to(Path.cwd()))
    except (OSError, ValueError):
        return str(path)
