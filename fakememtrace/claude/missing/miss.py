"""A request that got no answer, and why: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from ..matching.difference import Difference

__all__ = [
    "CONVERSATION",
    "EXHAUSTED",
    "KINDS",
    "MEMORY",
    "NO_CASSETTE",
    "NO_CONVERSATION",
    "ORDER",
    "PARAMETERS",
    "SYSTEM",
    "TOOLS",
    "VERBS",
    "MemoryDifference",
    "Miss",
]

MEMORY = "memory block"
SYSTEM = "system prompt"
TOOLS = "tool surface"
PARAMETERS = "model or parameters"
CONVERSATION = "conversation"
ORDER = "order"
EXHAUSTED = "exhausted"
NO_CONVERSATION = "no such conversation"
NO_CASSETTE = "no cassette"
# Where several are true, the first is the one that counts.
KINDS = (
    *(NO_CASSETTE, NO_CONVERSATION, EXHAUSTED),
    *(MEMORY, SYSTEM, TOOLS, PARAMETERS, CONVERSATION, ORDER),
)
VERBS = ("missing", "added", "cut", "changed", "reordered")


class MemoryDifference(NamedTuple):
    """A memory by which a request is not as recorded.

    ``verb`` is one of :data:`VERBS`, ``where`` the place in the request, ``content`` the memory's, as
    it was recorded or, where it was not, as it is shown.  ``facts`` say what is known of it, one sentence each.
    ``recorded_time`` and ``sent_time`` are those with which it is shown there.  Of the memory that is stored:
    ``id`` (where Memtrace shows it), ``agent``, ``session``, ``org`` and ``time``; all empty when none is.
    ``stored_by`` is the number of the exchange that stored it or tried to, ``asked_by`` that of the
    answer which showed it or did not.
    """

    verb: str
    where: str
    content: str
    facts: tuple[str, ...] = ()
    recorded_time: str = ""
    sent_time: str = ""
    id: str = ""
    agent: str = ""
    session: str = ""
    org: str = ""
    time: str = ""
    stored_by: int | None = None
    asked_by: int | None = None

    def as_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return {**self._asdict(), "facts": list(self.facts)}


@dataclass(frozen=True)
class Miss:
    """No answer: the ``kind`` of the cause, and the whole ``explanation``.

    ``kinds`` are all that are true, ``kind`` is the first of them.  ``cassette`` is where an answer was
    looked for, ``nearest`` the number of the recording most alike (None where none is), ``differences``
    are the places in which the request differs from that, and ``memories`` what of it came from Memtrace.
    """

    kind: str
    explanation: str
    kinds: tuple[str, ...] = ()
    cassette: str | None = None
    nearest: int | None = None
    differences: tuple[Difference, ...] = ()
    memories: tuple[MemoryDifference, ...] = ()

    def __str__(self) -> str:
        return self.explanation

    def as_json(self) -> dict[str, Any]:
        """As plain JSON, always in this order."""
        return {
            "kind": self.kind,
            "kinds": list(self.kinds or (self.kind,)),
            "explanation": self.explanation,
            "cassette": self.cassette,
            "nearest": self.nearest,
            "differences": [difference.as_json() for difference in self.differences],
            "memories": [memory.as_json() for memory in self.memories],
        }
