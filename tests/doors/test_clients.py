from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
import respx

from fakememtrace.doors.respx_router import Mount
from fakememtrace.wire import Request, Response, json_response

from .stand_in import MEMTRACE, StandIn

anthropic = pytest.importorskip("anthropic")
memtrace = pytest.importorskip("memtrace")

Door = Callable[[StandIn], AbstractContextManager[StandIn]]

MEMORY = {
    "id": "mem_1", "org_id": "org_1", "agent_id": "agent_1", "memory_type": "episodic", "event_type": "general",
    "content": "likes tea", "time": "2025-01-01T00:00:00Z", "importance": 0.5, "created_at": "2025-01-01T00:00:00Z",
}  # fmt: skip
MESSAGE = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "claude-test", "stop_reason": "end_turn",
    "stop_sequence": None, "content": [{"type": "text", "text": "Hello."}],
    "usage": {"input_tokens": 1, "output_tokens": 2},
}  # fmt: skip
EVENTS = [
    {"type": "message_start", "message": {**MESSAGE, "content": [], "stop_reason": None}},
    {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hel"}},
    {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "lo."}},
    {"type": "content_block_stop", "index": 0},
    {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None},
     "usage": {"output_tokens": 2}},
    {"type": "message_stop"},
]  # fmt: skip
STREAM = Response(
    200,
    (("content-type", "text/event-stream; charset=utf-8"),),
    tuple(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in EVENTS),
)
ASKED: dict[str, Any] = {"model": "claude-test", "max_tokens": 9, "messages": [{"role": "user", "content": "Grüße"}]}


@contextlib.contextmanager
def through_respx(world: StandIn) -> Iterator[StandIn]:
    """`world` behind a respx router."""
    with respx.mock() as router, world:
        mount = Mount(world, router)
        world.mounted = True
        yield world
        mount.remove()


@pytest.fixture(params=[lambda world: world, through_respx], ids=["patched", "respx"])
def door(request: pytest.FixtureRequest) -> Door:
    """Both doors: patched transports and a respx router."""
    door: Door = request.param
    return door


def asked(request: Request) -> tuple[str, str, Any, str | None]:
    """What Claude was asked, and with which key (in ``authorization`` since anthropic 2)."""
    key = request.headers.get("x-api-key") or request.headers["authorization"].removeprefix("Bearer ")
    return request.method, request.path, json.loads(request.body), key


def test_the_memtrace_client(door: Door) -> None:
    """The real SDK stores a memory."""
    with door(StandIn(json_response(201, MEMORY))) as world, memtrace.Memtrace(MEMTRACE, "mtk_x") as client:
        assert client.remember("agent_1", "likes tea").content == "likes tea"
    (request,) = world.requests
    assert (request.method, request.path, request.headers["x-api-key"]) == ("POST", "/api/v1/memories", "mtk_x")
    assert json.loads(request.body)["content"] == "likes tea"


def test_the_asynchronous_memtrace_client(door: Door) -> None:
    """The real asynchronous SDK stores a memory."""

    async def remember() -> Any:
        async with memtrace.AsyncMemtrace(MEMTRACE, "mtk_x") as client:
            return await client.remember("agent_1", "likes tea")

    with door(StandIn(json_response(201, MEMORY))) as world:
        assert asyncio.run(remember()).content == "likes tea"
    assert world.requests[0].path == "/api/v1/memories"


def test_the_anthropic_client(door: Door) -> None:
    """The real SDK asks for a message and a stream; headers and body arrive, the stream in its pieces."""
    with door(StandIn(json_response(200, MESSAGE))) as world, anthropic.Anthropic(api_key="key") as client:
        assert client.messages.create(**ASKED).content[0].text == "Hello."
        world.answer = STREAM
        with client.messages.stream(**ASKED) as stream:
            assert list(stream.text_stream) == ["Hel", "lo."]
    whole, streamed = world.requests
    assert asked(whole) == ("POST", "/v1/messages", ASKED, "key")
    assert asked(streamed) == ("POST", "/v1/messages", {**ASKED, "stream": True}, "key")


def test_the_asynchronous_anthropic_client(door: Door) -> None:
    """The real asynchronous SDK does the same."""

    async def ask(world: StandIn) -> tuple[str, list[str]]:
        async with anthropic.AsyncAnthropic(api_key="key") as client:
            message = await client.messages.create(**ASKED)
            world.answer = STREAM
            async with client.messages.stream(**ASKED) as stream:
                return message.content[0].text, [text async for text in stream.text_stream]

    with door(StandIn(json_response(200, MESSAGE))) as world:
        assert asyncio.run(ask(world)) == ("Hello.", ["Hel", "lo."])
    whole, streamed = world.requests
    assert asked(whole) == ("POST", "/v1/messages", ASKED, "key")
    assert asked(streamed) == ("POST", "/v1/messages", {**ASKED, "stream": True}, "key")


def test_an_answered_miss_reaches_the_program_at_once(door: Door) -> None:
    """An error that a fake answers is the SDK's own error, after one request."""
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "no recording"}}
    miss = json_response(400, error, ("x-should-retry", "false"))
    with (
        door(StandIn(miss)) as world,
        anthropic.Anthropic(api_key="key") as client,
        pytest.raises(anthropic.BadRequestError, match="no recording"),
    ):
        client.messages.create(**ASKED)
    assert len(world.requests) == 1
