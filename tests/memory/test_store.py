"""The store against a naive scan of the same memories."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from fakememtrace.clock import Clock, Ids
from fakememtrace.memory import query, textindex
from fakememtrace.memory.dialect import Dialect
from fakememtrace.memory.forms import new_memory
from fakememtrace.memory.query import Selection, select
from fakememtrace.memory.records import Memory
from fakememtrace.memory.store import DAY, MemoryStore, Tally
from fakememtrace.memory.textindex import TextIndex

AGENTS = ["a", "b", "c"]
SESSIONS = ["", "s", "t"]
TYPES = ["episodic", "session", "decision", "entity"]
EVENTS = ["general", "error", "other"]
TAGS = ["prod", "products", "eu", "a.b", "", "Prod"]
IMPORTANCES = [0, 1, 0.5, 2 / 3, 0.666667, 0.07, 7]
WORDS = [
    "refund",
    "Refund",
    "fund",
    "Straße",
    "STRASSE",
    "İ",
    "i",
    "ﬁne",
    "fine",
    "Ünder",
    "%",
    "_",
    "\\",
    "'",
    "memory",
]
GAPS = [" ", "  ", "\t", "\n", "\u00a0", "\u2028", "\x1f", "\0", "."]


def content(draw: random.Random, number: int) -> str:
    """Words between gaps of every kind."""
    words = [*draw.choices(WORDS, k=draw.randrange(6)), str(number)]
    return "".join(word + draw.choice(GAPS) for word in draw.sample(words, len(words)))


def fields(draw: random.Random, number: int) -> dict[str, Any]:
    """A memory like no other; some tag lists are in many of them."""
    return {
        "agent_id": draw.choice(AGENTS),
        "session_id": draw.choice(SESSIONS),
        "memory_type": draw.choice(TYPES),
        "event_type": draw.choice(EVENTS),
        "content": content(draw, number),
        "tags": draw.sample(TAGS, draw.randrange(4)),
        "importance": draw.choice(IMPORTANCES),
    }


def filled(draw: random.Random, dialect: Dialect, count: int = 300) -> MemoryStore:
    """A store of memories over some days, some of them of one time."""
    clock = Clock()
    store = MemoryStore("org_x", clock, Ids(), dialect)
    for number in range(count):
        store.create(new_memory(fields(draw, number)))
        if draw.random() < 0.1:
            store.adopt(store.rows[-1]._replace(content=content(draw, count + number)))
        clock.pass_by(draw.choice([0, 0, 1, DAY // 100]))
    return store


def sought(draw: random.Random, rows: list[Memory]) -> str:
    """A text: part of one that is there, perhaps changed, or anything."""
    text = draw.choice([draw.choice(rows).content, content(draw, 7)])
    start = draw.randrange(len(text))
    text = text[start : start + draw.randrange(1, 12)]
    return draw.choice([str, str, str.upper, str.casefold, lambda found: f"{found[:2]}\0{found[2:]}"])(text)


def selection(draw: random.Random, rows: list[Memory]) -> Selection:
    """A question with some of all the filters."""
    some = lambda value: value if draw.random() < 0.3 else None  # noqa: E731
    equal = {
        "agent_id": draw.choice(AGENTS),
        "session_id": draw.choice(SESSIONS[1:]),
        "event_type": draw.choice(EVENTS),
    }
    among = {"memory_type": draw.choices(TYPES, k=2), "event_type": draw.choices([*EVENTS, "none"], k=2)}
    times = [row.time + draw.choice([-1, 0, 1]) for row in draw.choices(rows, k=2)]
    return Selection(
        equal={field: value for field, value in equal.items() if some(True)},
        among={field: values for field, values in among.items() if some(True)},
        tags=some(draw.choices([*TAGS, "pro", "u,", "b"], k=draw.randrange(1, 3))) or (),
        text=draw.choice(["", "", sought(draw, rows), sought(draw, rows)]),
        min_importance=some(draw.choice(IMPORTANCES)) or 0,
        max_importance=some(draw.choice(IMPORTANCES)) or 0,
        after=some(min(times)),
        before=some(max(times)),
        ascending=draw.random() < 0.5,
        limit=draw.choice([1, 5, 1000]),
        offset=draw.choice([0, 0, 3]),
    )


def scan(rows: list[Memory], wanted: Selection, dialect: Dialect) -> list[Memory]:
    """What `wanted` finds among `rows`, one by one."""

    def fits(memory: Memory) -> bool:
        tags = memory.tags if dialect.tag_match == "whole" else memory.tags_csv
        text, where = wanted.text.replace("\0", ""), memory.content
        if dialect.content_match == "any_case":
            text, where = text.casefold(), where.casefold()
        return (
            all(getattr(memory, field) == value for field, value in wanted.equal.items())
            and all(getattr(memory, field) in values for field, values in wanted.among.items())
            and all(tag in tags for tag in wanted.tags)
            and text in where
            and (not wanted.min_importance or memory.importance >= round(wanted.min_importance, 6))
            and (not wanted.max_importance or memory.importance <= round(wanted.max_importance, 6))
            and (wanted.after is None or memory.time > wanted.after)
            and (wanted.before is None or memory.time < wanted.before)
        )

    order = 1 if wanted.ascending else -1
    found = sorted(filter(fits, rows), key=lambda memory: order * memory.time)
    return found[wanted.offset :][: wanted.limit]


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
@pytest.mark.parametrize("seed", range(6))
def test_every_search_finds_what_a_scan_finds(dialect: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever indexes, blocks and words serve it: the same memories in the same order."""
    draw = random.Random(f"search {dialect} {seed}")
    monkeypatch.setattr(textindex, "_ROWS", draw.choice([2, 16, 100]))
    monkeypatch.setattr(query, "_SMALLEST", draw.choice([1, 128]))
    monkeypatch.setattr(query, "_LARGER", draw.choice([1, 32]))
    monkeypatch.setattr(query, "_DENSE", draw.choice([1, 8, 1000]))
    monkeypatch.setattr(query, "_MOST_VALUES", draw.choice([1, 256]))
    store = filled(draw, Dialect(dialect))
    hits = 0
    for _ in range(60):
        wanted = selection(draw, store.rows)
        found = select(store, wanted)
        assert found == scan(store.rows, wanted, store.dialect), wanted
        hits += len(found) > 0
    assert hits > 10


def test_a_search_sees_what_came_after_the_last_one() -> None:
    """The words that were gathered for one search do not hide what is stored later."""
    store = MemoryStore("org_x", Clock(), Ids(), Dialect())
    for number in range(3 * 2048 + 1):
        store.create(new_memory({"agent_id": "a", "content": f"order {number}."}))
        if number % 2047 == 0:
            assert [row.content for row in select(store, Selection(text=f"order {number}."))] == [f"order {number}."]
    assert len(select(store, Selection(text="order 0."))) == 1


def test_a_rare_word_leads_to_its_segment() -> None:
    """A search for it looks there, and at the memories of the segment that still grows."""
    store = MemoryStore("org_x", Clock(), Ids(), Dialect())
    for number in range(2 * 2048 + 100):
        store.create(new_memory({"agent_id": "a", "content": f"The order {number} is closed"}))
    index = TextIndex(store.rows, str)
    assert list(index.spans("order 3000 is", 0, 4196, False)) == [(4096, 4196), (2048, 4096)]
    assert list(index.spans("order 2047 is", 10, 4000, True)) == [(10, 2048)]
    assert list(index.spans("closes", 0, 4096, True)) == []


@pytest.mark.parametrize("delay", ["1s", "2d"])
@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_stats_count_what_a_scan_of_the_found_counts(dialect: str, delay: str) -> None:
    """All, those of the last 24 hours, their errors and the types; what no query finds yet is not counted."""
    draw = random.Random(f"stats {dialect} {delay}")
    store = filled(draw, Dialect(dialect).replace(visibility_delay=delay))
    held_back = 0
    for number in range(1000, 1300):
        store.create(new_memory(fields(draw, number)))
        if draw.random() < 0.02:
            store.flush()
        if draw.random() < 0.02:
            store._clock.advance(draw.choice(["1s", "30h"]))
        agent, now = draw.choice(AGENTS), store.now()
        found = [row for row in store.rows[: store.seen()] if row.agent_id == agent]
        recent = [row for row in found if row.time > now - DAY]
        errors = [row for row in recent if row.event_type == "error"]
        types = Counter(row.memory_type for row in found)
        assert store.tally(agent) == Tally(len(found), len(recent), len(errors), types)
        held_back += store.seen() < len(store.rows)
    assert held_back > 0


def test_an_adopted_memory_is_kept_as_it_is() -> None:
    """With its own id, time and JSON; the write buffer takes it like one that was created."""
    first, second = (MemoryStore("org_x", Clock(), Ids(), Dialect("documented")) for _ in range(2))
    memory = first.create(new_memory({"agent_id": "a", "content": "likes tea", "metadata": {"b": 1}}))
    second.adopt(memory)
    assert second.rows == [memory]
    assert second.seen() == 1
    second._clock.advance("1s")
    assert select(second, Selection(text="TEA")) == [memory]
    assert second.with_id(memory.memory_id) == memory
    assert second.tally("a") == Tally(1, 1, 0, {"episodic": 1})
    buffered = MemoryStore("org_x", Clock(), Ids(), Dialect("0.2.0"))
    buffered.adopt(memory)
    assert buffered.seen() == 0


@pytest.mark.parametrize("fields", [{}, {"importance": 1}, {"content": 'a "quote" <&>'}])
def test_a_memory_knows_its_time_as_it_is_shown(fields: dict[str, Any]) -> None:
    """The row begins with it, and that is where it is read."""
    clock = Clock("2026-02-07T10:00:00.1234Z")
    store = MemoryStore("org_x", clock, Ids(), Dialect("documented"))
    memory = store.create(new_memory({"agent_id": "a", "content": "x", **fields}))
    assert memory.shown_time == "2026-02-07T10:00:00.1234Z"


def test_the_rows_of_positions_come_in_their_order() -> None:
    """Whether positions are neighbours or not, go up or down, or tie in time: each gives its own row."""
    clock = Clock()
    store = MemoryStore("org_default", clock, Ids(), Dialect("0.2.0"))
    rows = [store.create(new_memory({"agent_id": "a", "content": f"tea {number}"})).row for number in range(6)]
    for positions in ([], [3], [2, 3, 4], [4, 3, 2], [1, 3, 5], [5, 3, 1], [0, 5], range(5, -1, -1)):
        assert store.lines_at(positions) == [rows[position] for position in positions]
    store.adopt(store.rows[-1])
    assert store.lines_at([4, 2, 3, 1]) == [rows[position] for position in (4, 2, 3, 1)]
