"""What happened in a world as text: who said what, what was called, what was stored, what the model was shown."""

from __future__ import annotations

from collections.abc import Iterator

from ..journal import Exchange
from ..report.visible import visible
from ..scenario.transcript import Event, transcribe
from ..world import World
from .labels import Labels
from .lines import labelled, value

__all__ = ["transcript"]

_MINUTE = 60_000_000
_UNITS = (("d", 24 * 60), ("h", 60), ("m", 1))


def transcript(world: World) -> str:
    """All that happened, in order, with the time that passed between where that is a minute or more."""
    lines = [line for event in _events(list(world.journal)) for line in _lines(event)]
    return visible(Labels(world).of("\n".join(lines))) or "nothing happened"


def _events(exchanges: list[Exchange]) -> Iterator[Event]:
    passed: list[Event] = []

    def reached() -> Iterator[Exchange]:
        before = exchanges[0].at if exchanges else 0
        for exchange in exchanges:
            if exchange.at - before >= _MINUTE:
                passed.append(Event("later", _span((exchange.at - before) // _MINUTE)))
            before = exchange.at
            yield exchange

    for event in transcribe(reached()):
        yield from passed
        passed.clear()
        yield event


def _span(minutes: int) -> str:
    """``1d 2h``, ``20h``, ``1h 5m``: the largest unit and the next one."""
    parts = []
    for unit, size in _UNITS:
        if minutes >= size:
            parts.append(f"{minutes // size}{unit}")
            minutes %= size
    return " ".join(parts)


def _lines(event: Event) -> Iterator[str]:
    if event.who == "problem":
        # It names files of this machine, and fails the test anyway.
        yield from labelled("problem", "this was not expected")
        return
    yield from labelled(event.who, event.text)
    for name, fact in (event.facts or {}).items():
        yield from labelled("", f"  {name}: {value(fact)}")
