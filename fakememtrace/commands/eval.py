"""``fakememtrace eval``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from .output import show, writable

__all__ = ["command"]


@click.command("eval")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--evals", "root", default="evals", show_default=True, metavar="PATH", help="Where the cases are.")
@click.option("--dialect", default="both", show_default=True, help="Which Memtrace: 0.2.0, documented or both.")
@click.option("--json", "json_file", metavar="FILE", help="Also write all results to FILE.")
@click.option("--quiet", "-q", is_flag=True, help="Only the funnel, and what did not pass.")
def command(names: tuple[str, ...], root: str, dialect: str, json_file: str | None, quiet: bool) -> None:
    """Check that what was stored comes back, in all evals or those NAMEd, and say where it was lost.

    NAME is an eval, a group of them or a file.  Prints the loss funnel of each dialect, then a line for each eval.
    Ends with 0 when all passed, 1 when one failed or crashed, 2 when something cannot be run as it is.

    Example:  fakememtrace eval needle-at-every-byte --dialect 0.2.0
    """
    from ..evals.reading import load
    from ..evals.suite import chosen, dialects_of, report, run_all
    from ..evals.text import headline, result_lines, summary
    from ..files import write_whole

    target = writable("--json", json_file)
    dialects = dialects_of(dialect)
    results = list(run_all(chosen(load(Path(root)), names), dialects))
    show(headline(results))
    for result in results:
        if not quiet or not result.passed:
            show(result_lines(result, not quiet))
    show([summary(results)])
    if target:
        write_whole(target, json.dumps(report(results), indent=2, ensure_ascii=False) + "\n")
    if any(result.state in ("failed", "crashed") for result in results):
        sys.exit(1)
