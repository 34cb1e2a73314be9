"""One request to the Messages API, its answer, and where the answer comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..errors import UsageError

__all__ = ["AUTHORED", "RECORDED", "WITNESS", "Interaction", "Provenance"]

AUTHORED = "authored"
RECORDED = "recorded"

# Whoever holds it saw the answer come from the API (the recorder) or from a cassette (the reader).
WITNESS = object()


@dataclass(frozen=True)
class Provenance:
    """Where an answer comes from: ``authored`` by hand or ``recorded`` from the API.

    ``model`` is the model it was written or recorded for, ``date`` the day (ISO 8601).  An
    answer cannot be called recorded by whoever wrote it: that is a UsageError.
    """

    kind: str
    model: str
    date: str
    witness: object = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.kind != AUTHORED and self.witness is not WITNESS:
            raise UsageError(
                f"an answer made here cannot be called {self.kind!r}: only the recorder writes {RECORDED!r}. "
                f"Expected {AUTHORED!r}."
            )


@dataclass(frozen=True)
class Interaction:
    """One request to the Messages API and its answer.

    ``request`` is the whole body without ``stream``; ``response`` is the message (or, for a
    status from 400, the error body); ``duration_ms`` is how long the answer took; ``headers``
    are the response headers worth keeping, such as ``retry-after``.
    """

    request: dict[str, Any]
    response: dict[str, Any]
    provenance: Provenance
    status: int = 200
    stream: bool = False
    duration_ms: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation that the request carries."""
        messages: list[dict[str, Any]] = self.request.get("messages", [])
        return messages

    @property
    def answer(self) -> dict[str, Any]:
        """The assistant's message, as the next request of the conversation repeats it."""
        return {"role": "assistant", "content": self.response.get("content")}
