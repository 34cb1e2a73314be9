"""The text of an event stream as it was recorded, and the events in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .broken import MENDED, Broken

__all__ = ["looks_like_stream", "told"]

# Only these end a line; a text in an event may well hold what other standards call a line's end.
_END = re.compile("\r\n|\n|\r")
_START = re.compile(r"\ufeff?(?:[\r\n]|:[^\r\n]*[\r\n])*(?:event|data|id|retry):")
_DONE = "[DONE]"
_Event = dict[str, Any]


def looks_like_stream(text: str) -> bool:
    """Whether `text` begins as an event stream does."""
    return bool(_START.match(text))


def told(text: str, place: str) -> list[_Event]:
    """The data of each event in `text`, in their order.

    An event without data is none, for the SDKs neither; nor is the ``[DONE]`` that some gateways put at the end.  The
    last one needs no empty line after it: some recorders cut it off; unless its data was cut too, then the
    connection broke there and it is no event.

    Raises:
        Broken: data is not JSON, or not what the API sends; with its line.  Or there is no event at all.
    """
    groups = [group for group in _groups(text.removeprefix("\ufeff")) if group.text]
    if groups and groups[-1].text == _DONE and not groups[-1].name:
        groups.pop()
    events = [_event(group, f"{place}, line {group.line}") for group in groups if group.ended or _is_json(group.text)]
    if not events:
        raise Broken(place, "there is no event in this stream.")
    return events


class _Group:
    """The lines up to an empty one: what the event is called, its data and the line where that begins."""

    def __init__(self) -> None:
        self.name, self.data, self.line, self.ended = "", list[str](), 0, False

    @property
    def text(self) -> str:
        return "\n".join(self.data)

    def add(self, number: int, line: str) -> None:
        # Comments begin with the colon; ids and times to try again mean nothing here.
        field, _, value = line.partition(":")
        if field == "event":
            self.name = value.strip()
        elif field == "data":
            self.line = self.line or number
            self.data.append(value.removeprefix(" "))


def _groups(text: str) -> Iterator[_Group]:
    group = _Group()
    for number, line in enumerate(_END.split(text), 1):
        if line:
            group.add(number, line)
        else:
            group.ended = True
            yield group
            group = _Group()
    yield group


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _event(group: _Group, place: str) -> _Event:
    try:
        event = json.loads(group.text)
    except json.JSONDecodeError as error:
        raise Broken(place, f"the data of this event is not JSON: {error.msg}.") from None
    except (ValueError, RecursionError):
        raise Broken(place, "the data of this event is not JSON that can be read.") from None
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise Broken(place, "the data of this event is no object with a type.")
    if group.name != event["type"]:
        raise Broken(place, _misnamed(group.name, event["type"]), f"SDKs go by the name alone. {MENDED}")
    return event


def _misnamed(name: str, kind: str) -> str:
    called = f'is called "{name}"' if name else "has no name"
    return f'this event {called}. Expected "event: {kind}" before its data, as the API sends it.'
