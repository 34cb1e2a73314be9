"""What a process runs: results of different versions are not comparable, so they are not mixed."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple

from ... import __version__
from ..retrieval.plans import BM25
from .unit import Unit

__all__ = ["Versions", "differences", "here", "libraries_of", "needed"]

_OF_BM25 = ("numpy", "rank-bm25")
_OF_SCENARIOS = ("anthropic", "memtrace-sdk", "python-telegram-bot")


class Versions(NamedTuple):
    """The version of this package and the digest of its code, Python's, and those of libraries that results rest on."""

    package: str
    code: str
    python: str
    libraries: tuple[tuple[str, str], ...]


def libraries_of(kind: str, plan: str) -> tuple[str, ...]:
    """The libraries that the results of such a unit rest on."""
    if kind == "scenarios":
        return _OF_SCENARIOS
    return _OF_BM25 if plan == BM25 else ()


def needed(units: Iterable[Unit]) -> tuple[str, ...]:
    """The libraries that the results of any of these rest on."""
    return tuple(sorted({name for unit in units for name in libraries_of(unit.kind, unit.variant.get("plan", ""))}))


@lru_cache(maxsize=16)
def here(libraries: tuple[str, ...] = ()) -> Versions:
    """The versions of this process."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return Versions(__version__, _code(), python, tuple((name, _installed(name)) for name in libraries))


def differences(mine: Versions, other: Versions) -> Iterator[str]:
    """In what `other` differs from `mine`, in words; nothing where both are the same."""
    if other.package != mine.package:
        yield f"fakememtrace {other.package} and not {mine.package}"
    elif other.code != mine.code:
        yield f"other code under the name of fakememtrace {mine.package}"
    if other.python != mine.python:
        yield f"Python {other.python} and not {mine.python}"
    theirs = dict(other.libraries)
    for name, ours in mine.libraries:
        found = theirs.get(name, "")
        if found != ours:
            yield f"{f'{name} {found}' if found else f'no {name}'} and not {ours or 'none'}"


@lru_cache(maxsize=1)
def _code() -> str:
    """The digest of this package's modules: a version number stays while the code under it changes."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
