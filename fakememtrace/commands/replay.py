"""``fakememtrace replay``."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path

import click

from . import completion
from .options import html_option, json_option, max_turns_option, quiet_option, scenarios_option, timeout_option
from .output import Output, writable
from .progress import progress
from .tables import show_table

__all__ = ["command"]


@click.command("replay", short_help="Replay scenarios, and check what they expect.")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completion.scenarios)
@scenarios_option
@click.option(
    "--dialect",
    "dialects",
    shell_complete=completion.dialects,
    multiple=True,
    default=("0.2.0",),
    show_default=True,
    help="Which Memtrace to replay against; may be given several times.",
)
@json_option("The outcomes")
@html_option
@max_turns_option
@timeout_option
@click.option(
    "--jobs", "-j", type=click.IntRange(min=1), metavar="N", help="How many at once; by default one for each processor."
)
@quiet_option("Only the verdicts, and what went wrong")
def command(
    names: tuple[str, ...],
    root: str,
    dialects: tuple[str, ...],
    json_file: str | None,
    html_file: str | None,
    max_turns: int | None,
    timeout: float | None,
    jobs: int | None,
    quiet: bool,
) -> None:
    """Replay scenarios, all of them or those NAMEd, and check what they expect.

    Prints each transcript, then one verdict for each scenario.  Ends with 0 when all passed, 1 when one failed.

    Example:  fakememtrace replay single_agent --dialect documented --quiet
    """
    from ..report.replaying import page_of, replay_all
    from ..report.text import Line, outcome_lines, verdict, verdict_table
    from ..scenario.replay import check
    from ..scenario.scenario import find_scenarios

    out, page = Output(json_file), writable("--html", html_file)
    folders = find_scenarios(Path(root), names)
    wanted = [(folder, dialect) for dialect in dict.fromkeys(dialects) for folder in folders]
    for folder, dialect in wanted:
        check(folder, dialect)
    outcomes, accounts = [], []
    with (
        closing(replay_all(wanted, max_turns, timeout, jobs, told=page is not None)) as replayed,
        progress("scenarios", quiet or out.is_watched, plain=False) as told,
    ):
        for outcome, account in replayed:
            outcomes.append(outcome)
            accounts.append(account)
            told(len(outcomes), len(wanted))
            if not quiet or not outcome.passed:
                out.show([*outcome_lines(outcome), Line("")])
    if len(outcomes) > 1 and out.is_watched:
        show_table(*verdict_table(outcomes))
    else:
        out.show(verdict(outcome) for outcome in outcomes)
    out.document({"outcomes": [outcome.as_json() for outcome in outcomes]})
    if page:
        from ..report.html import write

        write(page_of(accounts), page)
    if not all(outcome.passed for outcome in outcomes):
        sys.exit(1)
