"""An answer that is an error."""

from __future__ import annotations

__all__ = ["Duplicate", "NoArc", "Refusal"]


class Refusal(Exception):
    """Ends a request with `status` and `text` (and, where the server gives one, a `hint`).

    ``fault`` are the names of the faults that have struck the request by then, joined by commas.
    """

    def __init__(self, status: int, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.status, self.text, self.hint, self.fault = status, text, hint, ""


class Duplicate(Refusal):
    """The org has a memory with the same dedup key in the window."""

    def __init__(self) -> None:
        super().__init__(409, "duplicate memory")


class NoArc(Refusal):
    """The org has no place to keep memories."""

    def __init__(self) -> None:
        super().__init__(
            503,
            "no arc instance configured for this org",
            "ask an admin to run `memtrace org add-arc <org_id>`",
        )
