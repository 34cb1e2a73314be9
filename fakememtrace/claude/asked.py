"""From one entry of a cassette file to the request that it stands for: what it adds to an earlier one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .complaining import Complaints
from .completing import completed_results
from .interaction import AUTHORED, MODELS, Interaction, Provenance
from .lines import join_content, join_free, join_message, join_tools

__all__ = ["Addition", "RequestReader"]

_NO_CALL = "Say which call it answers: there is no call left in the message before it."

_Request = dict[str, Any]


class Addition(NamedTuple):
    """What an entry says of its request: `parameters` and `messages` beside those of `base`, if there is one.

    It ``continues`` its base, or is only like it.
    """

    parameters: _Request
    messages: list[dict[str, Any]]
    base: Interaction | None
    continues: bool
    endpoint: str

    @property
    def waits(self) -> bool:
        """Whether the whole request needs what nobody has read yet: the events of a stream."""
        if self.base is None or not self.messages:
            return False
        return self.base.is_unread("request") or (self.continues and self.base.is_unread("events"))

    @property
    def ending(self) -> tuple[int, Any]:
        """How many messages the whole request has, and the last of them."""
        before = self.base.ending[0] + 1 if self.base is not None and self.continues else 0
        return before + len(self.messages), self.messages[-1]

    def whole(self) -> _Request:
        """The whole request."""
        request, messages = self.parameters, self.messages
        if self.base is not None:
            request = {**self.base.request, **request}
            if self.continues:
                messages = [*self.base.messages, self.base.answer, *messages]
        if None in request.values():
            request = {key: value for key, value in request.items() if value is not None}
        if self.endpoint == MODELS:
            request.pop("messages", None)
        else:
            request["messages"] = messages
        return request


class RequestReader:
    """Reads the requests of a file, of which `read` are the interactions so far, None for a broken one."""

    def __init__(self, complaints: Complaints, read: Sequence[Interaction | None]) -> None:
        self._complaints, self._read = complaints, read

    def addition(
        self, place: str, entry: Mapping[str, Any], endpoint: str, origin: Provenance, status: int
    ) -> Addition:
        """What the `entry` adds; raises CassetteError where it is broken."""
        own = self._complaints.value(place, entry, "request", dict)
        parameters = {key: _JOIN.get(key, join_free)(value) for key, value in own.items()}
        messages = parameters.pop("messages", [])
        where = f'{place}, "request", "messages"'
        if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
            raise self._complaints.broken(where, "expected a list of objects with role and content.")
        base, continues = self._earlier(place, entry), "continues" in entry
        if origin.kind == AUTHORED:
            before = base.answer if base is not None and continues else None
            completed = completed_results(messages, before)
            if completed is not messages and status == 200:
                self._check_results(where, completed)
            messages = completed
        return Addition(parameters, messages, base, continues, endpoint)

    def _earlier(self, place: str, entry: Mapping[str, Any]) -> Interaction | None:
        complaints = self._complaints
        if "like" in entry and "continues" in entry:
            raise complaints.broken(place, 'has both "like" and "continues".', "Keep one of them.")
        key = "continues" if "continues" in entry else "like"
        if key not in entry:
            return None
        number: int = complaints.value(place, entry, key, int)
        if not 1 <= number <= len(self._read):
            known = f"1 to {len(self._read)}" if self._read else "none, since this is the first"
            raise complaints.broken(f'{place}, "{key}"', f"expected an earlier interaction ({known}), found {number}.")
        base = self._read[number - 1]
        if base is None:
            raise complaints.unread(place, number)
        if key == "continues" and base.status != 200:
            raise complaints.broken(
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
                    here = f'{place}[{index}], "content"[{position}]'
                    self._complaints.value(here, block, "tool_use_id", str, advice=_NO_CALL)


def _join_messages(messages: Any) -> Any:
    return [join_message(message) for message in messages] if isinstance(messages, list) else join_free(messages)


_JOIN = {"system": join_content, "tools": join_tools, "messages": _join_messages}
