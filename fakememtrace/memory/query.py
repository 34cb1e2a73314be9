"""Finding memories: list, search, and the counts of an agent."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from types import MappingProxyType
from typing import Any, NamedTuple

from .dialect import Dialect
from .directory import Directory
from .forms import check_id, check_tag, check_type
from .gojson import encode
from .records import Memory
from .refusal import Refusal
from .store import DAY, TIME, MemoryStore
from .timespan import Unreadable, read

__all__ = ["Page", "Selection", "bound", "list_selection", "matching", "page", "search_selection", "select", "stats"]

_Test = Callable[[Memory], bool]

_EQUAL = ("agent_id", "session_id", "memory_type", "event_type")
_SQL_COMMAND = re.compile(
    r"\b(?:(?:attach|call|copy|detach|install|load|pragma|reset|set)\b|(?:delete\s+from|insert\s+into)\b"
    r"|(?:alter|create|drop|truncate)\s+(?:table|database|index|view)\b|update\s+\w+\s+set\b)",
    re.IGNORECASE,
)


class Selection(NamedTuple):
    """Which memories are asked for, in which order, and how many.

    ``equal`` holds fields and their only value, ``among`` fields and their possible values.
    ``after`` and ``before`` are in microseconds since 1970 and exclusive.
    """

    equal: Mapping[str, str] = MappingProxyType({})
    among: Mapping[str, list[str]] = MappingProxyType({})
    tags: Sequence[str] = ()
    text: str = ""
    min_importance: float = 0
    max_importance: float = 0
    after: int | Unreadable | None = None
    before: int | Unreadable | None = None
    ascending: bool = False
    limit: int = 100
    offset: int = 0
    failure: str = "failed to query memories"


class Page(NamedTuple):
    """Some memories, and what ``has_more`` says of them."""

    memories: list[Memory]
    has_more: bool


def list_selection(given: Mapping[str, Any], now: int, dialect: Dialect) -> Selection:
    """The selection of a list: `given` are its filters, all text but for limit and offset.

    A value of bad form is a Refusal with the dialect's status.
    """
    status = dialect.bad_filter
    for field in ("agent_id", "session_id"):
        check_id(field, given.get(field, ""), status)
    for field in ("memory_type", "event_type"):
        check_type(field, given.get(field, ""), status)
    tags = [tag.strip() for tag in given.get("tags", "").split(",")]
    for tag in tags:
        check_tag("tag", tag, status)
    return Selection(
        equal={field: given[field] for field in _EQUAL if given.get(field)},
        tags=[tag for tag in tags if tag],
        after=bound("since", given.get("since", ""), now, dialect),
        before=bound("until", given.get("until", ""), now, dialect),
        ascending=given.get("order") == "asc",
        limit=_limit(given.get("limit", 0), 100, dialect),
        offset=max(given.get("offset", 0), 0),
    )


def search_selection(given: Mapping[str, Any], now: int, dialect: Dialect) -> Selection:
    """The selection of a search: `given` are the fields of its body.

    A value of bad form is a Refusal with the dialect's status.
    """
    _check_search(given, dialect.bad_filter)
    return Selection(
        equal={field: given[field] for field in _EQUAL if given.get(field)},
        among={field: given[f"{field}s"] for field in ("memory_type", "event_type") if given.get(f"{field}s")},
        tags=given.get("tags", ()),
        text=given.get("content_contains", ""),
        min_importance=given.get("min_importance", 0),
        max_importance=given.get("max_importance", 0) if dialect.max_importance == "honoured" else 0,
        after=bound("since", given.get("since", ""), now, dialect),
        before=bound("until", given.get("until", ""), now, dialect),
        ascending=given.get("order") == "asc",
        limit=_limit(given.get("limit", 0), dialect.search_default_limit, dialect),
        offset=max(given.get("offset", 0), 0) if dialect.offset == "honoured" else 0,
        failure="failed to search memories",
    )


def select(store: MemoryStore, wanted: Selection) -> list[Memory]:
    """The memories of `wanted`."""
    return list(islice(matching(store, wanted), wanted.limit))


def page(store: MemoryStore, wanted: Selection, requested: int) -> Page:
    """The memories of `wanted`; `requested` is the limit that was asked for, before it was corrected."""
    rows = matching(store, wanted)
    memories = list(islice(rows, wanted.limit))
    if store.dialect.has_more == "more_exist":
        return Page(memories, next(rows, None) is not None)
    return Page(memories, len(memories) >= (requested if requested > 0 else 100))


def matching(store: MemoryStore, wanted: Selection) -> Iterator[Memory]:
    """All memories that fit `wanted`, from its offset on."""
    store.require_arc()
    _guard(wanted, store.dialect)
    store.flush()
    rows, equal = _shortest(store, wanted.equal)
    low, high = _window(rows, wanted, store.horizon())
    _notice_unreadable(rows, low, high, equal + _among(wanted), wanted)
    places = range(low, high) if wanted.ascending else range(high - 1, low - 1, -1)
    found: Iterator[Memory] = map(rows.__getitem__, places)
    for test in equal + _among(wanted) + _tests(wanted, store.dialect):
        found = filter(test, found)
    return islice(found, wanted.offset, None)


def stats(store: MemoryStore, directory: Directory, agent_id: str) -> dict[str, Any]:
    """What ``GET /agents/{id}/stats`` answers; it does not flush, so it lags behind the lists."""
    check_id("agent_id", agent_id, store.dialect.bad_filter)
    store.require_arc()
    rows = store.found("agent_id", agent_id)
    recent = rows[bisect_right(rows, store.now() - DAY, key=TIME) :]
    sessions = directory.sessions(agent_id) if agent_id else []
    return {
        "agent_id": agent_id,
        "memory_count": len(rows),
        "memories_24h": len(recent),
        "errors_24h": sum(row.event_type == "error" for row in recent),
        "session_count": len(sessions),
        "active_sessions": sum(session.status == "active" for session in sessions),
        "memory_types": dict(sorted(Counter(row.memory_type for row in rows).items())),
    }


def _check_search(given: Mapping[str, Any], status: int) -> None:
    for field in ("agent_id", "session_id"):
        check_id(field, given.get(field, ""), status)
    for field in ("memory_type", "event_type"):
        for value in given.get(f"{field}s", ()):
            check_type(field, value, status)
    for tag in given.get("tags", ()):
        check_tag("tag", tag, status)


def _limit(asked: int, default: int, dialect: Dialect) -> int:
    if asked > 1000:
        return 1000 if dialect.limit_over_1000 == "clamped" else default
    return asked if asked > 0 else default


def bound(label: str, text: str, now: int, dialect: Dialect) -> int | Unreadable | None:
    """The bound that a `label` (since or until) of `text` sets; a 400 Refusal where the dialect says so."""
    if not text or (label == "until" and text == "now"):
        return None
    bound = read(now, text, dialect.relative_units)
    if isinstance(bound, Unreadable) and dialect.bad_filter == 400:
        raise Refusal(400, f"invalid {label}: {bound.partition(': ')[2]}")
    return bound


def _shortest(store: MemoryStore, equal: Mapping[str, str]) -> tuple[list[Memory], list[_Test]]:
    """The smallest index that has all rows of `equal`, and tests for the rest of it."""
    if not equal:
        return store.rows, []
    indexes = {field: store.index(field, value) for field, value in equal.items()}
    best = min(indexes, key=lambda field: len(indexes[field]))
    return indexes[best], [_is(field, value) for field, value in equal.items() if field != best]


def _window(rows: list[Memory], wanted: Selection, horizon: int) -> tuple[int, int]:
    low, end = 0, horizon
    if isinstance(wanted.after, int):
        low = bisect_right(rows, wanted.after, key=TIME)
    if isinstance(wanted.before, int):
        end = min(end, wanted.before)
    return low, max(low, bisect_left(rows, end, key=TIME))


def _notice_unreadable(rows: list[Memory], low: int, high: int, equal: list[_Test], wanted: Selection) -> None:
    """Refuse a time that cannot be read, if any row comes as far as being compared with it."""
    problem = next((bound for bound in (wanted.after, wanted.before) if isinstance(bound, Unreadable)), None)
    if problem is not None and any(all(test(row) for test in equal) for row in islice(rows, low, high)):
        raise _arc_refusal(wanted, 500, problem)


def _guard(wanted: Selection, dialect: Dialect) -> None:
    likes = [*wanted.tags, wanted.text] if wanted.text else list(wanted.tags)
    if dialect.sql_guard == "on" and any(map(_SQL_COMMAND.search, likes[1:])):
        raise _arc_refusal(wanted, 400, "Dangerous SQL operation not allowed")


def _arc_refusal(wanted: Selection, status: int, text: str) -> Refusal:
    answer = encode({"success": False, "error": text}).decode()
    return Refusal(500, f"{wanted.failure}: Arc query failed (status {status}): {answer}")


def _among(wanted: Selection) -> list[_Test]:
    return [_is_among(field, values) for field, values in wanted.among.items()]


def _tests(wanted: Selection, dialect: Dialect) -> list[_Test]:
    tests = [_has_tag(tag, dialect) for tag in wanted.tags]
    if wanted.text:
        tests.append(_contains(wanted.text.replace("\0", ""), dialect))
    if wanted.min_importance > 0:
        least = float(f"{wanted.min_importance:f}")
        tests.append(lambda memory: memory.importance >= least)
    if wanted.max_importance > 0:
        most = float(f"{wanted.max_importance:f}")
        tests.append(lambda memory: memory.importance <= most)
    return tests


def _is(field: str, value: str) -> _Test:
    return lambda memory: getattr(memory, field) == value


def _is_among(field: str, values: list[str]) -> _Test:
    return lambda memory: getattr(memory, field) in values


def _has_tag(tag: str, dialect: Dialect) -> _Test:
    if dialect.tag_match == "whole":
        return lambda memory: tag in memory.tags
    return lambda memory: tag in memory.tags_csv


def _contains(text: str, dialect: Dialect) -> _Test:
    if dialect.content_match == "any_case":
        folded = text.casefold()
        return lambda memory: folded in memory.content.casefold()
    return lambda memory: text in memory.content
