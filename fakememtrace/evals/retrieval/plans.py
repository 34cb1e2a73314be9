"""The plans, by name.

A plan is a function of a reader, a question and how many memories are wanted.  What it returns for a smaller
number is the beginning of what it returns for a larger one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...errors import UnknownName
from .bm25 import bm25
from .lines import shown
from .reader import MOST, Found, Reader
from .words import question_words

__all__ = ["BM25", "CONTEXT", "NEWEST", "SINCE", "SUBSTRING", "Plan", "plan", "plans", "since"]

Plan = Callable[[Reader, str, int], Sequence[Found]]

BM25, CONTEXT, NEWEST, SUBSTRING = "bm25", "context", "newest", "substring"
# What a plan begins with that names its window.
SINCE = "since "


def plan(name: str) -> Plan:
    """The plan with that name: one of :func:`plans`, or ``since`` and a window (``since 7d``).

    Raises:
        UnknownName: there is none.
    """
    if name.startswith(SINCE) and name[len(SINCE) :].strip():
        return since(name[len(SINCE) :].strip())
    if name not in _PLANS:
        raise UnknownName("retrieval plan", name, plans())
    return _PLANS[name]


def plans() -> list[str]:
    """The names of all plans; instead of ``24h`` any window does."""
    return sorted([*_PLANS, f"{SINCE}24h"])


def newest(reader: Reader, _: str, k: int) -> Sequence[Found]:
    """The newest memories, whatever the question."""
    return reader.newest(min(k, MOST))


def since(window: str) -> Plan:
    """The plan that lists the newest memories of a window."""

    def listed(reader: Reader, _: str, k: int) -> Sequence[Found]:
        return reader.newest(min(k, MOST), since=window)

    return listed


def substring(reader: Reader, question: str, k: int) -> Sequence[Found]:
    """A search for each word of the question; what the rarest word finds comes first, newest first.

    A search says how many it found, so a client knows which word is rare.  Of words equally rare, the one
    that comes first in the question comes first.
    """
    hits = [reader.search(word) for word in question_words(question, reader.speakers)]
    joined: dict[Found, None] = {}
    for found in sorted(hits, key=len):
        joined.update(dict.fromkeys(found))
    return list(joined)[:k]


def context(reader: Reader, _: str, k: int) -> Sequence[Found]:
    """What the context of a new session of the first agent shows."""
    session = reader.new_session()
    return shown(reader.context(session), reader.written)[:k] if session else ()


_PLANS: dict[str, Plan] = {BM25: bm25, CONTEXT: context, NEWEST: newest, SUBSTRING: substring}
