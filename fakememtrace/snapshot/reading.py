"""From plain JSON to checked values; every complaint names where it comes from and the place in it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..clock import duration, moment
from ..errors import ClockError, UsageError, did_you_mean, listed
from ..memory.gojson import mapping, number
from .taking import FORMAT, VERSION

__all__ = ["Place", "SnapshotError", "opened", "read"]

_ADVICE = "world.snapshot() and world.save(path) make one; one may also be written by hand, as a seed."

Reader = Callable[["Place", Any], Any]


class SnapshotError(UsageError):
    """A snapshot or a seed that is missing, broken, or not one of ours; nothing was changed."""

    def __init__(self, source: object, problem: str, advice: str = _ADVICE, place: str = "") -> None:
        self.source, self.place, self.problem, self.advice = str(source), place, problem, advice
        where = f"{source}, {place}" if place else f"{source}"
        super().__init__(f"{where}: {problem}\n{advice}")


class Place:
    """A place in a snapshot: where that comes from, and the way to it (``orgs[0].memories[3].time``)."""

    def __init__(self, source: str, path: str = "") -> None:
        self.source, self.path = source, path

    def __getitem__(self, step: str | int) -> Place:
        if isinstance(step, int):
            return Place(self.source, f"{self.path}[{step}]")
        return Place(self.source, f"{self.path}.{step}" if self.path else step)

    def wrong(self, problem: str, advice: str = _ADVICE) -> SnapshotError:
        """The complaint about this place."""
        return SnapshotError(self.source, problem, advice, self.path)


def opened(path: str | os.PathLike[str]) -> Any:
    """The JSON value in the file `path`; SnapshotError when there is none."""
    try:
        return json.loads(Path(path).read_text("utf-8"), parse_constant=_no_number)
    except FileNotFoundError:
        raise SnapshotError(path, "there is no such file.") from None
    except OSError as error:
        raise SnapshotError(path, f"cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise SnapshotError(path, "this is not UTF-8 text.", place=f"byte {error.start}") from None
    except json.JSONDecodeError as error:
        raise SnapshotError(path, f"this is not JSON: {error.msg}.", place=f"line {error.lineno}") from None
    except (ValueError, RecursionError) as error:
        raise SnapshotError(path, f"this is not JSON: {error}.") from None


def read(value: Any, source: str, whole: bool) -> dict[str, Any]:
    """The checked parts of a snapshot, times in microseconds since 1970.

    A `whole` one says its format and version; a seed need not, and may have the first org's
    agents, sessions and memories at the top.

    Raises:
        SnapshotError: it is broken, foreign, or of a newer version.
    """
    place = Place(source)
    if not isinstance(value, Mapping):
        raise place.wrong(f"this is {_word(value)}, and no snapshot of a world. Expected an object.")
    _check_format(place, value, whole)
    return _object(place, value, _WORLD)


def _check_format(place: Place, value: Mapping[str, Any], whole: bool) -> None:
    if value.get("format", None if whole else FORMAT) != FORMAT:
        raise place.wrong(f"the format is {value.get('format')!r}, so this is no snapshot of a world ({FORMAT!r}).")
    version = value.get("version", None if whole else VERSION)
    if type(version) is int and version > VERSION:
        raise place["version"].wrong(
            f"this is version {version}, and this fakememtrace knows versions up to {VERSION}.",
            "Update fakememtrace, or take the snapshot with this one.",
        )
    if type(version) is not int or version < 1:
        raise place["version"].wrong(f"{version!r} is no version. Expected a whole number from 1 to {VERSION}.")


def _object(place: Place, value: Any, fields: Mapping[str, Reader]) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise place.wrong(f"{value!r} is {_word(value)}. Expected an object.")
    for name in value:
        if name not in fields:
            raise place.wrong(f"there is no {name!r} here.{did_you_mean(name, fields)} Known: {listed(fields)}.")
    return {name: fields[name](place[name], item) for name, item in value.items() if item is not None}


def _text(place: Place, value: Any) -> str:
    if not isinstance(value, str):
        raise place.wrong(f"{value!r} is {_word(value)}. Expected text.")
    return value


def _truth(place: Place, value: Any) -> bool:
    if not isinstance(value, bool):
        raise place.wrong(f"{value!r} is {_word(value)}. Expected true or false.")
    return value


def _count(place: Place, value: Any) -> int:
    if type(value) is not int or value < 0:
        raise place.wrong(f"{value!r} is no count. Expected a whole number from 0.")
    return value


def _time(place: Place, value: Any) -> int:
    try:
        return moment(_text(place, value))
    except ClockError as problem:
        raise place.wrong(str(problem)) from None


def _span(place: Place, value: Any) -> int:
    try:
        return duration(_text(place, value))
    except ClockError as problem:
        raise place.wrong(str(problem)) from None


def _free(place: Place, value: Any) -> dict[str, Any]:
    try:
        return mapping(value)
    except Exception:
        if isinstance(value, dict):
            raise place.wrong("there is a number in it that JSON does not have.") from None
        raise place.wrong(f"{value!r} is {_word(value)}. Expected an object of names and values.") from None


def _number(place: Place, value: Any) -> int | float:
    try:
        return number(value)
    except Exception:
        raise place.wrong(f"{value!r} is {_word(value)}. Expected a number.") from None


def _arc(place: Place, value: Any) -> Any:
    if not isinstance(value, bool) and value != "down":
        raise place.wrong(f'{value!r} is no state of an Arc. Expected true, false or "down".')
    return value


def _dialect(place: Place, value: Any) -> Mapping[str, Any]:
    # What is in it is checked by Dialect itself.
    if isinstance(value, str):
        return {"preset": value}
    if not isinstance(value, Mapping) or not isinstance(value.get("preset"), str):
        raise place.wrong(f"{value!r} is no dialect. Expected its name, or an object with a preset and attributes.")
    return value


def _list(reader: Reader) -> Reader:
    def items(place: Place, value: Any) -> list[Any]:
        if not isinstance(value, (list, tuple)):
            raise place.wrong(f"{value!r} is {_word(value)}. Expected a list.")
        return [reader(place[index], item) for index, item in enumerate(value)]

    return items


def _each(reader: Reader) -> Reader:
    def items(place: Place, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise place.wrong(f"{value!r} is {_word(value)}. Expected an object.")
        return {name: reader(place[str(name)], item) for name, item in value.items()}

    return items


def _of(fields: Mapping[str, Reader]) -> Reader:
    return lambda place, value: _object(place, value, fields)


_KEY = {"key": _text, "permissions": _text, "expires_at": _time, "enabled": _truth}
_AGENT = {"id": _text, "name": _text, "description": _text, "config": _free, "created_at": _time, "ago": _span}
_SESSION = {
    "id": _text,
    "agent_id": _text,
    "agent": _text,
    "status": _text,
    "metadata": _free,
    "created_at": _time,
    "updated_at": _time,
    "closed_at": _time,
    "ago": _span,
}
_MEMORY = {
    "id": _text,
    "time": _time,
    "ago": _span,
    "agent_id": _text,
    "agent": _text,
    "session_id": _text,
    "memory_type": _text,
    "event_type": _text,
    "content": _text,
    "metadata": _free,
    "tags": _list(_text),
    "dedup_key": _text,
    "importance": _number,
    "parent_id": _text,
    "found": _truth,
}
_PEOPLE: dict[str, Reader] = {
    "agents": _list(_of(_AGENT)),
    "sessions": _list(_of(_SESSION)),
    "memories": _list(_of(_MEMORY)),
}
_ORG: dict[str, Reader] = {
    "name": _text,
    "arc": _arc,
    "founded_at": _time,
    "keys": _list(_of(_KEY)),
    **_PEOPLE,
    "waiting": _list(_of(_MEMORY)),
    "late_until": _each(_time),
    "flushed_at": _list(_time),
}
_WORLD: dict[str, Reader] = {
    "format": _text,
    "version": _count,
    "dialect": _dialect,
    "start": _time,
    "clock": _time,
    "ids": _each(_count),
    **_PEOPLE,
    "orgs": _list(_of(_ORG)),
    "claude": _of({"played": _list(_count)}),
    "faults": _list(lambda _, value: value),
}


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON")


def _word(value: Any) -> str:
    if value is None:
        return "null"
    words = {bool: "true or false", str: "text", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return words.get(type(value), f"a {type(value).__name__}")
