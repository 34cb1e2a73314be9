"""Uses whichever SDK is on the path in every way there is, and prints what happened as JSON.

Run in a process of its own, since a process has one SDK only: ``python -m tests.sdk.program``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import memtrace

from fakememtrace import World

from . import derived
from .calls import CALLS, TROUBLES, Use


@contextmanager
def client(asynchronous: bool, world: World, key: str) -> Iterator[Use]:
    """The SDK's client in `world`, in the one form or the other."""
    if not asynchronous:
        with memtrace.Memtrace(world.url, key) as made:
            yield Use(memtrace, made, lambda answer: answer)
        return
    loop = asyncio.new_event_loop()
    made = memtrace.AsyncMemtrace(world.url, key)
    try:
        loop.run_until_complete(made.__aenter__())
        yield Use(memtrace, made, loop.run_until_complete)
        loop.run_until_complete(made.__aexit__(None, None, None))
    finally:
        loop.close()


def served(name: str, asynchronous: bool, dialect: str) -> list[str]:
    """Make the call `name`; the routes that answered it."""
    with World(dialect) as world:
        with client(asynchronous, world, world.api_key) as use:
            CALLS[name](use)
        world.journal.assert_clean()
        return sorted({exchange.response.note for exchange in world.journal if exchange.response})


def raised(call: Any, use: Use) -> list[Any]:
    """What `call` raises: class, status, message and text."""
    try:
        call(use)
    except memtrace.MemtraceError as error:
        return [type(error).__name__, error.status_code, error.message, str(error)]
    return []


def troubles(asynchronous: bool, dialect: str) -> dict[str, Any]:
    """What each trouble raises."""
    seen = {}
    with World(dialect) as world:
        for name, call in TROUBLES.items():
            with client(asynchronous, world, world.api_key) as use:
                seen[name] = raised(call, use)
        with client(asynchronous, world, "mtk_wrong") as use:
            seen["wrong key"] = raised(lambda use: use.recall("a"), use)
        with client(asynchronous, world, world.org("bare", arc=False).api_key) as use:
            seen["no arc"] = raised(lambda use: use.recall("a"), use)
    return seen


def main() -> None:
    """Print the report."""
    clients = {"sync": memtrace.Memtrace, "async": memtrace.AsyncMemtrace}
    ways = [(way, dialect) for way in clients for dialect in ("0.2.0", "documented")]
    methods = {way: derived.public_methods(kind) for way, kind in clients.items()}
    report = {
        "version": memtrace.__version__,
        "methods": methods,
        "models": sorted(derived.models(memtrace)),
        "exceptions": derived.exceptions(memtrace),
        "sends": {way: {name: _route(kind, name) for name in methods[way]} for way, kind in clients.items()},
        "served": {
            f"{way} {dialect}": {name: served(name, way == "async", dialect) for name in methods[way] if name in CALLS}
            for way, dialect in ways
        },
        "raised": {f"{way} {dialect}": troubles(way == "async", dialect) for way, dialect in ways},
    }
    json.dump(report, sys.stdout)


def _route(kind: type, name: str) -> str:
    return derived.sent(kind, name, derived.arguments(getattr(kind, name), everything=True)).route


if __name__ == "__main__":
    main()
