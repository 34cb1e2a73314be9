"""What the real API says, heard to its end: a message, a stream event by event, or an error."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from ...errors import CallFailed
from ...wire import Request
from ..interaction import Event

__all__ = ["Answer", "Forward", "Heard", "hear"]

_EVENT_END = re.compile(r"\r\n\r\n|\n\n|\r\r")
# Not str.splitlines, which knows more of them than a stream does.
_LINE_END = re.compile(r"\r\n|\n|\r")
_ENDINGS = ("message_stop", "error")


class Answer(NamedTuple):
    """The beginning of an answer; ``pieces`` are the bytes of its body as they come, decoded.

    Header names are lower-case.  ``pieces`` raise CallFailed where the connection breaks.
    """

    status: int
    headers: Mapping[str, str]
    pieces: Iterator[bytes]


# Sends a request to where it was meant to go; CallFailed when there is no answer.
Forward = Callable[[Request], AbstractContextManager[Answer]]


class Heard(NamedTuple):
    """A whole answer.

    ``body`` is the JSON object, or a text where it was none; ``events`` are those of a stream, whose ``body``
    is then empty.  ``raw`` is the body in the pieces in which it came.  ``problem`` says why it cannot be kept;
    ``is_cut`` whether the connection broke in the middle of it.
    """

    status: int
    headers: Mapping[str, str]
    body: dict[str, Any] | str
    events: tuple[Event, ...]
    duration_ms: int
    raw: tuple[bytes, ...]
    problem: str = ""
    is_cut: bool = False


def hear(forward: Forward, request: Request, seconds: Callable[[], float]) -> Heard:
    """Send `request`, and hear the answer to its end; `seconds` is a clock that only goes forward.

    Raises:
        CallFailed: there is no answer, or one that is no stream breaks off.
    """
    start = seconds()

    def elapsed() -> int:
        return round((seconds() - start) * 1000)

    with forward(request) as answer:
        if answer.status == 200 and _is_stream(answer.headers):
            return _stream(answer, elapsed)
        raw = b"".join(answer.pieces)
        return Heard(answer.status, answer.headers, _body(raw), (), elapsed(), (raw,))


def _is_stream(headers: Mapping[str, str]) -> bool:
    return headers.get("content-type", "").lower().startswith("text/event-stream")


def _body(raw: bytes) -> dict[str, Any] | str:
    text = raw.decode("utf-8", "replace")
    value = _read(text)
    return text if value is None else value


def _read(text: str) -> dict[str, Any] | None:
    """The JSON object that `text` is; None where it is none."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _stream(answer: Answer, elapsed: Callable[[], int]) -> Heard:
    listener = _Listener(elapsed)
    raw: list[bytes] = []
    is_cut = False
    try:
        for piece in answer.pieces:
            raw.append(piece)
            listener.hear(piece)
    except CallFailed as failed:
        is_cut = True
        listener.problem = listener.problem or f"the connection broke in the middle of the stream ({failed})"
    problem = listener.problem or _unfinished(listener.events)
    return Heard(answer.status, answer.headers, {}, tuple(listener.events), elapsed(), tuple(raw), problem, is_cut)


def _unfinished(events: list[Event]) -> str:
    if events and events[-1].data["type"] in _ENDINGS:
        return ""
    last = f"after {events[-1].data['type']}" if events else "before its first event"
    return f"the stream ended {last}, and not with message_stop"


class _Listener:
    """Makes events of the pieces of a stream, each with the time at which it was whole."""

    def __init__(self, elapsed: Callable[[], int]) -> None:
        self._elapsed = elapsed
        # A character may be cut in two.
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self.events: list[Event] = []
        self.problem = ""

    def hear(self, piece: bytes) -> None:
        self._text += self._decoder.decode(piece)
        *whole, self._text = _EVENT_END.split(self._text)
        for text in whole:
            self._take(text)

    def _take(self, text: str) -> None:
        lines = (line.partition(":") for line in _LINE_END.split(text))
        data = "\n".join(value.removeprefix(" ") for name, _, value in lines if name == "data")
        if not data:
            return
        event = _read(data)
        if event is not None and isinstance(event.get("type"), str):
            self.events.append(Event(self._elapsed(), event))
        else:
            self.problem = self.problem or f"the stream has an event that is no object with a type: {data[:60]!r}"
