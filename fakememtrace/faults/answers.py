"""What a door gets when a fault has struck."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from ..clock import Clock
from ..wire import Request, Response
from .effects import affected, scripted
from .faults import Faults
from .kinds import Fault

__all__ = ["Tape", "answered"]


class Tape(Protocol):
    """What a fake plays its recorded answers from, each of which has a number."""

    def played(self) -> list[int]:
        """The numbers of those that were played."""
        ...

    def rewind(self, played: Iterable[int] = ()) -> None:
        """Be as if just those had been played."""
        ...


def answered(
    faults: Faults, service: str, request: Request, ask: Callable[[], Response], clock: Clock, tape: Tape | None
) -> Response:
    """The answer of `service` to `request` under its `faults`; `ask` asks the fake, where none of them forestalls it.

    A recorded answer from the `tape` that does not reach the client as it is can be asked for again:
    SDKs do, and so do agents.  It counts as played all the same, for those that give up.
    """
    struck = faults.on_request(service, request)
    if not struck and not faults.undelivered:
        return ask()
    playing = _Playing(faults, ask, tape)
    response, arrives = _troubled(service, struck, playing, clock, request.patience)
    if not arrives:
        faults.undelivered |= playing.told
    return response


class _Playing:
    """Asks a fake, on whose tape the undelivered answers are there again; ``told`` are the numbers it then played."""

    def __init__(self, faults: Faults, ask: Callable[[], Response], tape: Tape | None) -> None:
        self._faults, self._ask, self._tape = faults, ask, tape
        self.told: frozenset[int] = frozenset()

    def __call__(self) -> Response:
        return self._ask() if self._tape is None else self._played(self._tape)

    def _played(self, tape: Tape) -> Response:
        played = frozenset(tape.played())
        lost = self._faults.undelivered & played
        if lost:
            tape.rewind(played - lost)
        try:
            return self._ask()
        finally:
            now = frozenset(tape.played())
            self.told = now - (played - lost)
            self._faults.undelivered = lost - self.told
            if lost:
                tape.rewind(now | lost)


def _troubled(
    service: str, faults: list[Fault], ask: Callable[[], Response], clock: Clock, patience: float
) -> tuple[Response, bool]:
    """The answer under `faults`, and whether the client gets it as the fake gave it."""
    asked_at = clock.micros()
    first = next((fault for fault in faults if _forestalls(fault)), None)
    given = ask() if first is None else scripted(service, first)
    response = given
    for fault in faults:
        response = affected(response, service, fault)
    too_late = response.delay > 1_000_000 * patience
    # Who gives up has waited that long, however long the answer would have taken.
    clock.pass_by(_left(patience, clock.micros() - asked_at) if too_late else response.delay)
    names = [given.fault] if given.fault else []
    arrives = response.chunks is given.chunks and not response.ending and not too_late
    return response._replace(fault=", ".join([*names, *(fault.name for fault in faults)])), arrives


def _left(patience: float, spent: int) -> int:
    return max(0, round(1_000_000 * patience) - spent)


def _forestalls(fault: Fault) -> bool:
    return fault.kind == "status" or (fault.kind == "drop" and not fault.options["handled"])
