"""The command: parse, call one function, return an exit code (0 passed, 1 failed, 2 usage)."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from . import __version__
from .errors import FakememtraceError, UsageError

if TYPE_CHECKING:
    from .report.text import Line
    from .scenario.outcome import Outcome

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="fakememtrace")
def cli() -> None:
    """Test agents with memory: a fake Memtrace, recorded Claude, replayed scenarios; all offline."""


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--scenarios", "root", default="scenarios", show_default=True, metavar="DIR", help="Where they are.")
@click.option("--dialect", default="0.2.0", show_default=True, help="Which Memtrace to replay against.")
@click.option("--json", "json_file", metavar="FILE", help="Also write the outcomes to FILE.")
@click.option(
    "--max-turns", type=click.IntRange(min=1), metavar="N", help="Requests to Claude that a program may make."
)
@click.option(
    "--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="Wall time it may take."
)
@click.option("--quiet", "-q", is_flag=True, help="Only the verdicts, and what went wrong.")
def replay(
    names: tuple[str, ...],
    root: str,
    dialect: str,
    json_file: str | None,
    max_turns: int | None,
    timeout: float | None,
    quiet: bool,
) -> None:
    """Replay scenarios, all of them or those NAMEd, and check what they expect.

    Prints each transcript, then one verdict for each scenario.  Ends with 0 when all passed, 1 when one failed.

    Example:  fakememtrace replay single_agent --dialect documented
    """
    from .files import write_whole
    from .report.text import Line, outcome_lines, verdict
    from .scenario.replay import replay as replay_one
    from .scenario.scenario import find_scenarios

    target = _writable(json_file)
    outcomes: list[Outcome] = []
    for folder in find_scenarios(Path(root), names):
        outcome = replay_one(folder, dialect, max_turns, timeout)
        outcomes.append(outcome)
        if not quiet or not outcome.passed:
            _show([*outcome_lines(outcome), Line("")])
    _show(verdict(outcome) for outcome in outcomes)
    if target:
        write_whole(target, json.dumps({"outcomes": [outcome.as_json() for outcome in outcomes]}, indent=2) + "\n")
    if not all(outcome.passed for outcome in outcomes):
        sys.exit(1)


def main() -> None:
    """The entry point: whatever is wrong is said in words."""
    try:
        cli()
    except FakememtraceError as error:
        click.echo(f"fakememtrace: {error}", err=True)
        sys.exit(error.exit_code)


def _writable(file: str | None) -> Path | None:
    """Where to write `file`; refused before any work when that cannot be."""
    if file is None:
        return None
    path = Path(file)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise UsageError(
            f"--json {file}: this cannot be written, its folder {path.absolute().parent} must exist "
            "and it must not be a folder itself.\nName a file in a folder that exists."
        )
    return path


def _show(lines: Iterable[Line]) -> None:
    """Print lines: in colour on a terminal, plain where piped, and never wrapped by the terminal's width."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=True)
    for line in lines:
        console.print(Text(line.text, line.style))
