"""An event stream is compact JSON, event by event, whichever way it is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fakememtrace.claude.sse import accumulated, event_stream, events, message_stream

from .helpers import answer

TEXTS = st.text(st.characters() | st.sampled_from('\n\r\x00"\\\u2028\ud800'))
TYPES = st.sampled_from(["text_delta", "thinking_delta", "input_json_delta", "signature_delta", "newer"])
LEAVES = st.none() | st.booleans() | st.integers() | TEXTS
DELTAS = st.builds(lambda kind, more: {"type": kind, **more}, TYPES, st.dictionaries(TEXTS, LEAVES, max_size=2))
PIECES = st.builds(
    lambda kind, key, text: {"type": kind, key: text},
    TYPES,
    st.sampled_from(["text", "thinking", "partial_json"]),
    LEAVES,
)


def written(event):
    """The event as the API sends it."""
    data = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event['type']}\ndata: {data}\n\n".encode("utf-8", "replace")


@settings(deadline=None)
@given(st.integers() | st.booleans(), DELTAS | PIECES | LEAVES, st.dictionaries(TEXTS, LEAVES, max_size=1))
@example(0, {"type": "text_delta", "text": 'a "quoted"\n\\ \u2028 \x00 é'}, {})
@example(True, {"type": "text_delta", "text": "a"}, {})
@example(0, {"text": "a", "type": "text_delta"}, {})
@example(0, {"type": "text_delta", "text": None}, {})
@example(0, {"type": {}}, {})
def test_every_delta_is_the_same_json(index, delta, more):
    """What is written in a hurry is what the encoder would have written, in the order of the keys."""
    event = {"type": "content_block_delta", "index": index, "delta": delta, **more}
    turned = dict(reversed(event.items()))
    assert event_stream([event, turned]) == (written(event), written(turned))


def test_every_event_is_the_same_json():
    """So is every other event of a message."""
    blocks = [
        {"type": "thinking", "thinking": 'Tea? "Tea".\n' * 9, "signature": "c2ln"},
        {
            "type": "text",
            "text": "Tea it is. \ud800" * 9,
            "citations": [{"type": "char_location", "cited_text": "tea"}],
        },
        {"type": "text", "text": ""},
        {"type": "redacted_thinking", "data": "b3BhcXVl"},
        {"type": "tool_use", "id": "t", "name": "n", "input": {"content": "tea\n" * 9}},
    ]
    message = answer(*blocks, stop_reason="tool_use")
    told = list(events(message))
    assert event_stream(told) == tuple(map(written, told))
    assert message_stream(message) == tuple(map(written, told))


@pytest.mark.parametrize(
    "told",
    [
        [{"type": "ping"}],
        [{"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}],
        [{"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "a"}}],
        [{"type": "message_delta", "delta": {"stop_reason": "end_turn"}}],
        [{"type": "message_stop"}],
    ],
    ids=lambda told: told[0]["type"],
)
def test_a_stream_without_a_beginning_adds_up_to_nothing(told):
    """What comes before a message starts is in no message."""
    assert accumulated(told) == {}


def test_a_delta_of_no_block_changes_nothing():
    """A delta whose block was never started is left out."""
    told = [
        {"type": "message_start", "message": answer("Hi")},
        {"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "a"}},
        {"type": "content_block_delta", "index": -1, "delta": {"type": "text_delta", "text": "a"}},
    ]
    assert accumulated(told) == answer("Hi")


def test_what_is_added_up_leaves_the_events_alone():
    """The events can be played after somebody asked for their message."""
    told = list(events(answer("Tea it is.", {"type": "tool_use", "id": "t", "name": "n", "input": {"a": 1}})))
    before = json.dumps(told)
    accumulated(told)["content"].clear()
    assert json.dumps(told) == before


@pytest.mark.parametrize(
    "event",
    [
        {"type": "ping"},
        {"type": 'a "new" one'},
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": {"inputTokenCount": 1}},
        {"type": "content_block_stop", "index": 12},
        {"type": "content_block_stop", "index": True},
        {"type": "content_block_stop", "index": "1"},
        {"index": 1, "type": "content_block_stop"},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": '"ö\n'}},
    ],
)
def test_what_is_written_by_hand_is_what_json_writes(event):
    """An event of any form is told as compact JSON, its keys in their order."""
    (chunk,) = event_stream([event])
    told = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
    assert chunk.decode() == f"event: {event['type']}\ndata: {told}\n\n"
