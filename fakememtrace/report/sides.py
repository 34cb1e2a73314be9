"""What a report shows of a program on two sides, and of one beside its recordings: plain data."""

from __future__ import annotations

from typing import NamedTuple

from .account import Account, Check

__all__ = [
    "Asked",
    "Beside",
    "Cause",
    "Comparison",
    "Conversation",
    "Regression",
    "Row",
    "Section",
]


class Row(NamedTuple):
    """Two lines that stand beside each other, None where a side has none.

    ``state`` is ``same``, ``differs``, or ``folded``: then ``first`` says in words what is left out.  ``first`` and
    ``second`` are pieces of the line, each with whether the other line has it not; ``memories`` are the numbers of
    those that the lines have, each in the account of its side.
    """

    state: str
    first: tuple[tuple[str, bool], ...] | None = None
    second: tuple[tuple[str, bool], ...] | None = None
    memories: tuple[int, int] = (0, 0)


class Asked(NamedTuple):
    """A request to Claude on two sides: its places in the run, 0 where a side has none, and what is to be said of it.

    ``state`` is ``same``, ``differs`` or ``only on`` a side; ``causes`` are numbers, ``notes`` are in words what
    answered it and why it differs, and ``rows`` are the texts side by side where they differ for the first time.
    ``turns`` are the turns that it is in the accounts.
    """

    run: int
    first: int
    second: int
    state: str
    causes: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    rows: tuple[Row, ...] = ()
    turns: tuple[int, int] = (0, 0)


class Beside(NamedTuple):
    """One place where two sides part: facts as pairs of label and text, and memories with how each side shows them."""

    head: str
    facts: tuple[tuple[str, str], ...] = ()
    memories: tuple[tuple[str, str, str, str], ...] = ()


class Cause(NamedTuple):
    """Why two sides differ: the sentence, facts about what makes the difference, and where.

    ``number`` is 0 where it is so on both sides.
    """

    number: int
    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    places: tuple[Beside, ...] = ()


class Section(NamedTuple):
    """What else there is to say: a title, and lines of it."""

    title: str
    lines: tuple[str, ...]


class Comparison(NamedTuple):
    """A scenario on two sides, ``first`` and ``second``: dialects of Memtrace, or versions of its SDK.

    ``verdict`` is ``passed`` or ``failed``, ``word`` what is said of it (``drift``, ``no drift``), ``summary`` a line.
    """

    name: str
    title: str
    first: str
    second: str
    verdict: str
    word: str
    summary: str
    causes: tuple[Cause, ...] = ()
    asked: tuple[Asked, ...] = ()
    sections: tuple[Section, ...] = ()
    accounts: tuple[Account, ...] = ()


class Conversation(NamedTuple):
    """One conversation beside its recording: how it is called, what became of it (``state``), and what that costs.

    ``why`` is the explanation, line by line, ``again`` the interactions that have to be recorded again, each as lines.
    """

    name: str
    begins: str
    state: str
    reason: str
    cost: str = ""
    why: tuple[str, ...] = ()
    again: tuple[tuple[str, ...], ...] = ()
    notes: tuple[str, ...] = ()


class Regression(NamedTuple):
    """A scenario's program as it is, beside what is recorded; ``verdict`` is ``passed`` where nothing changed."""

    name: str
    dialect: str
    title: str
    against: str
    verdict: str
    word: str
    summary: str
    conversations: tuple[Conversation, ...] = ()
    checks: tuple[Check, ...] = ()
    sections: tuple[Section, ...] = ()
