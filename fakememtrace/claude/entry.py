"""From one entry of a cassette file to the interaction that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import CassetteError, did_you_mean, listed
from .asked import RequestReader
from .complaining import Complaints, Unread
from .completing import Names, completed_error, completed_message, has_usage, tokens
from .interaction import (
    AUTHORED,
    COUNT_TOKENS,
    ENDPOINTS,
    ESTIMATED,
    MESSAGES,
    RECORDED,
    WITNESS,
    Event,
    Interaction,
    Later,
    Provenance,
    streamed_response,
)
from .lines import is_text, join_content, join_free, join_message
from .shapes import BLOCKS, EVENTS, MESSAGE, are_events, is_whole, kind_of
from .unread import UnreadEvents

__all__ = ["EntryReader"]

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
_KNOWN = frozenset(_KEYS)
_ORIGIN = ("kind", "model", "date", "usage")
_KINDS = (AUTHORED, RECORDED)
_UNANSWERED = (
    'Its "response" can be a text, "response": "Hello!", or a message, "response": {"content": [...]}; to record it, '
    "take it out and record what is new."
)
_WHOLE = (
    "Only what is authored is filled in; what was recorded is whole. Record it again, or call it authored if it is."
)


class EntryReader:
    """Reads the `entries` of the file `path`, one after another: a later one is an addition to an earlier one."""

    def __init__(self, path: Path, entries: list[Any]) -> None:
        self._complaints, self._entries = Complaints(path), entries
        self._read: list[Interaction | None] = []
        self._requests = RequestReader(self._complaints, self._read)
        self._origins: dict[tuple[Any, ...], Provenance] = {}
        self._names = Names(self._told_ids)

    def numbers(self) -> range:
        """The numbers of the interactions."""
        return range(1, len(self._entries) + 1)

    def interaction(self, number: int) -> Interaction:
        """The interaction `number`; the ones before it have been read.

        Raises:
            CassetteError: it is broken.
        """
        interaction = self._interaction(number, self._entries[number - 1])
        self._read.append(interaction)
        return interaction

    def complaint(self, number: int) -> CassetteError | None:
        """What is wrong with the interaction `number`, if anything; nothing when only one that it needs is broken."""
        try:
            self.interaction(number)
        except CassetteError as error:
            self._read.append(None)
            return None if isinstance(error, Unread) else error
        return None

    def _interaction(self, number: int, entry: Any) -> Interaction:
        place = f"interaction {number}"
        self._check_keys(place, entry)
        if entry.get("number") != number:
            raise self._complaints.broken(
                f'{place}, "number"',
                f"expected {number}, found {entry.get('number')!r}.",
                "Number the interactions 1, 2, 3 in the order of the file.",
            )
        endpoint = self._endpoint(place, entry) if "endpoint" in entry else MESSAGES
        origin = self._provenance(place, entry)
        status = self._status(place, entry, origin) if "status" in entry else 200
        later: dict[str, Later] = {}
        asked = self._requests.addition(place, entry, endpoint, origin, status)
        fields: dict[str, Any] = {}
        if asked.waits:
            fields["ending"], later["request"] = asked.ending, lambda _: asked.whole()
        else:
            fields["request"] = asked.whole()
        if "events" in entry:
            fields["stream"], later["response"] = True, streamed_response
            self._stream(place, entry, fields, later)
        else:
            request = fields["request"] if "request" in fields else asked.whole()
            fields["response"], origin = self._response(number, entry, endpoint, status, request, origin)
            fields["stream"] = "stream" in entry and self._complaints.value(place, entry, "stream", bool)
            fields["events"] = ()
        return Interaction.read(
            later,
            **fields,
            provenance=origin,
            status=status,
            duration_ms=self._duration(place, entry) if "duration_ms" in entry else 0,
            headers=self._headers(place, entry) if "headers" in entry else {},
            endpoint=endpoint,
            betas=self._betas(place, entry) if "betas" in entry else None,
        )

    def _check_keys(self, place: str, entry: Any) -> None:
        if not isinstance(entry, dict):
            raise self._complaints.broken(place, f"expected an object, found {kind_of(entry)}.")
        if not entry.keys() <= _KNOWN:
            self._complaints.names(place, entry, _KEYS)

    def _status(self, place: str, entry: Mapping[str, Any], origin: Provenance) -> int:
        status: int = self._complaints.value(place, entry, "status", int)
        if 400 <= status <= 599 or status == 200:
            return status
        if origin.kind == AUTHORED:
            problem = f"expected 200, or that of an error from 400 to 599, found {status}."
            raise self._complaints.broken(f'{place}, "status"', problem, "Write 529 for an overloaded API.")
        if not 100 <= status <= 599:
            raise self._complaints.broken(f'{place}, "status"', f"expected one from 100 to 599, found {status}.")
        return status

    def _duration(self, place: str, entry: Mapping[str, Any]) -> int:
        duration: int = self._complaints.value(place, entry, "duration_ms", int, 0)
        if duration < 0:
            raise self._complaints.broken(f'{place}, "duration_ms"', f"expected milliseconds from 0, found {duration}.")
        return duration

    def _endpoint(self, place: str, entry: Mapping[str, Any]) -> str:
        endpoint: str = self._complaints.value(place, entry, "endpoint", str)
        if endpoint not in ENDPOINTS:
            raise self._complaints.broken(
                f'{place}, "endpoint"',
                f"unknown endpoint {endpoint!r}.{did_you_mean(endpoint, ENDPOINTS)}",
                f"Known: {listed(ENDPOINTS)}.",
            )
        return endpoint

    def _betas(self, place: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
        betas = self._complaints.value(place, entry, "betas", list)
        if not all(isinstance(name, str) for name in betas):
            raise self._complaints.broken(f'{place}, "betas"', "expected a list of strings.")
        return tuple(sorted(betas))

    def _headers(self, place: str, entry: Mapping[str, Any]) -> dict[str, str]:
        headers: dict[str, str] = self._complaints.value(place, entry, "headers", dict)
        for name in headers:
            self._complaints.value(f'{place}, "headers"', headers, name, str)
        return headers

    def _provenance(self, place: str, entry: Mapping[str, Any]) -> Provenance:
        value = self._complaints.value(place, entry, "provenance", dict)
        place = f'{place}, "provenance"'
        self._complaints.names(place, value, _ORIGIN)
        try:
            # There are few different ones, for thousands of interactions.
            return self._origins[tuple(map(value.get, _ORIGIN))]
        except (KeyError, TypeError):
            return self._new_provenance(place, value)

    def _new_provenance(self, place: str, value: dict[str, Any]) -> Provenance:
        kind = value.get("kind")
        if kind not in _KINDS:
            raise self._complaints.broken(
                f'{place}, "kind"',
                f"expected {' or '.join(_KINDS)}, found {kind!r}.",
                "An answer that somebody wrote is authored; only the recorder writes recorded.",
            )
        model: str = self._complaints.value(place, value, "model", str)
        date: str = self._complaints.value(place, value, "date", str)
        usage = value.get("usage", "")
        if usage not in ("", ESTIMATED):
            raise self._complaints.broken(
                f'{place}, "usage"',
                f"expected {ESTIMATED!r}, found {usage!r}.",
                "Leave it out where the tokens were counted.",
            )
        origin = Provenance(kind, model, date, WITNESS, usage)
        self._origins[kind, model, date, value.get("usage")] = origin
        return origin

    def _response(
        self,
        number: int,
        entry: Mapping[str, Any],
        endpoint: str,
        status: int,
        request: dict[str, Any],
        origin: Provenance,
    ) -> tuple[dict[str, Any] | str, Provenance]:
        """The response, an authored one with what it lacks, and where it comes from then."""
        place = f"interaction {number}"
        told = self._told(place, entry, endpoint, status, origin)
        if isinstance(told, str):
            return told, origin
        if status != 200:
            return (completed_error(status, told) if origin.kind == AUTHORED else told), origin
        if endpoint == MESSAGES and not is_whole(told):
            return self._message(number, told, request, origin)
        if endpoint == COUNT_TOKENS and origin.kind == AUTHORED and "input_tokens" not in told:
            return {"input_tokens": tokens(request), **told}, _estimated(origin)
        return told, origin

    def _told(
        self, place: str, entry: Mapping[str, Any], endpoint: str, status: int, origin: Provenance
    ) -> dict[str, Any] | str:
        """The response as the file has it; an authored text is a message of that text."""
        value = entry.get("response")
        if value is None and "response" in entry and origin.kind == AUTHORED:
            raise self._complaints.broken(place, "it has no answer yet: write one or record it.", _UNANSWERED)
        if type(value) is dict and not is_text(value):
            response: dict[str, Any] = join_message(value)
            return response
        text = join_content(value) if status == 200 else join_free(value)
        if isinstance(text, str) and status == 200 and endpoint == MESSAGES and origin.kind == AUTHORED:
            return {"content": [{"type": "text", "text": text}]}
        if is_text(value) and status == 200:
            raise self._complaints.broken(f'{place}, "response"', "expected an object; only an error can be a text.")
        if isinstance(text, str):
            return text
        whole: dict[str, Any] = self._complaints.value(place, entry, "response", dict)
        return whole

    def _message(
        self, number: int, response: dict[str, Any], request: dict[str, Any], origin: Provenance
    ) -> tuple[dict[str, Any], Provenance]:
        place = f'interaction {number}, "response"'
        if origin.kind == RECORDED:
            self._check_message(place, response)
            for key, kind in MESSAGE.items():
                self._complaints.value(place, response, key, kind, advice=_WHOLE)
            return response, origin
        model = request.get("model")
        said = model if isinstance(model, str) else origin.model
        message = completed_message(response, number, request, said, self._names)
        self._check_message(place, message)
        return message, origin if has_usage(response) else _estimated(origin)

    def _told_ids(self) -> frozenset[str]:
        """The ids that the responses of the file have, which nothing else may be called."""
        responses = [entry.get("response") for entry in self._entries if isinstance(entry, dict)]
        told: list[Any] = [response for response in responses if isinstance(response, dict)]
        blocks = [block for response in told for block in _listed(response.get("content")) if isinstance(block, dict)]
        return frozenset(name for value in (*told, *blocks) if isinstance(name := value.get("id"), str))

    def _check_message(self, place: str, message: dict[str, Any]) -> None:
        content = message.get("content")
        if not isinstance(content, list) or not all(isinstance(block, dict) for block in content):
            raise self._complaints.broken(f'{place}, "content"', "expected a list of content blocks, each with a type.")
        for index, block in enumerate(content):
            kind = block.get("type")
            known = BLOCKS.get(kind, ()) if isinstance(kind, str) else ()
            for key, expected in (("type", str), *known):
                self._complaints.value(f'{place}, "content"[{index}]', block, key, expected)
        usage = self._complaints.value(place, message, "usage", dict, {})
        for key in ("input_tokens", "output_tokens"):
            if key in usage:
                self._complaints.value(f'{place}, "usage"', usage, key, int)

    def _stream(self, place: str, entry: Mapping[str, Any], fields: dict[str, Any], later: dict[str, Later]) -> None:
        if "response" in entry:
            raise self._complaints.broken(
                place, 'has both "events" and "response".', "Keep the events of what was a stream."
            )
        lines = entry["events"]
        if isinstance(lines, UnreadEvents):
            later["events"] = lambda _: self._unread_events(place, lines)
        else:
            fields["events"] = self._events(place, self._complaints.value(place, entry, "events", list))

    def _unread_events(self, place: str, lines: UnreadEvents) -> tuple[Event, ...]:
        try:
            events = lines.parsed()
        except (ValueError, RecursionError) as error:
            nested = isinstance(error, RecursionError)
            said = getattr(error, "msg", "nested too deeply" if nested else "it has a number that is too long")
            place = f'{place}, "events"'
            raise self._complaints.broken(place, f"this is not JSON: {said}.", "Correct the file there.") from None
        return self._events(place, events)

    def _events(self, place: str, events: list[Any]) -> tuple[Event, ...]:
        if not events:
            raise self._complaints.broken(f'{place}, "events"', "expected at least one event, found none.")
        if not are_events(events):
            for index, event in enumerate(events):
                self._check_event(f'{place}, "events"[{index}]', event)
        return tuple(map(_as_event, events))

    def _check_event(self, place: str, event: Any) -> None:
        if not isinstance(event, list) or len(event) != 2 or type(event[0]) is not int or event[0] < 0:
            raise self._complaints.broken(place, "expected milliseconds from 0 and the event, [12, {...}].")
        data = event[1]
        if not isinstance(data, dict) or not isinstance(data.get("type"), str):
            raise self._complaints.broken(place, "expected an event with a type.")
        for key, kind in EVENTS.get(data["type"], ()):
            self._complaints.value(place, data, key, kind)


def _estimated(origin: Provenance) -> Provenance:
    return Provenance(origin.kind, origin.model, origin.date, origin.witness, ESTIMATED)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


# Faster than the class itself, which looks at its arguments.
_as_event: Callable[[Any], Event] = partial(tuple.__new__, Event)
