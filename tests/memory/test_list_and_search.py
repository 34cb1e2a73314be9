from __future__ import annotations

import json
from typing import Any

import pytest

from .caller import KEY, Caller

ID_FORM = "invalid ID format: must be alphanumeric with underscores/hyphens, max 128 chars"
TYPE_FORM = "invalid type format: must be alphanumeric with underscores, max 64 chars"
TAG_FORM = "invalid tag format: must be alphanumeric with underscores/hyphens/dots, max 64 chars"
NO_TIMESTAMP = (
    'Conversion Error: invalid timestamp field format: "yesterday", '
    "expected format is (YYYY-MM-DD HH:MM:SS[.US][±HH[:MM[:SS]]| ZONE])"
)


def arc_error(doing: str, text: str, status: int = 500) -> tuple[int, dict[str, str]]:
    """The 500 that tells what Arc said."""
    # decision: the contract leaves the inner JSON open; this is the least that Arc's own error has.
    inner = json.dumps({"success": False, "error": text}, ensure_ascii=False, separators=(",", ":"))
    return 500, {"error": f"failed to {doing} memories: Arc query failed (status {status}): {inner}"}


@pytest.fixture
def filled(server: Caller) -> Caller:
    """Five memories, a second apart, from 12:00:00 to 12:00:04; the clock stands a microsecond after the last."""
    rows: list[dict[str, Any]] = [
        {"agent_id": "a", "session_id": "s", "memory_type": "episodic", "event_type": "general", "tags": ["products"]},
        {
            "agent_id": "b",
            "session_id": "s",
            "memory_type": "decision",
            "event_type": "general",
            "tags": ["prod", "eu"],
        },
        {"agent_id": "a", "session_id": "t", "memory_type": "session", "event_type": "error", "importance": 2 / 3},
        {"agent_id": "a", "session_id": "s", "memory_type": "entity", "event_type": "error", "importance": 0.5},
        {"agent_id": "b", "memory_type": "episodic", "event_type": "other", "tags": ["a_b", "1.0"]},
    ]
    for number, fields in enumerate(rows):
        server.clock.move_to(f"2026-02-07T12:00:0{number}Z")
        server.remember(f"m{number}", **fields)
    return server


@pytest.mark.parametrize(
    ("query", "contents"),
    [
        ({}, "43210"),
        ({"order": "asc"}, "01234"),
        ({"order": "ASC"}, "43210"),
        ({"order": ""}, "43210"),
        ({"agent_id": "a"}, "320"),
        ({"agent_id": "A"}, ""),
        ({"session_id": "s"}, "310"),
        ({"memory_type": "episodic"}, "40"),
        ({"memory_type": "unknown"}, ""),
        ({"event_type": "error"}, "32"),
        ({"agent_id": "a", "session_id": "s", "event_type": "error"}, "3"),
        ({"agent_id": "b", "memory_type": "entity"}, ""),
        ({"tags": "prod"}, "10"),
        ({"tags": " prod , eu "}, "1"),
        ({"tags": "Prod"}, ""),
        ({"tags": "s"}, "0"),
        ({"tags": "a_b"}, "4"),
        ({"tags": ","}, "43210"),
        ({"since": "2h"}, "43210"),
        ({"since": "2026-02-07T12:00:02Z"}, "43"),
        ({"until": "2026-02-07T12:00:02Z"}, "10"),
        ({"since": "2026-02-07 12:00:00", "until": "2026-02-07T14:00:03+02:00"}, "21"),
        ({"until": "now"}, "43210"),
        ({"until": "1h"}, ""),
        ({"since": "2027-01-01"}, ""),
        ({"limit": 2}, "43"),
        ({"limit": 2, "offset": 1}, "32"),
        ({"limit": 2, "offset": 1, "order": "asc"}, "12"),
        ({"offset": 9}, ""),
        ({"offset": -1}, "43210"),
        ({"offset": "x"}, "43210"),
        ({"agent_id": "", "tags": ""}, "43210"),
    ],
)
def test_what_a_list_gives(filled: Caller, query: dict[str, Any], contents: str) -> None:
    """Every filter, order, window and page."""
    assert filled.contents(**query) == [f"m{number}" for number in contents]


@pytest.mark.parametrize(
    ("limit", "count", "more"),
    [
        ("", 100, True),
        ("101", 101, True),
        ("120", 120, True),
        ("121", 120, False),
        ("0", 100, True),
        ("-5", 100, True),
        ("1000", 120, False),
        ("1001", 100, False),
        ("5000", 100, False),
        ("ten", 100, True),
        ("1_0", 100, True),
        (" 7", 100, True),
        ("+7", 7, True),
        ("7.0", 100, True),
        ("9" * 30, 100, True),
    ],
)
def test_limits_and_has_more(server: Caller, limit: str, count: int, more: bool) -> None:
    """Out of 120: what is no limit means 100, and has_more compares the count with what was asked for."""
    server.post("/memories", {"memories": [{"agent_id": "a", "content": str(n)} for n in range(120)]})
    body = server.get("/memories", limit=limit).body
    assert (body["count"], body["has_more"], len(body["memories"])) == (count, more, count)


def test_has_more_is_true_when_the_page_is_exactly_full(server: Caller) -> None:
    """And nothing more exists."""
    server.remember()
    assert server.get("/memories", limit=1).body["has_more"] is True
    assert server.get("/memories", limit=2).body["has_more"] is False


def test_of_a_repeated_parameter_the_first_counts(server: Caller) -> None:
    """And values are decoded, plus signs included."""
    server.remember("x", tags=["a"])
    server.remember("y", tags=["b"])

    def listed(query: str) -> list[str]:
        body = json.loads(server.raw("GET", "/api/v1/memories", query, x_api_key=KEY).body)
        return [memory["content"] for memory in body["memories"]]

    assert listed("tags=a&tags=b") == ["x"]
    assert listed("tags=%61") == ["x"]
    assert listed("tags=+a") == ["x"]
    assert listed("&&tags") == ["y", "x"]


def test_the_window_is_open_at_both_ends(server: Caller) -> None:
    """Since keeps what is later, until what is earlier, never what is equal."""
    server.remember("edge")
    at = "2026-02-07T12:00:00Z"
    assert server.contents(since=at) == []
    assert server.contents(until=at) == []
    assert server.contents(since="2026-02-07T11:59:59.999999Z", until="2026-02-07T12:00:00.000001Z") == ["edge"]


@pytest.mark.parametrize(("until_now", "contents"), [("13:59:59.999999", ["edge"]), ("14:00:00", [])])
def test_the_edge_of_a_relative_window(server: Caller, until_now: str, contents: list[str]) -> None:
    """A memory as old as the window is out."""
    server.remember("edge")
    server.clock.move_to(f"2026-02-07T{until_now}Z")
    assert server.contents(since="2h") == contents
    assert server.found(since="2h") == contents


def test_a_relative_until_is_open_too(server: Caller) -> None:
    """What is exactly as old as until is out, what is older is in."""
    server.remember("edge")
    server.clock.move_to("2026-02-07T14:00:00Z")
    assert server.contents(until="2h") == []
    server.clock.move_to("2026-02-07T14:00:00.000001Z")
    assert server.contents(until="2h") == ["edge"]


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"agent_id": "1"}, f"invalid agent_id: {ID_FORM}"),
        ({"session_id": "s s"}, f"invalid session_id: {ID_FORM}"),
        ({"memory_type": "a-b"}, f"invalid memory_type: {TYPE_FORM}"),
        ({"event_type": "1"}, f"invalid event_type: {TYPE_FORM}"),
        ({"tags": "ok,a b"}, f"invalid tag: {TAG_FORM}"),
    ],
)
def test_a_filter_of_bad_form_is_500(server: Caller, query: dict[str, str], text: str) -> None:
    """The released server calls it an error of its own."""
    assert server.get("/memories", **query) == (500, {"error": text})


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"agent_id": "1"}, f"invalid agent_id: {ID_FORM}"),
        ({"session_id": "s s"}, f"invalid session_id: {ID_FORM}"),
        ({"memory_types": ["entity", "a-b"]}, f"invalid memory_type: {TYPE_FORM}"),
        ({"event_types": ["1"]}, f"invalid event_type: {TYPE_FORM}"),
        ({"tags": [" a"]}, f"invalid tag: {TAG_FORM}"),
    ],
)
def test_a_search_value_of_bad_form_is_500(server: Caller, query: dict[str, Any], text: str) -> None:
    """As in a list; here tags are not trimmed."""
    assert server.post("/search", query) == (500, {"error": text})


@pytest.mark.parametrize("bound", ["since", "until"])
def test_a_time_that_cannot_be_read_is_500(filled: Caller, bound: str) -> None:
    """With the words of the database."""
    assert filled.get("/memories", **{bound: "yesterday"}) == arc_error("query", NO_TIMESTAMP)
    assert filled.post("/search", {bound: "yesterday"}) == arc_error("search", NO_TIMESTAMP)


def test_a_day_that_does_not_exist_is_500(filled: Caller) -> None:
    """With other words of the database."""
    text = 'Conversion Error: timestamp field value out of range: "2026-02-30"'
    assert filled.get("/memories", since="2026-02-30") == arc_error("query", text)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({"agent_id": "nobody"}, 200),
        ({"session_id": "nowhere"}, 200),
        ({"memory_type": "none"}, 200),
        ({"event_type": "none"}, 200),
        ({"agent_id": "b", "event_type": "error"}, 200),
        ({"agent_id": "a", "event_type": "error"}, 500),
        ({"tags": "no_such_tag"}, 500),
        ({"until": "2020-01-01"}, 200),
    ],
)
def test_a_bad_time_is_noticed_when_a_row_comes_that_far(filled: Caller, query: dict[str, str], status: int) -> None:
    """With no row left by the fields or by the other bound, the answer is an empty list."""
    # decision: a readable bound is compared first, as the database does; tags and text come later.
    assert filled.get("/memories", since="yesterday", **query).status == status


def test_a_bad_time_is_not_noticed_in_an_empty_store(server: Caller) -> None:
    """There is nothing to compare it with."""
    assert server.get("/memories", since="yesterday").body == {"memories": [], "count": 0, "has_more": False}
    assert server.found(since="yesterday", memory_types=["entity"]) == []


@pytest.mark.parametrize(
    ("query", "contents"),
    [
        ({}, "43210"),
        ({"order": "asc"}, "01234"),
        ({"agent_id": "a", "session_id": "s"}, "30"),
        ({"memory_types": ["episodic", "entity"]}, "430"),
        ({"memory_types": []}, "43210"),
        ({"event_types": ["error", "other"], "agent_id": "a"}, "32"),
        ({"tags": ["prod"]}, "10"),
        ({"tags": ["prod", "eu"]}, "1"),
        ({"tags": ["PROD"]}, ""),
        ({"tags": [""]}, "43210"),
        ({"tags": ["b"]}, "4"),
        ({"content_contains": "m3"}, "3"),
        ({"content_contains": "M3"}, ""),
        ({"content_contains": ""}, "43210"),
        ({"min_importance": 0.5}, "32"),
        ({"min_importance": 0}, "43210"),
        ({"min_importance": 0.5000004}, "32"),
        ({"min_importance": 2 / 3}, ""),
        ({"min_importance": 0.666666}, "2"),
        ({"since": "2026-02-07T12:00:02Z"}, "43"),
        ({"until": "2026-02-07T12:00:02Z", "since": "1h"}, "10"),
        ({"until": "now"}, "43210"),
        ({"limit": 2}, "43"),
        ({"limit": -2}, "43210"),
    ],
)
def test_what_a_search_gives(filled: Caller, query: dict[str, Any], contents: str) -> None:
    """Every filter; 2/3 is not found by 2/3, since importance is compared at six decimals."""
    assert filled.found(**query) == [f"m{number}" for number in contents]


@pytest.mark.parametrize(("limit", "count"), [(None, 50), (0, 50), (60, 60), (1000, 120), (1001, 50)])
def test_search_limits(server: Caller, limit: int | None, count: int) -> None:
    """50 unless asked; more than 1000 means 50."""
    server.post("/memories", {"memories": [{"agent_id": "a", "content": str(n)} for n in range(120)]})
    body = server.post("/search", {"limit": limit}).body
    assert (body["count"], len(body["results"]), body["query_time_ms"]) == (count, count, 0)


@pytest.mark.parametrize(
    ("content", "text", "hit"),
    [
        ("Invoice", "invoice", False),
        ("Ä", "ä", False),
        ("STRASSE", "straße", False),
        ("e\u0301", "é", False),
        ("100% sure", "100%", True),
        ("1000 sure", "100%", False),
        ("a_b", "a_b", True),
        ("axb", "a_b", False),
        ("it's", "it's", True),
        ("C:\\tmp", "C:\\tmp", True),
        ("a\\b", "\\\\", False),
        ("xy", "x\0y", True),
        ("a\0b", "ab", False),
        ("a line\nbreak", "line\nbreak", True),
        ("ok 🙂", "🙂", True),
        ("nospace", " ", False),
    ],
)
def test_text_is_matched_literally(server: Caller, content: str, text: str, hit: bool) -> None:
    """A plain substring, with no folding; a NUL is dropped from what is searched for only."""
    server.remember(content)
    assert server.found(content_contains=text) == ([content] if hit else [])


def test_a_search_body_that_is_no_json_is_400(server: Caller) -> None:
    """Unlike a value of bad form."""
    assert server.post("/search", b"{") == (400, {"error": "invalid request body: unexpected end of JSON input"})


def test_an_agents_memories_are_those_of_the_last_day(server: Caller) -> None:
    """Since defaults to 24h, also when it is empty; until, tags, offset and session_id are ignored."""
    server.remember("old", agent_id="a")
    server.clock.advance("24h")
    server.remember("new", agent_id="a", session_id="s", event_type="e")
    server.remember("newer", agent_id="a", memory_type="entity")

    def contents(**query: Any) -> list[str]:
        return [memory["content"] for memory in server.get("/agents/a/memories", **query).body["memories"]]

    assert contents() == contents(since="") == ["newer", "new"]
    assert contents(since="48h") == ["newer", "new", "old"]
    assert contents(until="1h", tags="x", offset=1, session_id="t") == ["newer", "new"]
    assert contents(memory_type="entity") == ["newer"]
    assert contents(event_type="e") == ["new"]
    assert contents(order="asc", limit=1) == ["new"]
    assert contents(agent_id="b") == ["newer", "new"]
    assert server.get("/agents/1/memories") == (500, {"error": f"invalid agent_id: {ID_FORM}"})


def test_a_sessions_memories_have_no_window(server: Caller) -> None:
    """Only memory_type, since, limit and order are read."""
    server.remember("old", session_id="s")
    server.clock.advance("30d")
    server.remember("new", session_id="s", event_type="e", memory_type="entity")

    def contents(**query: Any) -> list[str]:
        return [memory["content"] for memory in server.get("/sessions/s/memories", **query).body["memories"]]

    assert contents() == ["new", "old"]
    assert contents(event_type="x", until="1h", tags="x", offset=1, agent_id="b", session_id="t") == ["new", "old"]
    assert contents(memory_type="entity") == contents(since="1d") == contents(limit=1) == ["new"]
    assert contents(order="asc") == ["old", "new"]
    assert server.get("/sessions/%20/memories") == (500, {"error": f"invalid session_id: {ID_FORM}"})


def test_a_memory_is_looked_up_by_its_content(server: Caller) -> None:
    """The newest whose content contains the id, as it was sent."""
    server.remember("one likes tea")
    server.remember("two likes tea")
    assert server.get("/memories/tea").body["content"] == "two likes tea"
    assert server.get("/memories/likes%20tea") == (404, {"error": "memory not found"})
    server.remember("100%25 sure")
    assert server.get("/memories/100%25").body["content"] == "100%25 sure"


@pytest.mark.parametrize("word", ["set", "call", "LOAD", "copy it", "delete  from", "update x set"])
def test_the_sql_guard_stumbles_over_commands_from_the_second_text_on(word: str) -> None:
    """Two tags, or a tag and a text, and a word that looks like a command: a 500."""
    server = Caller(sql_guard="on")
    refused = arc_error("search", "Dangerous SQL operation not allowed", 400)
    assert server.post("/search", {"content_contains": f"please {word} it", "tags": ["a"]}) == refused
    assert server.found(content_contains=f"please {word} it") == []
    assert server.found(content_contains="please setting it", tags=["a"]) == []
    assert Caller().found(content_contains=f"please {word} it", tags=["a"]) == []


def test_the_sql_guard_looks_at_tags_too() -> None:
    """The second of a list's tags is a text like any other."""
    server = Caller(sql_guard="on")
    refused = arc_error("query", "Dangerous SQL operation not allowed", 400)
    assert server.get("/memories", tags="a,set") == refused
    assert server.contents(tags="set,a") == []


def test_stats(server: Caller) -> None:
    """Counts by exactly the string in the path; a day back for two of them."""
    agent = server.agent("helper")
    open_one, closed = server.session(agent), server.session(agent)
    server.ask("PUT", f"/sessions/{closed}", {"status": "closed"})
    server.remember("old", agent_id=agent, event_type="error", session_id=open_one)
    server.clock.advance("24h")
    server.remember("e1", agent_id=agent, event_type="error")
    server.remember("d1", agent_id=agent, memory_type="decision")
    server.remember("n1", agent_id="helper")
    server.get("/memories")
    assert server.get(f"/agents/{agent}/stats") == (
        200,
        {
            "agent_id": agent,
            "memory_count": 3,
            "memories_24h": 2,
            "errors_24h": 1,
            "session_count": 2,
            "active_sessions": 1,
            "memory_types": {"decision": 1, "episodic": 2},
        },
    )
    by_name = server.get("/agents/helper/stats").body
    assert (by_name["memory_count"], by_name["session_count"]) == (1, 0)


def test_stats_of_an_unknown_agent_are_zero(server: Caller) -> None:
    """200, and no types at all."""
    assert server.get("/agents/nobody/stats") == (
        200,
        {
            "agent_id": "nobody",
            "memory_count": 0,
            "memories_24h": 0,
            "errors_24h": 0,
            "session_count": 0,
            "active_sessions": 0,
            "memory_types": {},
        },
    )
    assert server.get("/agents/1/stats") == (500, {"error": f"invalid agent_id: {ID_FORM}"})


def test_stats_lag_behind_the_lists(server: Caller) -> None:
    """They do not flush the buffer."""
    server.remember("x", agent_id="a")
    assert server.get("/agents/a/stats").body["memory_count"] == 0
    assert server.contents(agent_id="a") == ["x"]
    assert server.get("/agents/a/stats").body["memory_count"] == 1


def test_stats_see_what_the_ticks_flushed(server: Caller) -> None:
    """A second later at the latest, without any read."""
    server.remember("x", agent_id="a")
    server.clock.advance("1s")
    assert server.get("/agents/a/stats").body["memory_count"] == 1


@pytest.mark.parametrize("offset", [(1 << 63) - 1, (1 << 63) - 101, 10**6])
def test_an_enormous_offset_is_beyond_the_end(server: Caller, offset: int) -> None:
    """However many filters there are, nothing is found there, and nothing breaks."""
    server.remember(tags=["x"])
    assert server.contents(agent_id="agent_1", tags="x", offset=offset) == []
    assert server.contents(agent_id="agent_1", memory_type="episodic", order="asc", offset=offset) == []
    answer = server.post("/search", {"content_contains": "tea", "tags": ["x"], "offset": offset})
    assert (answer.status, answer.body["count"]) == (200, 0 if server.fake.dialect.offset == "honoured" else 1)


@pytest.mark.parametrize(
    "number", ["9223372036854775808", "9999999999999999999", "-9223372036854775809", "9" * 20, "x"]
)
def test_what_is_no_64_bit_number_means_the_default(server: Caller, number: str) -> None:
    """A limit or an offset that Go could not read is as if it had not been given."""
    for count in range(101):
        server.remember(f"tea {count}")
    assert len(server.contents(agent_id="agent_1", limit=number, offset=number)) == 100


@pytest.mark.parametrize(("field", "value"), [("offset", "x"), ("max_importance", "x")])
def test_what_search_ignores_may_be_anything(field: str, value: str) -> None:
    """A field that the released server does not know is not looked at, and the documented one is typed."""
    for dialect, status in (("0.2.0", 200), ("documented", 400)):
        assert Caller(dialect).post("/search", {field: value}).status == status
