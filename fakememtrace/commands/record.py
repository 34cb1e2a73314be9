"""``fakememtrace record``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import completion
from .options import (
    json_option,
    long_timeout_option,
    max_turns_option,
    meets_dialect_option,
    quiet_option,
    scenarios_option,
)
from .output import Output
from .progress import progress

if TYPE_CHECKING:
    from ..claude.recording.plan import Plan
    from ..scenario.record import Job, Recorded

__all__ = ["command"]

_NO_TERMINAL = (
    "this asks the real Claude, and there is no terminal to ask you whether it shall.\n"
    "Expected a yes.\n"
    "What to do: look at the plan above, and say --yes."
)
_UNSEEN = (
    "--quiet does not show the plan that you are asked about.\n"
    "Expected a yes beforehand.\n"
    "What to do: say --yes, too, or leave --quiet out."
)


@click.command("record", short_help="Record what the real Claude answers a scenario.")
@click.argument("names", nargs=-1, required=True, metavar="SCENARIO...", shell_complete=completion.scenarios)
@scenarios_option
@meets_dialect_option
@click.option(
    "--mode",
    default="changed",
    show_default=True,
    type=click.Choice(["once", "new", "changed", "all"]),
    help="What is asked of the real Claude: all where there is no cassette; what is not recorded; conversations that "
    "differ; everything.",
)
@max_turns_option
@long_timeout_option
@click.option("--yes", "-y", is_flag=True, help="Do not ask whether the calls shall be made.")
@json_option("The plan of each and what became of it")
@quiet_option("Only the verdicts, and what went wrong")
def command(
    names: tuple[str, ...],
    root: str,
    dialect: str,
    mode: str,
    max_turns: int | None,
    timeout: float,
    yes: bool,
    json_file: str | None,
    quiet: bool,
) -> None:
    """Record scenarios: run their programs, and keep what the real Claude answers.

    First they are rehearsed without a network, to say which conversations will be recorded and how many calls
    that takes.  The key is ANTHROPIC_API_KEY.  Ends with 0 when all passed, 1 when one failed.

    Example:  fakememtrace record single_agent --mode all
    """
    from ..claude.recording.modes import need_key
    from ..scenario.record import Job
    from ..scenario.scenario import find_scenarios

    out = Output(json_file)
    if quiet and not yes:
        raise UsageError(_UNSEEN)
    folders = find_scenarios(Path(root), names)
    jobs = [Job(folder, dialect, mode, max_turns, timeout) for folder in folders]
    if any(job.may_call for job in jobs):
        need_key(mode, f"fakememtrace record --mode {mode}", is_sure=True)
    # What is asked about is told, on standard error where standard output is for the JSON.
    tell = (lambda _: None) if quiet else partial(click.echo, err=out.is_json)
    plans = [_planned(job, tell) for job in jobs]
    asked = [job for job, plan in zip(jobs, plans, strict=True) if plan and plan.changes]
    if asked and not yes:
        _confirm(out.is_json)
    recorded = {}
    with progress("scenarios", quiet or out.is_watched, plain=False) as told:
        for job in asked:
            recorded[job] = _recorded(job, out, quiet)
            told(len(recorded), len(asked))
    out.document({"scenarios": [_value(job, plan, recorded.get(job)) for job, plan in zip(jobs, plans, strict=True)]})
    if not all(one.outcome.passed for one in recorded.values()):
        sys.exit(1)


def _planned(job: Job, tell: Callable[[str], object]) -> Plan | None:
    """Rehearse the job and tell its plan; None where nothing may be recorded."""
    if not job.may_call:
        tell(f"{job.shown}: there it is, so mode once leaves it as it is")
        return None
    plan, outcome = job.rehearse()
    tell("\n".join(plan.lines()))
    if outcome.stopped:
        tell(f"  the program did not come to its end, so it may be more: {outcome.stopped}")
    return plan


def _confirm(aside: bool) -> None:
    if not sys.stdin.isatty():
        raise UsageError(_NO_TERMINAL)
    if not click.confirm("Ask the real Claude?", err=aside):
        sys.exit(1)


def _recorded(job: Job, out: Output, quiet: bool) -> Recorded:
    """Record, and say what became of it."""
    from ..claude.housekeeping import told
    from ..report.text import Line, outcome_lines, verdict

    recorded = job.record()
    outcome, use = recorded
    if not outcome.passed:
        out.show(outcome_lines(outcome))
    out.show([verdict(outcome)])
    if use and (not quiet or not outcome.passed):
        out.show(map(Line, told(use)))
    return recorded


def _value(job: Job, plan: Plan | None, recorded: Recorded | None) -> dict[str, Any]:
    """As plain JSON; what was not recorded has no outcome."""
    outcome, use = recorded if recorded else (None, None)
    return {
        "scenario": job.scenario.name,
        "cassette": job.shown,
        "plan": plan.as_json() if plan else None,
        "outcome": outcome.as_json() if outcome else None,
        "recorded": use.recorded if use else 0,
        "notes": use.notes if use else [],
    }
