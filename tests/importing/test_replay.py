"""Imported recordings through the SDK, and that the comparison which says so notices whatever is not the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fakememtrace import UnexpectedTraffic
from fakememtrace.claude.importing import import_recordings
from tests.traffic.decode import recorded
from tests.traffic.replay import compared, redacted

from . import made
from .made import BODY, ERROR, MESSAGE

STREAMED = {**BODY, "stream": True}
BROKEN_OFF = made.stream_text() + f"event: error\ndata: {json.dumps(ERROR)}\n\n"
# What an SDK of any age makes of what it does not know: it is told as it is.
NEWER = made.answer(
    {"type": "thought_of_tomorrow", "thought": [1, 2.5, None, {"a": "b"}]}, usage={"input_tokens": 1, "tea": 2}
)
TALK: list[tuple[Any, Any, dict[str, Any]]] = [
    (BODY, MESSAGE, {}),
    (STREAMED, made.stream_text(), {}),
    (made.request("again"), made.answer("one"), {}),
    (made.request("again"), made.answer("two"), {}),
    ({**made.request("newer"), "of_tomorrow": [{"a": 1}]}, NEWER, {"url": f"{made.URL}?beta=true"}),
    ({**made.request("newer"), "stream": True}, made.stream_text(NEWER), {"url": f"{made.URL}?beta=true"}),
    (made.request("too fast"), ERROR, {"status": 429}),
    ({**made.request("too fast, streamed"), "stream": True}, ERROR, {"status": 529}),
    (made.request("no such key"), {"type": "error", "error": {"type": "authentication_error"}}, {"status": 401}),
    (made.request("through a proxy"), "<html>Bad Gateway</html>", {"status": 502}),
    ({**made.request("broken off"), "stream": True}, BROKEN_OFF, {}),
    (made.request("how many?"), {"input_tokens": 12}, {"url": f"{made.URL}/count_tokens"}),
    (made.request("how many?"), {"input_tokens": 13, "x": 1}, {"url": f"{made.URL}/count_tokens?beta=true"}),
    (BODY, MESSAGE, {"url": "https://api.openai.com/v1/messages"}),
    (BODY, MESSAGE, {"url": "https://api.anthropic.com/v1/files"}),
]
FAMILIES = {
    "vcrpy": (made.vcrpy, made.vcrpy_text),
    "go-vcr": (made.go_vcr, made.go_vcr_text),
    "HAR": (made.har, made.har_text),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_a_conversation_comes_back_by_value(tmp_path, family):
    """Messages, streams, errors and counts, with all that the SDK does not know; nothing is left unplayed."""
    entry, text = FAMILIES[family]
    path = tmp_path / "recording.yaml"
    path.write_text(text(*(entry(body, answered, **fields) for body, answered, fields in TALK)), "utf-8")
    (outcome,) = import_recordings([path], tmp_path / "out")
    assert (outcome.problems, len(outcome.interactions), outcome.left.total()) == ([], len(TALK) - 2, 2)
    verdicts = compared(recorded(path, family), outcome.cassette)
    for verdict in verdicts:
        assert verdict.got == verdict.expected
        assert verdict.got_async == verdict.expected_async
    kinds = [verdict.recorded.kind for verdict in verdicts]
    assert [kinds.count(kind) for kind in ("JSON", "streams", "errors")] == [6, 3, 4]


def test_models_come_back_by_value(tmp_path):
    """The list of models and one of them, as dictionaries; betas and the request's id as they were."""
    path = tmp_path / "recording.yaml"
    urls = ["https://api.anthropic.com/v1/models?limit=2", "https://api.anthropic.com/v1/models/claude-x?beta=true"]
    entries = [made.vcrpy(None, {"data": [], "url": url}, url=url, method="GET") for url in urls]
    entries.append(
        made.vcrpy(sent_headers={"anthropic-beta": ["b-2026-01-01,a-2025-01-01"]}, headers={"request-id": "req_7"})
    )
    path.write_text(made.vcrpy_text(*entries), "utf-8")
    (outcome,) = import_recordings([path], tmp_path / "out")
    verdicts = compared(recorded(path, "vcrpy"), outcome.cassette)
    assert [verdict.is_same for verdict in verdicts] == [True, True, True]
    assert [verdict.got["request_id"] for verdict in verdicts] == [None, None, "req_7"]


def test_secrets_are_compared_without(tmp_path):
    """Where the import took a secret out, the rest is the same, for a message, a stream and the request."""
    key = "-".join(["sk", "ant", "api03", "y" * 40])
    path = tmp_path / "recording.yaml"
    message = made.answer(f"It is {key} and\nno other")
    bodies = [made.request(f"my key is {key}"), {**made.request(key), "stream": True}]
    path.write_text(
        made.vcrpy_text(made.vcrpy(bodies[0], message), made.vcrpy(bodies[1], made.stream_text(message))), "utf-8"
    )
    (outcome,) = import_recordings([path], tmp_path / "out")
    exchanges = recorded(path, "vcrpy")
    assert all(redacted(exchange) is not exchange for exchange in exchanges)
    verdicts = compared(exchanges, outcome.cassette)
    assert [verdict.is_same for verdict in verdicts] == [True, True]
    assert outcome.redacted == 2


CHANGES = {
    "a word of a message": ("Noted:", "noted:"),
    "a number": ('"output_tokens": 5', '"output_tokens": 6'),
    "a field that is null": ('"stop_sequence": null', '"stop_sequence": "x"'),
    "an event": ('"text": "Noted:', '"text": "Noted '),
    "the class of an error": ('"status": 429', '"status": 500'),
    "the words of an error": ("Slow down.", "Slow down!"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_notices(tmp_path, change):
    """A cassette in which a single thing is otherwise is not the same."""
    path = tmp_path / "recording.yaml"
    entries = [
        made.vcrpy(),
        made.vcrpy(STREAMED, made.stream_text()),
        made.vcrpy(made.request("e"), ERROR, status=429),
    ]
    path.write_text(made.vcrpy_text(*entries), "utf-8")
    (outcome,) = import_recordings([path], tmp_path / "out")
    exchanges = recorded(path, "vcrpy")
    assert all(verdict.is_same for verdict in compared(exchanges, outcome.cassette))
    text, (before, after) = outcome.cassette.read_text("utf-8"), CHANGES[change]
    assert before in text
    outcome.cassette.write_text(text.replace(before, after), "utf-8")
    assert not all(verdict.is_same for verdict in compared(exchanges, outcome.cassette))


def test_the_comparison_notices_what_is_too_much_or_too_little(tmp_path):
    """A cassette with one interaction more than the recording, or one fewer, is refused by the journal."""
    path = tmp_path / "recording.yaml"
    path.write_text(made.vcrpy_text(made.vcrpy(), made.vcrpy(made.request("Bye"))), "utf-8")
    (outcome,) = import_recordings([path], tmp_path / "out")
    exchanges = recorded(path, "vcrpy")
    with pytest.raises(UnexpectedTraffic):
        compared(exchanges[:1], outcome.cassette)
    with pytest.raises(UnexpectedTraffic):
        compared([*exchanges, exchanges[0]], outcome.cassette)
