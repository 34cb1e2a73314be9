"""Small recordings for the tests, in each format that is read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import yaml

from fakememtrace.claude.importing import Outcome, import_recordings
from fakememtrace.claude.interaction import Interaction
from fakememtrace.claude.sse import events
from tests.claude.helpers import answer, request

URL = "https://api.anthropic.com/v1/messages"
BODY = request("I like tea", system="You are helpful.\nBe brief.")
MESSAGE = answer("Noted:\ntea.")
ERROR = {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}}
JSON_TYPE = {"Content-Type": "application/json", "Date": "Fri, 06 Feb 2026 23:30:00 GMT"}
STREAM_TYPE = {"Content-Type": "text/event-stream; charset=utf-8"}
Entry = dict[str, Any]


def stream_text(message: dict[str, Any] = MESSAGE) -> str:
    """The body of a stream as the API sends it."""
    return "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in events(message))


def vcrpy(
    body: Any = BODY,
    answered: Any = MESSAGE,
    *,
    url: str = URL,
    status: int = 200,
    method: str = "POST",
    sent_headers: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Entry:
    """One exchange of vcrpy; values that are no texts and no bytes are written as JSON."""
    named = {**JSON_TYPE, **(headers or {})}
    return {
        "request": {"body": as_text(body), "headers": sent_headers or {}, "method": method, "uri": url},
        "response": {
            "body": {"string": as_text(answered)},
            "headers": {name: [value] for name, value in named.items()},
            "status": {"code": status, "message": "OK"},
        },
    }


def go_vcr(body: Any = BODY, answered: Any = MESSAGE, *, url: str = URL, status: int = 200, **fields: Any) -> Entry:
    """One exchange of go-vcr."""
    return {
        "id": 0,
        "request": {"body": as_text(body), "headers": {"Accept": ["*/*"]}, "url": url, "method": "POST"},
        "response": {
            "body": as_text(answered),
            "headers": {name: [value] for name, value in JSON_TYPE.items()},
            "status": "200 OK",
            "code": status,
            **fields,
        },
    }


def har(
    body: Any = BODY,
    answered: Any = MESSAGE,
    *,
    url: str = URL,
    status: int = 200,
    content: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
    **fields: Any,
) -> Entry:
    """One entry of a HAR file."""
    named = {**JSON_TYPE, **(headers or {})}
    return {
        "startedDateTime": "2026-02-07T00:30:00.123+01:00",
        "time": 1157.4,
        "request": {
            "method": "POST",
            "url": url,
            "headers": [{"name": "accept", "value": "application/json"}],
            "postData": {"mimeType": "application/json", "text": as_text(body)},
        },
        "response": {
            "status": status,
            "headers": [{"name": name, "value": value} for name, value in named.items()],
            "content": content or {"mimeType": "application/json", "text": as_text(answered)},
        },
        **fields,
    }


def as_text(value: Any) -> Any:
    """A body as it goes over the wire."""
    return value if isinstance(value, (str, bytes)) or value is None else json.dumps(value)


def vcrpy_text(*entries: Entry) -> str:
    """A whole cassette of vcrpy."""
    return yaml.safe_dump({"version": 1, "interactions": list(entries)})


def go_vcr_text(*entries: Entry) -> str:
    """A whole cassette of go-vcr."""
    return "---\n" + yaml.safe_dump({"version": 2, "interactions": list(entries)}, sort_keys=False)


def har_text(*entries: Entry) -> str:
    """A whole HAR file."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "Polly.JS"}, "entries": list(entries)}})


def outcome_of(folder: Path, content: str | bytes, name: str = "recording.yaml", **options: Any) -> Outcome:
    """What becomes of one file with that content."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    (outcome,) = import_recordings([path], folder / "out", **options)
    return outcome


def interactions_of(folder: Path, content: str | bytes, name: str = "recording.yaml") -> list[Interaction]:
    """The interactions of one file in which nothing is wrong."""
    outcome = outcome_of(folder, content, name)
    assert list(map(str, outcome.problems)) == []
    return outcome.interactions


def problem_of(folder: Path, content: str | bytes, name: str = "recording.yaml", **options: Any) -> str:
    """The only problem of a file, without the path that it begins with."""
    (problem,) = outcome_of(folder, content, name, **options).problems
    return str(problem).removeprefix(str(folder / name))
