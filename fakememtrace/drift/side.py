"""One side of a comparison: a scenario under one Memtrace and one SDK, and what was asked and answered there."""

from __future__ import annotations

import tempfile
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..claude.cassette import Cassette
from ..claude.recording.modes import CHANGED
from ..scenario.outcome import Outcome
from ..scenario.replay import run
from ..scenario.scenario import Scenario
from ..wire import Request

__all__ = ["ASSUMED", "EMPTY", "INSTALLED", "RECORDED", "Asked", "Call", "Limits", "Note", "Side", "Who", "performed"]

# What answered a request to Claude: its recording, the nearest one, or nothing.
RECORDED, ASSUMED, EMPTY = "recorded", "assumed", "nothing"
# The SDK that is there anyway.
INSTALLED = "installed"
_CHILD = "fakememtrace.drift.child"


class Limits(NamedTuple):
    """What a program may take: requests to Claude, and seconds of wall time; the scenario's own where it is None."""

    max_turns: int | None = None
    timeout: float | None = None


class Who(NamedTuple):
    """Which Memtrace a side is, and with which SDK: its version and folder; none where the dialect is what matters."""

    dialect: str
    sdk: str = ""
    folder: str = ""

    @property
    def name(self) -> str:
        """What it is called in a report."""
        return f"memtrace-sdk {self.sdk}" if self.sdk else self.dialect


class Call(NamedTuple):
    """One exchange with Memtrace: its number among all, the run, the time before it in microseconds, and both sides.

    ``where`` is the line of the program that it came from.
    """

    number: int
    run: int
    at: int
    where: str
    request: Request
    status: int
    answer: str
    route: str

    @property
    def asked(self) -> str:
        """``GET /api/v1/memories``."""
        return f"{self.request.method} {self.request.path}"


class Asked(NamedTuple):
    """One request to Claude: its number among all exchanges, its run and place in it, and what answered it.

    ``answered`` is ``recorded``, ``assumed`` (from the nearest recording) or ``nothing``; ``interaction`` is the
    number of that recording in its cassette.
    """

    number: int
    run: int
    place: int
    body: dict[str, Any]
    answered: str
    cassette: str
    interaction: int
    answer: str


class Note(NamedTuple):
    """A use of what the documentation has and the released SDK does not, and where."""

    feature: str
    where: str


@dataclass(frozen=True)
class Side:
    """What happened on one side; ``account`` is all of it for a report, None where none is wanted."""

    who: Who
    start: str
    outcome: Outcome
    calls: tuple[Call, ...] = ()
    asked: tuple[Asked, ...] = ()
    notes: tuple[Note, ...] = ()
    account: Mapping[str, Any] | None = None


def performed(scenario: Scenario, who: Who, base: str, limits: Limits, report: bool = False) -> Side:
    """Run the scenario on the side `who`, answered from the cassette of `base`, its own coming first.

    With `report` the side has its account.
    """
    paths = list(dict.fromkeys([scenario.cassette(who.dialect), scenario.cassette(base)]))
    tapes = [(path.name, Cassette.load(path)) for path in paths]
    with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch:
        tape = Path(scratch, "cassette.json")
        Cassette([one for _, cassette in tapes for one in cassette.interactions]).save(tape)
        options = {"main": _CHILD, "tape": str(tape), "sdk": who.folder, "report": report}
        how = {"mode": CHANGED, "rehearse": True}
        outcome, told = run(scenario, who.dialect, limits.max_turns, limits.timeout, how, options)
    if told is None:
        return Side(who, scenario.start, outcome)
    begun = told["begun"]
    return Side(
        who,
        scenario.start,
        outcome,
        tuple(_call(values, begun) for values in told["calls"]),
        tuple(_asked(told["requests"], begun, [(name, len(cassette)) for name, cassette in tapes])),
        tuple(Note(**values) for values in told["notes"]),
        told.get("account"),
    )


def _call(values: Mapping[str, Any], begun: Sequence[int]) -> Call:
    body = values["body"].encode("utf-8", "surrogateescape")
    request = Request(values["method"], "", values["path"], values["query"], values["headers"], body)
    run_number = bisect_left(begun, values["number"])
    return Call(
        *(values["number"], run_number, values["at"], values["where"]),
        request,
        *(values["status"], values["answer"], values["route"]),
    )


def _asked(requests: list[dict[str, Any]], begun: Sequence[int], sizes: list[tuple[str, int]]) -> Iterator[Asked]:
    places: dict[int, int] = {}
    for values in requests:
        number = bisect_left(begun, values["number"])
        places[number] = place = places.get(number, 0) + 1
        cassette, interaction = _told_from(values["interaction"], sizes)
        yield Asked(
            *(values["number"], number, place, values["body"], values["answered"]),
            *(cassette, interaction, values["answer"]),
        )


def _told_from(number: int, sizes: list[tuple[str, int]]) -> tuple[str, int]:
    """Which cassette the interaction `number` of all is from, and its number there."""
    for name, size in sizes:
        if 0 < number <= size:
            return name, number
        number -= size
    return "", 0
