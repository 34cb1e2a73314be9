"""The process in which a scenario's program runs on one side of a comparison."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from ..claude.interaction import MESSAGES
from ..claude.recording.rehearsal import Answered, Rehearsal
from ..journal import Exchange
from ..scenario import child
from ..scenario.places import Places
from ..scenario.scenario import PROGRAM
from ..world import World
from .side import ASSUMED, EMPTY, RECORDED

__all__ = ["main"]

_HEADERS = ("authorization", "content-type", "x-api-key")


def main(job: dict[str, Any]) -> None:
    """Perform the scenario of `job`, answered from ``job["tape"]``, with the SDK in ``job["sdk"]`` if one is there.

    For a ``job["report"]`` all that happened in its world is told, too.
    """
    if job["sdk"]:
        sys.path.insert(0, job["sdk"])
    folder = Path(job["folder"])
    places = Places(folder, folder / PROGRAM)
    child.main(job, partial(_observe, Path(job["tape"]), places, job["report"]))


def _observe(
    tape: Path, places: Places, report: bool, world: World, _cassette: Path, recording: Any
) -> Callable[[], dict[str, Any]]:
    rehearsal = Rehearsal(tape, recording, world.claude.player_of)
    world.claude.answer_from(rehearsal)
    watched = _Watched(world, places)
    if not report:
        return lambda: watched.told(rehearsal)
    # Imported before the program can change what is found.
    from ..report.gathering import account_of

    return lambda: {**watched.told(rehearsal), "account": account_of(world, "").to_json()}


class _Watched:
    """Knows of each exchange of a world, and of each note, from which line of the program it comes."""

    def __init__(self, world: World, places: Places) -> None:
        self._journal, self._places = world.journal, places
        self._wheres: dict[int, str] = {}
        self._notes: list[dict[str, str]] = []
        self._record, self._note = world.journal.record, world.journal.note
        # A frame is there while the call lasts, and the journal is what hears of every call.
        world.journal.record = self._recorded  # type: ignore[method-assign]
        world.journal.note = self._noted  # type: ignore[method-assign]

    def told(self, rehearsal: Rehearsal) -> dict[str, Any]:
        """All of it as plain JSON."""
        exchanges = list(self._journal)
        return {
            "calls": [self._call(exchange) for exchange in exchanges if exchange.service == "memtrace"],
            "requests": list(_requests(exchanges, rehearsal)),
            "notes": self._notes,
        }

    def _recorded(self, *args: Any, **kwargs: Any) -> Exchange:
        exchange = self._record(*args, **kwargs)
        self._wheres[exchange.number] = self._places.of_frame(sys._getframe())
        return exchange

    def _noted(self, feature: str) -> None:
        self._notes.append({"feature": feature, "where": self._places.of_frame(sys._getframe())})
        self._note(feature)

    def _call(self, exchange: Exchange) -> dict[str, Any]:
        request, response = exchange.request, exchange.response
        return {
            "number": exchange.number,
            "at": exchange.at,
            "where": self._wheres.get(exchange.number, ""),
            "method": request.method,
            "path": request.path,
            "query": request.query,
            "headers": {name: request.headers[name] for name in _HEADERS if name in request.headers},
            "body": request.body.decode("utf-8", "surrogateescape"),
            "status": response.status if response else 0,
            "answer": response.body.decode("utf-8", "surrogateescape") if response else "",
            "route": response.note if response else "",
        }


def _requests(exchanges: list[Exchange], rehearsal: Rehearsal) -> Iterator[dict[str, Any]]:
    """What Claude was asked for, each with what answered it: the journal and the rehearsal have the same order."""
    played = (one for one in exchanges if one.service == "claude" and _is_played(one))
    for exchange, answered in zip(played, rehearsal.answered, strict=False):
        if answered.endpoint == MESSAGES:
            yield {
                "number": exchange.number,
                "body": answered.request,
                "answered": _how(answered),
                "interaction": answered.number,
                "answer": _answer(exchange),
            }


def _is_played(exchange: Exchange) -> bool:
    return exchange.response is not None and exchange.response.note.startswith("interaction ")


def _how(answered: Answered) -> str:
    if answered.is_own:
        return RECORDED
    return ASSUMED if answered.number else EMPTY


def _answer(exchange: Exchange) -> str:
    """What Claude said, without what a stream has of its own."""
    body = exchange.response.body if exchange.response else b""
    try:
        value = json.loads(body)
    except ValueError:
        return body.decode("utf-8", "replace")
    return json.dumps(value.get("content", value) if isinstance(value, dict) else value, sort_keys=True)
