"""What is recorded from a real server is replayed without it, and a program cannot tell the difference."""

from __future__ import annotations

import asyncio
import json

import anthropic
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import RECORDED
from fakememtrace.claude.recording.modes import Recording
from fakememtrace.world import World

from ..claude.helpers import request
from . import api as replies
from .programs import PROGRAMS, ask, played

USE = {"type": "tool_use", "id": "toolu_1", "name": "remember", "input": {"content": "tea\nnot coffee"}}
THOUGHT = {"type": "thinking", "thinking": "Tea?\nTea.", "signature": "c2ln"}
ERRORS = {
    400: replies.error(400, "invalid_request_error"),
    401: replies.error(401, "authentication_error"),
    429: replies.error(429, "rate_limit_error", retry_after_ms="2", retry_after="60"),
    500: replies.error(500, "api_error", retry_after_ms="1"),
    502: replies.html(502),
    529: replies.error(529, "overloaded_error", retry_after_ms="1"),
}


def recorded_and_replayed(api, tape, program):
    """What the program got of the API, which is what it gets when the API is gone."""
    got, at = played(tape, program, record="once")
    calls = api.calls
    api.will(replies.error(500, "gone"))
    assert played(tape, program) == (got, at)
    assert api.calls == calls
    return got


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.endswith("create")])
def test_a_message(api, tape, name):
    """A message in JSON is the same again, with all its blocks."""
    api.will(replies.message(THOUGHT, "Noted.", USE, stop_reason="tool_use"))
    got = recorded_and_replayed(api, tape, PROGRAMS[name])
    assert [block["type"] for block in got["content"]] == ["thinking", "text", "tool_use"]


@pytest.mark.parametrize("name", [name for name in PROGRAMS if name.endswith("stream")])
def test_a_stream(api, tape, name):
    """A stream is the same again, event by event."""
    api.will(replies.stream(THOUGHT, "You like tea, and not coffee.", USE))
    got = recorded_and_replayed(api, tape, PROGRAMS[name])
    types = [event["type"] for event in got] if isinstance(got, list) else [block["type"] for block in got["content"]]
    assert types[-1] in ("message_stop", "tool_use")
    (interaction,) = Cassette.load(tape).interactions
    times = [event.at_ms for event in interaction.events]
    assert times == sorted(times)
    assert times[-1] <= interaction.duration_ms


@pytest.mark.parametrize("name", ["create", "async create", "create with stream", "async create with stream"])
@pytest.mark.parametrize("status", ERRORS)
def test_an_error(api, tape, name, status):
    """An error is the same again: class, status, body and headers; where the SDK tries again, both tries are there."""
    api.will(ERRORS[status])
    got = recorded_and_replayed(api, tape, PROGRAMS[name])
    failure = got[0] if isinstance(got, list) else got
    assert failure[1] == status
    tries = 1 if status in (400, 401) else 2
    assert [one.status for one in Cassette.load(tape).interactions] == [status] * tries


@pytest.mark.parametrize("name", ["create", "async create", "create with stream", "async create with stream"])
@pytest.mark.parametrize("status", [429, 500, 502, 529])
def test_an_error_that_passes(api, tape, name, status):
    """Where the second try gets an answer, the error and the answer are recorded, and replayed in that order."""
    api.will(ERRORS[status], replies.stream("Hello!") if name.endswith("stream") else replies.message("Hello!"))
    assert recorded_and_replayed(api, tape, PROGRAMS[name])
    assert [one.status for one in Cassette.load(tape).interactions] == [status, 200]


def test_the_body_that_is_no_json_stays_as_it_was(api, tape):
    """What a proxy says is a text in the cassette."""
    api.will(replies.html(502))
    recorded_and_replayed(api, tape, PROGRAMS["create"])
    assert Cassette.load(tape).interactions[0].response == "<html>\n<h1>Bad Gateway</h1>\n</html>"


def test_an_error_in_the_middle_of_a_stream(api, tape):
    """A stream that ends with an error of the API is whole, and replayed with it."""
    whole = replies.stream("Hello")
    failed = b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}\n\n'
    api.will(whole._replace(chunks=(*whole.chunks[:3], failed)))
    got = recorded_and_replayed(api, tape, PROGRAMS["create with stream"])
    assert got[-1][:2] == ("APIStatusError", 200)


def test_tokens_and_models(api, tape):
    """Counted tokens, the models and one model are recorded, too."""
    model = {"type": "model", "id": "claude-x", "display_name": "X", "created_at": "2026-01-01T00:00:00Z"}
    models = {"data": [model], "has_more": False, "first_id": "claude-x", "last_id": "claude-x"}

    def program():
        body = {key: value for key, value in request("hi").items() if key != "max_tokens"}
        with anthropic.Anthropic() as claude:
            return (
                claude.messages.count_tokens(**body).to_dict(),
                claude.models.list(limit=5).to_dict()["data"],
                claude.models.retrieve("claude-x").to_dict(),
            )

    api.will(replies.json_reply(200, {"input_tokens": 8}), replies.json_reply(200, models))
    api.replies.append(replies.json_reply(200, model))
    tokens, *_, one = recorded_and_replayed(api, tape, program)
    assert (tokens, one["id"]) == ({"input_tokens": 8}, "claude-x")
    assert [path for path, *_ in api.asked] == [
        "/v1/messages/count_tokens",
        "/v1/models?limit=5",
        "/v1/models/claude-x",
    ]
    assert [one.endpoint for one in Cassette.load(tape).interactions] == ["count_tokens", "models", "models"]


def test_what_is_sent_is_what_the_client_sent(api, tape, monkeypatch):
    """The API gets the client's key, version, betas and body, below the path of the gateway; nothing of ours."""
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"{api.url}/gateway/anthropic")
    headers = {"anthropic-beta": "b-2,a-1", "x-own": "mine"}
    with World(cassette=tape, record="once"), anthropic.Anthropic(api_key="the-key") as claude:
        claude.messages.create(**request("hi"), extra_headers=headers)
    ((path, sent, body),) = api.asked
    assert path == "/gateway/anthropic/v1/messages"
    assert "the-key" in (sent.get("x-api-key") or sent.get("authorization", ""))
    assert body == request("hi")
    assert (sent["anthropic-beta"], sent["x-own"]) == ("b-2,a-1", "mine")
    assert {"anthropic-version", "x-stainless-lang"} <= sent.keys()
    assert sent["host"] == api.url.removeprefix("http://")
    assert not [name for name in sent if "memtrace" in name]
    assert Cassette.load(tape).interactions[0].betas == ("a-1", "b-2")


def test_the_provenance_says_where_and_when(api, tape):
    """An answer is recorded, from the model that gave it, on that day: the clock of the world is not asked."""
    api.will(replies.message("Hello!", model="claude-x-20260101"))
    played(tape, lambda: ask("hi"), record=Recording("once", today=lambda: "2031-01-02"))
    origin = Cassette.load(tape).interactions[0].provenance
    assert (origin.kind, origin.model, origin.date) == (RECORDED, "claude-x-20260101", "2031-01-02")


def test_a_whole_agent(api, tape):
    """A program with memory: what it stores gets the same times again, so its later prompts are the same."""
    from memtrace import Memtrace

    def program():
        client = Memtrace("http://localhost:9100", "mtk_ZmFrZW1lbXRyYWNlLW5vdC1hLXNlY3JldC1hdC1hbGw")
        said = []
        for turn in range(3):
            known = [memory.time.isoformat() for memory in client.recall("agent_1").memories]
            said.append(ask(f"turn {turn}", system="\n".join(known) or "nothing"))
            client.remember("agent_1", f"turn {turn}")
        return said

    api.will(replies.message("one"), ERRORS[529], replies.message("two"), replies.message("three"))
    assert recorded_and_replayed(api, tape, program) == ["one", "two", "three"]
    assert [one.status for one in Cassette.load(tape).interactions] == [200, 529, 200, 200]


def test_many_at_once(api, tape):
    """Requests that are under way at the same time are all kept, each with its own answer."""

    async def program():
        async with anthropic.AsyncAnthropic() as claude:
            asked = [claude.messages.create(**request(f"hi {number}")) for number in range(8)]
            return [answer.content[0].text for answer in await asyncio.gather(*asked)]

    api.reply = lambda path, headers, body: replies.message(f"to {body['messages'][0]['content']}")
    with World(cassette=tape, record="once"):
        got = asyncio.run(program())
    assert got == [f"to hi {number}" for number in range(8)]
    with World(cassette=tape):
        assert asyncio.run(program()) == got
    assert len(json.loads(tape.read_text())["interactions"]) == 8
