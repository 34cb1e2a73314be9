"""Recorded streams: how they stand in a cassette, what they add up to, and that they come back event by event."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.fake import FakeClaude
from fakememtrace.claude.interaction import Event
from fakememtrace.claude.sse import accumulated, events
from fakememtrace.clock import Clock, Ids
from fakememtrace.errors import CassetteError
from fakememtrace.wire import Request

from .helpers import answer, interaction, request

MESSAGE = answer(
    {"type": "thinking", "thinking": "Tea?\nTea.", "signature": "c2ln"},
    {"type": "text", "text": "You like tea.", "citations": [{"type": "char_location", "cited_text": "tea"}]},
    {"type": "tool_use", "id": "toolu_1", "name": "remember", "input": {"content": "tea\nnot coffee", "n": 1}},
    {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "tea"}},
    {"type": "redacted_thinking", "data": "b3BhcXVl"},
    stop_reason="tool_use",
)


def recorded(message):
    """An interaction whose stream came an event every 20 ms."""
    told = tuple(Event(20 * number, data) for number, data in enumerate(events(message), 1))
    return interaction(request("hi"), accumulated(event.data for event in told), stream=True, events=told)


def streamed(cassette, **parameters):
    """The events of the answer to the request as a program sees them."""
    body = json.dumps({**request("hi"), "stream": True, **parameters}).encode()
    response = FakeClaude(Clock(), Ids(), cassette).handle(
        Request("POST", "https://api.anthropic.com", "/v1/messages", body=body)
    )
    return [json.loads(chunk.split(b"data: ", 1)[1]) for chunk in response.chunks]


def test_a_message_and_its_stream_are_the_same():
    """What a message is told in adds up to the message again, whatever is in it."""
    assert accumulated(events(MESSAGE)) == MESSAGE


def test_a_recorded_stream_is_kept_and_played_event_by_event(tmp_path):
    """A saved stream reads back equal, its events with their times, and is played just so."""
    before = Cassette([recorded(MESSAGE)])
    before.save(tmp_path / "c.json")
    after = Cassette.load(tmp_path / "c.json")
    assert after.interactions == before.interactions
    assert after.interactions[0].response == MESSAGE
    assert streamed(after) == [event.data for event in before.interactions[0].events]


def test_an_event_is_a_line_of_the_file():
    """A stream is as long in the file as it has events, so that one that changed is one line of a diff."""
    lines = Cassette([recorded(MESSAGE)]).dumps().splitlines()
    told = [line.strip().rstrip(",") for line in lines if line.startswith("        [")]
    assert [json.loads(line) for line in told] == [list(event) for event in recorded(MESSAGE).events]


def test_a_text_that_looks_like_events_stays_a_text():
    """Only an interaction's own events are written line by line."""
    cassette = Cassette([recorded(MESSAGE), interaction(request('      "events": 0', {"events": 0}), "ok")])
    assert json.loads(cassette.dumps())["interactions"][1]["request"]["messages"][0]["content"] == '      "events": 0'


def test_a_recorded_stream_answers_a_plain_request_too():
    """Whoever does not stream gets the message that the events add up to."""
    response = FakeClaude(Clock(), Ids(), Cassette([recorded(MESSAGE)])).handle(
        Request("POST", "https://api.anthropic.com", "/v1/messages", body=json.dumps(request("hi")).encode())
    )
    assert json.loads(response.body) == MESSAGE


OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def test_a_stream_that_ends_in_an_error_keeps_what_came_before():
    """Such a stream adds up to the part of the message that was told; one that is only an error, to the error."""
    told = [event for event in events(MESSAGE) if event["type"] != "message_stop"][:6]
    partial = accumulated([*told, OVERLOADED])
    assert partial["content"][0]["thinking"].startswith("Tea?")
    assert partial["stop_reason"] is None
    assert accumulated([OVERLOADED]) == OVERLOADED


def test_a_tool_call_that_was_cut_keeps_what_was_told():
    """The input of a tool that the stream broke off in is its text so far."""
    told = list(events(answer({"type": "tool_use", "id": "t", "name": "n", "input": {"content": "x" * 100}})))
    assert accumulated(told[:5])["content"][0]["input"] == {"partial_json": '{"content":"xxxxxxxxxxxx'}


def test_a_newer_kind_of_delta_replaces_what_was_there():
    """A delta that nobody here knows puts its fields into the block; unknown events change nothing."""
    told = [
        {"type": "message_start", "message": answer()},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "compaction", "content": None}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "compaction_delta", "content": "short"}},
        {"type": "content_block_stop", "index": 0},
        {"type": "something_new", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "pause_turn"}, "usage": {"output_tokens": 9}},
        {"type": "message_stop"},
    ]
    message = accumulated(told)
    assert message["content"] == [{"type": "compaction", "content": "short"}]
    assert (message["stop_reason"], message["usage"]) == ("pause_turn", {"input_tokens": 10, "output_tokens": 9})


BROKEN = [
    ([], ', "events": expected at least one event, found none.'),
    ([[0]], ', "events"[0]: expected milliseconds from 0 and the event, [12, {...}].'),
    ([[-1, {"type": "ping"}]], ', "events"[0]: expected milliseconds from 0 and the event, [12, {...}].'),
    ([[0, {"kind": "ping"}]], ', "events"[0]: expected an event with a type.'),
    ([[0, {"type": "content_block_delta", "index": 0}]], ', "events"[0], "delta": expected an object, found nothing.'),
]


@pytest.mark.parametrize(("told", "problem"), BROKEN)
def test_broken_events_are_refused_with_their_place(tmp_path, told, problem):
    """A cassette whose stream cannot be played is refused when it is read."""
    document = json.loads(Cassette([recorded(MESSAGE)]).dumps())
    document["interactions"][0]["events"] = told
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(CassetteError) as found:
        Cassette.load(path)
    assert str(found.value).startswith(f"{path}, interaction 1{problem}\n")


def test_events_and_response_exclude_each_other(tmp_path):
    """Two answers to one request are one too many."""
    document = json.loads(Cassette([recorded(MESSAGE)]).dumps())
    document["interactions"][0]["response"] = MESSAGE
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(CassetteError) as found:
        Cassette.load(path)
    assert str(found.value) == (
        f'{path}, interaction 1: has both "events" and "response".\nKeep the events of what was a stream.'
    )
