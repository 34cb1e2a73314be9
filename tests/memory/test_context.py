from __future__ import annotations

from typing import Any

import pytest

from .caller import Caller

ID_FORM = "invalid ID format: must be alphanumeric with underscores/hyphens, max 128 chars"
TYPE_FORM = "invalid type format: must be alphanumeric with underscores, max 64 chars"


def fill(server: Caller) -> str:
    """A session with a memory of every kind, a millisecond apart; its id."""
    session = server.session()
    for number, (memory_type, event_type) in enumerate(
        [
            ("episodic", "general"),
            ("decision", "choice"),
            ("session", "error"),
            ("session", "note"),
            ("entity", "error"),
            ("episodic", "error"),
            ("decision", "error"),
        ]
    ):
        server.clock.move_to(f"2026-02-07T12:00:00.{number + 1:03d}Z")
        server.remember(f"m{number}", session_id=session, memory_type=memory_type, event_type=event_type)
    return session


def test_the_markdown_to_the_byte(server: Caller) -> None:
    """Newest first under each heading; a blank line after each group but the last."""
    session = fill(server)
    answer = server.post(f"/sessions/{session}/context", {})
    assert answer == (
        200,
        {
            "session_id": session,
            "context": f"""## Session Context ({session})

### Recent Actions (2)
- [2026-02-07T12:00:00.006Z] error: m5
- [2026-02-07T12:00:00.001Z] general: m0

### Decisions Made (2)
- [2026-02-07T12:00:00.007Z] error: m6
- [2026-02-07T12:00:00.002Z] choice: m1

### Errors (1)
- [2026-02-07T12:00:00.003Z] error: m2

### Other (2)
- [2026-02-07T12:00:00.005Z] error: m4
- [2026-02-07T12:00:00.004Z] note: m3
""",
            "memory_count": 7,
        },
    )


def test_the_documented_markdown_to_the_byte() -> None:
    """Other headings, and nothing but the content."""
    server = Caller("documented")
    session = fill(server)
    # decision: the documentation shows no full text; counts and blank lines are those of the released server.
    assert (
        server.context(session)
        == f"""## Session Context ({session})

### Recent Actions (2)
- m5
- m0

### Decisions (2)
- m6
- m1

### Entities (1)
- m4

### Session (2)
- m3
- m2
"""
    )


def test_only_headings_with_lines_appear(server: Caller) -> None:
    """And the group before the end keeps its blank line."""
    session = server.session()
    server.remember("x", session_id=session)
    assert server.context(session) == (
        f"## Session Context ({session})\n\n### Recent Actions (1)\n- [2026-02-07T12:00:00.000002Z] general: x\n\n"
    )


def test_a_new_sessions_context_is_empty(server: Caller) -> None:
    """Header and blank line only."""
    session = server.session()
    assert server.post(f"/sessions/{session}/context").body == {
        "session_id": session,
        "context": f"## Session Context ({session})\n\n",
        "memory_count": 0,
    }


def test_an_unknown_session_is_no_error(server: Caller) -> None:
    """200 with the header; memories written under that id are shown."""
    assert server.context("nowhere") == "## Session Context (nowhere)\n\n"
    server.remember("x", session_id="nowhere")
    assert "general: x" in server.context("nowhere")


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        ("x" * 80, "x" * 80),
        ("x" * 81, "x" * 80 + "..."),
        ("é" * 40, "é" * 40),
        ("é" * 41, "é" * 40 + "..."),
        ("x" + "é" * 40, "x" + "é" * 39 + "\ufffd..."),
        ("x" * 78 + "🙂", "x" * 78 + "\ufffd..."),
        ("a\nb", "a\nb"),
    ],
)
def test_a_hint_is_80_bytes(server: Caller, content: str, hint: str) -> None:
    """Bytes, not characters; a character that is cut becomes U+FFFD."""
    # decision: one U+FFFD for a cut character, however many of its bytes are left.
    server.remember(content, session_id="s")
    assert server.context("s").endswith(f"- [2026-02-07T12:00:00Z] general: {hint}\n\n")


def test_the_newest_hundred(server: Caller) -> None:
    """memory_count counts what is shown."""
    items = [{"agent_id": "a", "session_id": "s", "content": f"m{n:03d}"} for n in range(105)]
    server.post("/memories", {"memories": items})
    body = server.post("/sessions/s/context", {}).body
    assert body["memory_count"] == 100
    assert "### Recent Actions (100)" in body["context"]
    assert "m104" in body["context"]
    assert "m004" not in body["context"]


@pytest.mark.parametrize(
    ("since", "shown"),
    [(None, "n"), ("", "n"), ("1h", ""), ("2d", "no"), ("2026-01-01T00:00:00Z", "n"), ("yesterday", "n"), ("1w", "n")],
)
def test_the_window(server: Caller, since: str | None, shown: str) -> None:
    """24 hours, also for whatever is not relative."""
    server.remember("old", session_id="s")
    server.clock.advance("24h")
    server.remember("new", session_id="s")
    server.clock.advance("1h")
    text = server.context("s", since=since)
    assert [name[0] for name in ("new", "old") if name in text] == list(shown)


def test_the_edge_of_the_window(server: Caller) -> None:
    """A memory of exactly 24 hours is out."""
    server.remember("edge", session_id="s")
    server.clock.move_to("2026-02-08T11:59:59.999999Z")
    assert "edge" in server.context("s")
    server.clock.move_to("2026-02-08T12:00:00Z")
    assert "edge" not in server.context("s")


def test_include_types(server: Caller) -> None:
    """Any of them; an empty list is no filter; a type nobody has is an empty context."""
    session = fill(server)

    def count(*types: str) -> Any:
        return server.post(f"/sessions/{session}/context", {"include_types": types}).body["memory_count"]

    assert (count("episodic"), count("decision", "entity"), count(), count("unknown")) == (2, 3, 7, 0)


@pytest.mark.parametrize(
    "options",
    [
        {"max_tokens": 1},
        {"exclude_types": ["episodic"]},
        {"until": "1h"},
        {"order": "asc"},
        {"exclude_types": ["not ok"]},
    ],
)
def test_options_that_are_accepted_and_ignored(server: Caller, options: dict[str, Any]) -> None:
    """They change nothing."""
    session = fill(server)
    assert server.context(session, **options) == server.context(session)


@pytest.mark.parametrize(
    "body", [b"", b"{", b'{"since": 5}', b'{"include_types": "episodic", "since": "1m"}', b"[]", b"null"]
)
def test_a_malformed_body_means_defaults(either: Caller, body: bytes) -> None:
    """All of them, whatever else it says."""
    session = fill(either)
    assert either.post(f"/sessions/{session}/context", body).body["memory_count"] == 7


def test_no_content_type_means_defaults(server: Caller) -> None:
    """The body is optional, and so is what it says about itself."""
    session = fill(server)
    response = server.raw("POST", f"/api/v1/sessions/{session}/context", x_api_key=server.key)
    assert (response.status, b"(7)" in response.body, b"(2)" in response.body) == (200, False, True)


def test_bad_forms(server: Caller) -> None:
    """500, with the value where it is a type."""
    assert server.post("/sessions/a%2Fb/context", {}) == (500, {"error": f"invalid session_id: {ID_FORM}"})
    assert server.post("/sessions/s/context", {"include_types": ["entity", "a-b"]}) == (
        500,
        {"error": f"invalid include_type 'a-b': {TYPE_FORM}"},
    )


def test_a_decision_without_a_session_is_in_no_context(server: Caller) -> None:
    """That is what the SDK's decide() sends."""
    session = server.session()
    server.remember("take tea", memory_type="decision", event_type="decision")
    assert "tea" not in server.context(session)


def lines(text: str) -> list[str]:
    """The lines of a documented context, without their dashes."""
    return [line[2:] for line in text.splitlines() if line.startswith("- ")]


def test_the_next_session_has_what_the_agent_remembered_before() -> None:
    """First this session, then what the agent remembered before it, newest first, under its id or its name."""
    server = Caller("documented")
    agent = server.agent("helper")
    first = server.session(agent)
    server.remember("a1", agent_id=agent, session_id=first)
    server.remember("a2", agent_id="helper")
    server.remember("other", agent_id="somebody")
    second = server.session("helper")
    server.remember("b1", agent_id=agent, session_id=second)
    server.remember("later", agent_id=agent, session_id=first)
    # decision: "earlier" is before the session was created; the id and the name of an agent are one agent.
    assert lines(server.context(second)) == ["b1", "a2", "a1"]
    assert lines(server.context(second, order="asc")) == ["b1", "a1", "a2"]
    assert lines(server.context(second, since="2026-02-07T12:00:00.000002Z")) == ["b1", "a2"]
    assert lines(server.context(second, until="2026-02-07T12:00:00.000003Z")) == ["a1"]
    assert lines(server.context(first)) == ["later", "a1"]


def test_a_documented_context_has_a_hundred_memories_in_all() -> None:
    """Earlier ones fill up what this session leaves."""
    server = Caller("documented")
    server.post("/memories", {"memories": [{"agent_id": "a", "content": f"e{n}"} for n in range(120)]})
    session = server.session("a")
    server.post(
        "/memories", {"memories": [{"agent_id": "a", "session_id": session, "content": f"s{n}"} for n in range(40)]}
    )
    # decision: the documentation names no number; the released server's hundred holds for both parts together.
    shown = lines(server.context(session))
    assert (len(shown), shown[0], shown[39], shown[40], shown[-1]) == (100, "s39", "s0", "e119", "e60")


def test_exclude_types_honoured() -> None:
    """They are taken from what is included, or from all."""
    server = Caller("documented")
    session = fill(server)
    assert lines(server.context(session, exclude_types=["episodic", "session"])) == ["m6", "m1", "m4"]
    assert lines(server.context(session, include_types=["episodic", "entity"], exclude_types=["episodic"])) == ["m4"]
    assert lines(server.context(session, include_types=["entity"], exclude_types=["entity"])) == []
    answer = server.post(f"/sessions/{session}/context", {"exclude_types": ["a-b"]})
    assert answer.status == 400
    assert answer.body["message"] == f"invalid exclude_type 'a-b': {TYPE_FORM}"


@pytest.mark.parametrize(("room", "shown"), [(0, ["m2", "m1", "m0"]), (-1, ["m2", "m1"]), (-24, ["m2"]), (-100, [])])
def test_max_tokens_drops_the_oldest_lines(room: int, shown: list[str]) -> None:
    """Until it fits, at four characters a token; memory_count counts what is left."""
    server = Caller("documented")
    session = server.session("a")
    for number in range(3):
        server.remember(f"m{number} " + "x" * 16, session_id=session)
    whole = len(server.context(session))
    tokens = max(whole + room, 1) // 4 + (room == 0)
    body = server.post(f"/sessions/{session}/context", {"max_tokens": tokens}).body
    assert [line[:2] for line in lines(body["context"])] == shown
    assert body["memory_count"] == len(shown)
    # decision: no max_tokens, 0 and less mean no bound, and the header is never dropped.
    assert len(lines(server.context(session, max_tokens=0))) == 3


@pytest.mark.parametrize("field", ["order", "until", "exclude_types"])
def test_what_the_context_ignores_spoils_nothing(server: Caller, field: str) -> None:
    """A field that the released server does not know may be of any type: what is beside it counts."""
    if server.fake.dialect.context_options == "honoured":
        pytest.skip("the documented server knows it")
    session = server.session()
    server.remember("old", session_id=session)
    server.clock.advance("2h")
    server.remember("new", session_id=session)
    answer = server.post(f"/sessions/{session}/context", {"since": "1h", field: 5})
    assert answer.body["memory_count"] == 1
