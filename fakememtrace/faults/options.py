"""What the options of a fault may be."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from ..clock import duration
from ..errors import ClockError, UnknownName, UsageError, listed
from .kinds import CLAUDE_ERRORS, DROPPABLE, KINDS, READS

__all__ = ["checked", "count", "fits"]

# What HTTP lets a header's name be, and of its text what every library sends.
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_TEXT = re.compile(r"[\t\x20-\x7e]*")
_LONGEST = duration("36525d")
_COMMON = {"name": "", "after": 0, "times": None}
# Options of which a fault takes one, and what it says.
_EITHER = {
    "cut": (("bytes", "events"), "how much of the answer comes"),
    "truncated": (("bytes", "characters"), "how much of the content is kept"),
}
_VERSIONED = ("agent_id", "content", "dedup_key", "event_type", "memory_type", "session_id", "tags")


def checked(
    kind: str, given: Mapping[str, Any], routes: Mapping[str, Iterable[str]], orgs: Iterable[str]
) -> dict[str, Any]:
    """All options of a fault of that `kind`, those not `given` with their defaults.

    `routes` are those of each service, `orgs` the ids there are.

    Raises:
        UnknownName: no such kind, option, field, place, route or org.
        UsageError: an option is missing, or its value makes no sense.
        ClockError: a span that is none.
    """
    if not isinstance(kind, str) or kind not in KINDS:
        raise UnknownName("kind of fault", kind, KINDS)
    defaults = _COMMON | dict(KINDS[kind].options)
    for name in given:
        if name not in defaults:
            raise UnknownName(f"option of the fault {kind!r}", name, defaults)
    options = {**defaults, **given}
    _refuse_missing(kind, options)
    for name, value in options.items():
        if value is not None or defaults[name] is not None:
            options[name] = _READERS[name](f"{name} of the fault {kind!r}", value)
    _check_together(kind, options)
    _find_names(kind, options, routes, list(orgs))
    return options


def count(label: str, value: Any) -> int:
    """`value`, if it is a whole number from 0."""
    if type(value) is not int or value < 0:
        raise UsageError(f"{label} is {value!r}. Expected a whole number from 0.")
    return value


def fits(pattern: str, service: str, method: str, path: str) -> bool:
    """Whether the route `pattern` is about ``method path`` of `service`; ``{id}`` is any one segment on either side."""
    words = pattern.split(" ")
    if words[0] == service:
        words = words[1:]
    if words == ["*"]:
        return True
    if len(words) != 2 or words[0] != method:
        return False
    ours, theirs = words[1].split("/"), path.split("/")
    return len(ours) == len(theirs) and all(
        a == b or a[:1] == "{" or b[:1] == "{" for a, b in zip(ours, theirs, strict=True)
    )


def _refuse_missing(kind: str, options: Mapping[str, Any]) -> None:
    missing = [name for name, value in options.items() if value is ...]
    if missing:
        raise UsageError(f"the fault {kind!r} needs {listed(missing)}, as in faults.add({kind!r}, {missing[0]}=...).")


def _check_together(kind: str, options: Mapping[str, Any]) -> None:
    names, meaning = _EITHER.get(kind, ((), ""))
    if names and sum(options[name] is not None for name in names) != 1:
        raise UsageError(f"the fault {kind!r} needs either {' or '.join(names)}: {meaning}.")
    if options.get("where") == "store" and options["route"] != "*":
        raise UsageError("the fault 'duplicate' takes a route only where it strikes what is read: where='read'.")


def _find_names(kind: str, options: dict[str, Any], routes: Mapping[str, Iterable[str]], orgs: list[str]) -> None:
    for name in ("org", "of"):
        if options.get(name):
            options[name] = _org(options[name], orgs)
    if "route" in options:
        _check_route(options["route"], routes if KINDS[kind].strikes == "route" else {"memtrace": READS})


def _org(name: Any, orgs: list[str]) -> str:
    found = next((org for org in orgs if org in (name, f"org_{name}")), None)
    if found is None:
        raise UnknownName("org", name, orgs)
    return found


def _check_route(pattern: Any, routes: Mapping[str, Iterable[str]]) -> None:
    known = {route: service for service, of_service in routes.items() for route in of_service}
    if not any(fits(pattern, service, *route.split(" ")) for route, service in known.items()):
        raise UnknownName("route", pattern, ["*", *(f"{service} *" for service in routes), *known])


def _text(label: str, value: Any) -> str:
    if not isinstance(value, str):
        raise UsageError(f"{label} is {value!r}. Expected text.")
    return value


def _times(label: str, value: Any) -> int:
    if type(value) is not int or value < 1:
        raise UsageError(f"{label} is {value!r}. Expected a whole number from 1, or None for ever.")
    return value


def _status(label: str, value: Any) -> int:
    if type(value) is not int or not 200 <= value <= 599:
        raise UsageError(f"{label} is {value!r}. Expected an HTTP status from 200 to 599.")
    return value


def _span(label: str, value: Any) -> str:
    try:
        micros = duration(value)
    except ClockError as problem:
        raise ClockError(f"{label}: {problem}") from None
    if micros > _LONGEST:
        raise ClockError(f"{label} is {value!r}, which is longer than a century. Expected less, such as 1h.")
    return f"{micros}us" if isinstance(value, timedelta) else str(value)


def _json(label: str, value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise UsageError(f"{label} is {value!r}. Expected text or a value that JSON can hold.") from None


def _headers(label: str, value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(text, str) for pair in value.items() for text in pair):
        raise UsageError(f'{label} is {value!r}. Expected names and their texts, such as {{"retry-after": "1"}}.')
    for name, text in value.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_TEXT.fullmatch(text):
            raise UsageError(
                f"{label} has {name!r}: {text!r}, which cannot be sent. Expected a name of letters, digits and "
                "hyphens, and one line of ASCII text."
            )
    return MappingProxyType({name.lower(): text for name, text in value.items()})


def _truth(label: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise UsageError(f"{label} is {value!r}. Expected True or False.")
    return value


def _where(label: str, value: Any) -> str:
    if value not in ("store", "read"):
        raise UnknownName(label, value, ("store", "read"))
    return str(value)


def _error_type(label: str, value: Any) -> str:
    if not isinstance(value, str) or value not in CLAUDE_ERRORS:
        raise UnknownName(label, value, CLAUDE_ERRORS)
    return value


def _field(label: str, value: Any) -> str:
    if not isinstance(value, str) or value not in DROPPABLE:
        raise UnknownName(label, value, DROPPABLE)
    return value


def _fields(label: str, value: Any) -> tuple[str, ...]:
    fields = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, (list, tuple)) else ()
    if not fields:
        raise UsageError(f"{label} is {value!r}. Expected one or more of {listed(_VERSIONED)}.")
    for field in fields:
        if field not in _VERSIONED:
            raise UnknownName(f"field in {label}", field, _VERSIONED)
    return fields


_READERS: dict[str, Callable[[str, Any], Any]] = {
    "after": count,
    "body": _json,
    "by": _span,
    "bytes": count,
    "characters": count,
    "error_type": _error_type,
    "events": count,
    "field": _field,
    "handled": _truth,
    "headers": _headers,
    "message": _text,
    "name": _text,
    "of": _text,
    "org": _text,
    "route": _text,
    "same": _fields,
    "status": _status,
    "times": _times,
    "where": _where,
    "window": _span,
}
