"""What happened in a world: plain data, which crosses from a program's process to ours, and is written as JSON.

Everything has a number that counts from 1 within its :class:`Account`; 0 stands for nothing of the kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .plain import as_plain, from_plain

__all__ = [
    "CUT",
    "FRAME",
    "MEMORY",
    "PLAIN",
    "WHOLE",
    "Account",
    "Check",
    "Diverged",
    "Line",
    "Mark",
    "Memory",
    "Miss",
    "Run",
    "Shown",
    "Step",
    "Text",
    "Tool",
    "Turn",
]

# What a line of a prompt is: a program's own, what Memtrace writes around memories, or one that has a memory.
PLAIN, FRAME, MEMORY = "plain", "frame", "memory"
# How much of a memory is there.
WHOLE, CUT = "whole", "cut"


class Mark(NamedTuple):
    """A piece of a line, from ``start`` up to ``end``, that came from a memory; ``how`` is ``whole`` or ``cut``."""

    start: int
    end: int
    memory: int
    how: str = WHOLE


class Line(NamedTuple):
    """One line of a text; ``kind`` is ``plain``, ``frame`` or ``memory``."""

    text: str
    kind: str = PLAIN
    marks: tuple[Mark, ...] = ()


class Text(NamedTuple):
    """A text that Claude reads or says: ``who`` says it, ``name`` is that of the tool.

    ``who`` is ``system``, ``user``, ``claude``, ``thinks``, ``calls``, ``result`` or ``error``.
    """

    who: str
    name: str = ""
    lines: tuple[Line, ...] = ()


class Tool(NamedTuple):
    """A tool that is offered to Claude; ``schema`` is that of its input, as JSON."""

    name: str
    description: str = ""
    schema: str = ""


class Turn(NamedTuple):
    """A request to Claude and its answer.

    ``place`` is its number in the ``run``, ``exchange`` that of the step.  ``prompt`` and ``tools`` are numbers of
    the account's prompts and lists of tools.  ``messages`` are what the turn it ``goes_on`` from did not have,
    ``follows`` is whether that one's answer comes before them, and ``earlier`` is how many messages it had.
    ``shown`` are the memories in any of its texts.  ``source`` is what answered it, ``ending`` why the answer ended
    and what it used.
    """

    number: int
    run: int
    place: int
    exchange: int
    at: int
    model: str = ""
    parameters: Mapping[str, Any] = {}
    prompt: int = 0
    tools: int = 0
    goes_on: int = 0
    follows: bool = False
    earlier: int = 0
    messages: tuple[Text, ...] = ()
    answer: tuple[Text, ...] = ()
    status: int = 200
    source: str = ""
    ending: str = ""
    shown: tuple[int, ...] = ()
    miss: int = 0


class Shown(NamedTuple):
    """That the turns ``first`` to ``last`` have a memory: ``where`` in them, ``how`` much, ``source`` is the exchange.

    That is the one out of which the first of these turns has it.
    """

    first: int
    last: int
    where: str
    how: str = WHOLE
    source: int = 0


class Memory(NamedTuple):
    """A memory that is stored.

    ``exchange`` is the step that stored it (0 where it was there before, or the step is forgotten), ``turn`` the turn
    whose call of the tool ``call`` led to it (0 where the program stored it by itself).  ``read`` are the steps whose
    answers had it.
    """

    number: int
    content: str
    time: str
    type: str = ""
    event: str = ""
    tags: tuple[str, ...] = ()
    importance: float = 0.0
    metadata: Mapping[str, Any] = {}
    agent: str = ""
    name: str = ""
    session: str = ""
    org: str = ""
    id: str = ""
    run: int = 0
    exchange: int = 0
    call: str = ""
    turn: int = 0
    fault: str = ""
    read: tuple[int, ...] = ()
    shown: tuple[Shown, ...] = ()


class Step(NamedTuple):
    """An exchange: what was ``asked`` of which ``service`` at what time (microseconds since 1970), and the answer.

    ``told`` is in words what happened, each with who did it.  ``stored`` are the memories that it stored, ``read``
    those that its answer had.  ``sent`` and ``answer`` are the bodies, shortened where they are long.
    ``status`` is 0 where there is no answer.
    """

    number: int
    run: int
    at: int
    service: str
    asked: str
    status: int = 0
    ending: str = ""
    fault: str = ""
    unexpected: str = ""
    told: tuple[tuple[str, str], ...] = ()
    sent: str = ""
    answer: str = ""
    turn: int = 0
    stored: tuple[int, ...] = ()
    read: tuple[int, ...] = ()


class Run(NamedTuple):
    """One run of the program: the number, and when it began (microseconds since 1970)."""

    number: int
    at: int


class Diverged(NamedTuple):
    """A memory by which a request is not as recorded: what became of it (``verb``), and what is known of why."""

    verb: str
    where: str
    content: str
    facts: tuple[str, ...] = ()
    memory: int = 0
    stored_by: int = 0
    asked_by: int = 0


class Miss(NamedTuple):
    """A request to Claude that is not recorded, and why."""

    number: int
    turn: int
    exchange: int
    kind: str
    explanation: str
    memories: tuple[Diverged, ...] = ()


class Check(NamedTuple):
    """An expectation, and what became of it."""

    expected: str
    held: bool
    detail: str = ""


class Account(NamedTuple):
    """What happened in one world.

    ``verdict`` is ``passed``, ``failed``, or empty where nobody judges; ``summary`` says it in a line.  ``problems`` is
    what was unexpected, ``stopped`` why the program did not come to its end, ``notes`` what else there is to say, and
    ``output`` what it printed.  ``now`` is the world's time at the end, in microseconds since 1970.
    """

    name: str
    dialect: str
    title: str = ""
    verdict: str = ""
    summary: str = ""
    now: int = 0
    runs: tuple[Run, ...] = ()
    steps: tuple[Step, ...] = ()
    prompts: tuple[Text, ...] = ()
    tools: tuple[tuple[Tool, ...], ...] = ()
    turns: tuple[Turn, ...] = ()
    memories: tuple[Memory, ...] = ()
    misses: tuple[Miss, ...] = ()
    checks: tuple[Check, ...] = ()
    problems: tuple[str, ...] = ()
    stopped: str = ""
    notes: tuple[str, ...] = ()
    output: str = ""

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        values: dict[str, Any] = as_plain(self)
        return values

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> Account:
        """The reverse of :meth:`to_json`."""
        account: Account = from_plain(cls, values)
        return account
