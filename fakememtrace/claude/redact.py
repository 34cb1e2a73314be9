"""Nothing secret on disk: secrets out of what is recorded, and a look for those that are left.

What is surely a secret is replaced by a stand-in that says what stood there (``<anthropic-api-key>``).
What only looks like one is not: then nothing is written, and :class:`SecretFound` says where it stands.
Both look at plain JSON values; the tables of kinds are in :mod:`fakememtrace.claude.redaction.kinds`.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import is_not
from typing import Any, NamedTuple, TypeVar

from ..errors import SecretFound
from .redaction.kinds import KNOWN, LIKELY, PUBLIC, Kind
from .redaction.named import named, texts
from .redaction.own import Credential, kinds_of
from .redaction.spans import Span, find, numbered, possible, replaced

__all__ = ["Finding", "Redactor", "headers", "refuse_secrets", "scan_text", "suspicious"]

Value = TypeVar("Value")

_KEPT_HEADERS = frozenset({"request-id", "retry-after", "retry-after-ms", "x-should-retry"})
_KEPT_PREFIXES = ("anthropic-ratelimit-", "anthropic-priority-")
# What is in them is told by their name, and not by its own.
_TELLING = re.compile(r"(?i:cookies?|org(?:ani[sz]ation)?)")
_PLAIN_KEY = re.compile(r"[A-Za-z_$][\w$-]*", re.ASCII)


@dataclass(frozen=True)
class Redactor:
    """Replaces secrets by stand-ins: every known kind, and what the user names.

    ``kinds`` are what is looked for.

    Args:
        also: what else is a secret: texts of at least 4 characters, found as they are and as JSON and
            URLs spell them; and compiled patterns, everything that they match.
        own: the keys of whoever records; those that cannot be told from words are not looked for.

    Raises:
        UsageError: a text is too short, or something is neither text nor pattern.
    """

    # Not shown: these are secrets.
    also: Iterable[str | re.Pattern[str]] = field(default=(), repr=False)
    own: Iterable[Credential] = field(default=(), repr=False)
    kinds: tuple[Kind, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        also = named(self.also)
        object.__setattr__(self, "also", tuple(kind.pattern for kind in also))
        object.__setattr__(self, "own", tuple(self.own))
        object.__setattr__(self, "kinds", (*also, *kinds_of(self.own), *KNOWN))

    def knowing(self, own: Iterable[Credential]) -> Redactor:
        """One that knows these keys, too; itself when it knows them all."""
        known = {credential.text for credential in self.own}
        new = {credential.text: credential for credential in own if credential.text not in known}
        return Redactor(self.also, (*self.own, *new.values())) if new else self

    def clean(self, value: Value) -> Value:
        """The JSON value `value` without secrets, in its texts and in its keys.

        It is `value` itself when there is none, and a new value otherwise; what is clean stays as it
        is.  Keys that would become the same are told apart by a number: ``<memtrace-key-2>``.
        """
        kinds = possible(value, self.kinds)
        cleaned: Value = _clean(value, kinds) if kinds else value
        return cleaned


class Finding(NamedTuple):
    """What looks like a secret: its kind, where it is, and as much of it as may be shown.

    ``place`` is a path (``request.messages[2].content[0].text``) or ``line 7``; ``shown`` is at most
    its first six characters, never more than a quarter, and its length: ``sk-ant… (108 characters)``.
    """

    kind: str
    place: str
    shown: str


def headers(given: Mapping[str, str]) -> dict[str, str]:
    """The response headers that are worth keeping in a cassette, in lower case and sorted.

    They are the request's id, what says whether and when to try again, and the state of the limits.
    """
    lower = {name.lower(): value for name, value in given.items()}
    return {name: lower[name] for name in sorted(lower) if name in _KEPT_HEADERS or name.startswith(_KEPT_PREFIXES)}


def suspicious(value: Any, allow: Iterable[str] = (), redactor: Redactor | None = None) -> list[Finding]:
    """What is a secret or looks like one, in the order of the value.

    Args:
        value: any JSON value.
        allow: texts that are no secrets: what stands in one of them, letter for letter, is not found.
        redactor: who says what else is a secret.

    Raises:
        UsageError: `allow` is not a list of texts.
    """
    return list(_Seeker(allow, redactor).findings(value))


def refuse_secrets(entry: Any, where: str, redactor: Redactor | None = None, allow: Iterable[str] = ()) -> None:
    """Raise when :func:`suspicious` finds something in `entry`; do nothing otherwise.

    Args:
        entry: what is about to be written.
        where: the file and what in it, for the error: ``cassette.json, interaction 3``.
        redactor: who says what else is a secret.
        allow: as for :func:`suspicious`.

    Raises:
        SecretFound: it finds something.
    """
    found = suspicious(entry, allow, redactor)
    if found:
        raise SecretFound(where, found)


def scan_text(text: str, name: str = "", allow: Iterable[str] = (), redactor: Redactor | None = None) -> list[Finding]:
    """What in a file of any format is a secret or looks like one; places are ``line 7``.

    What is compressed or in base64 is not opened here, so a secret in there is not found.

    Args:
        text: what the file holds.
        name: what the file is called: names of tests, and of cassettes after them, can hold their
            parameters.  The place of what is found there is ``the name``.
        allow: as for :func:`suspicious`.
        redactor: as for :func:`suspicious`.

    Raises:
        UsageError: `allow` is not a list of texts.
    """
    seeker = _Seeker(allow, redactor)
    breaks = [match.start() for match in re.finditer("\n", text)]
    return [
        *(Finding(span.kind, "the name", _masked(name, span)) for span in seeker.spans(name)),
        *(
            Finding(span.kind, f"line {bisect_left(breaks, span.start) + 1}", _masked(text, span))
            for span in seeker.spans(text)
        ),
    ]


class _Seeker:
    """Finds what is a secret or looks like one, and is not allowed."""

    def __init__(self, allow: Iterable[str], redactor: Redactor | None) -> None:
        self._allowed = texts(allow, "allow")
        self._kinds = (*(redactor or Redactor()).kinds, *LIKELY)

    def spans(self, text: str, name: str = "") -> list[Span]:
        return [span for span in find(text, self._kinds, name) if not self._is_allowed(text, span)]

    def findings(self, value: Any, place: str = "", name: str = "") -> Iterator[Finding]:
        """What `value` holds, which is at that `place` and called `name`."""
        if isinstance(value, str):
            for span in self.spans(value, name):
                yield Finding(span.kind, place, _masked(value, span))
        elif isinstance(value, dict):
            for key, item in value.items():
                below = f"{place}{self._step(key)}" if place else self._step(key).removeprefix(".")
                if isinstance(key, str):
                    yield from self.findings(key, below)
                yield from self.findings(item, below, _name_of(key, value, name))
        elif isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                yield from self.findings(item, f"{place}[{index}]", name)

    def _step(self, key: object) -> str:
        """The way to what is under `key`, which is not shown where it is a secret."""
        text = str(key)
        for span in reversed(self.spans(text)):
            text = text[: span.start] + _masked(text, span) + text[span.end :]
        return f".{text}" if _PLAIN_KEY.fullmatch(text) else f"[{json.dumps(text, ensure_ascii=False)}]"

    def _is_allowed(self, text: str, span: Span) -> bool:
        # Only as much of the text around as the allowed one can take up when the span is in it.
        return text[span.start : span.end] in PUBLIC or any(
            allowed in text[max(span.end - len(allowed), 0) : span.start + len(allowed)] for allowed in self._allowed
        )


def _clean(value: Any, kinds: tuple[Kind, ...], name: str = "") -> Any:
    if isinstance(value, str):
        return _clean_text(value, kinds, name)
    if isinstance(value, dict):
        return _clean_mapping(value, kinds, name)
    if isinstance(value, (list, tuple)):
        items = [_clean(item, kinds, name) for item in value]
        return items if any(map(is_not, items, value)) else value
    return value


def _clean_text(text: str, kinds: tuple[Kind, ...], name: str) -> str:
    # Until nothing is found: a pattern of the user's can match next to what was replaced.
    while spans := find(text, kinds, name):
        text = replaced(text, spans)
    return text


def _clean_mapping(mapping: dict[Any, Any], kinds: tuple[Kind, ...], called: str) -> dict[Any, Any]:
    keys = [_clean(key, kinds) for key in mapping]
    items = [_clean(item, kinds, _name_of(key, mapping, called)) for key, item in mapping.items()]
    if any(map(is_not, keys, mapping)):
        return dict(zip(_told_apart(keys, mapping), items, strict=True))
    return dict(zip(keys, items, strict=True)) if any(map(is_not, items, mapping.values())) else mapping


def _masked(text: str, span: Span) -> str:
    length = span.end - span.start
    start = repr(text[span.start : span.start + min(6, length // 4)])[1:-1]
    return f"{start}… ({length} {'character' if length == 1 else 'characters'})"


def _name_of(key: object, mapping: Mapping[Any, Any], called: str) -> str:
    """What the value under `key` is called: by its key, or by the name beside it (``"name": ..., "value": ...``).

    Where the mapping is `called` something of which each part is a secret, that comes first: ``cookies.session``.
    """
    name = mapping.get("name") if key == "value" else key
    if not isinstance(name, str):
        return ""
    is_part = key == "value" or not ("name" in mapping and "value" in mapping)
    return f"{called}.{name}" if is_part and _TELLING.fullmatch(called) else name


def _told_apart(keys: list[Any], mapping: Mapping[Any, Any]) -> list[Any]:
    """The cleaned keys of `mapping`, no two the same; those that were clean stay as they are."""
    taken = {key for key, old in zip(keys, mapping, strict=True) if key is old}
    told: list[Any] = []
    for key, old in zip(keys, mapping, strict=True):
        number, apart = 1, key
        while key is not old and apart in taken:
            number += 1
            apart = numbered(key, number)
        taken.add(apart)
        told.append(apart)
    return told
