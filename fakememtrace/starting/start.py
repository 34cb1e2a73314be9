"""Writes the files of a start; what is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import UsageError
from ..files import write_whole

__all__ = ["Written", "files", "start"]

_PROJECT = Path(__file__).with_name("project")
# So that nothing here is taken for a module or a test of ours.
_SUFFIX = ".template"


class Written(NamedTuple):
    """A file of the start: its path in the project, and whether it was written or was there before."""

    path: str
    is_new: bool


def files() -> dict[str, str]:
    """The files of a start by their paths in a project, in the order of these."""
    paths = sorted(path for path in _PROJECT.rglob(f"*{_SUFFIX}"))
    return {path.relative_to(_PROJECT).as_posix().removesuffix(_SUFFIX): path.read_text("utf-8") for path in paths}


def start(folder: Path) -> list[Written]:
    """Write those files into `folder` that are not there; nothing is ever overwritten.

    A scenario is written whole or not at all: its parts belong together.

    Raises:
        UsageError: `folder` is no folder, or a file stands where a folder is needed.
        FileError: a file cannot be written.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder}: there is no such folder. Make it first, or name another one.")
    return list(_written(folder))


def _written(folder: Path) -> Iterator[Written]:
    there = {path.parent for path in map(Path, files()) if path.parts[0] == "scenarios" and (folder / path).exists()}
    for name, text in files().items():
        path = folder / name
        is_new = not path.exists() and Path(name).parent not in there
        if is_new:
            _make(path.parent)
            write_whole(path, text)
        yield Written(name, is_new)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise UsageError(f"{folder}: this is to be a folder, and a file is in its place. Move the file away.") from None
