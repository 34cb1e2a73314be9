"""One request to the Messages API, its answer, and where the answer comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
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
    "Provenance",
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
    events: tuple[Event, ...] = ()

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any:
            # The response of a stream that was read: thousands are read, and few are asked for it.
            if name != "response" or not self.__dict__.get("events"):
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            self.__dict__["response"] = accumulated(event.data for event in self.events)
            return self.__dict__["response"]

    @classmethod
    def read(cls, **fields: Any) -> Interaction:
        """One with these fields, each of them checked; ``response`` may be left out where there are events."""
        this = cls.__new__(cls)
        this.__dict__.update(fields)
        return this

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
