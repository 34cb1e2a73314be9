"""Answers that a function gives, for tests that need to look at the request first."""

from __future__ import annotations

import inspect
import json
import traceback
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import UsageError
from . import explain
from .author import Answer, authored, counted, no_models
from .interaction import COUNT_TOKENS, MESSAGES, MODELS, Interaction
from .missing.miss import Miss
from .player import Play

__all__ = ["FUNCTION", "Function", "Responder"]

# The kind of its misses.
FUNCTION = "function"

Function = Callable[[dict[str, Any]], "Answer | Interaction | None"]

_EXPECTED = "Expected a text, content blocks, an author.error(...), a Turn or an Interaction."


class Responder:
    """Answers each request for a message with what a function returns for it.

    ``World(cassette=function)`` makes one.  The function is given the body of the request, without
    ``stream``, and returns a text, content blocks, an ``author.error(...)``, a Turn or an Interaction; None is a
    miss, which fails the test like every other.  What it raises is written down as a miss, with its traceback:
    the program under test could swallow it.  Tokens that are to be counted are estimated without it.

    ``calls`` are the bodies that it was given, in order.

    Args:
        function: what answers.

    Raises:
        UsageError: it is no function, or one that must be awaited.
    """

    def __init__(self, function: Function) -> None:
        if not callable(function) or inspect.iscoroutinefunction(function):
            what = "must be awaited" if callable(function) else "is no function"
            raise UsageError(f"{_name(function)} {what}, so it cannot answer for Claude. Expected a plain function.")
        self._function = function
        self._answered = 0
        self.calls: list[dict[str, Any]] = []

    def play(self, request: dict[str, Any], endpoint: str = MESSAGES, betas: Sequence[str] = ()) -> Play | Miss:
        """What the function answers."""
        if endpoint == MODELS:
            return Miss(FUNCTION, no_models(_name(self._function)))
        if endpoint == MESSAGES:
            self.calls.append(_copy(request))
        number = self._answered + 1
        try:
            interaction = counted(request, "") if endpoint == COUNT_TOKENS else self._interaction(request, number)
        except _Unanswered as problem:
            return Miss(FUNCTION, str(problem))
        self._answered = number
        return Play(number, interaction)

    def open_ends(self) -> str:
        """Nothing: a function waits for no request."""
        return ""

    def forget(self) -> None:
        """Be as if nothing had been asked."""
        self._answered = 0
        self.calls.clear()

    def _interaction(self, request: dict[str, Any], number: int) -> Interaction:
        name, asked = _name(self._function), explain.describe(request)
        try:
            answer = self._function(_copy(request))
        except Exception as error:
            raise _Unanswered(
                f"{name} raised {type(error).__name__} for this request to Claude: {asked}.\n"
                f"{_EXPECTED}\n"
                f"What to do: correct the function.\n\n{_traceback(error)}"
            ) from None
        if answer is None:
            raise _Unanswered(
                f"{name} has no answer for this request to Claude: {asked}.\n"
                f"{_EXPECTED} It returned None.\n"
                "What to do: answer this request too, or look for what makes the program ask it."
            )
        try:
            return answer if isinstance(answer, Interaction) else authored(answer, request, number, "")
        except UsageError as problem:
            raise _Unanswered(
                f"{name} returned no answer for this request to Claude: {asked}.\n{problem}\n"
                "What to do: correct what the function returns."
            ) from None


class _Unanswered(Exception):
    """Why there is no answer, in words."""


def _name(function: Any) -> str:
    name = getattr(function, "__qualname__", None) or type(function).__qualname__
    return f"the function {name}" if callable(function) else f"{function!r}"


def _traceback(error: BaseException) -> str:
    """The traceback from the function on."""
    below = error.__traceback__.tb_next if error.__traceback__ else None
    return "".join(traceback.format_exception(type(error), error, below)).rstrip()


def _copy(request: dict[str, Any]) -> dict[str, Any]:
    copied: dict[str, Any] = json.loads(json.dumps(request))
    return copied
