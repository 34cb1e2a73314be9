"""The events of recorded streams, left as text until somebody asks for them.

In a file as :meth:`Cassette.save` writes it an event is a line.  Parsing these lines is most of the
work of loading, and of thousands of streams a test plays a few.
"""

from __future__ import annotations

import json
import re
from typing import Any

__all__ = ["UnreadEvents", "put_back", "set_aside"]

# Only what stands directly in an interaction is indented so far; what is not written so is read at once.
_KEY = '\n      "events": '
# It begins with plain text, which is found many times faster than what is only looked back at.
_STREAM = re.compile(_KEY + r"\[\n((?:        \[[0-9]+, \{.*\n)+)      \](?=,?\n)")
_NUMBER = re.compile(r'"events": [0-9]')


class UnreadEvents(str):
    """The lines of a stream, as the file has them."""

    __slots__ = ()

    def parsed(self) -> list[Any]:
        """The events; json.JSONDecodeError or another ValueError where they are no JSON that can be read."""
        events: list[Any] = json.loads(f"[{self}]")
        return events


def set_aside(text: str) -> tuple[str, list[UnreadEvents]]:
    """`text` with a number in place of every stream, and the streams; as it is where that would be ambiguous."""
    streams = [UnreadEvents(lines) for lines in _STREAM.findall(text)] if _KEY in text else []
    if not streams:
        return text, []
    numbers = iter(range(len(streams)))
    short = _STREAM.sub(lambda _: f"{_KEY}{next(numbers)}", text)
    return (short, streams) if len(_NUMBER.findall(short)) == len(streams) else (text, [])


def put_back(entries: Any, streams: list[UnreadEvents]) -> bool:
    """Give the interactions `entries` their `streams` again; whether each of them was found."""
    found = 0
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and type(entry.get("events")) is int:
            entry["events"] = streams[entry["events"]]
            found += 1
    return found == len(streams)
