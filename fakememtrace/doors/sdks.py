"""The SDKs whose clients fixtures hand out; importing them takes a second, so nobody does before it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from ..errors import UsageError

__all__ = ["anthropic_sdk", "memtrace_sdk"]


def memtrace_sdk() -> Any:
    """The package ``memtrace``; None where memtrace-sdk is not installed."""
    return _imported("memtrace")


def anthropic_sdk() -> Any:
    """The package ``anthropic``.

    Raises:
        UsageError: it is not installed.
    """
    found = _imported("anthropic")
    if found is None:
        raise UsageError("Claude's SDK is not installed. Install it with: pip install anthropic")
    return found


def _imported(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            # It is there, and something that it needs is not.
            raise
        return None
