"""What a recorder says."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import CallFailed
from .plan import Change, counted

__all__ = [
    "RECORD_ALL",
    "RECORD_NEW",
    "announced",
    "claimed",
    "failed",
    "lost",
    "no_key",
    "no_place",
    "not_kept",
    "not_written",
    "too_late",
]

RECORD_ALL = "What to do: record again."
RECORD_NEW = (
    'What to do: record again in the mode "new", which asks for what is not in the file: '
    'record="new", --claude-record=new or --mode new.'
)
_OWN_CASSETTES = (
    "Expected one test for each cassette that is written in a run.\n"
    "What to do: give each of them a cassette of its own: without a fixture claude_cassette a test has one that is "
    "called after it, and a fixture can have request.node.name in the path that it returns."
)
_ONE_AFTER_THE_OTHER = (
    "Expected one world at a time for each cassette that is written.\n"
    "What to do: give each of them a cassette of its own; or make the second one when the first one has come to its "
    'end, with record="new".'
)


def no_key(asked: str) -> str:
    """The only key that was sent opens nothing."""
    return (
        f"the real Claude was to be asked, and there is no key for it: {asked}.\n"
        "Expected ANTHROPIC_API_KEY in the environment; the program has the stand-in of its world, which is never "
        "sent to the API.\n"
        "What to do: set it and record again."
    )


def no_place(cassette: str, problem: str) -> str:
    """What the API says could not be kept."""
    return (
        f"{cassette} could not be written, so the real Claude was not asked: {problem}.\n"
        "Expected a file in a folder that can be written into, or made.\n"
        "What to do: name another file, or give yourself the right to write there."
    )


def claimed(cassette: str, other: str, owner: str, in_one_run: bool) -> str:
    """Two write one file, which are tests of one run or worlds that are open at the same time."""
    advice = _OWN_CASSETTES if in_one_run else _ONE_AFTER_THE_OTHER
    return (
        f"{owner} would record into {cassette}, which {other} has recorded into: one of them would lose its answers.\n"
        f"{advice}"
    )


def failed(asked: str, problem: CallFailed) -> str:
    """The API gave no answer."""
    return f"not recorded, since the call failed ({problem}): {asked}"


def not_kept(asked: str, problem: str) -> str:
    """The API gave an answer that no cassette can hold."""
    return f"not recorded, since {problem}: {asked}"


def too_late(asked: str, patience: float) -> str:
    """The world was closed while the API was still asked."""
    return f"not recorded, since there was no answer {patience:g} seconds after the end of the recording: {asked}"


def lost(cassette: str, notes: Sequence[str], advice: str) -> str:
    """The program was given answers, or waited for some, that its cassette does not have."""
    listed = "".join(f"\n  {note}" for note in notes)
    return f"{cassette} lacks {counted(len(notes), 'answer')} of what the real Claude was asked:{listed}\n{advice}"


def not_written(cassette: str, problem: Exception) -> str:
    """The API was asked, and its answer is lost."""
    if isinstance(problem, OSError):
        problem = OSError(f"{cassette}: its folder cannot be made: {problem.strerror}.\nName another file.")
    return f"{problem}\nThe API has been asked, and its answer is lost."


def announced(cassette: str, change: Change) -> str:
    """A conversation is about to be recorded again."""
    return f"fakememtrace: recording into {cassette}: {change}"
