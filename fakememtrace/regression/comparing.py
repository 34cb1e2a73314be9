"""Compares the program of a scenario with what is recorded of it: a rehearsal, told conversation by conversation."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from ..claude.cassette import Cassette
from ..claude.matching.difference import Difference
from ..claude.recording.modes import CHANGED as RECORD_CHANGED
from ..errors import FileError
from ..memory.dialect import Dialect
from ..scenario.outcome import Outcome
from ..scenario.replay import run
from ..scenario.scenario import PROGRAM, Scenario, load_scenario
from ..scenario.side_by_side import side_by_side
from . import surface
from .result import CHANGED, GONE, NEW, NOT_PINNED, UNCHANGED, WRITTEN, Comparison, Conversation, Surface
from .revision import Revision

__all__ = ["AS_THEY_ARE", "Limits", "compare", "compare_all"]

AS_THEY_ARE = "the files as they are"
_CHILD = "fakememtrace.regression.child"


class Limits(NamedTuple):
    """What a program may take: requests to Claude, and seconds of wall time; the scenario's own where it is None."""

    max_turns: int | None = None
    timeout: float | None = None


class _Source(NamedTuple):
    """Where all but the program comes from: the scenario, its folder there, its cassette, and how that is called."""

    scenario: Scenario
    folder: Path
    cassette: Path
    shown: str


def compare_all(
    folders: Sequence[Path],
    dialect: str,
    revision: Revision | None = None,
    limits: Limits | None = None,
    pin: bool = False,
    gone: Sequence[str] = (),
) -> Iterator[Comparison]:
    """Compare the scenarios in `folders`, several at once, when all of them can be; they come in the order given.

    Args:
        folders: where the scenarios are.
        dialect: which Memtrace they meet.
        revision: whose cassettes, scripts and expectations they are compared with; the files as they are without.
        limits: what their programs may take.
        pin: whether the tools that are offered now are pinned.
        gone: scenarios that there were, and are not there any more.

    Raises:
        ScenarioError: a folder, its script, its expectations or its pinned tools cannot be used as they are.
        CassetteError: a cassette is missing or broken.
        UnknownName: there is no such dialect.
    """
    for folder in folders:
        if revision is None or revision.has(folder.name):
            with _source(folder, dialect, revision) as source:
                Cassette.load(source.cassette)
                surface.pinned(source.folder)
    yield from side_by_side(lambda folder: compare(folder, dialect, revision, limits, pin), folders)
    for name in gone:
        yield Comparison(name, dialect, "", str(revision), is_gone=True)


def compare(
    folder: Path,
    dialect: str,
    revision: Revision | None = None,
    limits: Limits | None = None,
    pin: bool = False,
) -> Comparison:
    """Compare the scenario in `folder`; see :func:`compare_all`."""
    if revision is not None and not revision.has(folder.name):
        title = load_scenario(folder.resolve()).title
        return Comparison(folder.name, dialect, title, str(revision), is_new=True)
    with _source(folder, dialect, revision) as source:
        before = surface.pinned(source.folder)

        def rehearsed(is_strict: bool) -> Comparison:
            outcome, told = _run(source, dialect, limits or Limits(), is_strict)
            against = str(revision) if revision else AS_THEY_ARE
            return _comparison(outcome, told, before, folder if pin else None, against)

        found = rehearsed(True)
        if not {NEW, GONE} <= {one.state for one in found.conversations}:
            return found
        # A new conversation may be what became of one that is gone.
        other = rehearsed(False)
    return other if _changes(other) < _changes(found) else found


def _run(source: _Source, dialect: str, limits: Limits, is_strict: bool) -> tuple[Outcome, dict[str, Any]]:
    options = {"main": _CHILD, "origin": str(source.folder), "shown": source.shown, "is_strict": is_strict}
    how = {"mode": RECORD_CHANGED, "rehearse": True}
    outcome, told = run(source.scenario, dialect, limits.max_turns, limits.timeout, how, options)
    return outcome, told or {"conversations": [], "tools": []}


def _changes(comparison: Comparison) -> int:
    return sum(one.state != UNCHANGED for one in comparison.conversations)


@contextmanager
def _source(folder: Path, dialect: str, revision: Revision | None) -> Iterator[_Source]:
    """The scenario in `folder` as it is, or with all but its program as it was; errors name the file at the commit."""
    here = folder.resolve()
    if revision is None:
        yield _from(here, here, dialect, "")
        return
    with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch:
        there = Path(scratch, here.name)
        there.mkdir()
        revision.write(here.name, there)
        # It is not run, and has to be there.
        (there / PROGRAM).touch()
        try:
            yield _from(there, here, dialect, revision.name)
        except FileError as error:
            name = f"{revision.name}:{folder / Path(error.path).name}"
            raise type(error)(name, error.problem, error.advice, error.place) from None


def _from(there: Path, here: Path, dialect: str, revision: str) -> _Source:
    scenario = load_scenario(there)
    Dialect(dialect)
    cassette = scenario.cassette(dialect)
    shown = str(Cassette(path=here / cassette.name))
    return _Source(replace(scenario, folder=here), there, cassette, f"{revision}:{shown}" if revision else shown)


def _comparison(
    outcome: Outcome, told: dict[str, Any], before: list[surface.Tools] | None, pin: Path | None, against: str
) -> Comparison:
    ended = not outcome.stopped
    return Comparison(
        scenario=outcome.scenario,
        dialect=outcome.dialect,
        title=outcome.title,
        against=against,
        conversations=[Conversation(**values, ended=ended) for values in told["conversations"]],
        surface=_surface(before, told["tools"], pin, ended),
        expectations=len(outcome.checks),
        failed=[check for check in outcome.checks if not check.held],
        problems=outcome.problems,
        stopped=outcome.stopped,
        output="" if ended and not outcome.problems else outcome.output,
    )


def _surface(before: list[surface.Tools] | None, now: list[surface.Tools], pin: Path | None, ended: bool) -> Surface:
    """The tools that were offered, and what is pinned of them; where the program was stopped, more might have been."""
    count = len({str(tool.get("name")) for tools in now for tool in tools if isinstance(tool, dict)})
    if pin is not None and ended and (now or before) and surface.save(pin, now):
        return Surface(WRITTEN, count, surface.differences(before or [], now))
    if before is None:
        return Surface(NOT_PINNED if now else UNCHANGED, count)
    seen_all = ended or any(tools not in before for tools in now)
    found: list[Difference] = surface.differences(before, now) if seen_all else []
    return Surface(CHANGED if found else UNCHANGED, count, found)
