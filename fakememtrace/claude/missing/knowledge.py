"""What a world knows of its memories when a request to Claude is not recorded: plain values."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Knowledge", "Read", "Row", "ShownMemory", "Write"]


class ShownMemory(NamedTuple):
    """A memory that is stored.

    ``time`` is as Memtrace shows it, ``agent`` the id that it was stored with, ``name`` that of the agent
    where one is registered, ``id`` empty where Memtrace shows it to nobody.
    """

    content: str
    time: str
    event: str = ""
    agent: str = ""
    session: str = ""
    org: str = ""
    id: str = ""
    name: str = ""


class Write(NamedTuple):
    """A memory that was sent to be stored, whatever became of it.

    ``number`` is that of the exchange in the journal, ``route`` its method and path, ``time`` that of
    the memory in the answer (empty where it has none), ``fault`` what struck it.
    """

    number: int
    route: str
    status: int
    content: str
    time: str = ""
    fault: str = ""


class Row(NamedTuple):
    """A memory in an answer."""

    content: str
    time: str


class Read(NamedTuple):
    """An answer of Memtrace with memories: a list (``rows``), or the context of a session (``text``).

    ``status`` is 0 where the connection was closed without an answer, ``asked`` what was asked for, in
    short, ``at`` when, and ``org`` whose key asked.  Of what was asked for, ``session``, ``agent``,
    ``since`` (a span) and ``tokens`` (the most that it should have) are empty where nothing was said of them.
    """

    number: int
    route: str
    status: int
    asked: str = ""
    at: str = ""
    rows: tuple[Row, ...] = ()
    text: str = ""
    session: str = ""
    agent: str = ""
    since: str = ""
    tokens: str = ""
    org: str = ""
    fault: str = ""


class Knowledge(NamedTuple):
    """All memories that are stored, every attempt to store one, and every answer that has some, in their order.

    ``turn`` is the number of the last exchange with Claude, 0 where there was none.
    """

    memories: tuple[ShownMemory, ...] = ()
    writes: tuple[Write, ...] = ()
    reads: tuple[Read, ...] = ()
    turn: int = 0
