"""The keys of whoever records: those in the environment, and what a client shows who it is with."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from .kinds import PUBLIC, Kind
from .named import hinted

__all__ = ["Credential", "in_environment", "kinds_of", "sent"]

# A shorter one stands in ordinary words, and replacing it would spoil every prompt; no service makes keys so short.
_SHORTEST = 8
# As long as words become: what is only letters and shorter may well be one, such as "anthropic".
_LONGEST_WORD = 16
# So much of a key is secret by itself: it may be split over two blocks, or over two lines.
_PART = 20

_VARIABLES = {
    "ANTHROPIC_API_KEY": "anthropic-api-key",
    "ANTHROPIC_AUTH_TOKEN": "bearer-token",
    "MEMTRACE_API_KEY": "memtrace-key",
}
_HEADER = re.compile(r"(?:.*-)?(?:api-key|authorization|auth|token|secret)")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\s+(?=\S)")


class Credential(NamedTuple):
    """A key that is somebody's own: of which kind, the key itself, and where it was found."""

    kind: str
    text: str
    source: str

    @property
    def weakness(self) -> str:
        """Why it is not looked for, in words; empty when it is."""
        length = len(self.text)
        if length >= _LONGEST_WORD or (length >= _SHORTEST and not self.text.isalpha()):
            return ""
        counted = f"{length} {'character' if length == 1 else 'characters'}"
        what = "is one word" if length >= _SHORTEST else f"has {counted}"
        return (
            f"the key in {self.source} {what}, which cannot be told from ordinary texts, so it was not looked for.\n"
            f"Expected at least {_SHORTEST} characters, and {_LONGEST_WORD} where all are letters.\n"
            "What to do: use a longer key, or see for yourself that it stands nowhere in the recordings."
        )


def in_environment(environment: Mapping[str, str] = os.environ) -> tuple[Credential, ...]:
    """The keys that the environment holds, but for those that are a world's own."""
    found = ((name, kind, environment.get(name, "").strip()) for name, kind in _VARIABLES.items())
    return tuple(Credential(kind, text, f"${name}") for name, kind, text in found if text and text not in PUBLIC)


def sent(headers: Mapping[str, str]) -> Iterator[Credential]:
    """The keys in the headers of a request, whose names are lower-case."""
    for name in sorted(headers):
        value = headers[name].strip()
        if not _HEADER.fullmatch(name):
            continue
        text = value if name.endswith("api-key") else _SCHEME.sub("", value, count=1)
        if text and text not in PUBLIC:
            # In either header, as the SDK's version has it; the stand-in is that of the key of a world.
            yield Credential("anthropic-api-key", text, f"the header {name}")


def kinds_of(own: Iterable[Credential]) -> list[Kind]:
    """The kinds that find those of the keys that can be told from words, each as any text spells it, and long parts."""
    texts: dict[str, list[str]] = {}
    for credential in own:
        if not credential.weakness:
            texts.setdefault(credential.kind, []).append(credential.text)
    whole = [hinted(kind, "it is the key of whoever records", found) for kind, found in texts.items()]
    return [*whole, *(_in_parts(kind, found) for kind, found in texts.items() if max(map(len, found)) > _PART)]


def _in_parts(name: str, keys: Iterable[str]) -> Kind:
    """The kind of the parts of the keys; those that overlap are found one by one, and count as one."""
    parts = sorted({key[start : start + _PART] for key in keys for start in range(len(key) - _PART + 1)})
    pattern = re.compile(f"(?=({'|'.join(map(re.escape, parts))}))")
    return Kind(name, "it is a part of the key of whoever records", tuple(parts), pattern)
