"""What a run of evals is about: the cases and data-set evals that are wanted and can be run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from ..errors import UnknownName, UsageError, listed
from .case import Case
from .reading import load
from .sets.reading import load_sets
from .sets.running import Prepared, prepare
from .sets.set_eval import SetEval
from .sets.sources import SOURCES
from .suite import chosen_of_both

__all__ = ["Wanted", "copies_of", "wanted"]


class Wanted(NamedTuple):
    """What is run; ``left_out`` are the evals that are not, and why."""

    cases: Sequence[Case]
    sets: Sequence[Prepared]
    left_out: Sequence[tuple[str, str]]


def wanted(
    root: Path,
    names: Sequence[str],
    dialects: Sequence[str],
    copies: Mapping[str, Path],
    baseline: Path | None = None,
) -> Wanted:
    """The evals of these `names` below `root`, all when there are none, with their data read.

    A data-set eval that cannot be run here is left out unless its own name is among them.  `copies` and `baseline`
    are as in :func:`prepare`.

    Raises:
        UsageError: a name, a file or a copy is not as it should be, or nothing is left to be run.
    """
    cases = load(root)
    both = chosen_of_both(cases, load_sets(root, [case.name for case in cases]), names)
    reasons = [(one, _cannot(one, dialects, copies)) for one in both[1]]
    left_out = [(one.name, why) for one, why in reasons if why and one.name not in names]
    sets = [one for one, _ in reasons if one.name not in dict(left_out)]
    for one in sets:
        if not one.variants(dialects):
            raise UsageError(f"{one.name} cannot be run: {_cannot(one, dialects, copies)}.\nAsk for --dialect both.")
    if baseline and len(sets) != 1:
        words = f"{len(sets)} are run: {listed(one.name for one in sets)}" if sets else "none is run"
        raise UsageError(f"--baseline {baseline} is for one data-set eval, and {words}.\nName the one that it is for.")
    if not both[0] and not sets:
        words = "; ".join(f"{name}: {why}" for name, why in left_out) or "there is no eval"
        raise UsageError(f"there is nothing to run: {words}.\nName other evals, or say where the data is.")
    return Wanted(both[0], prepare(sets, dialects, copies, baseline), left_out)


def copies_of(given: Iterable[str]) -> dict[str, Path]:
    """Where a user's copies of data sets are, by name, from ``NAME=PATH``.

    Raises:
        UsageError: one is not of that form, or is not of a data set that needs a copy.
    """
    needed = [name for name, source in SOURCES.items() if source.copy]
    copies: dict[str, Path] = {}
    for text in given:
        name, equals, path = text.partition("=")
        if not equals or not path:
            raise UsageError(f"--data {text}: expected NAME=PATH, NAME being {listed(needed)}.")
        if name not in needed:
            raise UnknownName("data set that needs a copy", name, needed)
        if name in copies:
            raise UsageError(f"--data {name} is given twice.\nSay once where your copy is.")
        copies[name] = Path(path)
    return copies


def _cannot(one: SetEval, dialects: Sequence[str], copies: Mapping[str, Path]) -> str:
    """Why it cannot be run here; empty where it can."""
    if not one.variants(dialects):
        return f"it is about {listed(one.dialects)} only"
    if SOURCES[one.set].copy and one.set not in copies:
        return f"--data {one.set}=PATH says where your copy is"
    return ""
