from __future__ import annotations

import hashlib
from typing import Any

import pytest

from fakememtrace.memory import forms, handlers, routes, timespan

from .caller import Caller

ID_FORM = "invalid ID format: must be alphanumeric with underscores/hyphens, max 128 chars"
TYPE_FORM = "invalid type format: must be alphanumeric with underscores, max 64 chars"
TAG_FORM = "invalid tag format: must be alphanumeric with underscores/hyphens/dots, max 64 chars"
DUPLICATE = (409, {"error": "duplicate memory"})
TEA = {"agent_id": "agent_1", "content": "likes tea"}


def test_a_created_memory(server: Caller) -> None:
    """What was given comes back, with the time, the org and the dedup key."""
    given = {
        "agent_id": "agent_1",
        "session_id": "sess_1",
        "memory_type": "decision",
        "event_type": "choice",
        "content": "take tea",
        "metadata": {"why": "late"},
        "tags": ["drink", "v1.0"],
        "dedup_key": "tea",
        "importance": 0.5,
        "parent_id": "anything at all",
    }
    answer = server.post("/memories", given)
    assert answer.status == 201
    assert answer.body == {"time": "2026-02-07T12:00:00Z", "org_id": "org_default", **given}
    assert server.get("/memories").body["memories"] == [answer.body]


def test_a_list_holds_no_second_copy_of_the_rows(server: Caller) -> None:
    """The answer to a list is made of the stored rows themselves, so that a journal of lists stays small."""
    for number in range(3):
        server.remember(f"tea {number}")
    response = server.raw("GET", "/api/v1/memories", x_api_key=server.key)
    rows = [memory.row for memory in server.fake.memories()]
    assert response.joint == b","
    assert response.chunks[1] is rows[1]
    assert response.body == b'{"memories":[' + b",".join(rows[::-1]) + b'],"count":3,"has_more":false}'
    assert response.whole().chunks == (response.body,)


def test_defaults_and_what_is_left_out(server: Caller) -> None:
    """Episodic and general; whatever is empty does not appear."""
    memory = server.remember("x", importance=0, tags=[], metadata={}, session_id="", parent_id="")
    assert memory == {
        "time": "2026-02-07T12:00:00Z",
        "org_id": "org_default",
        "agent_id": "agent_1",
        "memory_type": "episodic",
        "event_type": "general",
        "content": "x",
        "dedup_key": hashlib.sha256(b"agent_1|general|x").hexdigest()[:32],
    }


@pytest.mark.parametrize(("tags", "shown"), [([""], None), (["", ""], ["", ""]), (["a", "", None], ["a", "", ""])])
def test_empty_tags_are_allowed(server: Caller, tags: list[str | None], shown: list[str] | None) -> None:
    """They are stored joined by commas, so that a single empty one is none."""
    # decision: the answer to a creation shows the tags as they are read back.
    assert server.remember("x", tags=tags).get("tags") == shown


@pytest.mark.parametrize("importance", [1, 1.0, -3, 17.25])
def test_importance_is_not_range_checked(server: Caller, importance: float) -> None:
    """Whatever the number, it is stored."""
    assert server.remember("x", importance=importance)["importance"] == importance


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({}, "agent_id is required"),
        ({"content": "x", "memory_type": "no"}, "agent_id is required"),
        ({"agent_id": "1", "memory_type": "no"}, "content is required"),
        ({"agent_id": "1", "content": "x", "memory_type": "no"}, "invalid memory_type: no"),
        ({"agent_id": "1", "content": "x", "session_id": "1"}, f"invalid agent_id: {ID_FORM}"),
        ({"agent_id": "a" * 129, "content": "x"}, f"invalid agent_id: {ID_FORM}"),
        ({"agent_id": "a\n", "content": "x"}, f"invalid agent_id: {ID_FORM}"),
        ({"agent_id": "a", "content": "x", "session_id": "s s", "event_type": "-"}, f"invalid session_id: {ID_FORM}"),
        ({"agent_id": "a", "content": "x", "event_type": "e-t", "tags": ["ä"]}, f"invalid event_type: {TYPE_FORM}"),
        ({"agent_id": "a", "content": "x", "event_type": "e" * 65}, f"invalid event_type: {TYPE_FORM}"),
        ({"agent_id": "a", "content": "x", "tags": ["ok", "a b"]}, f"invalid tag 'a b': {TAG_FORM}"),
        ({"agent_id": "a", "content": "x", "tags": ["t" * 65]}, f"invalid tag '{'t' * 65}': {TAG_FORM}"),
    ],
)
def test_the_checks_come_in_their_order(server: Caller, fields: dict[str, Any], text: str) -> None:
    """The first thing that is wrong is what the answer tells."""
    assert server.post("/memories", fields) == (400, {"error": text})
    assert server.fake.memories() == []


def test_the_longest_forms_that_fit(server: Caller) -> None:
    """128 characters of an id, 64 of a type and a tag."""
    server.remember("x", agent_id="a" * 128, session_id="s-_9", event_type="e" * 64, tags=["t" * 64, "0.-_"])
    assert server.contents(agent_id="a" * 128, session_id="s-_9", event_type="e" * 64) == ["x"]


def test_neither_agent_nor_session_has_to_exist(server: Caller) -> None:
    """On a memory they are only strings."""
    server.remember("x", agent_id="nobody", session_id="nowhere")
    assert server.contents(session_id="nowhere") == ["x"]


def test_times_are_those_of_the_clock(server: Caller) -> None:
    """Every write moves it by a microsecond, and trailing zeros are dropped."""
    server.clock.advance("120ms")
    assert [server.remember(str(n))["time"] for n in range(2)] == [
        "2026-02-07T12:00:00.12Z",
        "2026-02-07T12:00:00.120001Z",
    ]


def test_a_duplicate_is_refused(server: Caller) -> None:
    """The same agent, event type and content again, once the first is found."""
    server.remember()
    server.get("/memories")
    assert server.post("/memories", TEA) == DUPLICATE
    assert server.contents() == ["likes tea"]


@pytest.mark.parametrize(
    "field", [{"session_id": "sess_2"}, {"memory_type": "entity"}, {"tags": ["x"]}, {"importance": 1}]
)
def test_what_is_no_part_of_the_dedup_key(server: Caller, field: dict[str, Any]) -> None:
    """Another session, type, tag or importance is still a duplicate."""
    server.remember()
    server.get("/memories")
    assert server.post("/memories", {**TEA, **field}) == DUPLICATE


@pytest.mark.parametrize("field", [{"agent_id": "agent_2"}, {"event_type": "other"}, {"dedup_key": "k"}])
def test_what_is_part_of_the_dedup_key(server: Caller, field: dict[str, Any]) -> None:
    """Another agent or event type, or a key of its own, is no duplicate."""
    server.remember()
    server.get("/memories")
    assert server.post("/memories", {**TEA, **field}).status == 201


def test_the_dedup_key_looks_at_200_bytes(server: Caller) -> None:
    """Bytes, not characters, and a character may be cut in two."""
    start = "x" + "é" * 100
    memory = server.remember(start + " one")
    assert memory["dedup_key"] == hashlib.sha256(b"agent_1|general|" + start.encode()[:200]).hexdigest()[:32]
    server.get("/memories")
    assert server.post("/memories", {**TEA, "content": start + " two"}) == DUPLICATE


def test_a_given_dedup_key_decides_alone(server: Caller) -> None:
    """Another content under the same key is a duplicate, whoever wrote it."""
    server.remember("one", dedup_key="k")
    server.get("/memories")
    assert server.post("/memories", {"agent_id": "agent_2", "content": "two", "dedup_key": "k"}) == DUPLICATE


def test_a_dedup_key_with_a_backslash_never_finds_itself(server: Caller) -> None:
    """The server doubles the backslash where nothing halves it again."""
    for _ in range(2):
        server.remember("x", dedup_key="a\\b")
        server.get("/memories")
    assert server.contents() == ["x", "x"]


def test_a_dedup_key_with_a_backslash_finds_the_doubled_one(server: Caller) -> None:
    """What is asked for is the key with every backslash doubled."""
    # decision: follows from the rule above; likewise a NUL is dropped from the key that is asked for.
    server.remember("x", dedup_key="a\\\\b")
    server.remember("x", dedup_key="cd")
    server.get("/memories")
    assert server.post("/memories", {**TEA, "dedup_key": "a\\b"}) == DUPLICATE
    assert server.post("/memories", {**TEA, "dedup_key": "c\0d"}) == DUPLICATE


def test_the_dedup_window_is_24_hours(server: Caller) -> None:
    """A microsecond younger is a duplicate, exactly 24 hours is none."""
    server.remember()
    server.clock.move_to("2026-02-08T11:59:59.999999Z")
    assert server.post("/memories", TEA) == DUPLICATE
    server.clock.move_to("2026-02-08T12:00:00Z")
    assert server.post("/memories", TEA).status == 201


def test_two_at_once_are_both_stored(server: Caller) -> None:
    """The dedup check does not see the write buffer."""
    server.remember()
    server.remember()
    assert server.contents() == ["likes tea"] * 2


@pytest.mark.parametrize(("spent", "status"), [("999ms", 201), ("1s", 409)])
def test_the_buffer_is_flushed_every_second(server: Caller, spent: str, status: int) -> None:
    """Until the next tick a duplicate slips through."""
    server.remember()
    server.clock.advance(spent)
    assert server.post("/memories", TEA).status == status


def test_the_second_is_the_servers_not_the_memorys(server: Caller) -> None:
    """The flush ticks from the server's start, so that a memory may wait much less than a second."""
    # decision: "every 1,000 ms" is a ticker that started with the fake (or with the org).
    server.clock.advance("999ms")
    server.remember()
    server.clock.advance("1ms")
    assert server.post("/memories", TEA) == DUPLICATE


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/memories", None),
        ("GET", "/agents/agent_9/memories", None),
        ("GET", "/sessions/sess_9/memories", None),
        ("GET", "/memories/nothing", None),
        ("POST", "/search", {}),
        ("POST", "/sessions/sess_9/context", {}),
        ("POST", "/memories", {"memories": [{"agent_id": "a", "content": "other"}]}),
    ],
)
def test_what_flushes_the_buffer(server: Caller, method: str, path: str, body: Any) -> None:
    """Every list, search and context, and a batch at its end."""
    server.remember()
    server.ask(method, path, body)
    assert server.post("/memories", TEA) == DUPLICATE


@pytest.mark.parametrize("path", ["/agents/agent_1/stats", "/agents", "/sessions"])
def test_what_does_not_flush_the_buffer(server: Caller, path: str) -> None:
    """Stats, agents and sessions leave the duplicates' blind spot open."""
    server.remember()
    server.get(path)
    assert server.post("/memories", TEA).status == 201


def test_the_buffer_is_flushed_at_100_rows(server: Caller) -> None:
    """The hundredth memory sends all of them."""
    for number in range(99):
        server.remember(str(number))
    assert server.get("/agents/agent_1/stats").body["memory_count"] == 0
    server.remember("last")
    assert server.get("/agents/agent_1/stats").body["memory_count"] == 100


def test_the_fake_shows_buffered_memories(server: Caller) -> None:
    """memories() is what was written, found by queries or not."""
    server.remember("x", tags=["a", "b"], metadata={"k": 1})
    (memory,) = server.fake.memories()
    assert (memory.content, memory.tags, memory.metadata) == ("x", ["a", "b"], {"k": 1})
    assert memory.memory_id == "mem_22132404d6ef307bd60429c0"
    assert memory.time == server.clock.micros() - 1


def test_a_memory_without_metadata_or_tags(server: Caller) -> None:
    """Both are empty, not missing."""
    server.remember("x")
    assert (server.fake.memories()[0].tags, server.fake.memories()[0].metadata) == ([], {})


def test_memory_ids_are_drawn_in_either_dialect() -> None:
    """So that both number alike."""
    servers = [Caller("0.2.0"), Caller("documented")]
    for one in servers:
        one.remember("x")
    assert servers[0].fake.memories()[0].memory_id == servers[1].fake.memories()[0].memory_id


def test_a_batch(either: Caller) -> None:
    """Created one by one, in order."""
    answer = either.post("/memories", {"memories": [{**TEA, "content": str(n)} for n in range(3)]})
    assert answer.status == 201
    assert [memory["content"] for memory in answer.body["memories"]] == ["0", "1", "2"]
    assert answer.body["count"] == 3


def test_duplicates_are_skipped_in_a_batch(server: Caller) -> None:
    """What is there already is absent from memories and count."""
    server.remember()
    server.get("/memories")
    answer = server.post("/memories", {"memories": [TEA, {**TEA, "content": "new"}]})
    assert (answer.status, answer.body["count"]) == (201, 1)
    assert [memory["content"] for memory in answer.body["memories"]] == ["new"]


def test_a_batch_of_nothing_but_duplicates(server: Caller) -> None:
    """Is a success that stored nothing."""
    server.remember()
    server.get("/memories")
    assert server.post("/memories", {"memories": [TEA]}) == (201, {"memories": [], "count": 0})


def test_a_batch_does_not_see_its_own_duplicates(server: Caller) -> None:
    """They are in the buffer while the rest is checked."""
    assert server.post("/memories", {"memories": [TEA, TEA]}).body["count"] == 2


@pytest.mark.parametrize(("field", "text"), [("content", "content is required"), ("agent_id", "agent_id is required")])
def test_the_first_invalid_memory_stops_a_batch(server: Caller, field: str, text: str) -> None:
    """500 with its number from 0; those before it stay, those after it are never looked at."""
    items = [{**TEA, "content": "a"}, {**TEA, field: ""}, {**TEA, "content": "c"}]
    assert server.post("/memories", {"memories": items}) == (500, {"error": f"failed to create memory 1: {text}"})
    assert server.contents() == ["a"]


def test_an_empty_batch_is_a_single_memory(either: Caller) -> None:
    """And lacks its agent_id."""
    assert either.post("/memories", {"memories": []}).status == 400
    assert Caller().post("/memories", {"memories": []}) == (400, {"error": "agent_id is required"})


@pytest.mark.parametrize("items", ["x", {}, [5], [{"agent_id": 5}], None])
def test_a_batch_of_wrong_types_is_a_single_memory(server: Caller, items: Any) -> None:
    """What cannot be read as a batch is read as a memory, which then lacks its agent_id."""
    # decision: the contract is silent; the real handler tries the batch first and falls through.
    assert server.post("/memories", {"memories": items}) == (400, {"error": "agent_id is required"})


def test_a_null_in_a_batch_is_an_empty_memory(server: Caller) -> None:
    """Null counts as absent."""
    assert server.post("/memories", {"memories": [None]}) == (
        500,
        {"error": "failed to create memory 0: agent_id is required"},
    )


def test_a_memory_is_seen_after_arcs_own_delay() -> None:
    """With a visibility_delay no flush helps: until then no list, search, context or dedup check sees it."""
    server = Caller(visibility_delay="5s")
    session = server.session()
    server.remember("likes tea", session_id=session)
    assert server.contents() == []
    assert server.found() == []
    assert "tea" not in server.context(session)
    assert server.post("/memories", TEA).status == 201
    server.clock.advance("5s")
    assert server.contents(session_id=session) == ["likes tea"]
    assert "tea" in server.context(session)
    assert server.post("/memories", TEA) == DUPLICATE


def test_the_delay_counts_from_the_flush() -> None:
    """A memory that no read flushes first waits for the tick, and then for Arc."""
    server = Caller(visibility_delay="5s")
    server.remember()
    server.clock.move_to("2026-02-07T12:00:05.999999Z")
    assert server.get("/agents/agent_1/stats").body["memory_count"] == 0
    server.clock.move_to("2026-02-07T12:00:06Z")
    assert server.get("/agents/agent_1/stats").body["memory_count"] == 1


def test_the_delay_hides_a_memory_from_its_id() -> None:
    """Also in the documented lookup."""
    server = Caller("documented", visibility_delay="1s")
    memory_id = server.remember()["memory_id"]
    assert server.get(f"/memories/{memory_id}").status == 404
    server.clock.advance("1s")
    assert server.get(f"/memories/{memory_id}").status == 200


def test_what_is_refused_for_its_length_is_not_kept(server: Caller) -> None:
    """Ids, windows, paths and queries without end leave nothing behind, however many come."""
    caches = [forms._is_id, forms._is_type, forms._is_tag, timespan._span, routes.find_known, handlers._parsed]

    def asked(text: str) -> list[int]:
        for body in ({"agent_id": text}, {"event_type": text}, {"tags": [text]}):
            server.post("/memories", {"agent_id": "a", "content": "x", **body})
        server.get("/memories", since=text)
        server.get(f"/memories/{text}")
        return [cache.cache_info().currsize for cache in caches]

    for cache in caches:
        cache.cache_clear()
    sizes = asked("b")
    assert [asked(letter * 10_000) for letter in "cde"] == [sizes] * 3
    assert all(size > before for size, before in zip(asked("f"), sizes, strict=True))
