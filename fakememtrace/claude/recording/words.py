"""What a recorder says."""

from __future__ import annotations

from ...errors import CallFailed
from .plan import Change

__all__ = ["announced", "claimed", "failed", "no_key", "not_kept", "not_written"]


def no_key(asked: str) -> str:
    """The only key that was sent opens nothing."""
    return (
        f"the real Claude was to be asked, and there is no key for it: {asked}.\n"
        "Expected ANTHROPIC_API_KEY in the environment; the program has the stand-in of its world, which is never "
        "sent to the API.\n"
        "What to do: set it and record again."
    )


def claimed(cassette: str, other: str, owner: str) -> str:
    """Two write one file."""
    return (
        f"{owner} would record into {cassette}, which {other} has recorded into: one of them would lose its answers.\n"
        "Expected one test for each cassette that is written in a run.\n"
        "What to do: give each of them a cassette of its own, for instance by the fixture claude_cassette, or record "
        "them one after the other."
    )


def failed(asked: str, problem: CallFailed) -> str:
    """The API gave no answer."""
    return f"not recorded, since the call failed ({problem}): {asked}"


def not_kept(asked: str, problem: str) -> str:
    """The API gave an answer that no cassette can hold."""
    return f"not recorded, since {problem}: {asked}"


def not_written(cassette: str, problem: Exception) -> str:
    """The API was asked, and its answer is lost."""
    if isinstance(problem, OSError):
        problem = OSError(f"{cassette}: its folder cannot be made: {problem.strerror}.\nName another file.")
    return f"{problem}\nThe API has been asked, and its answer is lost."


def announced(cassette: str, change: Change) -> str:
    """A conversation is about to be recorded again."""
    return f"fakememtrace: recording into {cassette}: {change}"
