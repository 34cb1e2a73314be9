"""What a data set is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Dataset", "Entry", "History", "Question"]


class Entry(NamedTuple):
    """A memory to be stored: its key in the data set, its time in microseconds since 1970, and what is written."""

    key: str
    at: int
    agent: str
    content: str
    session: str = ""
    tags: tuple[str, ...] = ()
    memory_type: str = ""
    event_type: str = ""


class Question(NamedTuple):
    """A question, and the keys of the memories that should come back; with none of those it is not scored.

    ``stale`` are the keys of what ``gold`` replaced.
    """

    key: str
    category: str
    text: str
    gold: tuple[str, ...]
    answer: str = ""
    stale: tuple[str, ...] = ()


class History(NamedTuple):
    """The memories of one org in order of time, and what is asked at ``asked_at`` (microseconds since 1970)."""

    name: str
    entries: Sequence[Entry]
    questions: Sequence[Question]
    asked_at: int
    speakers: tuple[str, ...] = ()


class Dataset(NamedTuple):
    """Some histories; ``digest`` is the SHA-256 of the data they were made from, ``notes`` what was counted in it."""

    name: str
    digest: str
    histories: Sequence[History]
    notes: Mapping[str, Any] = {}
