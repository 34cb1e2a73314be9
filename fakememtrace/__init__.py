"""The test harness for agents with memory.

``World`` is a Memtrace server and a Claude API that exist only inside a ``with`` block::

    from fakememtrace import World

    with World(cassette="cassette.json") as world:
        ...

Everything is imported on first use, so that ``import fakememtrace`` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .claude.cassette import Cassette
    from .claude.matching import Difference, Matching
    from .claude.missing.miss import Miss
    from .claude.responder import Responder
    from .clock import Clock
    from .errors import (
        CassetteError,
        ClockError,
        FakememtraceError,
        NetworkRefused,
        ScenarioError,
        SecretFound,
        UnexpectedTraffic,
        UnknownName,
        UsageError,
    )
    from .journal import Exchange, Journal
    from .memory.dialect import Dialect
    from .memory.tenants import Org
    from .scenario.replay import replay
    from .snapshot.reading import SnapshotError
    from .world import World

__version__ = "0.1.0"

__all__ = [
    "Cassette",
    "CassetteError",
    "Clock",
    "ClockError",
    "Dialect",
    "Difference",
    "Exchange",
    "FakememtraceError",
    "Journal",
    "Matching",
    "Miss",
    "NetworkRefused",
    "Org",
    "Responder",
    "ScenarioError",
    "SecretFound",
    "SnapshotError",
    "UnexpectedTraffic",
    "UnknownName",
    "UsageError",
    "World",
    "replay",
]

_ROOMS = {
    "Cassette": "claude.cassette",
    "Clock": "clock",
    "Dialect": "memory.dialect",
    "Difference": "claude.matching",
    "Exchange": "journal",
    "Journal": "journal",
    "Matching": "claude.matching",
    "Miss": "claude.missing.miss",
    "Org": "memory.tenants",
    "Responder": "claude.responder",
    "SnapshotError": "snapshot.reading",
    "World": "world",
    "replay": "scenario.replay",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f".{_ROOMS.get(name, 'errors')}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
