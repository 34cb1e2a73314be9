"""What happened, as far as expectations look at it: plain values, each with the run that it belongs to.

Runs count from 1; what was there before the first is of run 0.  ``number`` is that of an exchange in the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

__all__ = ["Answer", "Asked", "Evidence", "Sent", "Session", "Stored", "ToolCall"]


class Asked(NamedTuple):
    """One request to Claude: the how manieth of its run, its body, and the content blocks of the answer."""

    run: int
    place: int
    number: int
    body: dict[str, Any]
    blocks: list[dict[str, Any]]


class ToolCall(NamedTuple):
    """One tool that Claude called: the how manieth call of its run, and what came back.

    ``asked`` is the number of the request that Claude answered with it, ``told`` that of the request which
    brought the ``result``; that is None, and ``told`` 0, where none came back.
    """

    run: int
    place: int
    id: str
    name: str
    input: dict[str, Any]
    asked: int
    told: int = 0
    result: str | None = None


class Session(NamedTuple):
    """A session: its metadata, and the run that opened it."""

    id: str
    metadata: Mapping[str, Any]
    run: int


class Stored(NamedTuple):
    """A memory that is stored; ``number`` is 0 where nobody stored it here, as with a seed.

    ``agent`` is the id that it was stored with, ``name`` what the agent is called: empty where none is registered.
    ``session`` is the id, which nobody need have opened.
    """

    run: int
    number: int
    content: str
    type: str
    event: str
    tags: list[str]
    importance: float
    metadata: Mapping[str, Any]
    agent: str
    name: str
    session: str
    opened: Session | None
    org: str


class Answer(NamedTuple):
    """What Memtrace answered to a question for memories: their contents, or the text of a context."""

    run: int
    number: int
    route: str
    rows: tuple[str, ...]
    text: str


class Sent(NamedTuple):
    """A message that a bot sent to a user."""

    run: int
    place: int
    bot: str
    user: str
    text: str


class Evidence(NamedTuple):
    """All that happened in so many ``runs``, each kind of thing in its order."""

    runs: int
    requests: tuple[Asked, ...] = ()
    calls: tuple[ToolCall, ...] = ()
    memories: tuple[Stored, ...] = ()
    answers: tuple[Answer, ...] = ()
    sent: tuple[Sent, ...] = ()

    def requests_of(self, run: int | None) -> list[Asked]:
        """The requests to Claude of one run; of all, where it is None."""
        return [asked for asked in self.requests if run in (None, asked.run)]

    def calls_of(self, run: int | None) -> list[ToolCall]:
        """The tools that Claude called in one run; in all, where it is None."""
        return [call for call in self.calls if run in (None, call.run)]
