"""Writes the files of a start; what is there already stays as it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ..errors import FileError, UsageError
from ..files import write_whole

__all__ = ["Written", "files", "start"]

_PROJECT = Path(__file__).with_name("project")
# So that nothing here is taken for a module or a test of ours.
_SUFFIX = ".template"


class Written(NamedTuple):
    """A file of the start: its path in the project, whether it was written, and whether it is there now."""

    path: str
    is_new: bool
    is_there: bool = True


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
    wanted = {name: text for name, text in files().items() if _is_wanted(folder, name)}
    for name in wanted:
        _refuse_file(folder, folder.joinpath(name).parent)
    for name, text in wanted.items():
        _make(folder.joinpath(name).parent)
        write_whole(folder / name, text)
    return [Written(name, name in wanted, os.path.lexists(folder / name)) for name in files()]


def _is_wanted(folder: Path, name: str) -> bool:
    """Whether a file is to be written: it is not there, nor, of a scenario, is any other part."""
    place = Path(name).parent
    whole = [one for one in files() if Path(one).parent == place] if place.parts[0] == "scenarios" else [name]
    # A link that leads nowhere is somebody's, too.
    return not any(os.path.lexists(folder / one) for one in whole)


def _refuse_file(project: Path, folder: Path) -> None:
    """Refuse to begin where a folder cannot be made, so that a start is not left half done."""
    while folder != project:
        if os.path.lexists(folder) and not folder.is_dir():
            raise UsageError(f"{folder}: this is to be a folder, and a file is in its place. Move the file away.")
        folder = folder.parent


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"this folder cannot be made: {error.strerror}."
        raise FileError(folder, problem, "Let it be made, or name another project.") from None
