"""Whether what is installed is really served by a world: each library is asked to try it."""

from __future__ import annotations

import importlib
import socket
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import NetworkRefused
from ..world import World
from .finding import Finding

__all__ = ["intercepted"]

_PART = "intercepted"
_OUTSIDE = "fakememtrace.invalid"


def intercepted() -> Iterator[Finding]:
    """A :class:`Finding` for each library that is installed, and one for the guard."""
    for name, of_what, ask in _PROBES:
        found = _probed(name, of_what, ask)
        if found:
            yield found
    yield _guard()


def _probed(name: str, of_what: str, ask: Callable[[Any, World], bool]) -> Finding | None:
    try:
        library = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name == name:
            return None
        return _unimportable(name, error)
    except Exception as error:
        return _unimportable(name, error)
    try:
        with World(cassette=lambda _: "served") as world:
            is_served = ask(library, world) and len(world.journal) > 0
    except Exception as error:
        return Finding(_PART, name, "wrong", f"{type(error).__name__}: {error}", _REPORT)
    if is_served:
        return Finding(_PART, name, "ok", f"{of_what} is served by the fake")
    return Finding(_PART, name, "wrong", f"{of_what} is not served by the fake", _REPORT)


_REPORT = "Look which other tool patches this library, and in which order; `-p no:NAME` leaves a pytest plugin out."


def _unimportable(name: str, error: Exception) -> Finding:
    words = f"cannot be imported: {type(error).__name__}: {error}"
    return Finding(_PART, name, "wrong", words, f"Install what it needs, or install it anew: pip install -U {name}")


def _http(library: Any, world: World) -> bool:
    return bool(library.get(f"{world.url}/health").json()["service"] == "memtrace")


def _memtrace(library: Any, world: World) -> bool:
    with_sdk = library.Memtrace(world.url, world.api_key)
    with_sdk.remember("doctor", "a memory")
    return bool(world.memory.memories()[0].content == "a memory")


def _claude(library: Any, _: World) -> bool:
    message = {"role": "user", "content": "Are you the fake?"}
    answer = library.Anthropic(api_key="none").messages.create(model="claude-x", max_tokens=9, messages=[message])
    return bool(answer.content[0].text == "served")


_PROBES: tuple[tuple[str, str, Callable[[Any, World], bool]], ...] = (
    ("httpx", "what it asks Memtrace", _http),
    ("httpx2", "what it asks Memtrace", _http),
    ("memtrace", "what memtrace-sdk asks", _memtrace),
    ("anthropic", "what it asks Claude", _claude),
)


def _guard() -> Finding:
    try:
        with World(), socket.create_connection((_OUTSIDE, 443), timeout=1):
            pass
    except NetworkRefused:
        return Finding(_PART, "the guard", "ok", "a socket to another machine is refused by name")
    except OSError as error:
        return Finding(_PART, "the guard", "wrong", f"a socket was not refused: {error}", _REPORT)
    return Finding(_PART, "the guard", "wrong", "a socket left this machine", _REPORT)
