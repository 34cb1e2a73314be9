"""The tables of what is a secret: what is replaced, and what only looks like one.

Every pattern takes time in proportion to the text: what repeats is bounded, or is followed by nothing
that could make it go back.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from .shapes import (
    BEARER,
    BETWEEN,
    COLON,
    COOKIE_MORE,
    COOKIE_NAME,
    COOKIE_VALUE,
    ID,
    IS,
    ORG,
    ORGANIZATION,
    QUOTES,
    SPACE,
    START,
    TOKEN,
    UNSPEAKABLE,
    UUID,
    UUID_SHAPE,
    WORD,
    is_no_blank,
    is_random,
    is_token,
)

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


# What is replaced.  Of two kinds that begin at the same place the longer one wins, then the first.
KNOWN = (
    _kind(
        "anthropic-api-key",
        "API, admin, OAuth and session keys, which say their generation; without one only where a word begins, "
        "or a slug such as risk-ant-... would be one",
        "sk-ant-",
        rf"(sk-ant-[a-z]{{2,8}}[0-9]{{2}}-[A-Za-z0-9_-]{{16,}}|{START}sk-ant-[A-Za-z0-9_-]{{7,}}[A-Za-z0-9_])",
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
        rf"{BEARER}(?=[A-Za-z._~+/=-]{{0,200}}[0-9])({TOKEN}{{16,}})",
    ),
    _kind(
        "bearer-token",
        "in a header Authorization there is no prose",
        "uthorization UTHORIZATION",
        rf"(?:[Aa]uthorization|AUTHORIZATION){IS}{BEARER}({TOKEN}{{8,}})",
    ),
    _kind(
        "bearer-token",
        "after Bearer letters alone that nobody can speak",
        "earer EARER",
        rf"{BEARER}([A-Za-z]{{20,512}})(?![A-Za-z0-9._~+/=-])",
        lambda text: UNSPEAKABLE.search(text) is not None,
    ),
    _kind(
        "bearer-token",
        "what a request tells the API to show an MCP server",
        "uthorization_token",
        rf"authorization_token{COLON}({TOKEN}{{8,512}})",
        is_token,
    ),
    _kind(
        "api-key",
        "the header of a key, of any service; not the name of a variable, or a blank",
        "pi-key pi-Key PI-KEY",
        rf"(?:[Xx]-(?:[Gg]oog-)?[Aa]pi-[Kk]ey|X-(?:GOOG-)?API-KEY){COLON}({TOKEN}{{8,512}})",
        is_token,
    ),
    _kind(
        "url-signature",
        "what signs a URL, for whoever has it: of AWS, Google, Azure and others",
        "ignature= ig= IGNATURE=",
        r"[?&;](?:X-(?:Amz|Goog)-Signature|(?i:sig|signature))=([A-Za-z0-9%_~+/=-]{16,2048})",
        is_random,
    ),
    _kind(
        "cookie",
        "all cookies of a header Cookie or Set-Cookie",
        "ookie OOKIE",
        rf"{WORD}(?:[Cc]ookie|COOKIE){COLON}({COOKIE_NAME}={COOKIE_VALUE}(?:{COOKIE_MORE}){{0,100}})",
    ),
    _kind(
        "cookie",
        "one of the cookies in an object of that name; a word, a number or a time is none",
        "ookie OOKIE",
        rf"{WORD}(?:[Cc]ookies?|COOKIES?)\.{COOKIE_NAME}: "
        r"""(?![0-9]{4}-[0-9]{2})(?=[^\s;,"'\\<>0-9]{0,200}[0-9])(?=[^\s;,"'\\<>A-Za-z]{0,200}[A-Za-z])"""
        r"""([^\s;,"'\\<>]{8,4096})""",
    ),
    _kind(
        "cookie",
        "cookies of Anthropic and of what stands before it, by name; sessionKey is also a name in programs",
        "__cf_bm _cfuvid cf_clearance sessionKey=",
        rf"(?:(?:__cf_bm|_cfuvid|cf_clearance){IS}|sessionKey=(?=[A-Za-z_-]{{0,200}}[0-9]))"
        r"""([^\s;,"'\\<>(){}]{12,4096})""",
    ),
    _kind(
        "organization-id",
        "which organization pays: in headers, keys, URLs and the texts of errors, organization (...), (org: ...); "
        "not the org of a domain or of a folder",
        "org Org ORG rgani RGANI",
        rf"(?:(?:{ORGANIZATION}s?(?:[-_ .]?{ID})?|{ORG}[-_ .]?{ID}){BETWEEN}|{WORD}{ORG}{COLON})({UUID})",
        shape=UUID_SHAPE,
    ),
    _kind(
        "organization-id",
        "the id in an object that is an organization, in a text that is JSON",
        "rgani RGANI",
        rf"{ORGANIZATION}{QUOTES}\s{{0,8}}:\s{{0,8}}\{{[^{{}}]{{1,400}}?(?<![A-Za-z0-9_-]){ID}{COLON}({UUID})",
        shape=UUID_SHAPE,
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
        rf"{START}((?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{{16}})(?<!EXAMPLE)(?![A-Za-z0-9+/=_-])",
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
        rf"{START}(gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[A-Za-z0-9_-]{{20,}})",
    ),
    _kind(
        "slack-token",
        "tokens of bots, users and apps, and webhooks, whose address is the secret",
        "xox xapp- hooks.slack.com",
        rf"({START}xox[abcdeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{{16,}}|{START}xapp-[0-9]-[A-Za-z0-9-]{{16,}}"
        r"|hooks\.slack\.com/(?:services|workflows)/[A-Za-z0-9/]{30,})",
    ),
    _kind(
        "stripe-key",
        "secret and restricted keys, and webhook secrets; publishable ones are none",
        "k_live_ k_test_ whsec_",
        rf"{START}([rs]k_(?:live|test)_[A-Za-z0-9]{{16,}}|whsec_[A-Za-z0-9+/]{{24,}})",
    ),
    _kind(
        "openai-key",
        "keys of projects and service accounts, and the older ones without a hyphen (so that no slug is one)",
        "sk-",
        rf"{START}(sk-(?:(?:proj|svcacct|admin|None)-[A-Za-z0-9_-]{{20,}}|[A-Za-z0-9]{{32,}}))",
    ),
    _kind(
        "google-api-key",
        "keys of 39 characters, whole (base64 has such runs inside longer ones); OAuth secrets and tokens",
        "AIza GOCSPX- ya29.",
        rf"{START}(AIza[A-Za-z0-9_-]{{35}}(?![A-Za-z0-9+/=_-])|GOCSPX-[A-Za-z0-9_-]{{20,}}|ya29\.[A-Za-z0-9_-]{{20,}})",
    ),
    _kind(
        "jwt",
        "a signed token: two JSON objects in base64 (which begin with eyJ) and a signature",
        "eyJ",
        rf"{START}(eyJ[A-Za-z0-9_-]{{8,}}\.eyJ[A-Za-z0-9_-]{{8,}}\.[A-Za-z0-9_-]{{8,}})",
    ),
    _kind(
        "basic-credentials",
        "a user and a password in base64",
        "uthorization UTHORIZATION",
        rf"(?:[Aa]uthorization|AUTHORIZATION){IS}(?:[Bb]asic|BASIC){SPACE}([A-Za-z0-9+/]{{8,}}={{0,2}})",
    ),
    _kind(
        "password-in-url",
        "a URL with user and password; not where the password is a blank such as *** or ${...}",
        "://",
        r"""://[^\s/?#:@"'<>\\]{0,64}:([^\s/?#@"'<>\\]{1,128})@[A-Za-z0-9\[$%{.-]""",
        is_no_blank,
    ),
    _kind(
        "key-in-url",
        "what a URL calls a key and looks random; an id (UUID), a word and a path are none",
        "key= KEY= Key=",
        r"[?&](?i:key)=([A-Za-z0-9_-]{16,512})(?![A-Za-z0-9_./%-])",
        is_random,
    ),
    _kind(
        "assigned-secret",
        "what is called a password, a secret, a token or a key, and looks random; page tokens are cursors",
        "assw ASSW assp ASSP pwd PWD ecret ECRET oken OKEN key Key KEY redential REDENTIAL uthoriz UTHORIZ",
        r"(?i:pass(?:word|wd|phrase)|pwd|credentials?|authorization|secret"
        r"|(?:api|access|secret|private|auth|account|signing|encryption|master|service)[_ -]?(?:key|token|secret)"
        rf"|(?<!page)(?<!page[_-])(?<!next)(?<!next[_-])token){IS}"
        r"""([^\s"'\\<>,;(){}\[\]`]{10,512})""",
        is_random,
    ),
)
