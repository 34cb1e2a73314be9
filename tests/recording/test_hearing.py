"""How an answer is heard: events however they are cut, and the time at which each of them was there."""

from __future__ import annotations

import contextlib
import itertools
import json

import pytest

from fakememtrace.claude.interaction import Event
from fakememtrace.claude.recording.hearing import Answer, hear
from fakememtrace.claude.sse import accumulated, event_stream, events
from fakememtrace.errors import CallFailed
from fakememtrace.wire import Request

from ..claude.helpers import answer

REQUEST = Request("POST", "https://api.example", "/v1/messages")
STREAM = {"content-type": "Text/Event-Stream; charset=utf-8"}
MESSAGE = answer("Tea, \N{TEACUP WITHOUT HANDLE}\u2028\x85and \N{FAMILY}.\r\nReally.")
TOLD = b"".join(event_stream(events(MESSAGE)))


def heard(*pieces, status=200, headers=STREAM, seconds=None, problem=None):
    """What is heard of an answer in these pieces; `problem` is raised after the last of them."""

    def body():
        yield from pieces
        if problem:
            raise problem

    @contextlib.contextmanager
    def forward(request):
        assert request is REQUEST
        yield Answer(status, headers, body())

    return hear(forward, REQUEST, seconds or itertools.repeat(0.0).__next__)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100, len(TOLD)])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
def test_a_stream_may_be_cut_anywhere(size, end):
    """Whatever the pieces and the ends of lines are, the events are the same, and each of them is whole."""
    told = TOLD.replace(b"\n", end)
    pieces = [told[start : start + size] for start in range(0, len(told), size)]
    found = heard(*pieces)
    assert [event.data for event in found.events] == list(events(MESSAGE))
    assert accumulated(event.data for event in found.events) == MESSAGE
    assert (found.raw, found.problem, found.is_cut) == (tuple(pieces), "", False)


def test_comments_and_other_fields_are_no_events():
    """What a proxy puts between the events to keep the connection open is not recorded."""
    told = b': ping\n\nid: 7\nretry: 10\n\nevent: message_stop\ndata: {\ndata:"type": "message_stop"}\n\n'
    assert heard(told).events == (Event(0, {"type": "message_stop"}),)


def test_each_event_has_the_time_at_which_it_was_there():
    """Times are milliseconds from the request on, by the clock that is handed in."""
    chunks = event_stream(events(answer("Tea")))
    # Asked when the request is sent, for each event, and at the end.
    clock = iter([100.0, *(100.0 + 0.25 * number for number in range(1, len(chunks) + 2))])
    found = heard(*chunks, seconds=clock.__next__)
    assert [event.at_ms for event in found.events] == [250 * number for number in range(1, len(chunks) + 1)]
    assert found.duration_ms == 250 * (len(chunks) + 1)
    assert list(clock) == []


def test_a_message_has_a_duration():
    """A message in JSON is heard to its end, which is when its time is taken."""
    clock = iter([7.0, 8.5])
    found = heard(b'{"id": ', b'"msg_1"}', headers={"content-type": "application/json"}, seconds=clock.__next__)
    assert (found.body, found.duration_ms, found.events) == ({"id": "msg_1"}, 1500, ())


@pytest.mark.parametrize("text", ["", "<html>", "[1, 2]", '"a"', "{", "[" * 100_000])
def test_what_is_no_object_is_a_text(text):
    """A body that is no JSON object is kept as it is written."""
    assert heard(text.encode(), status=502, headers={}).body == text


def test_an_error_is_no_stream():
    """An answer that is no success is read as one body, whatever it calls itself."""
    assert heard(json.dumps({"type": "error"}).encode(), status=529).body == {"type": "error"}


def test_a_break_in_a_message_is_passed_on():
    """Half a message is no answer: the problem reaches whoever asked."""
    with pytest.raises(CallFailed, match=r"ReadError: gone"):
        heard(b"{", headers={}, problem=CallFailed("ReadError", "gone"))


def test_a_break_in_a_stream_is_told():
    """What came of a stream is there, and why it is not all."""
    found = heard(TOLD[:300], problem=CallFailed("ReadError", ""))
    assert found.is_cut
    assert found.events[0].data["type"] == "message_start"
    assert found.problem == "the connection broke in the middle of the stream (ReadError)"
    assert found.raw == (TOLD[:300],)
