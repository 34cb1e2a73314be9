"""A sweep -> its units: every case under every variant of the axes that change it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import NamedTuple

from ...errors import FileError, UnknownName
from ...scenario.replay import check
from ...scenario.scenario import find_scenarios
from ..case import DIALECTS, Case
from ..datasets import Dataset
from ..reading import load
from ..retrieval.bm25 import library
from ..retrieval.plans import BM25, SINCE
from ..spoken import VERDICTS
from ..suite import chosen
from .datasets import dataset
from .sweep import ALL, AXES, Sweep
from .unit import Contract, Questions, Scene, Unit, Work, key_of
from .versions import here, libraries_of

__all__ = ["Crossed", "crossed"]


class Crossed(NamedTuple):
    """The units of a sweep, in the order of its report, and the digest of every data set in it by its name."""

    units: tuple[Unit, ...]
    digests: Mapping[str, str]


class _Case(NamedTuple):
    kind: str
    name: str
    work: Work
    axes: tuple[str, ...]


def crossed(sweep: Sweep) -> Crossed:
    """All units of `sweep`, each with all that it needs.

    Raises:
        UsageError: a case, a data set or a file that is named is not there, or cannot be used as it is.
        UnknownName: no case has a name that is asked for.
    """
    if BM25 in sweep.axes.get("plan", ()):
        # Better now than in every unit.
        library()
    digests: dict[str, str] = {}
    cases = [*_of_data(sweep, digests), *_of_evals(sweep), *_of_scenarios(sweep)]
    return Crossed(tuple(unit for case in cases for unit in _units(sweep, case)), digests)


def _units(sweep: Sweep, case: _Case) -> Iterator[Unit]:
    digest = key_of(case.work)
    for variant in _variants(sweep, case.axes):
        edits = tuple(edit for edit in sweep.edits if variant.get(edit.axis) == edit.name)
        versions = here(libraries_of(case.kind, variant.get("plan", "")))
        key = key_of(versions, case.kind, case.name, variant, edits, digest)
        yield Unit(case.kind, case.name, variant, edits, case.work, key)


def _variants(sweep: Sweep, axes: Iterable[str]) -> Iterator[dict[str, str]]:
    """Every combination of the values of these axes, the last one changing fastest."""
    named = [axis for axis in axes if axis in sweep.axes]
    seen = set()
    for values in product(*(sweep.axes[axis] for axis in named)):
        variant = dict(zip(named, values, strict=True))
        if variant.get("plan", "").startswith(SINCE):
            # It names its window itself.
            variant.pop("window", None)
        form = tuple(variant.items())
        if form not in seen:
            seen.add(form)
            yield variant


def _of_data(sweep: Sweep, digests: dict[str, str]) -> Iterator[_Case]:
    axes = tuple(axis for axis in AXES if "data" in AXES[axis])
    loaded: dict[str, Dataset] = {}
    for asked in sweep.cases["data"]:
        name, _, only = asked.partition("/")
        if name not in loaded:
            loaded[name] = dataset(sweep, name)
            digests[name] = loaded[name].digest
        histories = {history.name: history for history in loaded[name].histories}
        if only and only not in histories:
            raise UnknownName(f"history of {name}", only, histories)
        for history in [histories[only]] if only else histories.values():
            yield _Case("data", f"{name}/{history.name}", Questions(loaded[name].digest, history, sweep.ks), axes)


def _of_evals(sweep: Sweep) -> Iterator[_Case]:
    names = sweep.cases["evals"]
    for case in chosen(load(sweep.where["evals"]), () if ALL in names else names) if names else ():
        axes = ("dialect", "prompt", "tools") if case.claude else ("dialect",)
        yield _Case("evals", case.name, _contract(case), axes)


def _contract(case: Case) -> Contract:
    """A case with the files that it reads, beside each other and called by their names only."""
    folder = case.path.parent
    files = {}
    if case.claude:
        stem = Path(case.claude).name
        paths = [folder / f"{case.claude}{ending}.json" for ending in ("", *(f".{name}" for name in DIALECTS))]
        files = {path.name: _content(path) for path in paths if path.is_file()}
        if (folder / VERDICTS).is_file():
            files[VERDICTS] = _content(folder / VERDICTS)
        case = case._replace(claude=stem)
    return Contract(case._replace(path=Path(case.path.name)), files)


def _of_scenarios(sweep: Sweep) -> Iterator[_Case]:
    names = sweep.cases["scenarios"]
    if not names:
        return
    for folder in find_scenarios(sweep.where["scenarios"], () if ALL in names else names):
        for dialect in sweep.axes["dialect"]:
            check(folder, dialect)
        files = {path.relative_to(folder).as_posix(): _content(path) for path in _files(folder)}
        yield _Case("scenarios", folder.name, Scene(folder.name, files), ("dialect", "prompt", "tools"))


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in found if not _is_left_out(path.relative_to(folder)))


def _is_left_out(path: Path) -> bool:
    return any(part.startswith(".") or part == "__pycache__" for part in path.parts)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FileError(path, f"cannot be read: {error.strerror}.", "Check the file.") from None
