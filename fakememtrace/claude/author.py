"""Answers written by hand, and an author that answers requests with them in order.

What is made here is always labelled ``authored``, and its usage ``estimated``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from ..errors import UsageError, did_you_mean, listed
from . import explain
from .blocks import Block, citation, redacted_thinking, server_tool_use, text, thinking, tool_use, web_search_result
from .cassette import Cassette
from .completing import Names, completed_message, error_type, tokens
from .interaction import AUTHORED, COUNT_TOKENS, ESTIMATED, MESSAGES, MODELS, Interaction, Provenance
from .missing.miss import EXHAUSTED, Miss
from .player import Play
from .shapes import BLOCKS, NAMES, kind_of

__all__ = [
    "Answer",
    "Author",
    "Error",
    "Turn",
    "authored",
    "citation",
    "counted",
    "error",
    "no_models",
    "redacted_thinking",
    "server_tool_use",
    "text",
    "thinking",
    "tool_use",
    "web_search_result",
]

_EXPECTED = "Expected a text, content blocks such as author.tool_use(...), an author.error(...) or an author.Turn(...)."
_NAMES = Names()
# What the API takes for the name of a tool; its own are called as it likes.
_TOOL = re.compile(r"[a-zA-Z0-9_-]{1,128}")
_STOP_REASONS = (
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "compaction",
    "refusal",
    "model_context_window_exceeded",
)


class Error(NamedTuple):
    """An answer that is an error of the API: its status, its type and message, and the response headers."""

    status: int
    kind: str
    message: str
    headers: Mapping[str, str] = {}


class Turn(NamedTuple):
    """One answer.

    ``blocks`` are its content: blocks and texts, one of them alone, or an :func:`error`.  ``duration_ms``
    is how long Claude takes for it in milliseconds; ``stop_reason`` is why it ends, by default what follows
    from the content: ``tool_use`` or ``end_turn``.
    """

    blocks: str | Block | Error | Sequence[str | Block]
    duration_ms: int = 0
    stop_reason: str = ""


Answer = str | Block | Error | Turn | Sequence[str | Block]


def error(status: int, kind: str = "", message: str = "", *, retry_after: float | None = None) -> Error:
    """An answer that is an error.

    Args:
        status: the HTTP status, from 400.
        kind: the API's type of it, such as ``overloaded_error``; by default the one of that status.
        message: what it says; by default its type in words.
        retry_after: the header of that name, in seconds.

    Raises:
        UsageError: no error has such a status.
    """
    if type(status) is not int or not 400 <= status <= 599:
        raise UsageError(f"an error cannot have the status {status!r}. Expected one from 400 to 599, such as 529.")
    kind = kind or error_type(status)
    words = message or _WORDS.get(kind) or kind.removesuffix("_error").replace("_", " ").capitalize()
    return Error(status, kind, words, {} if retry_after is None else {"retry-after": str(retry_after)})


class Author:
    """Answers each request with the next turn and keeps both, as a cassette.

    Give it to a World in place of a cassette, run the program, and save ``cassette``.  Tokens that are
    to be counted are estimated, and that is kept as well.

    Args:
        turns: the answers, in the order in which they will be asked for: Turns, or what a Turn has as its blocks.
        date: the day on which they were written, ISO 8601.

    Raises:
        UsageError: one of the turns is no answer, or `turns` is one answer and not several.
    """

    def __init__(self, turns: Iterable[Answer], date: str) -> None:
        if isinstance(turns, (str, bytes, Mapping, Error, Turn)):
            # Each of them would be taken to pieces.
            raise UsageError(f"the turns are {turns!r}. Expected a list of answers. Write Author([{turns!r}], ...).")
        self._turns = [_turn(answer, f"turn {number}") for number, answer in enumerate(turns, 1)]
        self._date = date
        # The numbers of what was told and did not arrive: it is told again.
        self._again: list[int] = []
        self.cassette = Cassette()

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """The next turn, whatever was asked; a Miss when there is none left."""
        if endpoint == MODELS:
            return Miss(EXHAUSTED, no_models("an author"))
        number = len(self.cassette) + 1
        if endpoint == COUNT_TOKENS:
            self.cassette.interactions.append(counted(request, self._date))
            return Play(number, self.cassette.interactions[-1])
        if self._again:
            number = self._again.pop(0)
        turn = self._told(number - 1)
        if turn >= len(self._turns):
            return Miss(
                EXHAUSTED,
                f"the author has no turn {turn + 1} for this request to Claude: {explain.describe(request)}.\n"
                f"Expected at most {len(self._turns)} requests.\nWhat to do: write the turn.",
            )
        self.cassette.interactions[number - 1 : number] = [authored(self._turns[turn], request, number, self._date)]
        return Play(number, self.cassette.interactions[number - 1])

    def open_ends(self) -> str:
        """The turns that were not asked for, in words; empty when there is none."""
        left = len(self._turns) - self._told(len(self.cassette))
        return f"{left} of {len(self._turns)} authored turns were never asked for." if left else ""

    def played(self) -> list[int]:
        """The numbers of the interactions of ``cassette`` that arrived."""
        return [number for number in range(1, len(self.cassette) + 1) if number not in self._again]

    def rewind(self, played: Iterable[int] = ()) -> None:
        """Be as if just the interactions with the numbers `played` had been told."""
        done = set(played)
        del self.cassette.interactions[max(done, default=0) :]
        interactions = enumerate(self.cassette.interactions, 1)
        self._again = [number for number, one in interactions if number not in done and one.endpoint == MESSAGES]

    def _told(self, length: int) -> int:
        """How many turns are among the first `length` interactions."""
        return sum(one.endpoint == MESSAGES for one in self.cassette.interactions[:length])


def authored(answer: Answer, request: Mapping[str, Any], number: int, date: str) -> Interaction:
    """The interaction in which `request` is answered with `answer`, with all that the API would send.

    Args:
        answer: a text, blocks, an error, or a Turn.
        request: the body, without ``stream``.
        number: its number among the interactions, from which its ids are drawn.
        date: the day on which it was written, ISO 8601, or empty.

    Raises:
        UsageError: it is no answer.
    """
    turn = _turn(answer, "an answer")
    model = request.get("model")
    provenance = Provenance(AUTHORED, model if isinstance(model, str) else "", date)
    # A copy: the program may go on to change what it sent.
    body: dict[str, Any] = json.loads(json.dumps(request))
    if isinstance(turn.blocks, Error):
        response, headers = _body(turn.blocks), dict(turn.blocks.headers)
        return Interaction(
            body, response, provenance, turn.blocks.status, duration_ms=turn.duration_ms, headers=headers
        )
    message = {"content": turn.blocks, **({"stop_reason": turn.stop_reason} if turn.stop_reason else {})}
    response = completed_message(message, number, body, provenance.model, _NAMES)
    return Interaction(body, response, replace(provenance, usage=ESTIMATED), duration_ms=turn.duration_ms)


def counted(request: Mapping[str, Any], date: str) -> Interaction:
    """The interaction in which the tokens of `request` are counted; they are estimated."""
    body: dict[str, Any] = json.loads(json.dumps(request))
    provenance = Provenance(AUTHORED, str(body.get("model", "")), date, usage=ESTIMATED)
    return Interaction(body, {"input_tokens": tokens(body)}, provenance, endpoint=COUNT_TOKENS)


def no_models(who: str) -> str:
    """The words for a request for models, which nobody writes by hand."""
    return (
        f"{who} was asked for Claude's models.\n"
        "Expected requests to /v1/messages only.\n"
        "What to do: answer this one from a cassette, or in a respx router."
    )


def _turn(answer: Any, what: str) -> Turn:
    """The answer as a Turn whose content is a list of blocks, each with what must be told; or an Error."""
    turn = answer if isinstance(answer, Turn) else Turn(answer)
    if type(turn.duration_ms) is not int or turn.duration_ms < 0:
        raise UsageError(f"{what} takes {turn.duration_ms!r} ms. Expected whole milliseconds from 0.")
    if turn.stop_reason not in ("", *_STOP_REASONS):
        raise UsageError(
            f"{what} has the stop_reason {turn.stop_reason!r}.{did_you_mean(turn.stop_reason, _STOP_REASONS)} "
            f"Known: {listed(_STOP_REASONS)}. A newer one can be written in a cassette, "
            '"response": {"content": [...], "stop_reason": ...}.'
        )
    if isinstance(turn.blocks, Error):
        return turn
    parts = [turn.blocks] if isinstance(turn.blocks, (str, Mapping)) else turn.blocks
    if not isinstance(parts, (list, tuple)):
        raise UsageError(f"{what} is {parts!r}. {_EXPECTED}")
    return turn._replace(blocks=[_block(part, f"{what}, block {index}") for index, part in enumerate(parts)])


def _block(part: Any, what: str) -> Block:
    block = text(part) if isinstance(part, str) else part
    if not isinstance(block, Mapping) or not isinstance(block.get("type"), str):
        raise UsageError(f"{what}, is {part!r}. {_EXPECTED}")
    try:
        copy: Block = json.loads(json.dumps(block))
    except (TypeError, ValueError) as problem:
        raise UsageError(f"{what}, cannot be sent: {problem}. Expected what JSON can say.") from None
    if not _is_finite(copy):
        raise UsageError(
            f"{what}, cannot be sent: it has a number that is NaN or infinite. Expected what JSON can say."
        )
    for key, kind in BLOCKS.get(copy["type"], ()):
        # What is not there may be filled in; what nobody can know is asked for below.
        if type(copy.get(key)) is not kind and (key in copy or key in _TOLD):
            found = kind_of(copy[key]) if key in copy else "nothing"
            raise UsageError(f'{what}, a {copy["type"]}, "{key}": expected {NAMES[kind]}, found {found}.')
    if copy["type"] == "tool_use" and not _TOOL.fullmatch(copy["name"]):
        raise UsageError(
            f"{what}, a tool_use, has the name {copy['name']!r}, which no tool can have. "
            "Expected 1 to 128 letters, digits, _ and -, such as 'memtrace_remember'."
        )
    return copy


def _is_finite(value: Any) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


def _body(given: Error) -> dict[str, Any]:
    return {"type": "error", "error": {"type": given.kind, "message": given.message}}


# What some errors are called in words that are not their type.
_WORDS = {"api_error": "Internal server error"}
# What an author has to say of a block: all else is filled in.
_TOLD = frozenset({"name", "text", "thinking"})
