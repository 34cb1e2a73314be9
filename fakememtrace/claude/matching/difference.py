"""What a matcher says of two requests that it does not take for the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["ORDER", "TEXT", "VALUE", "Difference", "Request"]

TEXT = "text"
VALUE = "value"
ORDER = "order"

Request = Mapping[str, Any]


class Difference(NamedTuple):
    """One place in which a request is not as recorded.

    ``part`` is the matcher that found it: ``system``, ``tools``, ...  ``recorded`` and ``sent`` are what
    stands there: lines of ``kind`` ``"text"``, one line of JSON (``"value"``), or the same things in
    another order (``"order"``, one a line); no line at all where nothing stands.  ``place`` says where
    in the part, and is empty for all of it.  ``origin`` says of a text in a message whose it is:
    ``user``, ``assistant``, or the tool whose result it is, ``tool memtrace_recall``.
    """

    part: str
    recorded: list[str]
    sent: list[str]
    place: str = ""
    kind: str = TEXT
    origin: str = ""

    def as_json(self) -> dict[str, Any]:
        """As plain JSON; of both sides only the lines from the first to the last that differs."""
        first, last = _apart(self.recorded, self.sent)
        return {
            "part": self.part,
            "place": self.place,
            "kind": self.kind,
            "line": first + 1,
            "recorded": self.recorded[first : len(self.recorded) - last],
            "sent": self.sent[first : len(self.sent) - last],
        }


def _apart(recorded: list[str], sent: list[str]) -> tuple[int, int]:
    """How many lines both have in common at their start, and then at their end."""
    shorter = min(len(recorded), len(sent))
    first = next((n for n in range(shorter) if recorded[n] != sent[n]), shorter)
    last = next((n for n in range(shorter - first) if recorded[-1 - n] != sent[-1 - n]), shorter - first)
    return first, last
