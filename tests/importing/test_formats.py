"""Each format that is read, with the traps that it has; what comes out is what the API said."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
import yaml

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import RECORDED, Event
from fakememtrace.claude.sse import events

from . import made
from .made import BODY, ERROR, MESSAGE, interactions_of

TEXTS = {
    "vcrpy": (made.vcrpy, made.vcrpy_text, "recording.yaml"),
    "go-vcr": (made.go_vcr, made.go_vcr_text, "recording.yaml"),
    "HAR": (made.har, made.har_text, "recording.har"),
}
EVERY_FORMAT = pytest.mark.parametrize("name", TEXTS)


def taken(tmp_path: Any, name: str, *args: Any, **fields: Any) -> Any:
    """The one interaction that becomes of one exchange in that format."""
    entry, text, file = TEXTS[name]
    (interaction,) = interactions_of(tmp_path, text(entry(*args, **fields)), file)
    return interaction


@EVERY_FORMAT
def test_a_message_is_what_it_was(tmp_path, name):
    """Request and response come over whole, as recorded for the model that answered, and the file holds the same."""
    got = taken(tmp_path, name)
    assert (got.request, got.response) == (BODY, MESSAGE)
    assert (got.status, got.endpoint, got.stream, got.events, got.betas) == (200, "messages", False, (), None)
    assert (got.provenance.kind, got.provenance.model, got.provenance.date) == (RECORDED, "claude-x", "2026-02-06")
    assert Cassette.load(tmp_path / "out" / "recording.json").interactions == [got]


@EVERY_FORMAT
def test_a_stream_is_kept_event_by_event(tmp_path, name):
    """A stream is its events, all at 0 ms since no format keeps their times, and the message that they add up to."""
    got = taken(tmp_path, name, {**BODY, "stream": True}, made.stream_text())
    assert got.request == BODY
    assert got.stream
    assert got.events == tuple(Event(0, event) for event in events(MESSAGE))
    assert got.response == MESSAGE


@EVERY_FORMAT
def test_an_error_is_what_it_was(tmp_path, name):
    """An error has its status and body, also where a stream was asked for."""
    got = taken(tmp_path, name, {**BODY, "stream": True}, ERROR, status=429)
    assert (got.status, got.response, got.stream, got.events) == (429, ERROR, True, ())


@EVERY_FORMAT
def test_an_error_that_is_no_json_is_a_text(tmp_path, name):
    """What a proxy says in HTML stays what it is."""
    got = taken(tmp_path, name, BODY, "<html>Bad Gateway</html>", status=502)
    assert (got.status, got.response) == (502, "<html>Bad Gateway</html>")


@EVERY_FORMAT
def test_tokens_that_were_counted_are_kept(tmp_path, name):
    """The counting of tokens is an endpoint of its own, with and without ?beta=true."""
    got = taken(tmp_path, name, BODY, {"input_tokens": 12}, url=f"{made.URL}/count_tokens?beta=true")
    assert (got.endpoint, got.request, got.response) == ("count_tokens", BODY, {"input_tokens": 12})


@EVERY_FORMAT
def test_stream_false_and_null_are_as_if_not_given(tmp_path, name):
    """What the API reads as not given is not in the cassette."""
    got = taken(tmp_path, name, {**BODY, "stream": False, "temperature": None})
    assert (got.request, got.stream) == (BODY, False)


@EVERY_FORMAT
def test_what_is_not_of_the_api_stays_behind(tmp_path, name):
    """Other hosts, however alike, and endpoints that no cassette holds are counted as left, by their names."""
    entry, text, file = TEXTS[name]
    urls = [
        "https://api.openai.com/v1/messages",
        "https://api.anthropic.com.example/v1/messages",
        "https://api.anthropic.com@example.org:8443/v1/messages",
        "https://api.anthropic.com:8443/v1/messages",
        "https://api.anthropic.com/v1/files",
        "https://api.anthropic.com/v1/files/file_1",
        "https://api.anthropic.com/v1/messages/batches",
        "https://api.anthropic.com/v1/complete",
        "https://api.anthropic.com/v1/organizations/x",
        "https://api.anthropic.com/v1/skills?beta=true",
        "https://api.anthropic.com/v1/messages/",
        "https://api.anthropic.com/v1/models",
        "https://API.Anthropic.com:443/v1/messages",
    ]
    outcome = made.outcome_of(tmp_path, text(*(entry(url=url) for url in urls)), file)
    assert outcome.problems == []
    assert len(outcome.interactions) == 1
    assert dict(outcome.left) == {
        "other host api.openai.com": 1,
        "other host api.anthropic.com.example": 1,
        "other host example.org:8443": 1,
        "other host api.anthropic.com:8443": 1,
        "files: not supported": 2,
        "message batches: not supported": 1,
        "legacy text completions: not supported": 1,
        "the admin API: not supported": 1,
        "skills: not supported": 1,
        "POST /v1/messages/: not supported": 1,
        "POST /v1/models: not supported": 1,
    }


def test_what_is_left_need_not_be_readable(tmp_path):
    """What other hosts were sent, an upload for instance, is not looked at, and a header without a value is none."""
    other = made.vcrpy(url="https://files.example/upload", sent_headers={"request-id": None})
    other["request"]["body"] = {"state": [b"\xff", 0, None]}
    other["response"]["body"]["string"] = b"\x1f\x8b"
    named = made.vcrpy(headers={"request-id": None})
    named["response"]["headers"]["request-id"] = None
    outcome = made.outcome_of(tmp_path, made.vcrpy_text(other, named))
    assert (outcome.problems, dict(outcome.left)) == ([], {"other host files.example": 1})
    assert outcome.interactions[0].headers == {}


def test_models_are_asked_for_by_url(tmp_path):
    """The list of models has the parameters of its URL, one model its id."""
    listed = made.vcrpy(None, {"data": []}, url="https://api.anthropic.com/v1/models?limit=2", method="GET")
    one = made.vcrpy("", {"id": "a/b"}, url="https://api.anthropic.com/v1/models/a%2Fb", method="GET")
    first, second = interactions_of(tmp_path, made.vcrpy_text(listed, one))
    assert (first.endpoint, first.request, first.response) == ("models", {"limit": "2"}, {"data": []})
    assert (second.endpoint, second.request, second.response) == ("models", {"id": "a/b"}, {"id": "a/b"})
    assert (first.provenance.model, second.provenance.model) == ("", "a/b")


BETAS = [
    ({"anthropic-beta": ["b-2026-01-01,a-2025-01-01", "a-2025-01-01"]}, ("a-2025-01-01", "b-2026-01-01")),
    ({"Anthropic-Beta": "a-2025-01-01"}, ("a-2025-01-01",)),
    ({"anthropic-beta": ["ANTHROPIC-BETA-XXX"]}, None),
    ({"anthropic-beta": ["[REDACTED]"]}, None),
    ({"anthropic-beta": [""]}, None),
    ({}, None),
]


@pytest.mark.parametrize(("headers", "betas"), BETAS)
def test_betas_are_known_where_the_header_is_there(tmp_path, headers, betas):
    """Recorders leave headers out and blank them out, so none and a blank mean that nobody knows."""
    assert taken(tmp_path, "vcrpy", sent_headers=headers).betas == betas


def test_only_headers_worth_keeping_are_kept(tmp_path):
    """Nothing that describes the recorded bytes survives: the body is no longer compressed, nor of that length."""
    headers = {
        "content-encoding": "gzip",
        "Content-Length": "12",
        "Transfer-Encoding": "chunked",
        "Request-Id": "req_1",
        "anthropic-ratelimit-requests-limit": "50",
        "x-should-retry": "false",
        "Set-Cookie": "a=b",
        "anthropic-organization-id": "org",
    }
    assert taken(tmp_path, "vcrpy", headers=headers).headers == {
        "anthropic-ratelimit-requests-limit": "50",
        "request-id": "req_1",
        "x-should-retry": "false",
    }


DATES = [
    ("Fri, 06 Feb 2026 23:30:00 GMT", "2026-02-06"),
    ("Fri, 06 Feb 2026 23:30:00 -0100", "2026-02-07"),
    ("Fri, 06 Feb 2026 23:30:00 -0000", "2026-02-06"),
    ("DATE-XXX", ""),
    ("", ""),
]


@pytest.mark.parametrize(("header", "date"), DATES)
def test_the_date_is_the_day_of_the_answer(tmp_path, header, date):
    """It is the header's day in UTC, empty where a recorder blanked it out."""
    assert taken(tmp_path, "vcrpy", headers={"Date": header}).provenance.date == date


STARTED = [
    ("2026-02-07T00:30:00.123+01:00", "2026-02-06"),
    ("2026-02-07T00:30:00.1234567Z", "2026-02-07"),
    ("2026-02-06T23:30:00-0100", "2026-02-07"),
    ("2026-02-07", "2026-02-07"),
    ("2026-02-31T00:00:00Z", "2026-02-06"),
    ("yesterday", "2026-02-06"),
    (None, "2026-02-06"),
]


@pytest.mark.parametrize(("started", "date"), STARTED)
def test_a_har_file_says_when_it_began(tmp_path, started, date):
    """Its own time comes before the header's, in UTC; what is no time leaves the header's."""
    assert taken(tmp_path, "HAR", startedDateTime=started).provenance.date == date


@pytest.mark.parametrize(("time", "milliseconds"), [(1157.4, 1157), (12, 12), (-1, 0), (None, 0), (1e300, 0), ("3", 0)])
def test_a_har_file_says_how_long_it_took(tmp_path, time, milliseconds):
    """A duration that is none, or that no answer takes, is 0."""
    assert taken(tmp_path, "HAR", time=time).duration_ms == milliseconds


DURATIONS = [
    ("2.80446445s", 2804),
    ("1m2.5s", 62500),
    ("834.5ms", 834),
    ("1500µs", 2),
    ("2h", 7_200_000),
    ("", 0),
    ("soon", 0),
    ("2h later", 0),
    ("90000h", 0),
    (None, 0),
]


@pytest.mark.parametrize(("duration", "milliseconds"), DURATIONS)
def test_go_vcr_says_how_long_it_took(tmp_path, duration, milliseconds):
    """Durations are as Go writes them."""
    assert taken(tmp_path, "go-vcr", duration=duration).duration_ms == milliseconds


def test_a_body_as_parsed_json(tmp_path):
    """pydantic-ai keeps what a body was parsed to, on either side, beside a length that is no longer true."""
    entry = made.vcrpy(headers={"Content-Length": "9"})
    del entry["request"]["body"], entry["response"]["body"]
    entry["request"]["parsed_body"] = {**BODY, "stream": False}
    entry["response"]["parsed_body"] = MESSAGE
    (got,) = interactions_of(tmp_path, made.vcrpy_text(entry))
    assert (got.request, got.response) == (BODY, MESSAGE)


def test_parsed_json_in_yaml_stays_json(tmp_path):
    """A text that YAML could take for a date, a truth value, a merge or a number in base 60 stays a text."""
    text = made.vcrpy_text(made.vcrpy())
    words = "{day: 2026-02-07, <<: {a: b}, answer: 'no', time: '12:30', n: 1, f: 0.5, x: =}"
    body = f"parsed_body: {{model: claude-x, messages: [], metadata: {words}}}"
    head, _, rest = text.partition("    body: ")
    (got,) = interactions_of(tmp_path, f"{head}    {body}\n    headers: {rest.partition('    headers: ')[2]}")
    assert got.request["metadata"] == {
        "day": "2026-02-07",
        "<<": {"a": "b"},
        "answer": "no",
        "time": "12:30",
        "n": 1,
        "f": 0.5,
        "x": "=",
    }


BODIES = {
    "text": made.as_text,
    "bytes": lambda value: made.as_text(value).encode(),
    "gzip": lambda value: gzip.compress(made.as_text(value).encode()),
}


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("name", ["vcrpy", "go-vcr"])
@pytest.mark.parametrize("streamed", [False, True])
def test_a_body_of_bytes_in_yaml(tmp_path, name, kind, streamed):
    """!!binary is a body like any other, compressed or not, on either side."""
    answered = made.stream_text() if streamed else MESSAGE
    got = taken(tmp_path, name, BODIES[kind]({**BODY, "stream": streamed}), BODIES[kind](answered))
    assert (got.request, got.response, len(got.events) > 0) == (BODY, MESSAGE, streamed)
    assert ("!!binary" in (tmp_path / "recording.yaml").read_text("utf-8")) is (kind != "text")


def test_a_body_in_base64_that_vcrpy_spelled_out(tmp_path):
    """Both ways in which JSON cassettes and old ones keep bytes are read."""
    spelled = base64.b64encode(gzip.compress(json.dumps(MESSAGE).encode())).decode()
    one, other = made.vcrpy(), made.vcrpy()
    one["response"]["body"] = {"base64_string": spelled}
    other["response"]["body"] = {"encoding": "base64", "string": spelled}
    got = interactions_of(tmp_path, made.vcrpy_text(one, other))
    assert [interaction.response for interaction in got] == [MESSAGE, MESSAGE]


def test_names_of_headers_that_are_python_objects(tmp_path):
    """Header names of aiohttp come as objects of a class; they are read as the texts that they are."""
    text = made.vcrpy_text(made.vcrpy(sent_headers={"NAME": ["a-2025-01-01"]}))
    key = "? !!python/object/apply:multidict._multidict.istr\n        - Anthropic-Beta\n      :"
    assert text.count("      NAME:") == 1
    (got,) = interactions_of(tmp_path, text.replace("      NAME:", f"      {key}"))
    assert got.betas == ("a-2025-01-01",)


def test_a_request_that_was_read_from_a_file(tmp_path):
    """A body that is a file in memory comes as an object of Python's; it is read as what is in the file."""
    text = made.vcrpy_text(made.vcrpy("BODY"))
    content = base64.b64encode(json.dumps(BODY).encode()).decode()
    file = f"!!python/object/new:_io.BytesIO {{state: !!python/tuple [!!binary {content}, 0, null]}}"
    assert text.count("body: BODY") == 1
    (got,) = interactions_of(tmp_path, text.replace("body: BODY", f"body: {file}"))
    assert (got.request, got.response) == (BODY, MESSAGE)


def test_vcrpy_in_json(tmp_path):
    """The other serializer of vcrpy writes the same in JSON."""
    text = json.dumps({"version": 1, "interactions": [made.vcrpy()]})
    (got,) = interactions_of(tmp_path, text, "recording.json")
    assert (got.request, got.response) == (BODY, MESSAGE)


def test_vcrpy_in_two_lists_compressed(tmp_path):
    """What langchain writes keeps requests and responses apart, in a file that is compressed whole."""
    entries = [made.vcrpy(), made.vcrpy(made.request("Bye"), made.answer("Bye!"))]
    lists = {"requests": [entry["request"] for entry in entries], "responses": [entry["response"] for entry in entries]}
    got = interactions_of(tmp_path, gzip.compress(yaml.safe_dump(lists).encode()), "recording.yaml.gz")
    assert [interaction.response for interaction in got] == [MESSAGE, made.answer("Bye!")]
    assert (tmp_path / "out" / "recording.json").is_file()


def test_vcrpy_as_it_wrote_httpx_once(tmp_path):
    """Older cassettes of httpx have a status_code and a content."""
    entry = made.vcrpy()
    headers = entry["response"]["headers"]
    entry["response"] = {"status_code": 200, "http_version": "HTTP/1.1", "headers": headers, "content": "{}"}
    entry["response"]["content"] = json.dumps(MESSAGE)
    (got,) = interactions_of(tmp_path, made.vcrpy_text(entry))
    assert got.response == MESSAGE


def test_equal_requests_with_other_answers_stay_in_their_order(tmp_path):
    """The same question may be answered differently later; a shared value that YAML writes once is fine."""
    shared = made.vcrpy()["request"]
    entries = [{**made.vcrpy(answered=made.answer(text)), "request": shared} for text in ("one", "two")]
    text = made.vcrpy_text(*entries)
    assert "*id001" in text
    assert [got.response["content"][0]["text"] for got in interactions_of(tmp_path, text)] == ["one", "two"]


COMPRESSED = gzip.compress(json.dumps(MESSAGE).encode())
CONTENTS = {
    "browser": {"encoding": "base64", "text": base64.b64encode(json.dumps(MESSAGE).encode()).decode()},
    "compressed": {"encoding": "BASE64", "text": base64.b64encode(COMPRESSED).decode()},
    "Polly in pieces": {
        "encoding": "base64",
        "text": json.dumps([base64.b64encode(part).decode() for part in (COMPRESSED[:10], COMPRESSED[10:])]),
    },
    "older Polly in pieces": {"_isBinary": True, "text": json.dumps([COMPRESSED[:10].hex(), COMPRESSED[10:].hex()])},
    "older Polly": {"_isBinary": True, "text": COMPRESSED.hex()},
    "utf-8 by name": {"encoding": "utf-8", "text": json.dumps(MESSAGE)},
}


@pytest.mark.parametrize("kind", CONTENTS)
def test_the_ways_in_which_a_har_file_keeps_bytes(tmp_path, kind):
    """base64, and the pieces that Polly.JS keeps of a compressed body."""
    assert taken(tmp_path, "HAR", content=CONTENTS[kind]).response == MESSAGE


def test_a_har_file_may_begin_with_a_mark(tmp_path):
    """A byte order mark is no part of the JSON."""
    (got,) = interactions_of(tmp_path, b"\xef\xbb\xbf" + made.har_text(made.har()).encode(), "recording.har")
    assert got.response == MESSAGE


def test_what_a_browser_was_never_answered_is_left(tmp_path):
    """Status 0 is an answer that did not come; a question for permission is none for Claude."""
    entries = [made.har(status=0), made.har()]
    entries[1]["request"]["method"] = "OPTIONS"
    outcome = made.outcome_of(tmp_path, made.har_text(*entries), "recording.har")
    assert dict(outcome.left) == {"never answered": 1, "OPTIONS /v1/messages: not supported": 1}
    assert (outcome.problems, outcome.cassette) == ([], None)


def test_a_go_vcr_cassette_of_the_first_version(tmp_path):
    """Version 1 has the same fields."""
    text = made.go_vcr_text(made.go_vcr(duration="")).replace("version: 2", "version: 1")
    (got,) = interactions_of(tmp_path, text)
    assert got.response == MESSAGE


@EVERY_FORMAT
def test_secrets_are_taken_out(tmp_path, name):
    """A key in a prompt or an answer is replaced by what it was, and counted; a stream's message says the same."""
    key = "-".join(["sk", "ant", "api03", "x" * 40])
    body = {**made.request(f"my key is {key}"), "stream": True}
    entry, text, file = TEXTS[name]
    answered = made.stream_text(made.answer(f"{key}", "ok"))
    outcome = made.outcome_of(tmp_path, text(entry(body, answered), entry()), file)
    assert list(map(str, outcome.problems)) == []
    assert outcome.redacted == 1
    assert outcome.interactions[0].messages[0]["content"] == "my key is <anthropic-api-key>"
    assert outcome.interactions[0].response["content"][0]["text"] == "<anthropic-api-key>"
    assert key not in outcome.cassette.read_text("utf-8")
