"""What a user gives as ``matching``: a Matching for a cassette, or words about why it is none."""

from __future__ import annotations

from typing import Any

from ...errors import UsageError, nearest
from .rules import NAMES, Matching

__all__ = ["taken"]


def taken(matching: Any, answers: Any) -> Matching | None:
    """`matching`, if there is one, for what answers.

    Raises:
        UsageError: it is no Matching, or the `answers` are compared with no request.
    """
    if matching is None or matching == Matching():
        return None
    if not isinstance(matching, Matching):
        raise UsageError(
            f"matching is {matching!r} ({type(matching).__name__}). Expected a Matching, such as {_nearest(matching)}."
        )
    if hasattr(answers, "play") or callable(answers):
        raise UsageError(
            f"matching is {matching!r}, and the cassette is {_named(answers)}, which answers on its own: nothing is "
            "looked up by it, and it would have no effect. Expected a cassette (its path, or a Cassette), whose "
            f"recordings it compares.\nWhat to do: leave matching out{_instead(answers)}."
        )
    return matching


def _nearest(given: Any) -> str:
    """How to write what was probably meant."""
    names = [given] if isinstance(given, str) else given if isinstance(given, (list, tuple, set, frozenset)) else []
    known = sorted(filter(None, (nearest(name, NAMES) for name in names)))
    return f"Matching().ignore({', '.join(map(repr, known or ['model']))})"


def _named(answers: Any) -> str:
    name = type(answers).__name__ if hasattr(answers, "play") else "function"
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"


def _instead(answers: Any) -> str:
    return {
        "Author": ", or replay what it made: cassette=author.cassette",
        "Player": ", or give it to the Player: Player(cassette, matching)",
    }.get(type(answers).__name__, "")
