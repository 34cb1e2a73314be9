"""``fakememtrace eval``."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from . import completion
from .options import json_option, quiet_option
from .output import Output, writable
from .progress import progress

if TYPE_CHECKING:
    from ..evals.choosing import Wanted
    from ..evals.evaluation import Evaluation
    from ..report.text import Line

__all__ = ["command"]


@click.command("eval", short_help="Check that what was stored comes back.")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completion.evals)
@click.option(
    "--evals",
    "root",
    default="evals",
    show_default=True,
    metavar="PATH",
    shell_complete=completion.files,
    help="Where the cases are.",
)
@click.option(
    "--dialect",
    shell_complete=completion.dialects_or_both,
    default="both",
    show_default=True,
    help="Which Memtrace: 0.2.0, documented or both.",
)
@click.option("--data", multiple=True, metavar="SET=PATH", help="Where your copy of a data set is: locomo=PATH.")
@click.option(
    "--baseline",
    metavar="FILE",
    shell_complete=completion.files,
    help="Compare the one data-set eval with FILE, not its own baseline.",
)
@click.option("--bless", is_flag=True, help="Show what moves, then write the baselines of the data-set evals anew.")
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="How many processes; the output is the same.",
)
@json_option("All results")
@click.option(
    "--junit", "junit_file", metavar="FILE", shell_complete=completion.files, help="All results as JUnit XML."
)
@click.option(
    "--markdown",
    "markdown_file",
    metavar="FILE",
    shell_complete=completion.files,
    help="The same as Markdown for a pull request.",
)
@click.option("--html", "html_file", metavar="FILE", shell_complete=completion.files, help="The same as one HTML page.")
@quiet_option("Only the funnel, and what did not pass")
def command(
    names: tuple[str, ...],
    root: str,
    dialect: str,
    data: tuple[str, ...],
    baseline: str | None,
    bless: bool,
    workers: int,
    json_file: str | None,
    junit_file: str | None,
    markdown_file: str | None,
    html_file: str | None,
    quiet: bool,
) -> None:
    """Check that what was stored comes back, in all evals or those NAMEd, and say where it was lost.

    NAME is an eval, a group of them or a file.  Prints the loss funnel of each dialect, then a line for each eval.
    Ends with 0 when all passed, 1 when one failed, crashed or got worse, 2 when something cannot be run as it is, and
    3 when it cannot be said: something is unscored, or there is no baseline of the same data.

    Example:  fakememtrace eval needle-at-every-byte --dialect 0.2.0
    """
    from ..evals.choosing import copies_of, wanted
    from ..evals.suite import dialects_of
    from ..evals.text import summary

    out = Output(json_file)
    files = {"junit": junit_file, "markdown": markdown_file, "html": html_file}
    targets = {kind: writable(f"--{kind}", file) for kind, file in files.items()}
    what = wanted(Path(root), names, dialects_of(dialect), copies_of(data), Path(baseline) if baseline else None)
    if bless:
        _check_blessing(what, dialect)
    evaluation = _evaluated(what, dialects_of(dialect), workers, quiet)
    _show_funnels(evaluation, out)
    out.show(_lines(evaluation, quiet))
    out.show([summary(evaluation)])
    out.document(evaluation.to_json())
    for kind, target in targets.items():
        if target:
            _write(kind, evaluation, target)
    if bless:
        from ..evals.sets.blessing import bless as write_baselines

        # They are written as their lines are made.
        out.show(list(write_baselines(evaluation, what.sets)))
    elif evaluation.exit_code:
        sys.exit(evaluation.exit_code)


def _check_blessing(what: Wanted, dialect: str) -> None:
    if not what.sets:
        raise UsageError(
            "--bless is for data-set evals, and none is run.\nName one: fakememtrace eval synthetic --bless"
        )
    if dialect != "both":
        raise UsageError(
            f"--bless with --dialect {dialect} would leave the other dialect out of the baseline.\n"
            "Leave out one of the two options."
        )


def _evaluated(what: Wanted, dialects: Sequence[str], workers: int, quiet: bool) -> Evaluation:
    from ..evals.evaluation import Evaluation
    from ..evals.suite import run_all

    of = len(what.cases) * len(dialects) + sum(one.steps for one in what.sets)
    with progress("evals", quiet) as told:
        done = count(1)

        def step() -> None:
            told(next(done), of)

        results = []
        for result in run_all(what.cases, dialects, workers=workers):
            results.append(result)
            step()
        sets = [one.run(workers, step) for one in what.sets]
    return Evaluation(results, sets, what.left_out)


def _show_funnels(evaluation: Evaluation, out: Output) -> None:
    """The funnel of each dialect: as a table where a person looks, else a line for each."""
    from ..evals.text import funnel_table, headline
    from .tables import show_table

    columns, rows = funnel_table(evaluation.results)
    if rows and out.is_watched:
        show_table(columns, rows)
    else:
        out.show(headline(evaluation.results))


def _lines(evaluation: Evaluation, quiet: bool) -> Iterator[Line]:
    from ..evals.sets.text import set_lines
    from ..evals.text import result_lines
    from ..report.text import Line

    for result in evaluation.results:
        if not quiet or not result.passed:
            yield from result_lines(result, not quiet)
    for one in evaluation.sets:
        yield from set_lines(one, not quiet)
    for name, why in evaluation.left_out if not quiet else ():
        yield Line(f"left out {name}: {why}", "dim")


def _write(kind: str, evaluation: Evaluation, target: Path) -> None:
    from ..evals.reporting import html, junit, markdown
    from ..files import write_whole

    texts = {"html": html, "junit": junit, "markdown": markdown}
    write_whole(target, texts[kind](evaluation))
