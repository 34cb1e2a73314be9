"""``fakememtrace mutate``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import completion
from .options import json_option, quiet_option
from .output import Output
from .progress import progress
from .tables import show_table

if TYPE_CHECKING:
    from ..evals.mutating.mutants import Mutant
    from ..evals.mutating.trial import Trial

__all__ = ["command"]

_SUITE = f"{__name__}.suite"


class _WithSuite(click.Command):
    """A command that leaves what stands behind ``--`` alone."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep it for the command."""
        at = args.index("--") if "--" in args else len(args)
        ctx.meta[_SUITE] = args[at + 1 :] if "--" in args else None
        return super().parse_args(ctx, args[:at])


@click.command("mutate", short_help="Lose memories, and say which evals notice.", cls=_WithSuite)
@click.argument("names", nargs=-1, metavar="[NAME]... [-- pytest ...]", shell_complete=completion.evals)
@click.option(
    "--evals", "root", metavar="PATH", shell_complete=completion.files, help="Where the cases are.  [default: evals]"
)
@click.option(
    "--dialect",
    shell_complete=completion.dialects_or_both,
    metavar="NAME",
    help="Which Memtrace: 0.2.0, documented or both.  [default: both]",
)
@click.option(
    "--fault",
    "faults",
    multiple=True,
    metavar="KIND[,OPTION=VALUE]...",
    shell_complete=completion.faults,
    help="Only this kind of fault, or this one; may be given several times.",
)
@click.option(
    "--all", "whole", is_flag=True, help="Go on after the first kill: all that notice a fault, not the first."
)
@click.option("--strict", is_flag=True, help="What is not reached, or killed by a crash only, counts as survived.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many processes; the output is the same.",
)
@json_option("All results")
@quiet_option("Only what was not noticed, and the verdict")
@click.pass_context
def command(
    ctx: click.Context,
    names: tuple[str, ...],
    root: str | None,
    dialect: str | None,
    faults: tuple[str, ...],
    whole: bool,
    strict: bool,
    workers: int,
    json_file: str | None,
    quiet: bool,
) -> None:
    """Let memories get lost, late, mixed up and out of order, one fault at a time, and say which no eval notices.

    NAME is an eval, a group of them or a file; behind -- stands a command line of pytest, whose tests are run instead.
    Prints a table of the faults, then what to do about every one that was not noticed.  Ends with 0 when none
    survived, 1 when one did or none was noticed at all, 2 when something cannot be run as it is.

    Example:  fakememtrace mutate -- pytest tests/support -q
    """
    from ..evals.mutating.mutants import chosen_mutants
    from ..evals.mutating.text import summary, table, unkilled
    from ..evals.mutating.trial import is_good, report

    words = ctx.meta[_SUITE]
    if words is not None and (names or root or dialect):
        raise UsageError(
            "NAME, --evals and --dialect are about evals that are data, and behind -- stands pytest.\n"
            "Leave out the one or the other; a test's dialect is what its fixture fakememtrace_dialect says."
        )
    out = Output(json_file)
    mutants = chosen_mutants(faults)
    noun = "eval" if words is None else "test"
    with progress("mutants", quiet) as told:
        if words is None:
            found = _of_cases(Path(root or "evals"), names, dialect or "both", mutants, whole, workers, told)
        else:
            found = _of_tests(words, mutants, whole, workers, told)
    if not quiet and not out.is_json:
        show_table(*table(mutants, found, whole))
    out.show([*unkilled(mutants, found, noun), summary(found, noun, strict)])
    out.document(report(mutants, found, whole))
    if not is_good(found, strict):
        sys.exit(1)


def _of_cases(
    root: Path,
    names: tuple[str, ...],
    dialect: str,
    mutants: Sequence[Mutant],
    whole: bool,
    workers: int,
    told: Any,
) -> list[Trial]:
    from ..evals.mutating.cases import suite_of, trials
    from ..evals.reading import load
    from ..evals.suite import chosen, dialects_of

    cases, dialects = chosen(load(root), names), dialects_of(dialect)
    suites = [suite_of(cases, one, root) for one in dialects]
    return _counted(trials(suites, mutants, whole, workers), len(mutants) * len(suites), told)


def _of_tests(words: Sequence[str], mutants: Sequence[Mutant], whole: bool, workers: int, told: Any) -> list[Trial]:
    from ..evals.mutating.user_suite import pytest_arguments, user_suite, user_trials

    suite = user_suite(pytest_arguments(words))
    return _counted(user_trials(suite, mutants, whole, workers), len(mutants), told)


def _counted(found: Iterable[Trial], of: int, told: Any) -> list[Trial]:
    kept: list[Trial] = []
    for trial in found:
        kept.append(trial)
        told(len(kept), of)
    return kept
