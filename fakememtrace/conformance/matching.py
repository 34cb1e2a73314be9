"""What was expected of an answer, against the answer."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ..wire import Response

__all__ = ["ABSENT", "ANSWER", "MATCHERS", "Difference", "differences", "shown", "value_at"]

# The fields of an expectation, and their types.
ANSWER: dict[str, type] = {
    "status": int,
    "headers": dict,
    "json": object,
    "at": dict,
    "error": object,
    "hint": str,
    "text": object,
}
_CODES = {400: "invalid_request", 401: "unauthorized", 404: "not_found", 409: "conflict"}
_TIME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d*[1-9]))?Z")


class _Absent:
    def __repr__(self) -> str:
        return "(absent)"


ABSENT = _Absent()


class Difference(NamedTuple):
    """One place of an answer, and the two values that differ there, as text."""

    place: str
    expected: str
    found: str


class Matcher(NamedTuple):
    """A value that may vary: its description, and what it accepts (argument, found)."""

    words: str
    accepts: Callable[[Any, Any], bool]


def differences(expect: Mapping[str, Any], response: Response, dialect: str) -> list[Difference]:
    """Where `response` is not what a vector's `expect` says of it."""
    found = list(_compared(expect["status"], response.status, "status"))
    for name, value in expect.get("headers", {}).items():
        header = response.header(name)
        found += _compared(value, ABSENT if header is None else header, f"header {name}")
    text = response.body.decode("utf-8", "replace")
    if "text" in expect:
        found += _compared(expect["text"], text, "body")
    if expect.keys() & {"json", "at", "error"}:
        found += _of_json(expect, text, dialect)
    return found


def _of_json(expect: Mapping[str, Any], text: str, dialect: str) -> Iterator[Difference]:
    try:
        body = json.loads(text)
    except ValueError:
        yield Difference("body", "JSON", text or "(empty)")
        return
    if "json" in expect:
        yield from _compared(expect["json"], body, "body")
    if "error" in expect:
        yield from _compared(_error_body(expect, dialect), body, "body")
    for place, value in expect.get("at", {}).items():
        yield from _compared(value, value_at(body, place), place)


def _error_body(expect: Mapping[str, Any], dialect: str) -> dict[str, Any]:
    if dialect == "documented":
        body = {"error": _CODES.get(expect["status"], "internal_error"), "message": expect["error"]}
    else:
        body = {"error": expect["error"]}
    return {**body, "hint": expect["hint"]} if "hint" in expect else body


def value_at(body: Any, place: str) -> Any:
    """What stands at `place`, such as ``memories.0.content`` or ``memories.*.content`` (a list); else ABSENT."""
    first, _, rest = place.partition(".")
    if first == "*" and isinstance(body, list):
        return [value_at(item, rest) if rest else item for item in body]
    if isinstance(body, list) and first.isdigit() and int(first) < len(body):
        inner = body[int(first)]
    elif isinstance(body, dict) and first in body:
        inner = body[first]
    else:
        return ABSENT
    return value_at(inner, rest) if rest else inner


def _compared(expected: Any, found: Any, place: str) -> Iterator[Difference]:
    name = _matcher_of(expected)
    if name:
        if not MATCHERS[name].accepts(expected[name], found):
            yield Difference(place, MATCHERS[name].words.format(shown(expected[name])), shown(found))
    elif isinstance(expected, dict) and isinstance(found, dict):
        for key in dict.fromkeys((*expected, *found)):
            yield from _compared(expected.get(key, ABSENT), found.get(key, ABSENT), f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from _compared(one, other, f"{place}.{index}")
    elif not _equal(expected, found):
        yield Difference(place, shown(expected), shown(found))


def _matcher_of(expected: Any) -> str | None:
    if isinstance(expected, dict) and len(expected) == 1:
        (name,) = expected
        return name if name in MATCHERS else None
    return None


def _matches(expected: Any, found: Any) -> bool:
    return not any(_compared(expected, found, ""))


def _equal(expected: Any, found: Any) -> bool:
    # In Python True is 1.
    return isinstance(expected, bool) == isinstance(found, bool) and bool(expected == found)


def shown(value: Any) -> str:
    """A value of an answer, as text; of ABSENT too."""
    return repr(value) if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _of(kind: type, test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    return lambda argument, found: isinstance(found, kind) and test(argument, found)


def _has_time(digits: int, found: str) -> bool:
    time = _TIME.fullmatch(found)
    return time is not None and len(time[2] or "") <= digits


def _is_later(than: str, found: str) -> bool:
    times = [_TIME.fullmatch(text) for text in (than, found)]
    before, after = ((time[1], (time[2] or "").ljust(9, "0")) if time else None for time in times)
    return before is not None and after is not None and before < after


def _in_order(wanted: list[Any], found: list[Any]) -> bool:
    rest = iter(found)
    return all(any(_matches(one, item) for item in rest) for one in wanted)


def _holds(parts: str | list[str], found: str) -> bool:
    return all(part in found for part in ([parts] if isinstance(parts, str) else parts))


MATCHERS = {
    "$absent": Matcher("(absent)", lambda _, found: found is ABSENT),
    "$any": Matcher("anything", lambda _, found: found is not ABSENT),
    "$contains": Matcher("a text that contains {}", _of(str, _holds)),
    "$every": Matcher("a list of nothing but {}", _of(list, lambda one, found: all(_matches(one, it) for it in found))),
    "$id": Matcher(
        "an id: {} and 24 hexadecimal digits",
        _of(str, lambda prefix, found: re.fullmatch(re.escape(prefix) + "[0-9a-f]{24}", found) is not None),
    ),
    "$in_order": Matcher("a list that has in this order {}", _of(list, _in_order)),
    "$lacks": Matcher("a text without {}", _of(str, lambda part, found: part not in found)),
    "$later": Matcher("a time later than {}", _of(str, _is_later)),
    "$length": Matcher("a list of the length {}", _of(list, lambda length, found: len(found) == length)),
    "$matches": Matcher(
        "a text like {}", _of(str, lambda form, found: re.fullmatch(form, found, re.DOTALL) is not None)
    ),
    "$none_of": Matcher(
        "a list without {}",
        _of(list, lambda items, found: not any(_matches(one, it) for one in items for it in found)),
    ),
    "$not": Matcher("anything but {}", lambda value, found: found is not ABSENT and not _matches(value, found)),
    "$number": Matcher("a number", lambda _, found: isinstance(found, (int, float)) and not isinstance(found, bool)),
    "$optional": Matcher("{} or nothing", lambda value, found: found is ABSENT or _matches(value, found)),
    "$sha256": Matcher(
        "the first 32 digits of the SHA-256 of {}",
        _of(str, lambda text, found: found == hashlib.sha256(text.encode()).hexdigest()[:32]),
    ),
    "$text": Matcher("a text", _of(str, lambda _, found: found != "")),
    "$time": Matcher("a time in UTC with at most {} digits of a second", _of(str, _has_time)),
}
