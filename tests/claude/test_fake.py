"""The fake Claude behind the real SDK: JSON and streams, sync and async, errors and misses."""

from __future__ import annotations

import asyncio
import contextlib
import json

import anthropic
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.fake import FakeClaude
from fakememtrace.claude.sse import events
from fakememtrace.clock import Clock, Ids, rfc3339
from fakememtrace.errors import ProgramStopped, UnexpectedTraffic
from fakememtrace.wire import Request
from fakememtrace.world import World

from .helpers import TOOL, answer, conversation, interaction, request

RICH = answer(
    {"type": "thinking", "thinking": "The user likes tea. So be it.", "signature": "c2lnbmVk"},
    "Tea it is. " * 10,
    {"type": "text", "text": ""},
    {"type": "text", "text": "Ünïcode \U0001f375 and\nlines"},
    {"type": "tool_use", "id": "toolu_1", "name": "remember", "input": {"content": "tea", "tags": ["a", "b"]}},
    {"type": "tool_use", "id": "toolu_2", "name": "remember", "input": {}},
    stop_reason="tool_use",
    usage={"input_tokens": 10, "output_tokens": 55, "cache_read_input_tokens": 7},
)


def world_with(*interactions):
    """A world whose cassette holds the interactions."""
    return World(cassette=Cassette(interactions))


def plain(message):
    """The message's fields; of those that are None only the one that the recording has too.

    Some SDKs put fields that were never sent into what they accumulate: the message's, or a block's.
    """
    given = message.to_dict()
    content = [{key: value for key, value in block.items() if value is not None} for block in given["content"]]
    return {
        key: value
        for key, value in {**given, "content": content}.items()
        if value is not None or key == "stop_sequence"
    }


def client(**options):
    """The real client."""
    return anthropic.Anthropic(**options)


def test_a_recorded_answer_comes_back_by_value():
    """The SDK parses the answer into exactly the fields that were recorded."""
    with world_with(interaction(request("hi"), RICH)) as world:
        message = client().messages.create(**request("hi"))
        assert message.to_dict() == RICH
        assert world.claude.calls[0].interaction == 1
        assert world.claude.requests == [request("hi")]
        world.journal.assert_clean()


def test_a_stream_accumulates_to_the_same_message():
    """The event stream of an answer adds up to the answer, piece by piece."""
    with world_with(interaction(request("hi"), RICH)), client().messages.stream(**request("hi")) as stream:
        assert "".join(stream.text_stream) == "".join(
            block["text"] for block in RICH["content"] if block["type"] == "text"
        )
        assert plain(stream.get_final_message()) == RICH


def test_create_with_stream_gives_events():
    """create(stream=True) yields the events of the API, first to last."""
    with world_with(interaction(request("hi"), "one two three four five six seven")):
        kinds = [event.type for event in client().messages.create(**request("hi"), stream=True)]
    assert kinds == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


def test_the_async_client_is_served_alike():
    """AsyncAnthropic gets the same answers, as JSON and as a stream."""

    async def talk():
        async with anthropic.AsyncAnthropic() as claude:
            message = await claude.messages.create(**request("hi"))
            async with claude.messages.stream(**request("hi")) as stream:
                streamed = await stream.get_final_message()
        return message.to_dict(), plain(streamed)

    with world_with(interaction(request("hi"), RICH), interaction(request("hi"), RICH)):
        assert asyncio.run(talk()) == (RICH, RICH)


def test_many_tasks_each_get_their_own_answer():
    """Conversations that go on at the same time do not mix."""

    async def talk():
        async with anthropic.AsyncAnthropic() as claude:
            return await asyncio.gather(*(claude.messages.create(**request(f"q{n}")) for n in range(50)))

    with world_with(*(interaction(request(f"q{n}"), f"a{n}") for n in range(50))) as world:
        messages = asyncio.run(talk())
        world.journal.assert_clean()
    assert [message.content[0].text for message in messages] == [f"a{n}" for n in range(50)]


def test_raw_and_streaming_responses_work():
    """with_raw_response and with_streaming_response see status, headers and body."""
    with world_with(interaction(request("hi"), "A"), interaction(request("hi"), "B")):
        raw = client().messages.with_raw_response.create(**request("hi"))
        assert raw.status_code == 200
        assert raw.headers["request-id"].startswith("req_")
        assert raw.parse().content[0].text == "A"
        with client().messages.with_streaming_response.create(**request("hi")) as response:
            assert json.loads(b"".join(response.iter_bytes()))["content"][0]["text"] == "B"


def test_each_answer_takes_its_recorded_time():
    """The clock moves on by the duration of each answer, and by nothing else."""
    with World(cassette=conversation()) as world:
        client().messages.create(**conversation().interactions[0].request)
        assert rfc3339(world.clock.micros()) == "2026-02-07T12:00:01.5Z"


def test_a_recorded_error_is_raised_as_the_api_would():
    """An interaction with an error status raises the SDK's class for it, with its body and headers."""
    error = {"type": "error", "error": {"type": "not_found_error", "message": "model: claude-none"}}
    with world_with(interaction(request("hi"), error, status=404, headers={"x-should-retry": "false"})) as world:
        with pytest.raises(anthropic.NotFoundError) as raised:
            client().messages.create(**request("hi"), stream=True)
        assert raised.value.body == error
        world.journal.assert_clean()


def test_a_miss_is_answered_at_once_and_not_retried():
    """A request that is not recorded is a 400 in the API's shape, asked once, with the explanation as its message."""
    with World(cassette=conversation()) as world:
        with pytest.raises(anthropic.BadRequestError) as raised:
            client(max_retries=5).messages.create(**request("what?"))
        assert raised.value.response.headers["x-should-retry"] == "false"
        body = raised.value.body
        assert (body["type"], body["error"]["type"]) == ("error", "invalid_request_error")
        (miss,) = world.claude.misses
        assert body["error"]["message"] == f"fakememtrace: {miss.explanation}"
        assert len(world.claude.calls) == 1
        assert world.claude.calls[0].interaction is None


def test_a_miss_that_the_agent_swallows_is_still_seen():
    """The journal fails the test although the agent caught the error and went on."""
    with World(cassette=Cassette([interaction(request("hi"), "A")])) as world:
        for body in (request("hi"), request("what?")):
            with contextlib.suppress(anthropic.APIError):
                client().messages.create(**body)
        with pytest.raises(UnexpectedTraffic) as found:
            world.journal.assert_clean()
    assert str(found.value) == (
        "1 problem in this world's traffic:\n\n"
        "#2 2026-02-07T12:00:00Z claude POST https://api.anthropic.com/v1/messages -> 400\n"
        "no such conversation: no recorded answer for this request to Claude: claude-x, 1 message, "
        'the last from user: "what?".\n'
        "Expected the one conversation in a cassette in memory, which begins with:\n"
        '    "hi": interaction 1, 1 played\n'
        "What to do: author or record the conversation, or use the cassette that holds it."
    )


def test_what_was_recorded_and_not_asked_for_is_seen():
    """An agent that stops asking fails the test too."""
    with World(cassette=conversation()) as world:
        client().messages.create(**conversation().interactions[0].request)
        with pytest.raises(UnexpectedTraffic) as found:
            world.journal.assert_clean()
    assert "2 of 3 recorded answers in a cassette in memory were never asked for: interactions 2-3." in str(found.value)


def ask(method="POST", path="/v1/messages", body=b"{}"):
    """The answer of a fake Claude to one raw request."""
    fake = FakeClaude(Clock(), Ids(), conversation())
    return fake.handle(Request(method, "https://api.anthropic.com", path, body=body))


@pytest.mark.parametrize(
    ("method", "path", "name"),
    [
        ("GET", "/v1/messages", ""),
        ("POST", "/v1/models", ""),
        ("POST", "/v1/messages/batches", " (message batches)"),
        ("POST", "/v1/complete", " (the legacy text completions)"),
        ("GET", "/v1/files/file_1/content", " (files)"),
    ],
)
def test_another_endpoint_is_refused_by_name(method, path, name):
    """What is not served is a 404 that names it and what is served."""
    response = ask(method, path)
    assert response.status == 404
    assert json.loads(response.body)["error"] == {
        "type": "not_found_error",
        "message": (
            f"fakememtrace: {method} {path}{name} is not served: the fake Claude answers POST /v1/messages, "
            "POST /v1/messages/count_tokens, GET /v1/models and GET /v1/models/{id}.\n"
            "What to do: leave this call out of the test, or answer it in a respx router."
        ),
    }
    assert response.unexpected


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON (Expecting value: line 1 column 1 (char 0))"),
        (b"{", "not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1))"),
        (b"[]", "no JSON object"),
        (b"null", "no JSON object"),
        (b"\xff\xff", "not JSON ('utf-8' codec can't decode byte 0xff in position 0: invalid start byte)"),
    ],
)
def test_a_body_that_is_no_request_is_refused(body, reason):
    """A body that cannot be a request is a 400 that says why."""
    response = ask(body=body)
    assert response.status == 400
    assert response.unexpected == (
        f"the body of POST /v1/messages is {reason}. Expected an object with model, max_tokens and messages."
    )


def test_deep_nesting_is_refused():
    """A body nested beyond what can be read is a 400, not a crash."""
    assert ask(body=b"[" * 100_000).status == 400


def test_the_number_of_calls_can_be_bounded():
    """Past its bound the fake stops the program, in a way that no `except Exception` catches."""
    with World(cassette=Cassette([interaction(request("hi"), "A")] * 3)) as world:
        world.claude.max_calls = 2
        ask_in_a_loop(times=2)
        with pytest.raises(ProgramStopped, match="it asked Claude more than 2 times"):
            ask_in_a_loop(times=1)
        assert len(world.claude.calls) == 2


def test_a_server_keeps_the_last_calls_only():
    """The number of calls that are kept can be bounded; all are counted."""
    with World(cassette=Cassette([interaction(request("hi"), text) for text in "ABC"])) as world:
        world.claude.kept_calls, world.claude.max_calls = 2, 3
        ask_in_a_loop(times=3)
        assert [call.interaction for call in world.claude.calls] == [2, 3]
        with pytest.raises(ProgramStopped):
            ask_in_a_loop(times=1)


def ask_in_a_loop(times):
    """An agent that survives every Exception."""
    for _ in range(times):
        with contextlib.suppress(Exception):
            client().messages.create(**request("hi"))


def test_an_unknown_block_is_streamed_whole():
    """A kind of block without deltas of its own comes complete in its start event."""
    block = {"type": "redacted_thinking", "data": "xyz"}
    kinds = [(event["type"], event.get("content_block")) for event in events(answer(block))]
    assert ("content_block_start", block) in kinds


def test_tools_and_citations_survive_the_stream():
    """Citations arrive as deltas of their text."""
    citation = {
        "type": "char_location",
        "cited_text": "tea",
        "document_index": 0,
        "document_title": None,
        "start_char_index": 0,
        "end_char_index": 3,
        "file_id": None,
    }
    cited = answer({"type": "text", "text": "tea", "citations": [citation]})
    with (
        world_with(interaction(request("hi", tools=[TOOL]), cited)),
        client().messages.stream(**request("hi", tools=[TOOL])) as stream,
    ):
        assert plain(stream.get_final_message()) == cited
