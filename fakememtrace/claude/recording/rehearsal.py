"""A dry run: what would be recorded is answered by the recordings most like it, so that the program runs through."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..cassette import Cassette
from ..explain import describe
from ..interaction import AUTHORED, COUNT_TOKENS, MESSAGES, Interaction, Provenance
from ..missing.miss import EXHAUSTED, NO_CONVERSATION
from ..player import Miss, Play, Player
from .conversations import Followed
from .making import recorded_form
from .modes import ALL, ONCE, Recording
from .plan import Change, Plan, interactions
from .secrets import Secrets

__all__ = ["Answered", "Rehearsal"]

_ANEW = "everything is recorded anew"
_FIRST = "nothing is recorded yet"
_EPOCH = "1970-01-01T00:00:00Z"


class Answered(NamedTuple):
    """A request, and what answered it: the interaction ``number``, or 0 where nothing stood for it.

    ``conversation`` is the request's, as ``followed`` numbers them.  ``is_own`` is whether it is recorded just so;
    where it is not, ``miss`` says why, but for what goes on with such a request.
    """

    conversation: int
    number: int
    is_own: bool
    miss: Miss | None
    request: dict[str, Any]
    endpoint: str


class Rehearsal:
    """Answers everything from the cassette `path`, and counts what a recording would ask the real API.

    What is not recorded gets the answer at the same place of the recorded conversation that it is, or is
    most like; where there is none, an empty one that ends the turn.  ``answered`` is all that was asked so far,
    ``followed`` knows the conversations of it.

    Args:
        path: the cassette; it need not exist.
        recording: how it would be recorded.
        player_of: makes a player of a cassette.
        is_strict: whether a conversation that is like no recorded one is a new one, and stands for none of them.

    Raises:
        CassetteError: the cassette is broken.
    """

    def __init__(
        self,
        path: Path,
        recording: Recording,
        player_of: Callable[[Cassette], Player],
        is_strict: bool = False,
    ) -> None:
        is_there = path.exists()
        self.cassette = Cassette(Cassette.load(path).interactions if is_there else (), path)
        self.player = player_of(self.cassette)
        self._only_replays = recording.mode == ONCE and is_there
        self._reason = _ANEW if recording.mode == ALL else "" if is_there else _FIRST
        self._is_strict = is_strict
        self._redactor = Secrets(recording).redactor
        self.followed = Followed(self.cassette.interactions)
        self.answered: list[Answered] = []
        self._changes: dict[int, Change] = {}
        self._is_open = False
        # The interactions that answer what they are not recorded for.
        self._lent: set[int] = set()
        self._lock = threading.RLock()

    def plan(self) -> Plan:
        """What a recording would call, as far as the program has come."""
        for conversation, change in self._changes.items():
            group = self.followed.group(conversation)
            change.conversation = 0 if group is None else group + 1
            change.numbers = interactions(self.followed.left(conversation))
        return Plan(str(self.cassette), list(self._changes.values()), self._is_open)

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The recording of the request, or what stands for the answer of the API."""
        with self._lock:
            sent = recorded_form(request, self._redactor)
            reason = self._reason or self._going_on(sent, endpoint)
            miss = None
            if not reason:
                found = self._recorded(request, endpoint, betas)
                if isinstance(found, Play):
                    self._is_own(found.number, sent, endpoint)
                if isinstance(found, Play) or self._only_replays:
                    return found
                reason, miss = found.kind, found
            return self._stand_in(sent, endpoint, reason, miss)

    def open_ends(self) -> str:
        """Nothing: this is about what would be asked."""
        return ""

    def _recorded(self, request: dict[str, Any], endpoint: str, betas: Sequence[str]) -> Play | Miss:
        """What is recorded for just this request, even if it has answered another one meanwhile."""
        found = self.player.play(request, endpoint, betas)
        if not self._lent or isinstance(found, Play) or found.kind != EXHAUSTED:
            return found
        self.player.rewind(set(self.player.played()) - self._lent)
        found = self.player.play(request, endpoint, betas)
        if isinstance(found, Play):
            self._lent.discard(found.number)
        self.player.rewind({*self.player.played(), *self._lent})
        return found

    def _is_own(self, number: int, sent: dict[str, Any], endpoint: str) -> None:
        self.followed.played(number)
        conversation = self.followed.conversation(number)
        self.answered.append(Answered(conversation, number, True, None, sent, endpoint))

    def _going_on(self, sent: dict[str, Any], endpoint: str) -> str:
        """The reason of a request that goes on with what would be another answer by then; empty where it does not."""
        conversation = self.followed.goes_on(sent, endpoint)
        return self._changes[conversation].reason if conversation in self._changes else ""

    def _stand_in(self, sent: dict[str, Any], endpoint: str, reason: str, miss: Miss | None) -> Play:
        is_new = self._is_strict and miss is not None and miss.kind == NO_CONVERSATION
        conversation = self.followed.differs(sent, endpoint, is_new)
        change = self._changes.setdefault(conversation, Change(0, "", reason, describe(sent, endpoint)))
        change.calls += 1
        number = self._next(conversation, endpoint)
        if number:
            self.player.rewind([*self.player.played(), number])
            self._lent.add(number)
            this = self.cassette.interactions[number - 1]
        else:
            self._is_open = True
            this = _empty(sent, endpoint)
        self.followed.answered(this, conversation, request=sent)
        self.answered.append(Answered(conversation, number, False, miss, sent, endpoint))
        return Play(number, this)

    def _next(self, conversation: int, endpoint: str) -> int:
        """The number of the recording at the same place of the conversation; 0 when there is none."""
        played = set(self.player.played())
        left = (number for number in self.followed.left(conversation) if number not in played)
        return next((n for n in left if self.cassette.interactions[n - 1].endpoint == endpoint), 0)


def _empty(request: dict[str, Any], endpoint: str) -> Interaction:
    """An answer without content, in the shape that the endpoint has."""
    model = str(request.get("model", ""))
    if endpoint == MESSAGES:
        answer = _message(model)
    elif endpoint == COUNT_TOKENS:
        answer = {"input_tokens": 1}
    elif "id" in request:
        answer = {"type": "model", "id": request["id"], "display_name": request["id"], "created_at": _EPOCH}
    else:
        answer = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    return Interaction(request, answer, Provenance(AUTHORED, model, _EPOCH[:10]), endpoint=endpoint)


def _message(model: str) -> dict[str, Any]:
    return {
        "id": "msg_rehearsal",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "..."}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }
