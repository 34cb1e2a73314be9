"""What was found about one thing."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["STATES", "Finding"]

# From good to bad; only what is wrong is a reason not to go on.
STATES = ("ok", "note", "absent", "wrong")


class Finding(NamedTuple):
    """One thing: the ``part`` it belongs to, its name, its state, what was seen, and what to do about it.

    ``state`` is ``ok``, ``note`` (worth knowing), ``absent`` (not installed, and not needed by itself) or ``wrong``.
    """

    part: str
    name: str
    state: str
    words: str
    advice: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return self._asdict()
