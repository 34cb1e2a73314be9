"""The tables of what is a secret: what is replaced, and what only looks like one.

Every pattern takes time in proportion to the text: what repeats is bounded, or is followed by nothing
that could make it go back.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

__all__ = ["KNOWN", "LIKELY", "NAMED", "PUBLIC", "Kind"]

# What the user names has no kind of its own.
NAMED = "redacted"

# The keys that every world has (fakememtrace.world says the same): everybody may read them.
PUBLIC = frozenset({"sk-ant-fakememtrace", "mtk_ZmFrZW1lbXRyYWNlLW5vdC1hLXNlY3JldC1hdC1hbGw"})


def _always(_: str) -> bool:
    return True


class Kind(NamedTuple):
    """One kind of secret: the secret is group 1 of `pattern`, or all of it where the user named it.

    A text has none of the kind without one of the `hints`, or without what `shape` finds quickly; where
    there are no hints it is always searched.  `accepts` has the last word.
    """

    name: str
    why: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]
    accepts: Callable[[str], bool] = _always
    shape: re.Pattern[str] | None = None

    def may_be_in(self, text: str) -> bool:
        """Whether it is worth while to search `text`."""
        hinted = not self.hints or any(map(text.__contains__, self.hints))
        return hinted and (self.shape is None or self.shape.search(text) is not None)


def _kind(
    name: str,
    why: str,
    hints: str,
    pattern: str,
    accepts: Callable[[str], bool] = _always,
    shape: re.Pattern[str] | None = None,
) -> Kind:
    return Kind(name, why, tuple(hints.split()), re.compile(pattern, re.ASCII), accepts, shape)


def _is_random(text: str) -> bool:
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


def _is_token(text: str) -> bool:
    """Whether `text` is no place where a token would go, and no name in a program: ``env.API_KEY_2``."""
    return any(map(str.isdigit, text)) and not _IS_BLANK.match(text)


def _is_no_blank(text: str) -> bool:
    """Whether `text` is more than a place where a secret would go: ``***``, ``xxxx``, ``...``."""
    return len(set(text)) > 1 and text[0] not in "$%{[("


_IS_BLANK = re.compile(r"[$%{\[<]|(?i:your)[_-]|(?:[A-Za-z_]\w*\.)+|[A-Z]+_[A-Z0-9_]*\Z|(.)\1*\Z")
# No language has so many consonants in a row, but tokens without a digit have.
_UNSPEAKABLE = re.compile("[BCDFGHJKLMNPQRSTVWXZbcdfghjklmnpqrstvwxz]{8}")
_UUID = "[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_UUID_ONLY = re.compile(_UUID)
# Begins with a hyphen, which is looked for quickly.
_UUID_SHAPE = re.compile("-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-")
# Where something begins: also after an escape, of JSON (in JSON) or of a URL, which end with a letter or a digit.
_ESCAPED = r"(?<=\\[nrtbf])|(?<=%[0-9A-Fa-f]{2})"
_START = rf"(?:(?<![A-Za-z0-9_-])|{_ESCAPED})"
_WORD = rf"(?:(?<![A-Za-z0-9])|{_ESCAPED})"
_QUOTES = r"""[\\"']{0,12}"""
# From a name to its value: in a header, JSON, JSON in JSON, YAML, HAR ("name": ..., "value": ...); then also as code.
_COLON = rf"""{_QUOTES}\s{{0,8}}(?::|,\s{{0,80}}{_QUOTES}value{_QUOTES}\s{{0,8}}:)[\s\\"'\[-]{{0,80}}"""
_IS = rf"(?:{_COLON}|{_QUOTES}\s{{0,8}}=>?[\s\\\"'\[-]{{0,80}})"
_SPACE = r"(?:\s|%20|\+){1,8}"
_BEARER = rf"(?:[Bb]earer|BEARER)(?:{_SPACE}|{_COLON})"
_TOKEN = "[A-Za-z0-9._~+/=-]"
_ORG = "(?:[Oo]rg|ORG)"
# A stand-in does not name what comes after it; an element <organization-id> names what is in it.
_ORGANIZATION = f"(?!(?<=<)organization-id>[^0-9A-Fa-f]){_ORG}(?:ani[sz]ation|ANI[SZ]ATION)"
_ID = "(?:[Uu]u|UU)?(?:[Ii]d|ID)"
_BETWEEN = rf"(?:\\[nrt]|%[0-9A-Fa-f]{{2}}|[^0-9A-Za-z]){{1,80}}(?:(?:value|{_ID})[^0-9A-Za-z]{{1,20}})?"
_COOKIE_NAME = "[A-Za-z0-9!#$%&*+.^_`|~-]{1,64}"
_COOKIE_VALUE = r"""[^\s;,"'\\<>]{0,4096}"""
_COOKIE_MORE = rf";[ ]?(?:[Ee]xpires=[A-Za-z0-9 ,:-]{{1,40}}GMT|{_COOKIE_NAME}(?:={_COOKIE_VALUE})?)"

# What is replaced.  Of two kinds that begin at the same place the longer one wins, then the first.
KNOWN = (
    _kind(
        "anthropic-api-key",
        "API, admin, OAuth and session keys, which say their generation; without one only where a word begins, "
        "or a slug such as risk-ant-... would be one",
        "sk-ant-",
        rf"(sk-ant-[a-z]{{2,8}}[0-9]{{2}}-[A-Za-z0-9_-]{{16,}}|{_START}sk-ant-[A-Za-z0-9_-]{{7,}}[A-Za-z0-9_])",
    ),
    _kind(
        "memtrace-key",
        "mtk_ and 32 bytes in URL-safe base64; a shorter one (cut, or made by hand) has 20 characters and a "
        "capital, which names in programs have not",
        "mtk_",
        r"(mtk_(?:[A-Za-z0-9_-]{43,}|(?=[a-z0-9_-]{0,41}[A-Z])[A-Za-z0-9_-]{20,}))",
    ),
    _kind(
        "telegram-token",
        "a bot's number, a colon, 35 characters that begin with AA; in URLs after /bot",
        ":AA %3AAA %3aAA",
        r"([0-9]{6,10}(?::|%3[Aa])AA[A-Za-z0-9_-]{33,})",
    ),
    _kind(
        "bearer-token",
        "after Bearer what is long and has a digit: prose has neither",
        "earer EARER",
        rf"{_BEARER}(?=[A-Za-z._~+/=-]{{0,200}}[0-9])({_TOKEN}{{16,}})",
    ),
    _kind(
        "bearer-token",
        "in a header Authorization there is no prose",
        "uthorization UTHORIZATION",
        rf"(?:[Aa]uthorization|AUTHORIZATION){_IS}{_BEARER}({_TOKEN}{{8,}})",
    ),
    _kind(
        "bearer-token",
        "after Bearer letters alone that nobody can speak",
        "earer EARER",
        rf"{_BEARER}([A-Za-z]{{20,512}})(?![A-Za-z0-9._~+/=-])",
        lambda text: _UNSPEAKABLE.search(text) is not None,
    ),
    _kind(
        "bearer-token",
        "what a request tells the API to show an MCP server",
        "uthorization_token",
        rf"authorization_token{_COLON}({_TOKEN}{{8,512}})",
        _is_token,
    ),
    _kind(
        "api-key",
        "the header of a key, of any service; not the name of a variable, or a blank",
        "pi-key pi-Key PI-KEY",
        rf"(?:[Xx]-(?:[Gg]oog-)?[Aa]pi-[Kk]ey|X-(?:GOOG-)?API-KEY){_COLON}({_TOKEN}{{8,512}})",
        _is_token,
    ),
    _kind(
        "url-signature",
        "what signs a URL, for whoever has it: of AWS, Google, Azure and others",
        "ignature= ig= IGNATURE=",
        r"[?&;](?:X-(?:Amz|Goog)-Signature|(?i:sig|signature))=([A-Za-z0-9%_~+/=-]{16,2048})",
        _is_random,
    ),
    _kind(
        "cookie",
        "all cookies of a header Cookie or Set-Cookie",
        "ookie OOKIE",
        rf"{_WORD}(?:[Cc]ookie|COOKIE){_COLON}({_COOKIE_NAME}={_COOKIE_VALUE}(?:{_COOKIE_MORE}){{0,100}})",
    ),
    _kind(
        "cookie",
        "one of the cookies in an object of that name; a word, a number or a time is none",
        "ookie OOKIE",
        rf"{_WORD}(?:[Cc]ookies?|COOKIES?)\.{_COOKIE_NAME}: "
        r"""(?![0-9]{4}-[0-9]{2})(?=[^\s;,"'\\<>0-9]{0,200}[0-9])(?=[^\s;,"'\\<>A-Za-z]{0,200}[A-Za-z])"""
        r"""([^\s;,"'\\<>]{8,4096})""",
    ),
    _kind(
        "cookie",
        "cookies of Anthropic and of what stands before it, by name; sessionKey is also a name in programs",
        "__cf_bm _cfuvid cf_clearance sessionKey=",
        rf"(?:(?:__cf_bm|_cfuvid|cf_clearance){_IS}|sessionKey=(?=[A-Za-z_-]{{0,200}}[0-9]))"
        r"""([^\s;,"'\\<>(){}]{12,4096})""",
    ),
    _kind(
        "organization-id",
        "which organization pays: in headers, keys, URLs and the texts of errors, organization (...), (org: ...); "
        "not the org of a domain or of a folder",
        "org Org ORG rgani RGANI",
        rf"(?:(?:{_ORGANIZATION}s?(?:[-_ .]?{_ID})?|{_ORG}[-_ .]?{_ID}){_BETWEEN}|{_WORD}{_ORG}{_COLON})({_UUID})",
        shape=_UUID_SHAPE,
    ),
    _kind(
        "organization-id",
        "the id in an object that is an organization, in a text that is JSON",
        "rgani RGANI",
        rf"{_ORGANIZATION}{_QUOTES}\s{{0,8}}:\s{{0,8}}\{{[^{{}}]{{1,400}}?(?<![A-Za-z0-9_-]){_ID}{_COLON}({_UUID})",
        shape=_UUID_SHAPE,
    ),
)

# What is not replaced, since we cannot be sure, and not written either.
LIKELY = (
    _kind(
        "private-key",
        "a block of a private key, of any algorithm; the first line alone is what documentation shows",
        "PRIVATE",
        r"(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)(?=\s{0,8}\Z|(?s:.){0,400}?[A-Za-z0-9+/]{32})",
    ),
    _kind(
        "aws-access-key-id",
        "permanent and temporary ids; AWS's own examples end with EXAMPLE",
        "AKIA ASIA ABIA ACCA",
        rf"{_START}((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{{16}})(?<!EXAMPLE)(?![A-Za-z0-9+/=_-])",
    ),
    _kind(
        "github-token",
        "classic and fine-grained tokens",
        "gh github_pat_",
        r"(gh[opsur]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})",
    ),
    _kind(
        "gitlab-token",
        "personal, deploy, runner, CI and feed tokens",
        "gl",
        rf"{_START}(gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[A-Za-z0-9_-]{{20,}})",
    ),
    _kind(
        "slack-token",
        "tokens of bots, users and apps, and webhooks, whose address is the secret",
        "xox xapp- hooks.slack.com",
        rf"({_START}xox[abcdeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{{16,}}|{_START}xapp-[0-9]-[A-Za-z0-9-]{{16,}}"
        r"|hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{30,})",
    ),
    _kind(
        "stripe-key",
        "secret and restricted keys, and webhook secrets; publishable ones are none",
        "k_live_ k_test_ whsec_",
        rf"{_START}([rs]k_(?:live|test)_[A-Za-z0-9]{{16,}}|whsec_[A-Za-z0-9+/]{{24,}})",
    ),
    _kind(
        "openai-key",
        "keys of projects and service accounts, and the older ones without a hyphen (so that no slug is one)",
        "sk-",
        rf"{_START}(sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{{20,}}|[A-Za-z0-9]{{32,}}))",
    ),
    _kind(
        "google-api-key",
        "keys of 39 characters, whole (base64 has such runs inside longer ones); OAuth secrets and tokens",
        "AIza GOCSPX- ya29.",
        rf"{_START}(AIza[A-Za-z0-9_-]{{35}}(?![A-Za-z0-9+/=_-])|GOCSPX-[A-Za-z0-9_-]{{20,}}|ya29\.[A-Za-z0-9_-]{{20,}})",
    ),
    _kind(
        "jwt",
        "a signed token: two JSON objects in base64 (which begin with eyJ) and a signature",
        "eyJ",
        rf"{_START}(eyJ[A-Za-z0-9_-]{{8,}}\.eyJ[A-Za-z0-9_-]{{8,}}\.[A-Za-z0-9_-]{{8,}})",
    ),
    _kind(
        "basic-credentials",
        "a user and a password in base64",
        "uthorization UTHORIZATION",
        rf"(?:[Aa]uthorization|AUTHORIZATION){_IS}(?:[Bb]asic|BASIC){_SPACE}([A-Za-z0-9+/]{{8,}}={{0,2}})",
    ),
    _kind(
        "password-in-url",
        "a URL with user and password; not where the password is a blank such as *** or ${...}",
        "://",
        r"""://[^\s/?#:@"'<>\\]{0,64}:([^\s/?#@"'<>\\]{1,128})@[A-Za-z0-9\[$%{.-]""",
        _is_no_blank,
    ),
    _kind(
        "key-in-url",
        "what a URL calls a key and looks random; an id (UUID), a word and a path are none",
        "key= KEY= Key=",
        r"[?&](?i:key)=([A-Za-z0-9_-]{16,512})(?![A-Za-z0-9_./%-])",
        _is_random,
    ),
    _kind(
        "assigned-secret",
        "what is called a password, a secret, a token or a key, and looks random; page tokens are cursors",
        "assw ASSW assp ASSP pwd PWD ecret ECRET oken OKEN key Key KEY redential REDENTIAL uthoriz UTHORIZ",
        r"(?i:pass(?:word|wd|phrase)|pwd|credentials?|authorization|secret"
        r"|(?:api|access|secret|private|auth|account|signing|encryption|master|service)[_ -]?(?:key|token|secret)"
        rf"|(?<!page)(?<!page[_-])(?<!next)(?<!next[_-])token){_IS}"
        r"""([^\s"'\\<>,;(){}\[\]`]{10,512})""",
        _is_random,
    ),
)
