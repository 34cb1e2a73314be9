"""From a cassette file to interactions; every complaint names the file and the place in it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import CassetteError, did_you_mean, listed
from .interaction import (
    AUTHORED,
    ENDPOINTS,
    MESSAGES,
    MODELS,
    RECORDED,
    WITNESS,
    Event,
    Interaction,
    Provenance,
)
from .lines import join_content, join_free, join_tools
from .sse import accumulated

__all__ = ["FORMAT", "VERSION", "read_interactions"]

FORMAT = "fakememtrace-cassette"
VERSION = 1

_KEYS = (
    "number",
    "provenance",
    "duration_ms",
    "endpoint",
    "betas",
    "stream",
    "like",
    "continues",
    "request",
    "status",
    "headers",
    "response",
    "events",
)
_KINDS = (AUTHORED, RECORDED)
_MADE_BY = "A cassette is made by fakememtrace's author or recorder and edited by hand."


def read_interactions(path: str | os.PathLike[str]) -> list[Interaction]:
    """The interactions of the file `path`; CassetteError when it is missing or broken."""
    return _Reader(path).interactions()


class _Reader:
    """Reads one file; every complaint names the file and the place in it."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def interactions(self) -> list[Interaction]:
        read: list[Interaction] = []
        for number, entry in enumerate(self._entries(), 1):
            read.append(self._interaction(number, entry, read))
        return read

    def broken(self, place: str, problem: str, advice: str = _MADE_BY) -> CassetteError:
        return CassetteError(self.path, problem, advice, place)

    def _text(self) -> str:
        try:
            return self.path.read_text("utf-8")
        except FileNotFoundError:
            raise CassetteError(self.path, "there is no such cassette.", self._beside()) from None
        except UnicodeDecodeError as error:
            raise self.broken(f"byte {error.start}", "this is not UTF-8 text, so no cassette.") from None
        except OSError as error:
            raise CassetteError(self.path, f"cannot be read: {error.strerror}.", _MADE_BY) from None

    def _beside(self) -> str:
        if not self.path.parent.is_dir():
            return f"Its folder {self.path.parent} does not exist either. Check the path."
        beside = sorted(entry.name for entry in self.path.parent.glob("*.json"))
        hint = did_you_mean(self.path.name, beside).strip()
        return hint or f"JSON files in {self.path.parent}: {listed(beside)}. Check the path."

    def _entries(self) -> list[Any]:
        text = self._text()
        try:
            document = json.loads(text)
        except (json.JSONDecodeError, RecursionError) as error:
            raise self._not_json(text, error) from None
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise self.broken(
                "",
                f"this is no fakememtrace cassette but {_foreign(document)}.",
                f'Expected a JSON object with "format": "{FORMAT}". {_MADE_BY}',
            )
        if document.get("version") != VERSION:
            raise self.broken(
                "",
                f"this cassette has version {document.get('version')!r}; this fakememtrace reads version {VERSION}.",
                "Use the fakememtrace that wrote it, or a newer one.",
            )
        entries = document.get("interactions")
        if not isinstance(entries, list):
            raise self.broken('"interactions"', f"expected a list, found {_kind(entries)}.")
        return entries

    def _not_json(self, text: str, error: Exception) -> CassetteError:
        if not isinstance(error, json.JSONDecodeError):
            return self.broken("", "this JSON is nested too deeply to be a cassette.")
        place = f"line {error.lineno} column {error.colno}"
        if not text.strip():
            return self.broken("", "the file is empty.", f"Restore it from version control. {_MADE_BY}")
        if text.lstrip()[:1] not in "{[":
            return self.broken(
                "",
                f"this is no fakememtrace cassette but {_foreign_text(text)}.",
                f'Expected a JSON object with "format": "{FORMAT}". {_MADE_BY}',
            )
        if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
            return self.broken(
                place, "the file ends in the middle: it was cut short.", "Restore it from version control."
            )
        return self.broken(place, f"this is not JSON: {error.msg}.", "Correct the file there.")

    def _interaction(self, number: int, entry: Any, earlier: list[Interaction]) -> Interaction:
        place = f"interaction {number}"
        self._check_keys(place, entry)
        if entry.get("number") != number:
            raise self.broken(
                f'{place}, "number"',
                f"expected {number}, found {entry.get('number')!r}.",
                "Number the interactions 1, 2, 3 in the order of the file.",
            )
        status = self._value(place, entry, "status", int, 200)
        endpoint = self._endpoint(place, entry)
        events = self._events(place, entry)
        return Interaction(
            request=self._request(place, entry, endpoint, earlier),
            response=accumulated(event.data for event in events) if events else self._response(place, entry, endpoint),
            provenance=self._provenance(place, entry),
            status=status,
            stream=bool(events) or self._value(place, entry, "stream", bool, False),
            duration_ms=self._duration(place, entry),
            headers=self._headers(place, entry),
            endpoint=endpoint,
            betas=self._betas(place, entry),
            events=events,
        )

    def _check_keys(self, place: str, entry: Any) -> None:
        if not isinstance(entry, dict):
            raise self.broken(place, f"expected an object, found {_kind(entry)}.")
        for key in entry:
            if key not in _KEYS:
                raise self.broken(place, f"unknown key {key!r}.{did_you_mean(key, _KEYS)}", f"Known: {listed(_KEYS)}.")

    def _value(self, place: str, entry: Mapping[str, Any], key: str, kind: type, default: Any = None) -> Any:
        value = entry.get(key, default)
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            found = "nothing" if key not in entry else _kind(value)
            raise self.broken(f'{place}, "{key}"', f"expected {_NAMES[kind]}, found {found}.")
        return value

    def _duration(self, place: str, entry: Mapping[str, Any]) -> int:
        duration: int = self._value(place, entry, "duration_ms", int, 0)
        if duration < 0:
            raise self.broken(f'{place}, "duration_ms"', f"expected milliseconds from 0, found {duration}.")
        return duration

    def _endpoint(self, place: str, entry: Mapping[str, Any]) -> str:
        endpoint: str = self._value(place, entry, "endpoint", str, MESSAGES)
        if endpoint not in ENDPOINTS:
            raise self.broken(
                f'{place}, "endpoint"',
                f"unknown endpoint {endpoint!r}.{did_you_mean(endpoint, ENDPOINTS)}",
                f"Known: {listed(ENDPOINTS)}.",
            )
        return endpoint

    def _betas(self, place: str, entry: Mapping[str, Any]) -> tuple[str, ...] | None:
        if "betas" not in entry:
            return None
        betas = self._value(place, entry, "betas", list)
        if not all(isinstance(name, str) for name in betas):
            raise self.broken(f'{place}, "betas"', "expected a list of strings.")
        return tuple(sorted(betas))

    def _events(self, place: str, entry: Mapping[str, Any]) -> tuple[Event, ...]:
        if "events" not in entry:
            return ()
        if "response" in entry:
            raise self.broken(place, 'has both "events" and "response".', "Keep the events of what was a stream.")
        events = self._value(place, entry, "events", list)
        if not events:
            raise self.broken(f'{place}, "events"', "expected at least one event, found none.")
        return tuple(self._event(f'{place}, "events"[{index}]', event) for index, event in enumerate(events))

    def _event(self, place: str, event: Any) -> Event:
        if not isinstance(event, list) or len(event) != 2 or type(event[0]) is not int or event[0] < 0:
            raise self.broken(place, "expected milliseconds from 0 and the event, [12, {...}].")
        data = event[1]
        if not isinstance(data, dict) or not isinstance(data.get("type"), str):
            raise self.broken(place, "expected an event with a type.")
        for key, kind in _EVENTS.get(data["type"], {}).items():
            self._value(place, data, key, kind)
        return Event(event[0], data)

    def _headers(self, place: str, entry: Mapping[str, Any]) -> dict[str, str]:
        headers: dict[str, str] = self._value(place, entry, "headers", dict, {})
        for name, value in headers.items():
            if not isinstance(value, str):
                raise self.broken(f'{place}, "headers", "{name}"', f"expected a string, found {_kind(value)}.")
        return headers

    def _provenance(self, place: str, entry: Mapping[str, Any]) -> Provenance:
        value = self._value(place, entry, "provenance", dict)
        place = f'{place}, "provenance"'
        if value.get("kind") not in _KINDS:
            raise self.broken(
                f'{place}, "kind"',
                f"expected {' or '.join(_KINDS)}, found {value.get('kind')!r}.",
                "An answer that somebody wrote is authored; only the recorder writes recorded.",
            )
        model, date = (self._value(place, value, key, str) for key in ("model", "date"))
        return Provenance(value["kind"], model, date, WITNESS)

    def _request(
        self, place: str, entry: Mapping[str, Any], endpoint: str, earlier: list[Interaction]
    ) -> dict[str, Any]:
        own = self._value(place, entry, "request", dict)
        own = {key: _parameter_in(key, value) for key, value in own.items()}
        messages = own.pop("messages", [])
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise self.broken(f'{place}, "request", "messages"', "expected a list of objects with role and content.")
        base = self._earlier(place, entry, earlier)
        if base is not None:
            own = {**{key: value for key, value in base.request.items() if key != "messages"}, **own}
            if "continues" in entry:
                messages = [*base.messages, base.answer, *messages]
        request = {key: value for key, value in own.items() if value is not None}
        return request if endpoint == MODELS else {**request, "messages": messages}

    def _earlier(self, place: str, entry: Mapping[str, Any], earlier: list[Interaction]) -> Interaction | None:
        given = [key for key in ("like", "continues") if key in entry]
        if len(given) > 1:
            raise self.broken(place, 'has both "like" and "continues".', "Keep one of them.")
        if not given:
            return None
        number = self._value(place, entry, given[0], int)
        if not 1 <= number <= len(earlier):
            known = f"1 to {len(earlier)}" if earlier else "none, since this is the first"
            raise self.broken(f'{place}, "{given[0]}"', f"expected an earlier interaction ({known}), found {number}.")
        if given[0] == "continues" and earlier[number - 1].status != 200:
            raise self.broken(
                f'{place}, "continues"',
                f"interaction {number} was answered with an error, so no conversation goes on from it.",
                'Write "like" and the whole messages.',
            )
        base: Interaction = earlier[number - 1]
        return base

    def _response(self, place: str, entry: Mapping[str, Any], endpoint: str) -> dict[str, Any] | str:
        value = entry.get("response")
        if isinstance(value, str) or (isinstance(value, dict) and value.keys() == {"$lines"}):
            text = join_free(value)
            if not isinstance(text, str) or entry.get("status", 200) == 200:
                raise self.broken(f'{place}, "response"', "expected an object; only an error can be a text.")
            return text
        response: dict[str, Any] = _message_in(self._value(place, entry, "response", dict))
        if endpoint == MESSAGES and entry.get("status", 200) == 200:
            self._check_message(f'{place}, "response"', response)
        return response

    def _check_message(self, place: str, message: dict[str, Any]) -> None:
        content = message.get("content")
        if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
            raise self.broken(f'{place}, "content"', "expected a list of content blocks, each with a type.")
        for index, block in enumerate(content):
            self._value(f'{place}, "content"[{index}]', block, "type", str)
            for key, kind in _BLOCKS.get(block["type"], {}).items():
                self._value(f'{place}, "content"[{index}]', block, key, kind)
        usage = self._value(place, message, "usage", dict, {})
        for key in usage.keys() & {"input_tokens", "output_tokens"}:
            self._value(f'{place}, "usage"', usage, key, int)


# What a block of this type cannot be without.
_BLOCKS: dict[str, dict[str, type]] = {
    "text": {"text": str},
    "thinking": {"thinking": str},
    "tool_use": {"id": str, "name": str, "input": dict},
}
# What an event of this type cannot be without.
_EVENTS: dict[str, dict[str, type]] = {
    "message_start": {"message": dict},
    "content_block_start": {"index": int, "content_block": dict},
    "content_block_delta": {"index": int, "delta": dict},
    "message_delta": {"delta": dict},
    "error": {"error": dict},
}
_NAMES: dict[type, str] = {
    int: "a whole number",
    bool: "true or false",
    dict: "an object",
    str: "a string",
    list: "a list",
}


def _parameter_in(key: str, value: Any) -> Any:
    if key == "system":
        return join_content(value)
    if key == "tools":
        return join_tools(value)
    if key == "messages" and isinstance(value, list):
        return [_message_in(message) for message in value]
    return join_free(value)


def _message_in(message: Any) -> Any:
    if not isinstance(message, dict):
        return join_free(message)
    return {key: join_content(value) if key == "content" else join_free(value) for key, value in message.items()}


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    return _NAMES.get(type(value), "a number")


def _foreign(document: Any) -> str:
    if isinstance(document, dict) and "log" in document:
        return "a HAR file"
    if isinstance(document, dict) and isinstance(document.get("interactions"), list):
        return "a VCR cassette in JSON"
    return f"{_kind(document)} of something else"


def _foreign_text(text: str) -> str:
    head = text.lstrip()[:400]
    if "interactions:" in head or head.startswith("version:"):
        return "a VCR cassette in YAML"
    return "text that is not JSON"
