"""The fake Claude: the Messages API, answered from recordings."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import parse_qsl, unquote

from ..clock import Clock, Ids
from ..errors import CassetteError, ProgramStopped, UsageError
from ..wire import JSON_TYPE, TEXT_TYPE, Request, Response, as_json, as_text, json_response
from .author import Author
from .cassette import Cassette
from .interaction import COUNT_TOKENS, MESSAGES, MODELS, Interaction
from .matching.given import taken
from .matching.own import BrokenMatcher
from .matching.rules import Matching
from .missing.knowledge import Knowledge
from .missing.miss import EXHAUSTED, NO_CASSETTE
from .player import Answers, Miss, Play, Player
from .responder import Function, Responder
from .sse import event_stream, message_stream

if TYPE_CHECKING:
    from .recording.recorder import Recorder

__all__ = ["Asked", "Call", "FakeClaude", "api_error"]

Headers = tuple[tuple[str, str], ...]
Clean = Callable[[dict[str, Any]], dict[str, Any]]

_STREAM_TYPE = (("content-type", "text/event-stream; charset=utf-8"),)
_POSTS = {"/v1/messages": MESSAGES, "/v1/messages/count_tokens": COUNT_TOKENS}
_MODELS = "/v1/models"
# What the API has and nobody records, by the start of its path; the longest first.
_UNSUPPORTED = {
    "/v1/messages/batches": "message batches",
    "/v1/complete": "the legacy text completions",
    "/v1/files": "files",
    "/v1/organizations": "the admin API",
    "/v1/skills": "skills",
}


class Asked(NamedTuple):
    """One request: as it was sent; its endpoint, its body without ``stream`` and its betas, sorted; if streamed."""

    request: Request
    endpoint: str
    body: dict[str, Any]
    betas: tuple[str, ...]
    streamed: bool


class Call(NamedTuple):
    """One request to the Messages API: its body, and what was played for it with its number (or None)."""

    body: bytes
    recording: Interaction | None
    interaction: int | None

    @property
    def response(self) -> dict[str, Any] | str | None:
        """The body of the answer; None where nothing was played."""
        return self.recording.response if self.recording else None

    @property
    def request(self) -> dict[str, Any]:
        """The body as a value, without ``stream``."""
        # Read when somebody asks: thousands of kept values would make every collection of garbage slow.
        request: dict[str, Any] = json.loads(self.body)
        request.pop("stream", None)
        return request


class FakeClaude:
    """Answers the Messages API with what a cassette holds, in JSON or as an event stream.

    Served are ``POST /v1/messages`` and ``/v1/messages/count_tokens``, and ``GET /v1/models`` and
    ``/v1/models/{id}``.
    A request that is not recorded is answered too: 400 in the API's error shape, not to be
    retried, with the explanation as its message.  ``calls`` are all requests for messages so far, the last
    ``kept_calls`` where that is set: what a server needs that runs for weeks.  ``misses`` are the
    explanations of what was not recorded, as many at most.

    Args:
        clock: moved on by the duration of each answer; of a recorded stream by the time of its first event,
            the rest is for the door (see Response).
        ids: where request ids come from.
        answers: a cassette, its path, anything that answers like a Player, a function (see Responder),
            or None (then everything is a miss).
        matching: when a request is the one that a cassette has; everything counts unless told otherwise.
            A UsageError where it is no Matching, or there is no cassette to look anything up in.
        shown: what is known of the memories of the world, asked when a miss is explained.
    """

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        answers: str | os.PathLike[str] | Cassette | Answers | Function | None,
        matching: Matching | None = None,
        shown: Callable[[], Knowledge] | None = None,
    ) -> None:
        self._clock, self._ids = clock, ids
        self._matching, self._shown = taken(matching, answers), shown
        # What is made of a request before it is written; and the command that records, up to its mode.
        self.clean: Clean = _redacted
        self.again = ""
        # Whether the last answer came from the real API, and not from a cassette.
        self.recording = False
        self._recorder: Recorder | None = None
        self.answer_from(answers)
        self.calls: list[Call] = []
        self.misses: list[Miss] = []
        self.max_calls: int | None = None
        self.kept_calls: int | None = None
        self._asked = 0

    @property
    def requests(self) -> list[dict[str, Any]]:
        """The bodies of all requests so far."""
        return [call.request for call in self.calls]

    @property
    def may_call(self) -> bool:
        """Whether the real API is asked for what is not recorded."""
        return self._recorder is not None and self._recorder.may_call

    @property
    def by_hand(self) -> bool:
        """Whether somebody else than the end of the world's block calls :meth:`finish`."""
        return self._recorder is not None and self._recorder.by_hand

    def player_of(self, cassette: Cassette | None) -> Player:
        """A Player of `cassette` for this world."""
        return Player(cassette, self._matching, self.clean, self._shown)

    def answer_from(self, answers: str | os.PathLike[str] | Cassette | Answers | Function | None) -> None:
        """Answer from a cassette, or from what else a FakeClaude takes."""
        self.answers: Answers = self._as_answers(answers)

    def record_with(self, recorder: Recorder) -> None:
        """Answer what `recorder` replays, or what the real API answers it."""
        self.answers = self._recorder = recorder

    def finish(self, well: bool) -> str:
        """The end of a recording, where there is one: whether all went `well`; what is left to do, in words."""
        return self._recorder.finish(well) if self._recorder else ""

    def open_ends(self) -> str:
        """What is recorded and was never asked for, in words; empty when there is none."""
        return self.answers.open_ends()

    def played(self) -> list[int]:
        """The numbers of the recorded interactions that were played; none where there is no cassette."""
        return self._tape.played() if self._tape else []

    def missing(self, played: Iterable[int]) -> list[int]:
        """Those of the numbers that the cassette has no interaction for."""
        cassette = self._tape.cassette if self._tape else None
        return sorted(set(played) - set(range(1, (len(cassette) if cassette else 0) + 1)))

    def rewind(self, played: Iterable[int] = ()) -> None:
        """Put the cassette where just these interactions were played; answers that have no numbers stay as they are."""
        if self._tape:
            self._tape.rewind(played)

    @property
    def _tape(self) -> Author | Player | None:
        """What plays the answers that have numbers."""
        if isinstance(self.answers, (Author, Player)):
            return self.answers
        player: Player | None = getattr(self.answers, "player", None)
        return player

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        try:
            return self._answered(request)
        except (BrokenMatcher, CassetteError) as error:
            # No defect of ours, so it is told as what it is.  A stream can turn out to be broken when it is played.
            return _refusal(400, "invalid_request_error", str(error), self._request_id())

    def _answered(self, request: Request) -> Response:
        if request.method == "GET" and _is_models(request.path):
            return self._answer(request, self._played(request, MODELS, _model_request(request), False), False)
        endpoint = _POSTS.get(request.path) if request.method == "POST" else None
        if endpoint is None:
            return _refusal(404, "not_found_error", _not_served(request), self._request_id())
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError) as error:
            return _refusal(400, "invalid_request_error", _not_json(request.path, error), self._request_id())
        if not isinstance(body, dict):
            return _refusal(400, "invalid_request_error", _not_json(request.path, None), self._request_id())
        if endpoint == MESSAGES:
            self._count()
        streamed = body.pop("stream", None) is True
        played = self._played(request, endpoint, body, streamed)
        if endpoint == MESSAGES:
            self._remember(_call(request.body, played))
        return self._answer(request, played, streamed)

    def _played(self, request: Request, endpoint: str, body: dict[str, Any], streamed: bool) -> Play | Miss | Response:
        if self._recorder is None:
            return self.answers.play(body, endpoint, _betas(request))
        try:
            return self._recorder.answer(Asked(request, endpoint, body, _betas(request), streamed))
        finally:
            self.recording = self._recorder.live

    def _answer(self, request: Request, played: Play | Miss | Response, streamed: bool) -> Response:
        if isinstance(played, Response):
            return played
        if isinstance(played, Miss):
            self._missed(played)
            problem = played.explanation + self._how_to_record(played)
            return _refusal(400, "invalid_request_error", problem, self._request_id())
        interaction = played.interaction
        begins, *gaps = _times(interaction, streamed)
        self._clock.pass_by(begins)
        own = () if "request-id" in interaction.headers else (("request-id", self._request_id()),)
        headers, chunks = _replayed(interaction, streamed)
        # Made at once: a Response with something replaced takes three times as long.
        return Response(
            interaction.status,
            (*headers, *own, *interaction.headers.items()),
            chunks,
            f"interaction {played.number}",
            gaps=tuple(gaps),
        )

    def _request_id(self) -> str:
        return self._ids.next("req_")

    def forget(self) -> None:
        """Have no call in ``calls`` and no miss, as if none had been; nor has a function."""
        self.calls.clear()
        self.misses.clear()
        if isinstance(self.answers, Responder):
            self.answers.forget()
        self._asked = 0

    def _remember(self, call: Call) -> None:
        self._asked += 1
        self.calls.append(call)
        if self.kept_calls is not None:
            del self.calls[: -self.kept_calls]

    def _missed(self, miss: Miss) -> None:
        self.misses.append(miss)
        if self.kept_calls is not None:
            del self.misses[: -self.kept_calls]

    def _as_answers(self, answers: str | os.PathLike[str] | Cassette | Answers | Function | None) -> Answers:
        if isinstance(answers, (str, os.PathLike)):
            return self.player_of(Cassette.load(answers))
        if answers is None or isinstance(answers, Cassette):
            return self.player_of(answers)
        if hasattr(answers, "play"):
            return cast("Answers", answers)
        if callable(answers):
            return Responder(answers)
        raise UsageError(
            f"cassette is {type(answers).__name__}. Expected the path of a cassette, a Cassette, something that "
            "answers like one (an Author), or a function from a request to its answer."
        )

    def _how_to_record(self, miss: Miss) -> str:
        if not self.again or self.may_call:
            return ""
        mode = {NO_CASSETTE: "once", EXHAUSTED: "new"}.get(miss.kind, "changed")
        return f"\nTo record it: {self.again}={mode}"

    def _count(self) -> None:
        if self.max_calls is not None and self._asked >= self.max_calls:
            raise ProgramStopped(
                f"it asked Claude more than {self.max_calls} {'time' if self.max_calls == 1 else 'times'}"
            )


def api_error(status: int, kind: str, message: str, *headers: tuple[str, str]) -> Response:
    """An error in the API's shape that the SDKs do not retry."""
    body = {"type": "error", "error": {"type": kind, "message": message}}
    return json_response(status, body, ("x-should-retry", "false"), *headers)


def _replayed(interaction: Interaction, streamed: bool) -> tuple[Headers, tuple[bytes, ...]]:
    """The header that says how the recorded answer is written, and its body."""
    is_stream = streamed and interaction.status == 200
    if is_stream and interaction.events:
        return _STREAM_TYPE, event_stream(event.data for event in interaction.events)
    response = interaction.response
    if isinstance(response, str):
        return TEXT_TYPE, (as_text(response),)
    if is_stream:
        return _STREAM_TYPE, message_stream(response)
    return JSON_TYPE, (as_json(response),)


def _times(interaction: Interaction, streamed: bool) -> list[int]:
    """The microseconds until the answer begins, and those after each event of a stream whose times are known."""
    whole, before = interaction.duration_ms, 0
    gaps = []
    for at_ms, _ in interaction.events if streamed and interaction.status == 200 else ():
        # The file may be written by hand: no time goes back.
        gaps.append(1000 * max(at_ms - before, 0))
        before = max(at_ms, before)
    if not before:
        return [whole * 1000]
    gaps.append(1000 * max(whole - before, 0))
    return gaps


def _call(body: bytes, played: Play | Miss | Response) -> Call:
    if not isinstance(played, Play):
        return Call(body, None, None)
    return Call(body, played.interaction, played.number)


def _is_models(path: str) -> bool:
    return path == _MODELS or path.startswith(f"{_MODELS}/")


def _model_request(request: Request) -> dict[str, Any]:
    """What a request for models asks for: the parameters of its URL, and the id of one model."""
    parameters: dict[str, Any] = dict(parse_qsl(request.query))
    model_id = unquote(request.path[len(_MODELS) + 1 :])
    return {**parameters, "id": model_id} if model_id else parameters


def _betas(request: Request) -> tuple[str, ...]:
    text = request.headers.get("anthropic-beta")
    return tuple(sorted({name for part in text.split(",") if (name := part.strip())})) if text else ()


def _refusal(status: int, kind: str, problem: str, request_id: str) -> Response:
    return api_error(status, kind, f"fakememtrace: {problem}", ("request-id", request_id))._replace(
        note="refused", unexpected=problem
    )


def _not_served(request: Request) -> str:
    what = next((name for start, name in _UNSUPPORTED.items() if request.path.startswith(start)), None)
    kind = f" ({what})" if what else ""
    return (
        f"{request.method} {request.path}{kind} is not served: the fake Claude answers POST /v1/messages, "
        "POST /v1/messages/count_tokens, GET /v1/models and GET /v1/models/{id}.\n"
        "What to do: leave this call out of the test, or answer it in a respx router."
    )


def _not_json(path: str, error: Exception | None) -> str:
    reason = f"not JSON ({error})" if error else "no JSON object"
    return f"the body of POST {path} is {reason}. Expected an object with model, max_tokens and messages."


def _redacted(request: dict[str, Any]) -> dict[str, Any]:
    """`request` as the recorder writes it."""
    # Only asked for what is not found as it is.
    from .redact import Redactor
    from .redaction.own import in_environment

    return Redactor(own=in_environment()).clean(request)
