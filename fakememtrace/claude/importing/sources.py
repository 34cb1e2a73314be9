"""Which files are imported, and where the cassette of each is written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from ...errors import did_you_mean, listed
from .bodies import MOST
from .broken import Broken

__all__ = ["Source", "content_of", "sources"]

# Compressed ones are langchain's.
_SUFFIXES = (".yaml", ".yml", ".har", ".json", ".httprr", ".yaml.gz", ".yml.gz", ".json.gz", ".har.gz")


class Source(NamedTuple):
    """A file to import, and the name of its cassette, relative to the folder that it is written to.

    ``problem`` is what is wrong with it before anything was read.
    """

    path: Path
    name: Path
    problem: Broken | None = None


def sources(given: Iterable[str | os.PathLike[str]]) -> list[Source]:
    """The files `given`, and those in the folders `given`, below them too, sorted; each of them once.

    In a folder only files whose names end as recordings' do are looked at, and nothing that is hidden.
    """
    found: dict[str, Source] = {}
    for path in map(Path, given):
        for source in _below(path) if path.is_dir() else [_file(path)]:
            found.setdefault(os.path.realpath(source.path), source)
    return list(found.values())


def content_of(source: Source) -> bytes:
    """The bytes of the file.

    Raises:
        Broken: it is not there, no file, larger than 64 MB, or cannot be read.
    """
    if source.problem:
        raise source.problem
    try:
        if not source.path.exists():
            raise Broken("", "there is no such file or folder.", _beside(source.path))
        if not source.path.is_file():
            raise Broken("", "this is neither a file nor a folder.", "Name a file.")
        if source.path.stat().st_size > MOST:
            raise Broken("", f"the file is larger than {MOST // 1024**2} MB.", "Divide it, or leave it out.")
        return source.path.read_bytes()
    except OSError as error:
        raise Broken("", f"cannot be read: {error.strerror}.", "Correct that, or leave the file out.") from None


def _below(folder: Path) -> list[Source]:
    closed: list[Source] = []
    found = [Source(path, _named(path.relative_to(folder))) for path in _recordings(folder, closed)]
    if found or closed:
        return [*found, *closed]
    problem = "no file in this folder is named as recordings are."
    ends = f"{', '.join(_SUFFIXES[:4])} or {_SUFFIXES[4]}"
    return [Source(folder, Path(), Broken("", problem, f"Expected names that end in {ends}. Check the path."))]


def _recordings(folder: Path, closed: list[Source]) -> Iterator[Path]:
    """The files; folders that cannot be looked into are added to `closed`."""

    def close(error: OSError) -> None:
        problem = f"this folder cannot be looked into: {error.strerror}."
        closed.append(Source(Path(error.filename), Path(), Broken("", problem, "Correct that, or leave it out.")))

    for place, folders, names in os.walk(folder, onerror=close):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.lower().endswith(_SUFFIXES) and not name.startswith("."):
                yield Path(place, name)


def _file(path: Path) -> Source:
    return Source(path, _named(Path(path.name)))


def _named(relative: Path) -> Path:
    longest_first = sorted(_SUFFIXES, key=len, reverse=True)
    suffix = next((suffix for suffix in longest_first if relative.name.lower().endswith(suffix)), "")
    return relative.with_name(f"{relative.name[: len(relative.name) - len(suffix)]}.json")


def _beside(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"Its folder {folder} does not exist either. Check the path."
    try:
        beside = sorted(entry.name for entry in folder.iterdir())
    except OSError:
        beside = []
    hint = did_you_mean(path.name, beside).strip()
    return hint or f"In {folder} is {listed(_few(beside))}. Check the path."


def _few(names: list[str]) -> list[str]:
    return [*names[:8], f"{len(names) - 8} more"] if len(names) > 8 else names
