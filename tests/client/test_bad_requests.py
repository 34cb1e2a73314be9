"""What cannot be sent, and answers that cannot be read."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from fakememtrace import UnknownName, UsageError, World
from fakememtrace.client import (
    AddMemoryRequest,
    AsyncMemtrace,
    ContextOptions,
    InvalidRequest,
    ListOptions,
    Memtrace,
    MemtraceError,
    SearchQuery,
    SessionQuery,
)

FORMLESS = (
    "{} of the request cannot be written as JSON. Expected texts that UTF-8 can carry, finite numbers, "
    "True, False, None, and lists and dicts of these, not too deep."
)
LIST_FIELDS = "agent_id, event_type, limit, memory_type, offset, order, session_id, since, tags and until"

# What is asked, and the whole text of the refusal.
REFUSALS: dict[str, tuple[Callable[[Memtrace], Any], type[Exception], str]] = {
    "unknown keyword": (
        lambda client: client.list_memories(agentid="a"),
        UnknownName,
        f"unknown field of ListOptions 'agentid'. Did you mean 'agent_id'? Known: {LIST_FIELDS}.",
    ),
    "unknown key": (
        lambda client: client.list_memories({"sinse": "4h"}),
        UnknownName,
        f"unknown field of ListOptions 'sinse'. Did you mean 'since'? Known: {LIST_FIELDS}.",
    ),
    "key that is no text": (
        lambda client: client.list_memories({1: "4h"}),
        UnknownName,
        f"unknown field of ListOptions 1. Known: {LIST_FIELDS}.",
    ),
    "unknown keyword of a model": (
        lambda client: ContextOptions(include_type=["entity"]),
        UnknownName,
        (
            "unknown field of ContextOptions 'include_type'. Did you mean 'include_types'? "
            "Known: exclude_types, include_types, max_tokens, order, since and until."
        ),
    ),
    "unknown keyword of a shortcut": (
        lambda client: client.decide("a", "b", "c", sesion_id="s"),
        UnknownName,
        (
            "unknown keyword of decide 'sesion_id'. Did you mean 'session_id'? "
            "Known: agent_id, decision, importance, metadata, reasoning, session_id and tags."
        ),
    ),
    "model and keywords": (
        lambda client: client.get_session_context("s", ContextOptions(since="4h"), include_types=["entity"]),
        InvalidRequest,
        "get_session_context was given ContextOptions and the keywords include_types. Give it one of the two.",
    ),
    "another model": (
        lambda client: client.list_memories(SearchQuery()),
        InvalidRequest,
        "list_memories was given SearchQuery. Expected ListOptions(...), a dict, or keyword arguments.",
    ),
    "no request at all": (
        lambda client: client.create_session("agent_1"),
        InvalidRequest,
        "create_session was given str. Expected CreateSessionRequest(...), a dict, or keyword arguments.",
    ),
    "missing fields": (
        lambda client: client.add_memory(),
        InvalidRequest,
        "AddMemoryRequest needs agent_id and content. Given: nothing.",
    ),
    "a field that is None": (
        lambda client: client.add_memory({"agent_id": None, "content": "x"}),
        InvalidRequest,
        "AddMemoryRequest needs agent_id. Given: agent_id and content.",
    ),
    "None for a shortcut": (
        lambda client: client.remember(None, "x"),
        InvalidRequest,
        "agent_id of AddMemoryRequest is None. Expected text that UTF-8 can carry.",
    ),
    "batch that is one": (
        lambda client: client.add_memories({"agent_id": "a", "content": "x"}),
        InvalidRequest,
        "add_memories was given dict. Expected a list of AddMemoryRequest(...) or dicts.",
    ),
    "batch that is none": (
        lambda client: client.add_memories(3),
        InvalidRequest,
        "add_memories was given int. Expected a list of AddMemoryRequest(...) or dicts.",
    ),
    "unknown memory type": (
        lambda client: client.remember("a", "x", memory_type="episode"),
        UnknownName,
        (
            "unknown memory_type of AddMemoryRequest 'episode'. Did you mean 'episodic'? "
            "Known: decision, entity, episodic and session."
        ),
    ),
    "unknown order": (
        lambda client: client.list_memories(order="descending"),
        UnknownName,
        "unknown order of ListOptions 'descending'. Did you mean 'desc'? Known: asc and desc.",
    ),
    "order that cannot be hashed": (
        lambda client: client.list_memories(order=[]),
        UnknownName,
        "unknown order of ListOptions []. Known: asc and desc.",
    ),
    "importance out of range": (
        lambda client: client.remember("a", "x", importance=1.5),
        InvalidRequest,
        "importance of AddMemoryRequest is 1.5. Expected a number from 0 to 1.",
    ),
    "importance that is no number": (
        lambda client: client.remember("a", "x", importance=float("nan")),
        InvalidRequest,
        "importance of AddMemoryRequest is nan. Expected a number from 0 to 1.",
    ),
    "text for a number": (
        lambda client: client.search_memories(min_importance="0.5"),
        InvalidRequest,
        "min_importance of SearchQuery is '0.5'. Expected a number.",
    ),
    "true for a number": (
        lambda client: client.list_memories(limit=True),
        InvalidRequest,
        "limit of ListOptions is True. Expected a whole number of 64 bits.",
    ),
    "number that no server can hold": (
        lambda client: client.list_memories(offset=1 << 63),
        InvalidRequest,
        "offset of ListOptions is 9223372036854775808. Expected a whole number of 64 bits.",
    ),
    "tags of a list as a list": (
        lambda client: client.list_memories(tags=["a", "b"]),
        InvalidRequest,
        "tags of ListOptions is ['a', 'b']. Expected text that UTF-8 can carry.",
    ),
    "tags of a search as a text": (
        lambda client: client.search_memories(tags="a"),
        InvalidRequest,
        "tags of SearchQuery is 'a'. Expected a list of texts.",
    ),
    "metadata that is a list": (
        lambda client: client.decide("a", "b", "c", metadata=["d"]),
        InvalidRequest,
        "metadata of AddMemoryRequest is ['d']. Expected a dict whose keys are texts.",
    ),
    "lone surrogate": (
        lambda client: client.remember("a", "\ud800"),
        InvalidRequest,
        r"content of AddMemoryRequest is '\ud800'. Expected text that UTF-8 can carry.",
    ),
    "lone surrogate within": (
        lambda client: client.remember("a", "x", metadata={"k": "\ud800"}),
        InvalidRequest,
        FORMLESS.format("metadata"),
    ),
    "not JSON": (
        lambda client: client.remember("a", "x", metadata={"k": {1, 2}}),
        InvalidRequest,
        FORMLESS.format("metadata"),
    ),
    "no number": (
        lambda client: client.search_memories(min_importance=float("inf")),
        InvalidRequest,
        FORMLESS.format("min_importance"),
    ),
    "empty id": (
        lambda client: client.delete_agent(""),
        InvalidRequest,
        "agent_id is '', which no URL can carry. Expected the id or the name of something.",
    ),
    "id that means the folder above": (
        lambda client: client.close_session(".."),
        InvalidRequest,
        "session_id is '..', which no URL can carry. Expected the id or the name of something.",
    ),
    "id that is none": (
        lambda client: client.get_session(None),
        InvalidRequest,
        "session_id is None. Expected text that UTF-8 can carry.",
    ),
    "filter of sessions that is none": (
        lambda client: client.list_sessions(7),
        InvalidRequest,
        "agent_id is 7. Expected text that UTF-8 can carry.",
    ),
    "limit of nothing": (
        lambda client: client.search_sessions(limit=0),
        InvalidRequest,
        "limit of SessionQuery is 0. Expected a whole number from 1 on.",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_makes_no_sense_is_refused_and_not_sent(name: str, world: World, client: Memtrace) -> None:
    """The whole text says what it is and what was expected, and neither the server nor the journal hears of it."""
    call, kind, text = REFUSALS[name]
    with pytest.raises(kind) as caught:
        call(client)
    assert str(caught.value) == text
    assert isinstance(caught.value, UsageError)
    assert (len(world.journal), world.journal.notes) == (0, [])


def test_a_json_too_deep_is_refused(world: World, client: Memtrace) -> None:
    """Nesting without end is a refusal, not a crash."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(InvalidRequest) as caught:
        client.remember("a", "x", metadata={"k": deep})
    assert str(caught.value) == FORMLESS.format("metadata")
    assert len(world.journal) == 0


@pytest.mark.parametrize("form", [Memtrace, AsyncMemtrace])
@pytest.mark.parametrize("url", ["localhost:9100", "", None, "ftp://localhost"])
def test_a_base_url_that_is_none_is_refused(form: Any, url: Any) -> None:
    """At once, not at the first request."""
    with pytest.raises(InvalidRequest) as caught:
        form(url, "mtk_test")
    assert str(caught.value) == (
        f'base_url is {url!r}, which is no URL. Expected scheme, host and port, such as "http://localhost:9100".'
    )


def test_a_field_of_a_result_that_does_not_exist_names_the_nearest(client: Memtrace) -> None:
    """A subscript is as strict as an attribute, and a list of memories is not the memories."""
    found = client.recall("a")
    with pytest.raises(UnknownName) as caught:
        found["memorys"]
    assert str(caught.value) == (
        "unknown field of MemoryList 'memorys'. Did you mean 'memories'? Known: count, has_more and memories."
    )
    with pytest.raises(UnknownName) as caught:
        list(found)  # type: ignore[call-overload]
    assert str(caught.value) == "unknown field of MemoryList 0. Known: count, has_more and memories."


def answering(status: int, **content: Any) -> Memtrace:
    """A client of a server that always says the same."""
    transport = httpx.MockTransport(lambda request: httpx.Response(status, **content))
    return Memtrace("http://localhost:9100", "mtk_test", transport=transport)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"json": {"error": "told"}}, "told"),
        ({"json": {"error": "internal_error", "message": "told"}}, "told"),
        ({"json": {"error": "told", "message": ""}}, "told"),
        ({"json": {"error": "told", "message": 7}}, "told"),
        ({"json": {"error": {"deep": 1}}}, "HTTP 502"),
        ({"json": {}}, "HTTP 502"),
        ({"json": ["a list"]}, '["a list"]'),
        ({"text": "<h1>Bad Gateway</h1>"}, "<h1>Bad Gateway</h1>"),
        ({"content": b"\xff"}, "\ufffd"),
        ({}, "HTTP 502"),
    ],
)
def test_an_error_of_any_shape_has_a_text(content: dict[str, Any], text: str) -> None:
    """A gateway's page, a body of another kind and no body at all are told as well as there is something to tell."""
    with pytest.raises(MemtraceError) as caught, answering(502, **content) as client:
        client.list_agents()
    assert (caught.value.message, caught.value.status_code) == (text, 502)


def test_a_503_without_an_arc_in_it_is_any_error() -> None:
    """Only the text says that it is the Arc which is missing."""
    with pytest.raises(MemtraceError) as caught, answering(503, json={"error": "overloaded"}) as client:
        client.list_agents()
    assert (type(caught.value), caught.value.status_code) == (MemtraceError, 503)


ADVICE = "Expected a Memtrace server's JSON; check that the base URL points to one."
UNREADABLE: dict[str, tuple[dict[str, Any], str]] = {
    "a page": ({"text": "<html>"}, "Expecting value: line 1 column 1 (char 0)"),
    "nothing": ({}, "AgentList is an object, and this is None"),
    "a list": ({"json": [1]}, "AgentList is an object, and this is [1]"),
    "another object": ({"json": {"agents": []}}, "AgentList has 'count', and this has not: {'agents': []}"),
    "a bad item": ({"json": {"agents": [1], "count": 1}}, "Agent is an object, and this is 1"),
    "no array": ({"json": {"agents": {"a": 1}, "count": 1}}, "list[Agent] is an array, and this is {'a': 1}"),
    "a bad time": (
        {"json": {"agents": [{"id": "a", "org_id": "o", "name": "n", "created_at": "noon"}], "count": 1}},
        "'noon' is no moment in time. Expected ISO 8601 with a time zone, such as \"2026-02-07T12:00:00Z\"",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_answer_that_cannot_be_read_is_an_error(name: str) -> None:
    """What answers 200 may still be no Memtrace server."""
    content, problem = UNREADABLE[name]
    with pytest.raises(MemtraceError) as caught, answering(200, **content) as client:
        client.list_agents()
    assert str(caught.value) == f"the answer to GET /api/v1/agents cannot be read: {problem}. {ADVICE}".replace(
        "...", "."
    )
    assert caught.value.status_code == 200


def test_an_unreachable_server_is_the_librarys_error() -> None:
    """As with the SDK, httpx says it."""

    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("nobody there", request=request)

    with (
        pytest.raises(httpx.ConnectError, match="nobody there"),
        Memtrace("http://localhost:9100", "k", transport=httpx.MockTransport(fail)) as client,
    ):
        client.list_agents()


def test_models_and_results_can_be_copied_and_pickled(client: Memtrace, world: World) -> None:
    """They are values, and equal when their fields are."""
    request = AddMemoryRequest(agent_id="a", content="x", tags=["t"])
    assert copy.copy(request) == copy.deepcopy(request) == pickle.loads(pickle.dumps(request)) == request
    stored = client.add_memory(request)
    assert copy.copy(stored) == copy.deepcopy(stored) == pickle.loads(pickle.dumps(stored)) == stored
    assert ListOptions() != SessionQuery()


def test_without_httpx_it_says_what_to_install() -> None:
    """The extra is named, not a missing module three imports down."""
    code = "import sys; sys.modules['httpx'] = None; import fakememtrace.client"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.stderr.splitlines()[-1] == (
        "ImportError: fakememtrace.client needs httpx, which is not installed. "
        "It comes with: pip install 'fakememtrace[client]'"
    )


def test_it_does_not_need_pydantic_or_the_sdk() -> None:
    """The library httpx is all that it brings with it."""
    code = "import sys, fakememtrace.client; sys.exit(bool({'pydantic', 'memtrace', 'anthropic'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
