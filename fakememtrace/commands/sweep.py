"""``fakememtrace sweep``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import UsageError
from . import completion
from .options import json_option, quiet_option
from .output import Output
from .progress import progress

__all__ = ["command"]

_INTERRUPTED = 130


@click.command("sweep", short_help="Run cases under every variant of a plan.")
@click.argument("file", metavar="FILE.toml", shell_complete=completion.files)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Processes of this machine.  [default: 1]")
@click.option("--scheduler", metavar="tcp://HOST:PORT", help="A Dask scheduler, whose workers run the units.")
@click.option(
    "--out",
    metavar="DIR",
    shell_complete=completion.folders,
    help="Where results are kept as they come.  [default: FILE.sweep, here]",
)
@click.option(
    "--resume",
    metavar="DIR",
    shell_complete=completion.folders,
    help="The folder of a run that was begun: go on with it.",
)
@json_option("The report")
@quiet_option("Only the verdict, and what is damaged")
def command(
    file: str,
    workers: int | None,
    scheduler: str | None,
    out: str | None,
    resume: str | None,
    json_file: str | None,
    quiet: bool,
) -> None:
    """Run every case of FILE.toml under every variant: dialects, retrieval plans, windows, prompts, tools.

    Prints a table for each kind of case, and keeps every result in a folder: what is there already is not run
    again, so an interrupted run goes on where it was.  The report is the same, byte for byte, whoever runs it.
    Ends with 0 when all was measured, 1 when something failed or crashed, 2 when something cannot be run as it is.

    Example:  fakememtrace sweep plans.toml --workers 4
    """
    from ..evals.sweeping import Folder, Stopped, crossed, executor, read_sweep, sweep
    from ..evals.sweeping.folder import canonical
    from ..evals.sweeping.text import report_lines, summary
    from ..evals.sweeping.unit import whole

    for one, other, words in ((workers, scheduler, "--workers and --scheduler"), (out, resume, "--out and --resume")):
        if one is not None and other is not None:
            raise UsageError(f"{words} say two different things.\nUse one of them.")
    told_to = Output(json_file)
    what = read_sweep(Path(file))
    runs = executor(workers or 1, scheduler or "")
    units = crossed(what)
    folder = Folder.of_before(Path(resume)) if resume is not None else Folder(Path(out or f"{Path(file).stem}.sweep"))
    if not quiet:
        click.echo(f"{whole(units.units)}, kept in {folder.path}", err=True)
    again = f"What is done is kept. Go on with: fakememtrace sweep {file} --resume {folder.path}"
    try:
        with progress("sweep", quiet) as told:
            swept = sweep(what, units, runs, folder, told)
    except KeyboardInterrupt:
        click.echo(f"\nfakememtrace: stopped. {again}", err=True)
        sys.exit(_INTERRUPTED)
    except SystemExit:
        click.echo(f"fakememtrace: told to end. {again}", err=True)
        raise
    except Stopped as error:
        raise Stopped(f"{error}\n{again}") from None
    for words in swept.damaged:
        click.echo(f"damaged: {words}", err=True)
    if swept.taken and not quiet:
        click.echo(f"{swept.taken} of {len(units.units)} were in the folder, {swept.run} were run.", err=True)
    told_to.show([*(() if quiet else report_lines(swept.report)), summary(swept.report)])
    told_to.text(canonical(swept.report))
    if swept.report["states"]["failed"] or swept.report["states"]["crashed"]:
        sys.exit(1)
