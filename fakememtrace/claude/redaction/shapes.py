"""What the patterns of secrets are made of, and checks that a pattern cannot make."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

__all__ = [
    "BEARER",
    "BETWEEN",
    "COLON",
    "COOKIE_MORE",
    "COOKIE_NAME",
    "COOKIE_VALUE",
    "ID",
    "IS",
    "ORG",
    "ORGANIZATION",
    "QUOTES",
    "SPACE",
    "START",
    "TOKEN",
    "UNSPEAKABLE",
    "UUID",
    "UUID_SHAPE",
    "WORD",
    "is_no_blank",
    "is_random",
    "is_token",
]


def is_random(text: str) -> bool:
    """Whether `text` is no words and no id: many different characters, of changing classes."""
    if _UUID_ONLY.fullmatch(text):
        return False
    classes = [_class_of(character) for character in text]
    # A capital before a small letter begins a word.
    changes = sum(one != two and "" not in (one, two) and (one, two) != ("A", "a") for one, two in pairwise(classes))
    return changes * 4 >= len(text) and _entropy(text) >= 3


def _class_of(character: str) -> str:
    if character.isdigit():
        return "0"
    if character.isalpha():
        return "A" if character.isupper() else "a"
    return "" if character in "_-./:" else "!"


def _entropy(text: str) -> float:
    """In bits for each character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def is_token(text: str) -> bool:
    """Whether `text` is no place where a token would go, and no name in a program: ``env.API_KEY_2``."""
    return any(map(str.isdigit, text)) and not _IS_BLANK.match(text)


def is_no_blank(text: str) -> bool:
    """Whether `text` is more than a place where a secret would go: ``***``, ``xxxx``, ``...``."""
    return len(set(text)) > 1 and text[0] not in "$%{[("


_IS_BLANK = re.compile(r"[$%{\[<]|(?i:your)[_-]|(?:[A-Za-z_]\w*\.)+|[A-Z]+_[A-Z0-9_]*\Z|(.)\1*\Z")
# No language has so many consonants in a row, but tokens without a digit have.
UNSPEAKABLE = re.compile("[BCDFGHJKLMNPQRSTVWXZbcdfghjklmnpqrstvwxz]{8}")
UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_UUID_ONLY = re.compile(UUID)
# Begins with a hyphen, which is looked for quickly.
UUID_SHAPE = re.compile("-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-")
# Where something begins: also after an escape, of JSON (in JSON) or of a URL, which end with a letter or a digit.
_ESCAPED = r"(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2})"
START = rf"(?:(?<![A-Za-z0-9_-])|{_ESCAPED})"
WORD = rf"(?:(?<![A-Za-z0-9])|{_ESCAPED})"
QUOTES = r"""[\\"']{0,12}"""
# From a name to its value: in a header, JSON, JSON in JSON, YAML, HAR ("name": ..., "value": ...); then also as code.
COLON = rf"""{QUOTES}\s{{0,8}}(?::|,\s{{0,80}}{QUOTES}value{QUOTES}\s{{0,8}}:)[\s\\"'\[-]{{0,80}}"""
IS = rf"(?:{COLON}|{QUOTES}\s{{0,8}}=>?[\s\\\"'\[-]{{0,80}})"
SPACE = r"(?:\s|%20|\+){1,8}"
BEARER = rf"(?:[Bb]earer|BEARER)(?:{SPACE}|{COLON})"
TOKEN = "[A-Za-z0-9._~+/=-]"
ORG = "(?:[Oo]rg|ORG)"
# A stand-in does not name what comes after it; an element <organization-id> names what is in it.
ORGANIZATION = f"(?!(?<=<)organization-id>[^0-9A-Fa-f]){ORG}(?:ani[sz]ation|ANI[SZ]ATION)"
ID = "(?:[Uu]u|UU)?(?:[Ii]d|ID)"
BETWEEN = rf"(?:\\[nrt]|%[0-9A-Fa-f]{{2}}|[^0-9A-Za-z]){{1,80}}(?:(?:value|{ID})[^0-9A-Za-z]{{1,20}})?"
COOKIE_NAME = "[A-Za-z0-9!#$%&*+.^_`|~-]{1,64}"
COOKIE_VALUE = r"""[^\s;,"'\\<>]{0,4096}"""
COOKIE_MORE = rf";[ ]?(?:[Ee]xpires=[A-Za-z0-9 ,:-]{{1,40}}GMT|{COOKIE_NAME}(?:={COOKIE_VALUE})?)"
