"""One request to the Messages API, its answer, and where the answer comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UsageError
from .sse import accumulated

__all__ = [
    "AUTHORED",
    "COUNT_TOKENS",
    "ENDPOINTS",
    "ESTIMATED",
    "MESSAGES",
    "MODELS",
    "RECORDED",
    "WITNESS",
    "Event",
    "Interaction",
    "Later",
    "Provenance",
    "streamed_response",
]

AUTHORED = "authored"
RECORDED = "recorded"
ESTIMATED = "estimated"
MESSAGES = "messages"
COUNT_TOKENS = "count_tokens"
MODELS = "models"
ENDPOINTS = (MESSAGES, COUNT_TOKENS, MODELS)

# Whoever holds it saw the answer come from the API (the recorder) or from a cassette (the reader).
WITNESS = object()


@dataclass(frozen=True)
class Provenance:
    """Where an answer comes from: ``authored`` by hand or ``recorded`` from the API.

    ``model`` is the model it was written or recorded for, ``date`` the day (ISO 8601); ``usage`` is
    ``estimated`` where nobody counted the tokens.  An answer cannot be called recorded by whoever
    wrote it: that is a UsageError.
    """

    kind: str
    model: str
    date: str
    witness: object = field(default=None, repr=False, compare=False)
    usage: str = ""

    def __post_init__(self) -> None:
        if self.kind != AUTHORED and self.witness is not WITNESS:
            raise UsageError(
                f"an answer made here cannot be called {self.kind!r}: only the recorder writes {RECORDED!r}. "
                f"Expected {AUTHORED!r}."
            )


class Event(NamedTuple):
    """One event of a recorded stream: how many milliseconds after the request it came, and its data."""

    at_ms: int
    data: dict[str, Any]


@dataclass(frozen=True)
class Interaction:
    """One request to the API and its answer.

    ``request`` is the whole body without ``stream`` (for the models endpoint, which takes none: the
    parameters of the URL, and the ``id`` of one model).  ``response`` is what came back: the message,
    for a recorded stream the message that its ``events`` add up to; for a status from 400 the error
    body; a text where it was no JSON object.  ``duration_ms`` is how long the answer took; ``headers``
    are the response headers worth keeping, such as ``retry-after``; ``betas`` the values of the request
    header ``anthropic-beta``, None where nobody knows.
    """

    request: dict[str, Any]
    response: dict[str, Any] | str
    provenance: Provenance
    status: int = 200
    stream: bool = False
    duration_ms: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    endpoint: str = MESSAGES
    betas: tuple[str, ...] | None = None
    events: tuple[Event, ...] = field(default_factory=tuple)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # Of thousands that are read, few are asked for their events and for what comes of these.
            make = self.__dict__.get("later", {}).get(name)
            if make is None:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            value = self.__dict__[name] = make(self)
            return value

    @classmethod
    def read(cls, later: Mapping[str, Later], **fields: Any) -> Interaction:
        """One with these fields, each of them checked, and those that are made `later`, when they are asked for.

        ``ending`` is told where the request is one of those.
        """
        this = cls.__new__(cls)
        this.__dict__.update(fields, later=later)
        return this

    def is_unread(self, name: str) -> bool:
        """Whether that field is still to be made."""
        return name not in self.__dict__

    @cached_property
    def ending(self) -> tuple[int, Any]:
        """How many messages the request has, and the last of them."""
        return len(self.messages), self.messages[-1] if self.messages else None

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation that the request carries."""
        messages: list[dict[str, Any]] = self.request.get("messages", [])
        return messages

    @property
    def answer(self) -> dict[str, Any]:
        """The assistant's message, as the next request of the conversation repeats it."""
        content = self.response.get("content") if isinstance(self.response, dict) else None
        return {"role": "assistant", "content": content}


Later = Callable[[Interaction], Any]


def streamed_response(this: Interaction) -> dict[str, Any]:
    """The message that the events of a stream add up to."""
    return accumulated(event.data for event in this.events)
