"""Trials as lines of text: a table, then what to do about every mutant that was not killed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import NamedTuple

from ...errors import listed
from ...report.text import Line, printable
from .mutants import Mutant
from .trial import STATES, Trial, is_good

__all__ = ["Table", "summary", "table", "unkilled"]

_STYLES = {"killed": "green", "crashed": "yellow", "survived": "bold red", "not reached": "yellow"}
_MOST_NAMES = 5
_WIDTH = 120


class Table(NamedTuple):
    """Names of the columns, rows of cells, and the style of each row."""

    columns: tuple[str, ...]
    rows: list[tuple[str, ...]]
    styles: list[str]


def table(mutants: Sequence[Mutant], trials: Sequence[Trial], whole: bool) -> Table:
    """A row for each mutant: what became of it in each place, by how many where that is known, and what killed it."""
    places = list(dict.fromkeys(trial.place for trial in trials))
    rows = [_row(mutant, [trial for trial in trials if trial.mutant == mutant.name], whole) for mutant in mutants]
    return Table(("mutant", *places, "first killed by"), [cells for cells, _ in rows], [style for _, style in rows])


def unkilled(mutants: Sequence[Mutant], trials: Sequence[Trial], noun: str) -> Iterator[Line]:
    """What to do about each mutant that no `noun` (eval or test) failed under; those that struck nowhere stand last."""
    by_name = {mutant.name: mutant for mutant in mutants}
    told = [trial for trial in trials if trial.state != "killed" or trial.stray]
    groups = [(key, list(group)) for key, group in groupby(told, lambda trial: (trial.mutant, trial.state))]
    for (name, state), some in groups:
        if state != "not reached" or any(trial.stray for trial in some):
            yield Line("")
            yield Line(f"{state.upper()}: {name}{_where(some, trials)}", _STYLES[state])
            for words in _paragraphs(by_name[name], state, some, noun):
                yield from _indented(words)
    absent = [(name, some) for (name, state), some in groups if state == "not reached"]
    if absent:
        yield Line("")
        yield Line(f"NOT REACHED: these struck in no {noun}, so nothing could notice them", _STYLES["not reached"])
        yield from _indented(f"Where one of them can happen to you, write {_a(noun)} that does what is said of it.")
    for name, some in absent:
        yield from _indented(f"{name}{_where(some, trials)}: {by_name[name].advice}")


def summary(trials: Sequence[Trial], noun: str, strict: bool = False) -> Line:
    """The verdict: how many were killed, and what became of the others."""
    states = Counter(trial.state for trial in trials)
    killed = states["killed"] + states["crashed"]
    counts = [f"{killed} of {len(trials)} killed"]
    if states["crashed"]:
        counts.append(f"{states['crashed']} of them by a crash only")
    counts += [f"{states[state]} {state}" for state in STATES[2:] if states[state]]
    mutants, most = len({trial.mutant for trial in trials}), max((trial.of for trial in trials), default=0)
    words = f"{', '.join(counts)} ({_counted(mutants, 'mutant')}, {_counted(most, noun)})"
    return Line(f"PASSED: {words}", "bold green") if is_good(trials, strict) else Line(f"FAILED: {words}", "bold red")


def _row(mutant: Mutant, trials: Sequence[Trial], whole: bool) -> tuple[tuple[str, ...], str]:
    worst = max((trial.state for trial in trials), key=STATES.index)
    return (mutant.name, *(_cell(trial, whole) for trial in trials), _killers(trials)), _STYLES[worst]


def _cell(trial: Trial, whole: bool) -> str:
    if trial.state == "killed":
        return f"killed, {len(trial.killers)} of {trial.of}" if whole else "killed"
    return "killed by a crash" if trial.state == "crashed" else trial.state.upper()


def _killers(trials: Sequence[Trial]) -> str:
    """The first killer, and in which place where it is not the same in all."""
    first = {trial.place: (trial.killers or trial.crashes)[0] for trial in trials if trial.killers or trial.crashes}
    if len(set(first.values())) == 1 and len(first) == len(trials):
        return next(iter(first.values()))
    return ", ".join(f"{name} ({place})" for place, name in first.items())


def _paragraphs(mutant: Mutant, state: str, trials: Sequence[Trial], noun: str) -> Iterator[str]:
    reached, crashes, stray = (_names(getattr(trial, of) for trial in trials) for of in ("reached", "crashes", "stray"))
    does = mutant.does[0].upper() + mutant.does[1:]
    if state == "survived":
        yield f"{does}. It struck in {reached}, and nothing failed."
    elif state == "crashed":
        yield f"{does}. No {noun} failed, and what could not go on is {crashes}."
    if state in ("survived", "crashed"):
        yield f"What to do: write {_a(noun)} that {mutant.advice}."
    if stray:
        yield f"Though it had not struck there, {stray} failed, which is no kill: run it again without a fault."


def _where(some: Sequence[Trial], trials: Sequence[Trial]) -> str:
    """The places of `some` trials, unless there is but one place."""
    places = dict.fromkeys(trial.place for trial in some)
    return f" ({', '.join(places)})" if len({trial.place for trial in trials}) > 1 else ""


def _indented(words: str) -> Iterator[Line]:
    for line in wrap(printable(words), _WIDTH - 2, subsequent_indent="  ", break_on_hyphens=False):
        yield Line(f"  {line}")


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _names(groups: Iterable[Sequence[str]]) -> str:
    """All names, each once; of many the first."""
    names = list(dict.fromkeys(name for group in groups for name in group))
    more = [f"{len(names) - _MOST_NAMES} more"] if len(names) > _MOST_NAMES + 1 else names[_MOST_NAMES:]
    return listed([*names[:_MOST_NAMES], *more]) if names else ""


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
