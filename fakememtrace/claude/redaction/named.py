"""What the user names as secrets, and as none."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from ...errors import UsageError
from .kinds import NAMED, Kind

__all__ = ["hinted", "named", "texts"]

_SHORTEST = 4
_DEEPEST = 3
_WHY = "the user named it"


def named(also: Iterable[str | re.Pattern[str]]) -> list[Kind]:
    """The kinds for what the user names: one for all texts, one for each pattern.

    Raises:
        UsageError: a text is too short, or something is neither text nor pattern.
    """
    entries = [_checked(entry, number) for number, entry in enumerate(_several(also, "redact"), 1)]
    found = [entry for entry in entries if isinstance(entry, str)]
    patterns = [Kind(NAMED, _WHY, (), entry) for entry in entries if isinstance(entry, re.Pattern)]
    return [hinted(NAMED, _WHY, found), *patterns] if found else patterns


def hinted(name: str, why: str, exact: Iterable[str]) -> Kind:
    """The kind of these `exact` texts, as they are and as JSON and URLs spell them."""
    found = {spelling for text in exact for spelling in _spellings(text)}
    # The longest first: one may be the start of another.
    longest_first = sorted(found, key=lambda spelling: (-len(spelling), spelling))
    # In JSON it is spelled once more.
    hints = found | {_in_json(spelling) for spelling in found}
    return Kind(name, why, tuple(sorted(hints)), re.compile(f"({'|'.join(map(re.escape, longest_first))})"))


def texts(given: Iterable[str], option: str) -> tuple[str, ...]:
    """The texts that were given for `option`, without empty ones; UsageError when it is no list of texts."""
    checked: list[str] = []
    for number, entry in enumerate(_several(given, option), 1):
        if not isinstance(entry, str):
            raise UsageError(
                f"{option}, entry {number}: {_described(entry)} is no text.\n"
                "Expected exact texts, as they stand in the request.\n"
                f"What to do: give texts: {option}=['...']."
            )
        if entry:
            checked.append(entry)
    return tuple(checked)


def _several(given: Iterable[object], option: str) -> Iterable[object]:
    if isinstance(given, (str, bytes)) or not isinstance(given, Iterable):
        raise UsageError(
            f"{option}: {_described(given)} was given in place of a list.\n"
            "Expected a list, even for one.\n"
            f"What to do: {option}=[...]."
        )
    return given


def _checked(entry: object, number: int) -> str | re.Pattern[str]:
    # The secret itself is never said.
    if isinstance(entry, re.Pattern) and isinstance(entry.pattern, str):
        return entry
    if not isinstance(entry, str):
        raise UsageError(
            f"redact, entry {number}: {_described(entry)} is neither a text nor a pattern for texts.\n"
            f"Expected texts of at least {_SHORTEST} characters, and compiled patterns for texts.\n"
            "What to do: give the secret as it is, redact=['...'], or re.compile('...')."
        )
    # Who reads a secret from a file has a line break at its end.
    text = entry.strip()
    if len(text) < _SHORTEST:
        raise UsageError(
            f"redact, entry {number}: {_length(text)} cannot be told from ordinary words.\n"
            f"Expected at least {_SHORTEST} characters, not counting white space around them.\n"
            "What to do: name the whole secret, or give a compiled pattern that matches nothing else."
        )
    return text


def _described(thing: object) -> str:
    if isinstance(thing, re.Pattern):
        return f"a pattern for {'texts' if isinstance(thing.pattern, str) else 'bytes'}"
    return "one text" if isinstance(thing, str) else f"something of type {type(thing).__name__}"


def _length(text: str) -> str:
    return {0: "an empty text", 1: "a text of 1 character"}.get(len(text), f"a text of {len(text)} characters")


def _spellings(text: str) -> set[str]:
    """`text` as it is, as URLs spell it, and as JSON does, also in a text in JSON and in one in that."""
    spellings = {text, quote(text, safe="", errors="surrogatepass"), quote_plus(text, errors="surrogatepass")}
    for _ in range(_DEEPEST):
        spellings |= {_in_json(spelling, ascii_only) for spelling in spellings for ascii_only in (True, False)}
    return spellings


def _in_json(text: str, ascii_only: bool = True) -> str:
    return json.dumps(text, ensure_ascii=ascii_only)[1:-1]
