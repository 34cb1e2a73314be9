"""Answers from a cassette where it can, asks the real API where its mode says so, and keeps what that answers."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import CallFailed, FileError, SecretFound, UsageError
from ...wire import Request, Response
from ..cassette import Cassette
from ..explain import describe
from ..fake import Asked
from ..interaction import MESSAGES, Interaction
from ..media import digested
from ..player import Miss, Play, Player
from ..redact import Redactor, headers, refuse_secrets
from ..redaction.parts import parts
from . import words
from .calls import Calls
from .conversations import Followed
from .hearing import Forward, Heard, hear
from .keeping import Keeper
from .making import kept, made, recorded_form, unreadable
from .modes import ALL, CHANGED, ONCE, STAND_IN_KEY, Recording
from .places import obstacle, refuse_foreign
from .plan import Change, Plan, interactions
from .secrets import Secrets

__all__ = ["Recorder"]


class Recorder:
    """Records into the file `path`, and replays from it what need not be recorded.

    ``recorded`` is how many answers were kept, ``notes`` say what was not and why, ``plan`` is what was
    recorded again and for what reason (in mode ``changed``).

    Args:
        path: the cassette.
        recording: how to record.
        player_of: makes a player of a cassette.
        forward: asks the real API.
        apart: a context in which the world goes on while somebody waits for the API.
        secrets: what is taken out; by default what `recording` says and the environment holds.

    Raises:
        CassetteError: the cassette is broken, and its mode reads it; or the file is something else.
    """

    def __init__(
        self,
        path: Path,
        recording: Recording,
        player_of: Callable[[Cassette], Player],
        forward: Forward,
        apart: Callable[[], AbstractContextManager[object]] = nullcontext,
        secrets: Secrets | None = None,
    ) -> None:
        self.path, self._how, self._player_of = path, recording, player_of
        self._forward, self._apart = forward, apart
        if recording.mode == ALL:
            refuse_foreign(path)
        self._is_new = recording.mode == ALL or not path.exists()
        old = [] if self._is_new else Cassette.load(path).interactions
        self._followed = Followed(old)
        self._interactions = list(old)
        self.player = player_of(Cassette(old, path))
        self.may_call = recording.mode != ONCE or self._is_new
        # Whether the last answer came from the API: then what the SDK waits before it tries again is wanted there.
        self.live = False
        self.recorded = 0
        # Held while something is changed; it tells of calls that are over as well.
        self._lock = threading.Condition()
        self._calls = Calls(self._lock)
        self.notes = self._calls.notes
        self._changes: dict[int, Change] = {}
        self._secrets = secrets or Secrets(recording)
        # Whether what was recorded is to be written once more, without what is known to be a secret since.
        self._is_stale = False
        self._keeper = Keeper(path, recording.keeps_old)

    @property
    def plan(self) -> Plan:
        """The conversations that were recorded again, each with the calls that it took."""
        for conversation, change in self._changes.items():
            change.conversation, change.numbers = self._name(conversation)
        return Plan(str(self.player.cassette), list(self._changes.values()))

    @property
    def by_hand(self) -> bool:
        """Whether somebody else than the end of the world's block says that all went well."""
        return self._how.by_hand

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """What is recorded for the request; nobody is asked for what is not."""
        with self._lock:
            found = self.player.play(request, endpoint, betas)
            if isinstance(found, Play):
                self._followed.played(found.number)
            return found

    def answer(self, asked: Asked) -> Play | Miss | Response:
        """What is recorded, or what the API answers.

        Raises:
            CallFailed: the API gives no answer.
        """
        self._learn(asked)
        found = self.play(asked.body, asked.endpoint, asked.betas)
        self.live = False
        if isinstance(found, Play):
            return found
        refusal = self._refusal(asked)
        if refusal or not self.may_call:
            return replace(found, explanation=refusal or found.explanation)
        self.live = True
        body = recorded_form(asked.body, self._redactor)
        described = describe(body, asked.endpoint)
        with self._apart(), self._calls.begun(body, described) as call:
            return self._called(asked, found, call, body, described)

    def open_ends(self) -> str:
        """What was asked and is not kept; or what is recorded, was never asked for, and stays: in words, or empty."""
        lost = self._calls.lost()
        if lost:
            return words.lost(self._shown(), lost, self._advice())
        arranged, played = self._arranged(), set(self.player.played())
        player = self._player_of(self._cassette(arranged))
        player.rewind(place for place, number in enumerate(arranged, 1) if number in played)
        return player.open_ends()

    def finish(self, well: bool) -> str:
        """The end: what was recorded replaces the file where that waited for it, if all went `well`.

        Nothing does where an answer could not be kept.  Calls that are still being asked are waited for, but not
        for long.  What is left to do, in words; empty when there is nothing.

        Raises:
            FileError: the file cannot be written.
        """
        with self._lock:
            self._calls.end(self._how.patience)
            self._how.claims.give_back(self.path, self)
            lost = self._calls.lost()
            if self._is_stale:
                self._keeper.keep(self._cassette(self._arranged()))
                self._is_stale = False
            left = self._keeper.finish(self._cassette(self._arranged()), well and not lost)
            told = words.lost(self._shown(), lost, left or self._advice()) if lost else left
            return "\n".join(filter(None, [told, *(self._secrets.unsought() if self.recorded else ())]))

    def _advice(self) -> str:
        """What to do where an answer was not kept."""
        return words.RECORD_ALL if self._how.keeps_old else words.RECORD_NEW

    def _refusal(self, asked: Asked) -> str:
        """Why the API is not asked; empty when it may be."""
        if not self.may_call:
            holder = self._how.claims.holder(self.path)
            return self._claimed(holder) if holder != self._how.owner else ""
        if _has_stand_in(asked):
            return words.no_key(describe(asked.body, asked.endpoint))
        try:
            sent = self._redactor.clean({"request": digested(asked.body), "betas": list(asked.betas)})
            refuse_secrets(sent, self._next_place(), self._redactor, self._how.allow)
        except SecretFound as error:
            return str(error)
        other = self._how.claims.take(self.path, self, self._how.owner)
        if other:
            return self._claimed(other)
        problem = "" if self.recorded else obstacle(self.path)
        return words.no_place(self._shown(), problem) if problem else ""

    def _claimed(self, by: str) -> str:
        """Why the file cannot be written, which is claimed `by` somebody; empty when nobody has."""
        return words.claimed(self._shown(), by, self._how.owner, self._how.claims.of_a_run) if by else ""

    def _called(
        self, asked: Asked, miss: Miss, call: object, body: dict[str, Any], described: str
    ) -> Play | Miss | Response:
        with self._lock:
            conversation = self._followed.differs(body, asked.endpoint)
            self._count(conversation, miss, described)
        try:
            # In a context of its own: nothing that is done there is the program's.
            request = _without_stand_in(asked.request)
            heard = contextvars.copy_context().run(hear, self._forward, request, self._how.seconds)
        except CallFailed as failed:
            self._calls.lose(call, words.failed(described, failed))
            raise
        except UsageError as error:
            return replace(miss, explanation=str(error))
        this = None if heard.problem else made(asked, heard, self._how.today())
        written = this and kept(this, self._redactor)
        problem = heard.problem or (unreadable(written) if written else "")
        if problem or this is None or written is None:
            self._calls.lose(call, words.not_kept(described, problem))
            return _as_it_came(heard, problem)
        try:
            number = self._keep(written, conversation, call)
        except (SecretFound, FileError, OSError) as error:
            return replace(miss, explanation=words.not_written(self._shown(), error))
        return Play(number, this) if number else _as_it_came(heard, "the recording had ended")

    def _keep(self, written: Interaction, conversation: int, call: object) -> int:
        """Write the interaction; its number, 0 where the recording has ended meanwhile."""
        with self._lock:
            if not self._calls.is_open(call):
                return 0
            refuse_secrets(parts(written), self._next_place(), self._redactor, self._how.allow)
            number = len(self._interactions) + 1
            played = [*self.player.played(), number]
            self._interactions.append(written)
            self._followed.answered(written, conversation, number)
            try:
                self._keeper.keep(self._cassette(self._arranged()))
            except (FileError, OSError):
                self._interactions.pop()
                raise
            self.player = self._player_of(Cassette(self._interactions, self.path))
            self.player.rewind(played)
            self.recorded += 1
            self._is_stale = False
            self._calls.kept(written.request)
            return number

    @property
    def _redactor(self) -> Redactor:
        return self._secrets.redactor

    def _learn(self, asked: Asked) -> None:
        """Take the key that comes with the request for a secret, also in what was recorded before."""
        with self._lock:
            if self._secrets.learn(asked.request.headers) and self.recorded:
                old = len(self._interactions) - self.recorded
                self._interactions[old:] = [kept(this, self._redactor) for this in self._interactions[old:]]
                self._is_stale = True

    def _count(self, conversation: int, miss: Miss, first: str) -> None:
        """Count a call of that conversation, and announce the first one."""
        if self._how.mode != CHANGED:
            return
        change = self._changes.get(conversation)
        if change is None:
            change = self._changes[conversation] = Change(*self._name(conversation), miss.kind, first)
            expected = replace(change, calls=max(1, len(self._followed.left(conversation))))
            self._how.announce(words.announced(self._shown(), expected))
        change.calls += 1

    def _name(self, conversation: int) -> tuple[int, str]:
        """The number of the recorded conversation, from 1, and what of it is replaced."""
        group = self._followed.group(conversation)
        return (0 if group is None else group + 1), interactions(self._followed.left(conversation))

    def _arranged(self) -> list[int]:
        """The numbers of the interactions that the file is to have, in their order."""
        count = len(self._interactions)
        return self._followed.arranged(count) if self._how.mode == CHANGED else list(range(1, count + 1))

    def _cassette(self, numbers: Sequence[int]) -> Cassette:
        return Cassette([self._interactions[number - 1] for number in numbers], self.path)

    def _shown(self) -> str:
        return str(self.player.cassette)

    def _next_place(self) -> str:
        return f"{self._shown()}, interaction {len(self._interactions) + 1}"


def _has_stand_in(asked: Asked) -> bool:
    """Whether the request has no other key than the one that a world sets where there is none."""
    given = [asked.request.headers.get("x-api-key"), asked.request.headers.get("authorization")]
    keys = [key.rpartition(" ")[2] for key in given if key]
    return bool(keys) and all(key == STAND_IN_KEY for key in keys)


def _without_stand_in(request: Request) -> Request:
    """The request without the key that a world sets where there is none; it may have another one besides."""
    own = {name: value for name, value in request.headers.items() if STAND_IN_KEY not in value}
    return request._replace(headers=own)


def _as_it_came(heard: Heard, reason: str) -> Response:
    own = [("content-type", heard.headers["content-type"])] if "content-type" in heard.headers else []
    kept_headers = headers(heard.headers)
    return Response(
        heard.status,
        (*own, *kept_headers.items()),
        heard.raw,
        note=f"not recorded: {reason}",
        ending="cut" if heard.is_cut else "",
    )
