"""Finding memories: list, search, and the counts of an agent."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby, islice
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from .dialect import Dialect
from .directory import Directory
from .forms import check_id, check_tag, check_type
from .gojson import encode
from .records import Memory, joined_tags
from .refusal import Refusal
from .store import MemoryStore
from .timespan import Unreadable, read

__all__ = [
    "Page",
    "Question",
    "Selection",
    "bound",
    "first",
    "list_question",
    "matching",
    "page",
    "search_selection",
    "select",
    "stats",
]

# Takes a block of positions and gives those whose memories fit.
_Test = Callable[[Sequence[int]], Sequence[int]]

# So many memories are looked at first; a later block has up to so many times more.
_SMALLEST, _LARGER = 128, 32
# Looking for the words of a text pays where at least one memory in so many would be looked at otherwise.
_DENSE = 32
# An index is not asked for more values than this.
_MOST_VALUES = 256

_EQUAL = ("agent_id", "session_id", "memory_type", "event_type")
_GO_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
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


class Question(NamedTuple):
    """What a list asks for at any time: its times are still texts; ``asked`` is the limit before it is corrected."""

    wanted: Selection
    since: str
    until: str
    asked: int

    def at(self, now: int, dialect: Dialect) -> Selection:
        """The selection that it asks for at `now` (microseconds since 1970)."""
        if not self.since and not self.until:
            return self.wanted
        after, before = bound("since", self.since, now, dialect), bound("until", self.until, now, dialect)
        return self.wanted._replace(after=after, before=before)


class Page(NamedTuple):
    """The positions of some memories, and what ``has_more`` says of them."""

    positions: Sequence[int]
    has_more: bool


class _Plan(NamedTuple):
    """Where to look (the indexes, and from which position to before which), and what to test there."""

    indexes: list[Sequence[int]]
    low: int
    high: int
    amount: int
    tests: list[_Test]


def list_question(given: Mapping[str, str], bad_filter: int, over_1000: str) -> Question:
    """What a list asks for: `given` are its parameters.

    `bad_filter` and `over_1000` are the dialect's.  A value of bad form is a Refusal with the status `bad_filter`.
    """
    get = given.get
    equal = {field: given[field] for field in _EQUAL if get(field)}
    for field, value in equal.items():
        (check_id if field.endswith("_id") else check_type)(field, value, bad_filter)
    tags = [tag.strip() for tag in given["tags"].split(",")] if get("tags") else []
    for tag in tags:
        check_tag("tag", tag, bad_filter)
    asked = _integer(get("limit"), 100)
    wanted = Selection(
        equal=equal,
        tags=[tag for tag in tags if tag],
        ascending=get("order") == "asc",
        limit=_limit(asked, 100, over_1000),
        offset=max(_integer(get("offset"), 0), 0),
    )
    return Question(wanted, get("since", ""), get("until", ""), asked)


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
        limit=_limit(given.get("limit", 0), dialect.search_default_limit, dialect.limit_over_1000),
        offset=max(given.get("offset", 0), 0) if dialect.offset == "honoured" else 0,
        failure="failed to search memories",
    )


def select(store: MemoryStore, wanted: Selection) -> list[Memory]:
    """The memories of `wanted`."""
    rows = store.rows
    return [rows[position] for position in first(store, wanted, wanted.limit)]


def page(store: MemoryStore, wanted: Selection, requested: int) -> Page:
    """The memories of `wanted`; `requested` is the limit that was asked for, before it was corrected."""
    if store.dialect.has_more == "more_exist":
        found = first(store, wanted, wanted.limit + 1)
        return Page(found[: wanted.limit], len(found) > wanted.limit)
    found = first(store, wanted, wanted.limit)
    return Page(found, len(found) >= (requested if requested > 0 else 100))


def matching(store: MemoryStore, wanted: Selection) -> Iterator[Memory]:
    """All memories that fit `wanted`, from its offset on."""
    found = _found(store, wanted, _planned(store, wanted))
    return map(store.rows.__getitem__, islice(found, min(wanted.offset, len(store.rows)), None))


def first(store: MemoryStore, wanted: Selection, most: int) -> Sequence[int]:
    """Where the first `most` memories are that fit `wanted`, from its offset on."""
    plan, offset = _planned(store, wanted), min(wanted.offset, len(store.rows))
    if plan.tests or len(plan.indexes) != 1 or (store.has_ties and not wanted.ascending):
        return list(islice(_found(store, wanted, plan), offset, offset + most))
    # All that one index has between two positions: a slice of it.
    index = plan.indexes[0]
    start, stop = bisect_left(index, plan.low), bisect_left(index, plan.high)
    if wanted.ascending:
        return index[start + offset : min(start + offset + most, stop)]
    stop = max(start, stop - offset)
    return index[max(start, stop - most) : stop][::-1]


def stats(store: MemoryStore, directory: Directory, agent_id: str) -> dict[str, Any]:
    """What ``GET /agents/{id}/stats`` answers; it does not flush, so it lags behind the lists."""
    check_id("agent_id", agent_id, store.dialect.bad_filter)
    store.require_arc()
    tally = store.tally(agent_id)
    sessions = directory.sessions(agent_id) if agent_id else []
    return {
        "agent_id": agent_id,
        "memory_count": tally.memories,
        "memories_24h": tally.recent,
        "errors_24h": tally.recent_errors,
        "session_count": len(sessions),
        "active_sessions": sum(session.status == "active" for session in sessions),
        "memory_types": dict(sorted(tally.types.items())),
    }


def _check_search(given: Mapping[str, Any], status: int) -> None:
    for field in ("agent_id", "session_id"):
        check_id(field, given.get(field, ""), status)
    for field in ("memory_type", "event_type"):
        for value in given.get(f"{field}s", ()):
            check_type(field, value, status)
    for tag in given.get("tags", ()):
        check_tag("tag", tag, status)


def _integer(text: str | None, default: int) -> int:
    """The number of a parameter; of one that is none, or not within 64 bits, `default`."""
    if not text or not _GO_INTEGER.fullmatch(text):
        return default
    number = int(text)
    return number if -(1 << 63) <= number < 1 << 63 else default


def _limit(asked: int, default: int, over_1000: str) -> int:
    if asked > 1000:
        return 1000 if over_1000 == "clamped" else default
    return asked if asked > 0 else default


def bound(label: str, text: str, now: int, dialect: Dialect) -> int | Unreadable | None:
    """The bound that a `label` (since or until) of `text` sets; a 400 Refusal where the dialect says so."""
    if not text or (label == "until" and text == "now"):
        return None
    bound = read(now, text, dialect.relative_units)
    if isinstance(bound, Unreadable) and dialect.bad_filter == 400:
        raise Refusal(400, f"invalid {label}: {bound.partition(': ')[2]}")
    return bound


def _window(store: MemoryStore, wanted: Selection) -> tuple[int, int]:
    """The positions that its times leave: the first, and the one after the last."""
    low = store.first_after(wanted.after) if isinstance(wanted.after, int) else 0
    high = store.seen()
    if isinstance(wanted.before, int):
        high = min(high, store.first_from(wanted.before))
    return low, max(low, high)


def _notice_unreadable(store: MemoryStore, wanted: Selection, low: int, high: int) -> None:
    """Refuse a time that cannot be read, if any memory comes as far as being compared with it."""
    typed = Selection(equal=wanted.equal, among=wanted.among)
    if any(True for _ in _found(store, typed, _plan(store, typed, low, high))):
        raise _arc_refusal(wanted, 500, str(wanted.after if isinstance(wanted.after, Unreadable) else wanted.before))


def _values(store: MemoryStore, wanted: Selection) -> dict[str, list[str]]:
    """The indexed fields that are asked for, and which values of each will do."""
    values = {field: [value] for field, value in wanted.equal.items()}
    for field, several in wanted.among.items():
        values[field] = [value for value in dict.fromkeys(several) if value in values.get(field, several)]
    if wanted.tags:
        fits = _has_whole if store.dialect.tag_match == "whole" else _has_part
        values["tags_csv"] = [csv for csv in store.values("tags_csv") if all(fits(csv, tag) for tag in wanted.tags)]
    return values


def _has_part(csv: str, tag: str) -> bool:
    return tag in csv


def _has_whole(csv: str, tag: str) -> bool:
    return tag in csv and tag in joined_tags(csv)


def _planned(store: MemoryStore, wanted: Selection) -> _Plan:
    """How `wanted` is found; a Refusal when it must not be looked for."""
    store.require_arc()
    store.flush()
    # Asked here, since a list of one agent's memories is short enough for calls to count.
    if wanted.tags or wanted.text:
        _guard(wanted, store.dialect)
    low, high = _window(store, wanted)
    if isinstance(wanted.after, Unreadable) or isinstance(wanted.before, Unreadable):
        _notice_unreadable(store, wanted, low, high)
    return _plan(store, wanted, low, high)


def _plan(store: MemoryStore, wanted: Selection, low: int, high: int) -> _Plan:
    _, among, tags, text, least, most, *_ = wanted
    if len(wanted.equal) == 1 and not (among or tags or text or least or most):
        # One agent's or one session's: by far the most common, and nothing is left to test.
        ((field, value),) = wanted.equal.items()
        index = store.index(field, value)
        return _Plan([index], low, high, len(index), [])
    values = _values(store, wanted)
    field, indexes, amount = _fewest(store, values)
    tests = [_is_among(store.rows, other, several) for other, several in values.items() if other != field]
    return _Plan(indexes, low, high, amount, tests + _tests(store, wanted))


def _found(store: MemoryStore, wanted: Selection, plan: _Plan) -> Iterator[int]:
    """The positions of all that fit, in order; only as much is looked at as is asked for."""
    indexes, low, high, amount, tests = plan
    if wanted.text and amount * _DENSE > len(store.rows):
        spans = _joined(store.texts.spans(_searched(wanted, store.dialect), low, high, wanted.ascending))
    else:
        spans = _spans(low, high, _SMALLEST * len(store.rows) // max(amount, 1), wanted.ascending)
    # Within a block the oldest comes first.
    blocks = (store.between(indexes, start, end) for start, end in spans)
    found = _in_order(_tested(blocks, tests), wanted.ascending)
    if store.has_ties and not wanted.ascending:
        # Those of one time are in order of creation, also where the newest come first.
        return chain.from_iterable(list(tied)[::-1] for _, tied in groupby(found, store.time_at))
    return found


def _tested(blocks: Iterable[Sequence[int]], tests: Sequence[_Test]) -> Iterator[Sequence[int]]:
    for block in blocks:
        for test in tests:
            block = test(block)
        yield block


def _fewest(store: MemoryStore, values: Mapping[str, list[str]]) -> tuple[str, list[Sequence[int]], int]:
    """The field whose values the fewest memories have, where those are, and how many."""
    best, amount = "", len(store.rows)
    indexes: list[Sequence[int]] = [range(amount)]
    for field, several in values.items():
        positions = [store.index(field, value) for value in several]
        count = sum(map(len, positions))
        if count <= amount and len(several) <= _MOST_VALUES:
            best, indexes, amount = field, positions, count
    return best, indexes, amount


def _spans(low: int, high: int, size: int, ascending: bool) -> Iterator[tuple[int, int]]:
    """From `low` to before `high` in parts, the first of `size` and each one larger: most questions end early."""
    most = _LARGER * size
    while low < high:
        size = min(size, high - low)
        yield (low, low + size) if ascending else (high - size, high)
        low, high = (low + size, high) if ascending else (low, high - size)
        size = min(2 * size, most)


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same, neighbours made one: at first none, then more and more, since every span has its price."""
    most, joined, count = 1, (0, 0), 0
    for span in spans:
        together = min(joined[0], span[0]), max(joined[1], span[1])
        if count and count < most and together[1] - together[0] == joined[1] - joined[0] + span[1] - span[0]:
            joined, count = together, count + 1
            continue
        if count:
            yield joined
            most = min(2 * most, _LARGER)
        joined, count = span, 1
    if count:
        yield joined


def _in_order(blocks: Iterable[Sequence[int]], ascending: bool) -> Iterator[int]:
    return chain.from_iterable(blocks if ascending else map(reversed, blocks))


def _guard(wanted: Selection, dialect: Dialect) -> None:
    if dialect.sql_guard == "off":
        return
    likes = [*wanted.tags, wanted.text] if wanted.text else list(wanted.tags)
    if any(map(_SQL_COMMAND.search, likes[1:])):
        raise _arc_refusal(wanted, 400, "Dangerous SQL operation not allowed")


def _arc_refusal(wanted: Selection, status: int, text: str) -> Refusal:
    answer = encode({"success": False, "error": text}).decode()
    return Refusal(500, f"{wanted.failure}: Arc query failed (status {status}): {answer}")


def _tests(store: MemoryStore, wanted: Selection) -> list[_Test]:
    rows, importances, tests = store.rows, store.importances(), list[_Test]()
    if wanted.min_importance > 0:
        least = float(f"{wanted.min_importance:f}")
        tests.append(lambda block: [at for at in block if importances[at] >= least])
    if wanted.max_importance > 0:
        most = float(f"{wanted.max_importance:f}")
        tests.append(lambda block: [at for at in block if importances[at] <= most])
    if wanted.text:
        tests.append(_contains(rows, _searched(wanted, store.dialect), store.dialect))
    return tests


def _is_among(rows: Sequence[Memory], field: str, values: Iterable[str]) -> _Test:
    get, among = attrgetter(field), frozenset(values)
    return lambda block: [at for at in block if get(rows[at]) in among]


def _searched(wanted: Selection, dialect: Dialect) -> str:
    text = wanted.text.replace("\0", "")
    return text.casefold() if dialect.content_match == "any_case" else text


def _contains(rows: Sequence[Memory], text: str, dialect: Dialect) -> _Test:
    if dialect.content_match == "any_case":
        return lambda block: [at for at in block if text in rows[at].content.casefold()]
    return lambda block: [at for at in block if text in rows[at].content]
