"""Hosts as a program hands them to a socket."""

from __future__ import annotations

from typing import Any

from ..addresses import plain_host

__all__ = ["address_at_home", "at_home", "text_of"]


def text_of(name: Any) -> str:
    """A host as the program gave it: text, bytes, or what is no host."""
    if isinstance(name, (bytes, bytearray)):
        return name.decode("ascii", "replace")
    return name if isinstance(name, str) else ""


def at_home(host: Any) -> Any:
    """``localhost`` for ``app.localhost``, which is this machine, though not every resolver knows it without asking."""
    return "localhost" if plain_host(text_of(host)).endswith(".localhost") else host


def address_at_home(address: Any) -> Any:
    """The same for an address, whose first part is a host."""
    return (at_home(address[0]), *address[1:]) if isinstance(address, tuple) and address else address
