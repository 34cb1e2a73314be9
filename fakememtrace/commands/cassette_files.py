"""Which files the cassette commands are about."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ..errors import UsageError

__all__ = ["any_files", "cassettes", "is_cassette"]

_MARK = b'"fakememtrace-cassette"'


def cassettes(names: Iterable[str]) -> list[Path]:
    """The files that are named, and the cassettes of ours in the folders that are, each once.

    In a folder a cassette is a ``.json`` file that says so, or whose name begins so.

    Raises:
        UsageError: a folder has none.
    """
    return _found(names, is_cassette, "cassette of fakememtrace")


def any_files(names: Iterable[str]) -> list[Path]:
    """The files that are named, and all that are in the folders; not what is hidden.

    Raises:
        UsageError: a folder has none.
    """
    return _found(names, Path.is_file, "file")


def _found(names: Iterable[str], wanted: Callable[[Path], bool], what: str) -> list[Path]:
    found: dict[Path, None] = {}
    for name in names:
        path = Path(name)
        below = sorted(file for file in _below(path) if wanted(file)) if path.is_dir() else [path]
        if not below:
            raise UsageError(
                f"there is no {what} in {name}. Expected a file, or a folder with one.\n"
                "What is hidden is not looked at: name it."
            )
        found.update(dict.fromkeys(below))
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in files if not name.startswith("."))


def is_cassette(path: Path) -> bool:
    """Whether the file says that it is a cassette of ours, or is called so; also when it cannot be read."""
    if path.suffix != ".json":
        return False
    try:
        return path.name.startswith("cassette") or _MARK in path.read_bytes()
    except OSError:
        # Whoever reads it says why it cannot be read.
        return True
