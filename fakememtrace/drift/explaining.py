"""From a call of Memtrace that is answered differently to the behaviours that make the difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .result import ERROR, MEMORY, WORDING, Shown
from .sentences import aspect, fact
from .showing import Showing, occurs
from .side import Call
from .trying import Trial

__all__ = ["Effect", "Reason", "reasons"]


class Reason(NamedTuple):
    """Behaviours that together make a difference, which of their sentences says it, and the memories in question."""

    kind: str
    behaviours: tuple[str, ...]
    aspect: str
    behind: tuple[str, ...] = ()
    memories: tuple[Shown, ...] = ()


class Effect:
    """Whether requests to Claude show what one answer of Memtrace has and another has not.

    `texts` are those of each request on both sides.
    """

    def __init__(self, texts: list[tuple[str, str]]) -> None:
        self._texts = texts

    def of(self, one: Showing, other: Showing) -> bool:
        """Whether what only `one` has stands more often in the first requests, or the other way around."""
        return bool(self.pieces(one, other))

    def pieces(self, one: Showing, other: Showing) -> set[tuple[str, str]]:
        """What of it stands there, each with the side that has it more often."""
        mine, its = one.pieces - other.pieces, other.pieces - one.pieces
        return {
            pair
            for first, second in self._texts
            for pair in (
                *(("first", piece) for piece in mine if occurs(piece, first) > occurs(piece, second)),
                *(("second", piece) for piece in its if occurs(piece, second) > occurs(piece, first)),
            )
        }


def reasons(call: Call, first: Showing, second: Showing, trial: Trial, effect: Effect) -> list[Reason]:
    """Why the answers `first` and `second` to `call` differ; none where it is for what happened before."""
    found = [*_of_memories(call, first, second, trial), *_of_status(first, second, trial)]
    told = {name for reason in found for name in reason.behaviours}
    return [*_together(found), *_of_wording(trial, effect, told)]


def _of_memories(call: Call, first: Showing, second: Showing, trial: Trial) -> Iterator[Reason]:
    if not (first.is_ok and second.is_ok):
        return
    for content, row in trial.known.items():
        forms = first.form(content), second.form(content)
        if forms[0] == forms[1]:
            continue
        behind: tuple[str, ...] = ()
        for names in levels(content, trial):
            memory = Shown(content, *forms, "; ".join(filter(None, (fact(name, row, call) for name in names))))
            yield Reason(MEMORY, names, aspect(names[0], row, first), behind, (memory,))
            behind += names


def levels(content: str, trial: Trial) -> Iterator[tuple[str, ...]]:
    """What changes how much of a memory is shown, and what changes it further when that is as on the other side."""
    goal, taken = trial.with_all(trial.parting).form(content), list[str]()
    while trial.with_all(taken).form(content) != goal:
        form = trial.with_all(taken).form(content)
        left = [name for name in trial.parting if name not in taken]
        # Each alone, or else those without any of which it stays as it is.
        names = [name for name in left if trial.with_all([*taken, name]).form(content) != form]
        names = names or [name for name in left if trial.without(name).form(content) != goal]
        if not names:
            return
        yield tuple(names)
        taken += names


def _of_status(first: Showing, second: Showing, trial: Trial) -> Iterator[Reason]:
    if first.is_ok == second.is_ok:
        return
    names = [name for name in trial.parting if trial.with_all([name]).is_ok != trial.as_it_is().is_ok]
    if names:
        yield Reason(ERROR, tuple(names), "error")


def _of_wording(trial: Trial, effect: Effect, told: set[str]) -> Iterator[Reason]:
    for name in trial.alone():
        if name not in told and effect.of(trial.as_it_is(), trial.with_all([name])):
            yield Reason(WORDING, (name,), "wording")


def _together(found: Iterable[Reason]) -> list[Reason]:
    """Those that are alike as one, with the memories of all."""
    alike: dict[Reason, list[Shown]] = {}
    for reason in found:
        alike.setdefault(reason._replace(memories=()), []).extend(reason.memories)
    return [reason._replace(memories=tuple(memories)) for reason, memories in alike.items()]
