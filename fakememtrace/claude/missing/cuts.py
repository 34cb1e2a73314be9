"""Contents that are cut short: by Memtrace in a context, or by a program that has little room."""

from __future__ import annotations

import re

__all__ = ["HINT_BYTES", "cut", "in_common", "is_cut", "is_start", "start_of"]

# Of so many bytes is the line of a memory in a context of the released server.
HINT_BYTES = 80
_DOTS = re.compile(r"\s*(?:\.{3}|…|\[\.{3}\]|\[…\])$")
_REPLACED = "\N{REPLACEMENT CHARACTER}"


def cut(content: str) -> str:
    """`content` as a context of the released server shows it."""
    encoded = content.encode("utf-8", "replace")
    return content if len(encoded) <= HINT_BYTES else encoded[:HINT_BYTES].decode("utf-8", "replace") + "..."


def is_cut(shown: str) -> bool:
    """Whether it looks like a content that was cut so."""
    kept = len(shown[:-3].rstrip(_REPLACED).encode("utf-8", "replace"))
    return shown.endswith("...") and HINT_BYTES - 4 < kept <= HINT_BYTES


def start_of(shown: str) -> str:
    """What is shown of a content, without the dots that say that there is more."""
    return (shown[:-3] if is_cut(shown) else _DOTS.sub("", shown)).rstrip(_REPLACED)


def is_start(short: str, long: str) -> bool:
    """Whether one content is the other, cut short."""
    start, whole = start_of(short), start_of(long) if is_cut(long) else long
    return bool(start) and len(start) < len(whole) and whole.startswith(start)


def in_common(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
