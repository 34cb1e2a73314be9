"""A dry run: what would be recorded is answered by the recordings most like it, so that the program runs through."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ..cassette import Cassette
from ..explain import describe
from ..interaction import AUTHORED, COUNT_TOKENS, MESSAGES, Interaction, Provenance
from ..player import Miss, Play, Player
from ..redact import Redactor
from .conversations import Followed
from .making import recorded_form
from .modes import ALL, ONCE, Recording
from .plan import Change, Plan, interactions

__all__ = ["Rehearsal"]

_ANEW = "everything is recorded anew"
_FIRST = "nothing is recorded yet"
_EPOCH = "1970-01-01T00:00:00Z"


class Rehearsal:
    """Answers everything from the cassette `path`, and counts what a recording would ask the real API.

    What is not recorded gets the answer at the same place of the recorded conversation that it is, or is
    most like; where there is none, an empty one that ends the turn.

    Args:
        path: the cassette; it need not exist.
        recording: how it would be recorded.
        player_of: makes a player of a cassette.

    Raises:
        CassetteError: the cassette is broken.
    """

    def __init__(self, path: Path, recording: Recording, player_of: Callable[[Cassette], Player]) -> None:
        is_there = path.exists()
        self.cassette = Cassette(Cassette.load(path).interactions if is_there else (), path)
        self.player = player_of(self.cassette)
        self._only_replays = recording.mode == ONCE and is_there
        self._reason = _ANEW if recording.mode == ALL else "" if is_there else _FIRST
        self._redactor = Redactor(also=recording.redact)
        self._followed = Followed(self.cassette.interactions)
        self._changes: dict[int, Change] = {}
        self._is_open = False
        self._lock = threading.RLock()

    def plan(self) -> Plan:
        """What a recording would call, as far as the program has come."""
        for conversation, change in self._changes.items():
            group = self._followed.group(conversation)
            change.conversation = 0 if group is None else group + 1
            change.numbers = interactions(self._followed.left(conversation))
        return Plan(str(self.cassette), list(self._changes.values()), self._is_open)

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The recording of the request, or what stands for the answer of the API."""
        with self._lock:
            sent = recorded_form(request, self._redactor)
            reason = self._reason or self._going_on(sent, endpoint)
            if not reason:
                found = self.player.play(request, endpoint, betas)
                if isinstance(found, Play):
                    self._followed.played(found.number)
                if isinstance(found, Play) or self._only_replays:
                    return found
                reason = found.kind
            return self._stand_in(sent, endpoint, reason)

    def open_ends(self) -> str:
        """Nothing: this is about what would be asked."""
        return ""

    def _going_on(self, sent: dict[str, Any], endpoint: str) -> str:
        """The reason of a request that goes on with what would be another answer by then; empty where it does not."""
        conversation = self._followed.goes_on(sent, endpoint)
        return self._changes[conversation].reason if conversation in self._changes else ""

    def _stand_in(self, sent: dict[str, Any], endpoint: str, reason: str) -> Play:
        conversation = self._followed.differs(sent, endpoint)
        change = self._changes.setdefault(conversation, Change(0, "", reason, describe(sent, endpoint)))
        change.calls += 1
        number = self._next(conversation, endpoint)
        if number:
            self.player.rewind([*self.player.played(), number])
            this = self.cassette.interactions[number - 1]
        else:
            self._is_open = True
            this = _empty(sent, endpoint)
        self._followed.answered(this, conversation, request=sent)
        return Play(number, this)

    def _next(self, conversation: int, endpoint: str) -> int:
        """The number of the recording at the same place of the conversation; 0 when there is none."""
        played = set(self.player.played())
        left = (number for number in self._followed.left(conversation) if number not in played)
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
