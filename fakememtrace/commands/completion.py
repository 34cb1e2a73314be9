"""What a shell proposes for the word that is being typed; nothing where it cannot be told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from ..errors import FakememtraceError

if TYPE_CHECKING:
    from ..evals.case import Case
    from ..evals.sets.set_eval import SetEval

__all__ = ["dialects", "dialects_or_both", "evals", "faults", "files", "folders", "scenarios", "sections"]

_Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def files(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A file: the shell looks for it itself."""
    return [CompletionItem(incomplete, type="file")]


def folders(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """A folder: the shell looks for it itself."""
    return [CompletionItem(incomplete, type="dir")]


def _of(names: Callable[[dict[str, Any]], Iterable[tuple[str, str]]]) -> _Complete:
    """Propose those of `names` that begin so, each with what is said about it; `names` is given the options so far."""

    def complete(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            found = list(names(ctx.params))
        except (FakememtraceError, OSError):
            # Nobody reads an error in the middle of a line; the command itself says it.
            return []
        return [CompletionItem(name, help=words or None) for name, words in found if name.startswith(incomplete)]

    return complete


def _dialects(_params: dict[str, Any]) -> list[tuple[str, str]]:
    return [("0.2.0", "as the released server"), ("documented", "as its documentation")]


def _scenarios(params: dict[str, Any]) -> Iterable[tuple[str, str]]:
    from ..scenario.scenario import find_scenarios

    chosen = params.get("names") or ()
    names = (folder.name for folder in find_scenarios(Path(params.get("root") or "scenarios")))
    return [(name, "") for name in names if name not in chosen]


def _evals(params: dict[str, Any]) -> Iterable[tuple[str, str]]:
    from ..evals.reading import load
    from ..evals.sets.reading import load_sets

    root = Path(params.get("root") or "evals")
    cases = load(root)
    sets = [] if params.get("whole") is not None else load_sets(root, [case.name for case in cases])
    every: list[Case | SetEval] = [*cases, *sets]
    groups = dict.fromkeys(one.group for one in every)
    return [*((group, "a group of evals") for group in groups), *((one.name, "") for one in every)]


def _faults(_params: dict[str, Any]) -> Iterable[tuple[str, str]]:
    from ..evals.mutating.mutants import MUTANTS

    kinds = {str(mutant.fault["kind"]): mutant.does for mutant in reversed(MUTANTS)}
    return sorted({**kinds, **{mutant.name: mutant.does for mutant in MUTANTS}}.items())


def _sections(_params: dict[str, Any]) -> Iterable[tuple[str, str]]:
    from ..conformance import load

    vectors = load()
    sections = dict.fromkeys(vector.id.partition("/")[0] for vector in vectors)
    return [*((section, "a section") for section in sections), *((vector.id, "") for vector in vectors)]


dialects = _of(_dialects)
dialects_or_both = _of(lambda params: [*_dialects(params), ("both", "one after the other")])
evals = _of(_evals)
faults = _of(_faults)
scenarios = _of(_scenarios)
sections = _of(_sections)
