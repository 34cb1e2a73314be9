"""The words that requests are made of: ids, texts, tags, metadata.

Drawn from few words on purpose: only what repeats itself is found again, is a duplicate, or
belongs to the same agent.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

__all__ = [
    "contents",
    "either",
    "event_types",
    "fragments",
    "ids",
    "invalid_ids",
    "memory_types",
    "mostly",
    "objects",
    "tags",
]

MEMORY_TYPES = ("episodic", "decision", "entity", "session")
EVENT_TYPES = ("general", "error", "tool_call", "Error", "e9")
TAGS = ("prod", "products", "eu", "EU", "a_b", "axb", "1.0", "set", "")
# What a database, a case folding, a byte limit or a JSON encoder may stumble over.
WORDS = (
    "likes",
    "Likes",
    "tea",
    "TEA",
    "100%",
    "a_b",
    "axb",
    "it's",
    "C:\\tmp",
    "\\\\",
    "x\0y",
    "xy",
    "<b>&",
    "ä",
    "Ä",
    "straße",
    "STRASSE",
    "İ",
    "i\u0307",
    "e\u0301",
    "🙂",
    "a\nb",
    "\u2028",
    '"',
    "set",
    "",
)
# One byte, two, three and four: whatever is cut after so many bytes is cut in each of them.
_FILLERS = ("x", "é", "€", "🙂")
_LETTERS = "abzABZ019_-%'\\\"<>&.,:;/ \n\t\0äÖß€🙂\u0301\u2028"


def mostly(valid: SearchStrategy[Any], invalid: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """What `valid` draws; now and then what `invalid` draws."""
    return st.sampled_from([valid] * 5 + [invalid]).flatmap(lambda drawn: drawn)


def either(given: SearchStrategy[Any] | None, default: SearchStrategy[Any]) -> SearchStrategy[Any]:
    """`given` when there is one, else `default`.  (A strategy does not tell by its truth whether it is there.)"""
    return default if given is None else given


def ids() -> SearchStrategy[str]:
    """Ids of agents and sessions as a memory may have them: a letter, then up to 127 of ``a-zA-Z0-9_-``."""
    few = st.sampled_from(("agent_a", "Agent_A", "sess_a", "s-_9"))
    return mostly(few, st.sampled_from(("a" * 128, "Z" * 127)))


def invalid_ids() -> SearchStrategy[str]:
    """Ids of no such form: a digit first, a character too many, a space, a letter that is not ASCII, a new line."""
    return st.sampled_from(("1", "9a", "_a", "-", "a b", "a.b", "a/b", "ä", "aä", "a\n", "a" * 129, "a%b", "a'b"))


def memory_types() -> SearchStrategy[str]:
    """The four: episodic, decision, entity, session."""
    return st.sampled_from(MEMORY_TYPES)


def event_types() -> SearchStrategy[str]:
    """A few event types; ``error`` is the one that counts."""
    return st.sampled_from(EVENT_TYPES)


def tags() -> SearchStrategy[list[str]]:
    """Up to four tags, some of them part of others, some equal but for their case, some empty."""
    return st.lists(st.sampled_from(TAGS), max_size=4)


def fragments() -> SearchStrategy[str]:
    """A text to look for: a word that :func:`contents` uses, a part of one, or one in the other case."""
    words = st.sampled_from(WORDS)
    return st.one_of(words, words.map(lambda word: word[1:]), words.map(str.swapcase))


def contents() -> SearchStrategy[str]:
    """Contents of memories, never empty.

    Sentences of a few words (so that they repeat), long ones around 80 and 200 bytes, which
    is where contexts and dedup keys cut, and free text with signs that a server may trip over.
    """
    sentences = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
    free = st.text(_LETTERS, max_size=12)
    return st.one_of(sentences, _long(), free).filter(bool)


def objects() -> SearchStrategy[dict[str, Any]]:
    """Free-form JSON objects, such as metadata and config: nested, with numbers that a double cannot hold."""
    values: SearchStrategy[Any] = st.sampled_from(
        (None, True, False, 0, 1, -2, 1.0, 0.5, 1e21, 2**53 + 1, "", "t", "<&>", [], {})
    )
    nested = st.one_of(values, st.lists(values, max_size=2), st.dictionaries(_names(), values, max_size=2))
    return st.dictionaries(_names(), nested, max_size=3)


def _names() -> SearchStrategy[str]:
    return st.sampled_from(("task", "b", "a", "B", "", "ä", "status"))


def _long() -> SearchStrategy[str]:
    sizes = st.sampled_from((78, 79, 80, 81, 198, 199, 200, 201, 230))
    tails = st.sampled_from(("", "1", "2", "é"))
    return st.builds(_filled, sizes, st.sampled_from(_FILLERS), tails)


def _filled(size: int, filler: str, tail: str) -> str:
    """`size` bytes or a few less of `filler`, and `tail` behind them."""
    return "y" * (size % len(filler.encode())) + filler * (size // len(filler.encode())) + tail
