"""From one entry of a cassette file to the interaction that it stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from ..errors import CassetteError, did_you_mean, listed
from .completing import Names, completed_error, completed_message, completed_results, has_usage, tokens
from .interaction import (
    AUTHORED,
    COUNT_TOKENS,
    ENDPOINTS,
    ESTIMATED,
    MESSAGES,
    MODELS,
    RECORDED,
    WITNESS,
    Event,
    Interaction,
    Provenance,
)
from .lines import is_text, join_content, join_free, join_message, join_tools
from .shapes import BLOCKS, EVENTS, MESSAGE, NAMES, are_events, is_whole, kind_of

__all__ = ["MADE_BY", "EntryReader"]

MADE_BY = "A cassette is made by fakememtrace's author or recorder and edited by hand."

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
_NO_CALL = "Say which call it answers: there is no call left in the message before it."
_WHOLE = (
    "Only what is authored is filled in; what was recorded is whole. Record it again, or call it authored if it is."
)


class EntryReader:
    """Reads the `entries` of the file `path`, one after another: a later one is an addition to an earlier one."""

    def __init__(self, path: Path, entries: list[Any]) -> None:
        self._path, self._entries = path, entries
        self._read: list[Interaction | None] = []
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
            return None if isinstance(error, _Unread) else error
        return None

    def _broken(self, place: str, problem: str, advice: str = MADE_BY) -> CassetteError:
        return CassetteError(self._path, problem, advice, place)

    def _interaction(self, number: int, entry: Any) -> Interaction:
        place = f"interaction {number}"
        self._check_keys(place, entry)
        if entry.get("number") != number:
            raise self._broken(
                f'{place}, "number"',
                f"expected {number}, found {entry.get('number')!r}.",
                "Number the interactions 1, 2, 3 in the order of the file.",
            )
        status: int = self._value(place, entry, "status", int) if "status" in entry else 200
        endpoint = self._endpoint(place, entry) if "endpoint" in entry else MESSAGES
        origin = self._provenance(place, entry)
        request = self._request(place, entry, endpoint, origin, status)
        if "events" in entry:
            answer: dict[str, Any] = {"events": self._events(place, entry), "stream": True}
        else:
            response, origin = self._response(number, entry, endpoint, status, request, origin)
            stream = "stream" in entry and self._value(place, entry, "stream", bool)
            answer = {"response": response, "events": (), "stream": stream}
        return Interaction.read(
            **answer,
            request=request,
            provenance=origin,
            status=status,
            duration_ms=self._duration(place, entry) if "duration_ms" in entry else 0,
            headers=self._headers(place, entry) if "headers" in entry else {},
            endpoint=endpoint,
            betas=self._betas(place, entry) if "betas" in entry else None,
        )

    def _check_keys(self, place: str, entry: Any) -> None:
        if not isinstance(entry, dict):
            raise self._broken(place, f"expected an object, found {kind_of(entry)}.")
        if not entry.keys() <= _KNOWN:
            self._check_names(place, entry, _KEYS)

    def _check_names(self, place: str, entry: Mapping[str, Any], known: Sequence[str]) -> None:
        for key in entry:
            if key not in known:
                raise self._broken(place, f"unknown key {key!r}.{did_you_mean(key, known)}", f"Known: {listed(known)}.")

    def _value(
        self, place: str, entry: Mapping[str, Any], key: str, kind: type, default: Any = None, advice: str = MADE_BY
    ) -> Any:
        value = entry.get(key, default)
        # Exactly: true is no whole number.
        if type(value) is kind:
            return value
        found = "nothing" if key not in entry else kind_of(value)
        raise self._broken(f'{place}, "{key}"', f"expected {NAMES[kind]}, found {found}.", advice)

    def _duration(self, place: str, entry: Mapping[str, Any]) -> int:
        duration: int = self._value(place, entry, "duration_ms", int, 0)
        if duration < 0:
            raise self._broken(f'{place}, "duration_ms"', f"expected milliseconds from 0, found {duration}.")
        return duration

    def _endpoint(self, place: str, entry: Mapping[str, Any]) -> str:
        endpoint: str = self._value(place, entry, "endpoint", str)
        if endpoint not in ENDPOINTS:
            raise self._broken(
                f'{place}, "endpoint"',
                f"unknown endpoint {endpoint!r}.{did_you_mean(endpoint, ENDPOINTS)}",
                f"Known: {listed(ENDPOINTS)}.",
            )
        return endpoint

    def _betas(self, place: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
        betas = self._value(place, entry, "betas", list)
        if not all(isinstance(name, str) for name in betas):
            raise self._broken(f'{place}, "betas"', "expected a list of strings.")
        return tuple(sorted(betas))

    def _headers(self, place: str, entry: Mapping[str, Any]) -> dict[str, str]:
        headers: dict[str, str] = self._value(place, entry, "headers", dict)
        for name in headers:
            self._value(f'{place}, "headers"', headers, name, str)
        return headers

    def _provenance(self, place: str, entry: Mapping[str, Any]) -> Provenance:
        value = self._value(place, entry, "provenance", dict)
        place = f'{place}, "provenance"'
        self._check_names(place, value, _ORIGIN)
        try:
            # There are few different ones, for thousands of interactions.
            return self._origins[tuple(map(value.get, _ORIGIN))]
        except (KeyError, TypeError):
            return self._new_provenance(place, value)

    def _new_provenance(self, place: str, value: dict[str, Any]) -> Provenance:
        kind = value.get("kind")
        if kind not in _KINDS:
            raise self._broken(
                f'{place}, "kind"',
                f"expected {' or '.join(_KINDS)}, found {kind!r}.",
                "An answer that somebody wrote is authored; only the recorder writes recorded.",
            )
        model: str = self._value(place, value, "model", str)
        date: str = self._value(place, value, "date", str)
        usage = value.get("usage", "")
        if usage not in ("", ESTIMATED):
            raise self._broken(
                f'{place}, "usage"',
                f"expected {ESTIMATED!r}, found {usage!r}.",
                "Leave it out where the tokens were counted.",
            )
        origin = Provenance(kind, model, date, WITNESS, usage)
        self._origins[kind, model, date, value.get("usage")] = origin
        return origin

    def _request(
        self, place: str, entry: Mapping[str, Any], endpoint: str, origin: Provenance, status: int
    ) -> dict[str, Any]:
        own = self._value(place, entry, "request", dict)
        request = {key: _JOIN.get(key, join_free)(value) for key, value in own.items()}
        messages = request.pop("messages", [])
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise self._broken(f'{place}, "request", "messages"', "expected a list of objects with role and content.")
        base = self._earlier(place, entry)
        before = base.answer if base is not None and "continues" in entry else None
        if origin.kind == AUTHORED:
            completed = completed_results(messages, before)
            if completed is not messages and status == 200:
                self._check_results(f'{place}, "request", "messages"', completed)
            messages = completed
        if base is not None:
            request = {**base.request, **request}
            if before is not None:
                messages = [*base.messages, before, *messages]
        if None in request.values():
            request = {key: value for key, value in request.items() if value is not None}
        if endpoint == MODELS:
            request.pop("messages", None)
        else:
            request["messages"] = messages
        return request

    def _earlier(self, place: str, entry: Mapping[str, Any]) -> Interaction | None:
        if "like" in entry and "continues" in entry:
            raise self._broken(place, 'has both "like" and "continues".', "Keep one of them.")
        key = "continues" if "continues" in entry else "like"
        if key not in entry:
            return None
        number: int = self._value(place, entry, key, int)
        if not 1 <= number <= len(self._read):
            known = f"1 to {len(self._read)}" if self._read else "none, since this is the first"
            raise self._broken(f'{place}, "{key}"', f"expected an earlier interaction ({known}), found {number}.")
        base = self._read[number - 1]
        if base is None:
            raise _Unread(self._path, f"interaction {number} is broken.", MADE_BY, place)
        if key == "continues" and base.status != 200:
            raise self._broken(
                f'{place}, "continues"',
                f"interaction {number} was answered with an error, so no conversation goes on from it.",
                'Write "like" and the whole messages.',
            )
        return base

    def _check_results(self, place: str, messages: list[dict[str, Any]]) -> None:
        for index, message in enumerate(messages):
            content = message.get("content")
            for position, block in enumerate(content) if isinstance(content, list) else ():
                if isinstance(block, dict) and block.get("type") == "tool_result":
                    self._value(f'{place}[{index}], "content"[{position}]', block, "tool_use_id", str, advice=_NO_CALL)

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
        if type(value) is dict and not is_text(value):
            response: dict[str, Any] = join_message(value)
            return response
        text = join_content(value) if status == 200 else join_free(value)
        if isinstance(text, str) and status == 200 and endpoint == MESSAGES and origin.kind == AUTHORED:
            return {"content": [{"type": "text", "text": text}]}
        if is_text(value) and status == 200:
            raise self._broken(f'{place}, "response"', "expected an object; only an error can be a text.")
        if isinstance(text, str):
            return text
        whole: dict[str, Any] = self._value(place, entry, "response", dict)
        return whole

    def _message(
        self, number: int, response: dict[str, Any], request: dict[str, Any], origin: Provenance
    ) -> tuple[dict[str, Any], Provenance]:
        place = f'interaction {number}, "response"'
        if origin.kind == RECORDED:
            self._check_message(place, response)
            for key, kind in MESSAGE.items():
                self._value(place, response, key, kind, advice=_WHOLE)
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
            raise self._broken(f'{place}, "content"', "expected a list of content blocks, each with a type.")
        for index, block in enumerate(content):
            kind = block.get("type")
            known = BLOCKS.get(kind, ()) if isinstance(kind, str) else ()
            for key, expected in (("type", str), *known):
                self._value(f'{place}, "content"[{index}]', block, key, expected)
        usage = self._value(place, message, "usage", dict, {})
        for key in ("input_tokens", "output_tokens"):
            if key in usage:
                self._value(f'{place}, "usage"', usage, key, int)

    def _events(self, place: str, entry: Mapping[str, Any]) -> tuple[Event, ...]:
        if "response" in entry:
            raise self._broken(place, 'has both "events" and "response".', "Keep the events of what was a stream.")
        events = self._value(place, entry, "events", list)
        if not events:
            raise self._broken(f'{place}, "events"', "expected at least one event, found none.")
        if not are_events(events):
            for index, event in enumerate(events):
                self._check_event(f'{place}, "events"[{index}]', event)
        return tuple(map(_as_event, events))

    def _check_event(self, place: str, event: Any) -> None:
        if not isinstance(event, list) or len(event) != 2 or type(event[0]) is not int or event[0] < 0:
            raise self._broken(place, "expected milliseconds from 0 and the event, [12, {...}].")
        data = event[1]
        if not isinstance(data, dict) or not isinstance(data.get("type"), str):
            raise self._broken(place, "expected an event with a type.")
        for key, kind in EVENTS.get(data["type"], ()):
            self._value(place, data, key, kind)


class _Unread(CassetteError):
    """An interaction that is an addition to a broken one."""


def _estimated(origin: Provenance) -> Provenance:
    return Provenance(origin.kind, origin.model, origin.date, origin.witness, ESTIMATED)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _join_messages(messages: Any) -> Any:
    return [join_message(message) for message in messages] if isinstance(messages, list) else join_free(messages)


# Faster than the class itself, which looks at its arguments.
_as_event: Callable[[Any], Event] = partial(tuple.__new__, Event)
_JOIN = {"system": join_content, "tools": join_tools, "messages": _join_messages}
