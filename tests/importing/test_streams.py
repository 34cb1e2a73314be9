"""Event streams as recorders leave them: every trap of the format, and what is refused of them."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.importing.streams import looks_like_stream, told
from fakememtrace.claude.sse import events
from tests.claude.helpers import answer

from .made import BODY, MESSAGE, problem_of, stream_text, vcrpy, vcrpy_text

TEXT = stream_text()
TOLD = list(events(MESSAGE))
MENDED = "Correct the recording there, or record it again."
PING = 'event: ping\ndata: {"type": "ping"}\n\n'

SAME = {
    "as the API sends it": TEXT,
    "with lines that end as in HTTP": TEXT.replace("\n", "\r\n"),
    "with lines that end as they did once": TEXT.replace("\n", "\r"),
    "with comments, ids and times": TEXT.replace("event:", ": still here\nid: 7\nretry: 10\nevent:"),
    "with a comment at the start": f":\n\n{TEXT}",
    "with spaces after the data": TEXT.replace("}\n\n", "}      \n\n"),
    "with no space after the colon": TEXT.replace("event: ", "event:").replace("data: ", "data:"),
    "with spaces after the name": TEXT.replace("\ndata", "  \ndata"),
    "with data before the name": TEXT.replace("event: message_stop\n", "").rstrip() + "\nevent: message_stop\n\n",
    "with a byte order mark": f"\ufeff{TEXT}",
    "with an event without data": f"event: nothing\n\nevent: empty\ndata:\n\n{TEXT}",
    "with many empty lines": f"\n\n{TEXT}".replace("\n\n", "\n\n\n\n"),
    "without an empty line at the end": TEXT.rstrip("\n"),
    "with one line's end at the end": TEXT.rstrip("\n") + "\n",
    "with data in several lines": TEXT.replace('{"type": "message_stop"', '{\ndata: "type": "message_stop"\ndata: '),
    "cut off in the middle of an event": f'{TEXT}event: content_block_delta\ndata: {{"type": "content_bl',
    "cut off before the data": f"{TEXT}event: content_block_delta\n",
    "with what some gateways put at the end": f"{TEXT}data: [DONE]\n\n",
    "with that at the end and no empty line": f"{TEXT}data: [DONE]",
}


@pytest.mark.parametrize("kind", SAME)
def test_the_events_are_the_same(kind):
    """However the lines are laid out, the events are those that the API sent."""
    assert looks_like_stream(SAME[kind])
    assert told(SAME[kind], "the answer's body") == TOLD


def test_only_line_breaks_end_a_line():
    """What Unicode calls a line's end can stand in a text, and in JSON."""
    message = answer("one\u2028two\u2029three\x85four\x0bfive\x0csix\x1cseven")
    text = "".join(
        f"event: {event['type']}\ndata: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events(message)
    )
    assert "\u2028" in text
    assert told(text, "") == list(events(message))


@pytest.mark.parametrize("text", ["", "{}", "hello", "<html>event:", " event: x", "eventful: x"])
def test_what_is_no_stream_does_not_look_like_one(text):
    """A body is taken for a stream only where it begins as one."""
    assert not looks_like_stream(text)


BROKEN = {
    "data that is no JSON": (
        f"{PING}event: message_stop\ndata: {{'type'}}\n\n",
        ", line 5: the data of this event is not JSON: Expecting property name enclosed in double quotes.\n" + MENDED,
    ),
    "data that was cut in the middle of the stream": (
        f'event: ping\ndata: {{"type": "pi\n\n{PING}',
        ", line 2: the data of this event is not JSON: Unterminated string starting at.\n" + MENDED,
    ),
    "data that is nested too deeply": (
        f"event: x\ndata: {'[' * 100_000}\n\n",
        ", line 2: the data of this event is not JSON that can be read.\n" + MENDED,
    ),
    "data that is no object": (
        "event: done\ndata: [1]\n\n",
        ", line 2: the data of this event is no object with a type.\n" + MENDED,
    ),
    "data without a type": (
        "event: done\r\ndata: {}\r\n\r\n",
        ", line 2: the data of this event is no object with a type.\n" + MENDED,
    ),
    "an event without a name": (
        f'{PING}data: {{"type": "ping"}}\n\n',
        ', line 4: this event has no name. Expected "event: ping" before its data, as the API sends it.\n'
        "SDKs go by the name alone. " + MENDED,
    ),
    "an event of another name": (
        'event: message_stop\ndata: {"type": "ping"}\n\n',
        ', line 2: this event is called "message_stop". Expected "event: ping" before its data, as the API sends it.\n'
        "SDKs go by the name alone. " + MENDED,
    ),
    "no event at all": (": hello\n\nevent: ping\n\n", ": there is no event in this stream.\n" + MENDED),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_the_api_never_sends_is_refused_with_its_line(tmp_path, kind):
    """A stream that no SDK reads so is named with exchange and line, and not taken in part."""
    text, problem = BROKEN[kind]
    entry = vcrpy({**BODY, "stream": True}, text)
    assert problem_of(tmp_path, vcrpy_text(entry)) == f", exchange 1, the answer's body{problem}"
    assert not (tmp_path / "out").exists()


def test_an_event_that_is_not_what_its_type_says_is_refused(tmp_path):
    """What no cassette could be read with again is not written; the place is that of the cassette's own reader."""
    text = f'{PING}event: content_block_delta\ndata: {{"type": "content_block_delta", "index": 0}}\n\n'
    said = problem_of(tmp_path, vcrpy_text(vcrpy({**BODY, "stream": True}, text)))
    assert said == (f', exchange 1, "events"[1], "delta": expected an object, found nothing.\n{MENDED}')


def test_many_lines_of_data_take_no_longer_than_few():
    """The lines of one event are joined once: a hundred thousand are no more than their length."""
    data = "".join(f"data: {number},\n" for number in range(100_000))
    assert told(f'event: x\ndata: {{"type": "x", "n": [\n{data}data: 0]}}\n\n', "")[0]["n"][-1] == 0
