"""The words of a question that are worth searching for."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["STOP_WORDS", "question_words", "words"]

_SHORTEST = 3
_WORD = re.compile(r"[^\W_]+")
_POSSESSIVE = re.compile(r"['\N{RIGHT SINGLE QUOTATION MARK}]s")

_STOP_WORDS = (
    "a about after all also am an and any are as at be because been before being between both but by can could "
    "did do does doing done during each for from get got had has have having he her hers him his how i if in into "
    "is it its itself just kind kinds like many may me might more most much must my of on or other our out over "
    "own she should so some such than that the their them then there these they this those through to too type "
    "types under until up us was we were what when where which while who whom whose why will with would you your "
    "yours"
)
STOP_WORDS = frozenset(_STOP_WORDS.split())


def words(text: str) -> list[str]:
    """The runs of letters and digits of `text`, lower-case."""
    return _WORD.findall(text.lower())


def question_words(question: str, speakers: Collection[str] = ()) -> list[str]:
    """The question's words of three or more letters as they are spelled, each once, in its order.

    Stop words are left out, and so are `speakers`, which are case-folded: every memory of theirs has their name.
    """
    spelled = _WORD.findall(_POSSESSIVE.sub(" ", question))
    return list(dict.fromkeys(word for word in spelled if _is_worth(word, speakers)))


def _is_worth(word: str, speakers: Collection[str]) -> bool:
    return len(word) >= _SHORTEST and word.lower() not in STOP_WORDS and word.casefold() not in speakers
