"""``fakememtrace record``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from .output import show

if TYPE_CHECKING:
    from ..scenario.record import Job

__all__ = ["command"]

_NO_TERMINAL = (
    "this asks the real Claude, and there is no terminal to ask you whether it shall.\n"
    "Expected a yes.\n"
    "What to do: look at the plan above, and say --yes."
)


@click.command("record")
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO...")
@click.option("--scenarios", "root", default="scenarios", show_default=True, metavar="DIR", help="Where they are.")
@click.option("--dialect", default="0.2.0", show_default=True, help="Which Memtrace they meet.")
@click.option(
    "--mode",
    default="changed",
    show_default=True,
    type=click.Choice(["once", "new", "changed", "all"]),
    help="What is asked of the real Claude: all where there is no cassette; what is not recorded; conversations that "
    "differ; everything.",
)
@click.option(
    "--max-turns", type=click.IntRange(min=1), metavar="N", help="Requests to Claude that a program may make."
)
@click.option(
    "--timeout",
    default=600.0,
    show_default=True,
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Wall time it may take.",
)
@click.option("--yes", "-y", is_flag=True, help="Do not ask whether the calls shall be made.")
def command(
    names: tuple[str, ...],
    root: str,
    dialect: str,
    mode: str,
    max_turns: int | None,
    timeout: float,
    yes: bool,
) -> None:
    """Record scenarios: run their programs, and keep what the real Claude answers.

    First they are rehearsed without a network, to say which conversations will be recorded and how many calls
    that takes.  The key is ANTHROPIC_API_KEY.  Ends with 0 when all passed, 1 when one failed.

    Example:  fakememtrace record single_agent --mode all
    """
    from ..claude.recording.modes import need_key
    from ..scenario.record import Job
    from ..scenario.scenario import find_scenarios

    folders = find_scenarios(Path(root), names)
    jobs = [Job(folder, dialect, mode, max_turns, timeout) for folder in folders]
    if any(job.may_call for job in jobs):
        need_key(mode, f"fakememtrace record --mode {mode}", is_sure=True)
    planned = [job for job in jobs if _shows_calls(job)]
    if planned and not yes:
        _confirm()
    passed = [_recorded(job) for job in planned]
    if not all(passed):
        sys.exit(1)


def _shows_calls(job: Job) -> bool:
    """Rehearse the job and show its plan; whether anything is to be recorded."""
    if not job.may_call:
        click.echo(f"{job.shown}: there it is, so mode once leaves it as it is")
        return False
    plan, outcome = job.rehearse()
    click.echo("\n".join(plan.lines()))
    if outcome.stopped:
        click.echo(f"  the program did not come to its end, so it may be more: {outcome.stopped}")
    return bool(plan.changes)


def _confirm() -> None:
    if not sys.stdin.isatty():
        raise UsageError(_NO_TERMINAL)
    if not click.confirm("Ask the real Claude?"):
        sys.exit(1)


def _recorded(job: Job) -> bool:
    """Record, and say what became of it; whether all went well."""
    from ..claude.housekeeping import told
    from ..report.text import outcome_lines, verdict

    outcome, use = job.record()
    if not outcome.passed:
        show(outcome_lines(outcome))
    show([verdict(outcome)])
    click.echo("\n".join(told(use)) if use else "")
    return outcome.passed
