"""The environment variables that matter, and what they do here; values of keys are never shown."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from .finding import Finding

__all__ = ["variables"]

_PART = "variables"
_ADDRESSES = ("MEMTRACE_URL", "ANTHROPIC_BASE_URL")
_KEYS = ("MEMTRACE_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN")


def variables(environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """A :class:`Finding` for each that is set."""
    for name in _ADDRESSES:
        if environ.get(name):
            yield Finding(_PART, name, "note", f"is {_address(environ[name])}: a world serves that address, too")
    for name in _KEYS:
        if environ.get(name):
            yield Finding(_PART, name, "note", "is set: only recording uses it, and no world sends it anywhere else")


def _address(url: str) -> str:
    """Scheme, host and port, without the credentials that may stand before them."""
    return f"{urlsplit(url).scheme}://{urlsplit(url).netloc.rpartition('@')[2]}"
