"""Which interactions are one conversation, and which recorded conversation a request goes on with or stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from ..interaction import MESSAGES, MODELS, Interaction
from ..matching.normal import normalised

__all__ = ["Conversations", "Followed", "grouped"]

Body = dict[str, Any]


class Conversations:
    """Conversations in the making: each has a number, and grows by what is added to it."""

    def __init__(self) -> None:
        # By the digest of the messages: with the answer, and without it; the last of such.
        self._answered: dict[str, int] = {}
        self._asked: dict[str, tuple[int, bool, str]] = {}

    def of(self, request: Body, endpoint: str) -> int | None:
        """The number of the conversation that `request` goes on with, or None.

        It does when its messages begin with those of an earlier request and its answer, or at least with
        those; and when it is that request again, after an error or at another endpoint.
        """
        digests = list(_chain(_messages(request)))
        if not digests or endpoint == MODELS:
            return None
        for digest in reversed(digests[:-1]):
            if digest in self._answered:
                return self._answered[digest]
        for digest in reversed(digests[:-1]):
            if digest in self._asked:
                return self._asked[digest][0]
        number, failed, before = self._asked.get(digests[-1], (None, False, endpoint))
        return number if failed or before != endpoint else None

    def add(self, this: Interaction, number: int, request: Body | None = None) -> None:
        """Let `this` belong to the conversation `number`, asked for as `request`, where that is not quite its own."""
        messages = _messages(this.request if request is None else request)
        if not messages or this.endpoint == MODELS:
            return
        failed = this.status != 200
        self._asked[_digest(messages)] = number, failed, this.endpoint
        if not failed and this.endpoint == MESSAGES:
            self._answered[_digest([*messages, *_messages({"messages": [this.answer]})])] = number


def grouped(interactions: Sequence[Interaction]) -> list[list[int]]:
    """The numbers of the interactions of each conversation, in the order in which these begin."""
    groups: list[list[int]] = []
    conversations = Conversations()
    for number, this in enumerate(interactions, 1):
        found = conversations.of(this.request, this.endpoint)
        if found is None:
            found = len(groups)
            groups.append([])
        groups[found].append(number)
        conversations.add(this, found)
    return groups


class Followed:
    """Follows a program through recorded conversations, some of which it does not have any more as they were.

    ``groups`` are those that were recorded, by the numbers of their interactions.  What differs is a
    conversation with a number after theirs, and may stand for one of them; so may one of them from some
    turn on.
    """

    def __init__(self, interactions: Sequence[Interaction]) -> None:
        self._interactions = list(interactions)
        self.groups = grouped(self._interactions)
        self._conversation_of = {number: group for group, numbers in enumerate(self.groups) for number in numbers}
        self._live = Conversations()
        self._count = len(self.groups)
        # The recorded conversation that one which differs stands for.
        self._stands_for: dict[int, int] = {}
        self.changed: set[int] = set()
        self._played: set[int] = set()

    def played(self, number: int) -> None:
        """The interaction `number` was played as it is."""
        conversation = self._conversation_of[number]
        if number > len(self._interactions):
            return
        self._played.add(number)
        for other, taken in list(self._stands_for.items()):
            if taken == conversation:
                # So it was another one that differs.
                del self._stands_for[other]
        self._live.add(self._interactions[number - 1], conversation)

    def goes_on(self, request: Body, endpoint: str) -> int | None:
        """The conversation that `request` goes on with, of all that were followed so far."""
        return self._live.of(request, endpoint)

    def differs(self, request: Body, endpoint: str, is_new: bool = False) -> int:
        """The conversation of a `request` that is not recorded; from here on it has changed.

        One that begins with it stands for the recorded one that it is most like, unless `is_new`.
        """
        conversation = self._live.of(request, endpoint)
        if conversation is None:
            conversation, self._count = self._count, self._count + 1
            group = None if is_new else self._nearest(request, endpoint)
            if group is not None:
                self._stands_for[conversation] = group
        self.changed.add(conversation)
        return conversation

    def answered(self, this: Interaction, conversation: int, number: int = 0, request: Body | None = None) -> None:
        """The answer there was `this`, kept as `number`, or given to another `request` than its own."""
        if number:
            self._conversation_of[number] = conversation
        self._live.add(this, conversation, request)

    def conversation(self, number: int) -> int:
        """The conversation that the interaction `number` belongs to."""
        return self._conversation_of[number]

    def group(self, conversation: int) -> int | None:
        """The recorded conversation that this one is or stands for; None where it is new."""
        group = self._stands_for.get(conversation, conversation)
        return group if group < len(self.groups) else None

    def left(self, conversation: int) -> list[int]:
        """The recorded interactions that the conversation has made superfluous so far, or will have."""
        group = self.group(conversation) if conversation in self.changed else None
        return [] if group is None else [number for number in self.groups[group] if number not in self._played]

    def arranged(self, count: int) -> list[int]:
        """The numbers up to `count` without what is superfluous, each new one where what it replaces was."""
        superfluous = {number for conversation in self.changed for number in self.left(conversation)}
        kept = [number for number in range(1, count + 1) if number not in superfluous]
        return sorted(kept, key=self._place)

    def _place(self, number: int) -> tuple[float, int]:
        if number <= len(self._interactions):
            return number, 0
        group = self.group(self._conversation_of[number])
        if group is None:
            return len(self._interactions) + 1, number
        # After what is left of the recorded conversation, or else where that began.
        left = [other for other in self.groups[group] if other in self._played]
        return (left[-1], number) if left else (self.groups[group][0] - 0.5, number)

    def _nearest(self, request: Body, endpoint: str) -> int | None:
        begun = {self._conversation_of[number] for number in self._played}
        taken = begun | set(self._stands_for.values())
        free = [group for group in range(len(self.groups)) if group not in taken and self._is_of(group, endpoint)]
        wanted = normalised(request)
        return max(free, key=lambda group: (*self._likeness(group, wanted), -group), default=None)

    def _is_of(self, group: int, endpoint: str) -> bool:
        return self._first(group).endpoint == endpoint

    def _first(self, group: int) -> Interaction:
        return self._interactions[self.groups[group][0] - 1]

    def _likeness(self, group: int, wanted: Body) -> tuple[int, int]:
        """How many parts of the first request are the same, and how many messages."""
        recorded = normalised(self._first(group).request)
        parts = sum(recorded.get(part) == wanted.get(part) for part in {*recorded, *wanted})
        pairs = zip(recorded["messages"], wanted["messages"], strict=False)
        return parts, sum(one == other for one, other in pairs)


def _messages(request: Body) -> list[Any]:
    messages: list[Any] = normalised({"messages": request.get("messages")})["messages"]
    return messages


def _chain(messages: list[Any]) -> Iterator[str]:
    """A digest of the first message, of the first two, and so on."""
    running = hashlib.sha256()
    for message in messages:
        running.update(json.dumps(message, sort_keys=True).encode() + b"\n")
        yield running.hexdigest()


def _digest(messages: list[Any]) -> str:
    *_, last = _chain(messages)
    return last
