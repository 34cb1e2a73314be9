"""``fakememtrace cassette import``."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import completion
from .options import json_option, quiet_option
from .output import Output
from .tables import show_table

if TYPE_CHECKING:
    from ..claude.importing import Outcome
    from ..report.text import Line

__all__ = ["command"]

_COLUMNS = ("file", "format", "imported", "left", "cassette")


@click.command("import", short_help="Make cassettes from vcrpy, go-vcr and HAR files.")
@click.argument("sources", nargs=-1, required=True, metavar="SRC...", shell_complete=completion.files)
@click.option(
    "--out",
    required=True,
    metavar="DIR",
    shell_complete=completion.folders,
    help="The folder for the cassettes; made where there is none.",
)
@click.option("--force", is_flag=True, help="Replace cassettes that are there already.")
@click.option("--redact", multiple=True, metavar="TEXT", help="A secret that is replaced.  [repeatable]")
@click.option("--allow", multiple=True, metavar="TEXT", help="What looks like a secret and is none.  [repeatable]")
@json_option("What was done")
@quiet_option("Only what could not be read, and how much there was")
def command(
    sources: tuple[str, ...],
    out: str,
    force: bool,
    redact: tuple[str, ...],
    allow: tuple[str, ...],
    json_file: str | None,
    quiet: bool,
) -> None:
    """Make cassettes from recordings of other tools: vcrpy (YAML, JSON), go-vcr (YAML) and HAR files.

    SRC are files, and folders in which every recording is imported.  Of each the exchanges with api.anthropic.com
    are kept, and the cassette has its name.  Known secrets are replaced.  Ends with 0 when all could be read, with 1
    when something could not (the rest is imported all the same).

    Example:  fakememtrace cassette import tests/cassettes --out cassettes
    """
    from ..claude.importing import import_recordings
    from ..claude.redact import Redactor
    from ..claude.redaction.own import in_environment
    from ..report.text import Line

    told = Output(json_file)
    _check_target(json_file, sources)
    outcomes = import_recordings(sources, out, force, Redactor(redact, in_environment()), allow)
    if not quiet and not told.is_json:
        show_table(_COLUMNS, [_row(outcome) for outcome in outcomes])
    told.show([*_problems(outcomes), *(() if quiet else [Line("")]), _summary(outcomes)])
    told.document(_as_json(outcomes))
    sys.exit(int(any(outcome.problems for outcome in outcomes)))


def _check_target(json_file: str | None, sources: Sequence[str]) -> None:
    """Refuse to write over what is to be read: behind ``--json`` a recording is likely one of them."""
    path = Path(json_file or "-")
    below = [path for source in sources if Path(source).resolve() in (path.resolve(), *path.resolve().parents)]
    if path.is_file() and (below or path.suffix in (".har", ".yaml", ".yml")):
        raise UsageError(
            f"--json {json_file}: this is a recording that is there already. Expected a file for the report, or "
            f"nothing, for standard output.\nPut --json at the end, or say --json=- {json_file}."
        )


def _taken(outcome: Outcome) -> int:
    """How many exchanges are in a cassette now."""
    return len(outcome.interactions) if outcome.cassette else 0


def _row(outcome: Outcome) -> tuple[str, ...]:
    left = ", ".join(f"{reason} ({count})" for reason, count in sorted(outcome.left.items()))
    redacted = f" ({outcome.redacted} redacted)" if outcome.redacted else ""
    cells = (
        str(outcome.source),
        outcome.format or "not read",
        f"{_taken(outcome)}{redacted}",
        left or "-",
        str(outcome.cassette or "-"),
    )
    return tuple(map(_printable, cells))


def _as_json(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    return {
        "files": [
            {
                "source": str(outcome.source),
                "format": outcome.format or None,
                "cassette": str(outcome.cassette) if outcome.cassette else None,
                "imported": _taken(outcome),
                "streams": outcome.streams if outcome.cassette else 0,
                "redacted": outcome.redacted if outcome.cassette else 0,
                "left": dict(sorted(outcome.left.items())),
                "problems": list(map(str, outcome.problems)),
            }
            for outcome in outcomes
        ],
        "imported": sum(map(_taken, outcomes)),
        "left": sum(sum(outcome.left.values()) for outcome in outcomes),
        "problems": sum(len(outcome.problems) for outcome in outcomes),
    }


def _problems(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """What could not be read, each with what to do, which is said once where it is the same for several."""
    from ..report.text import Line

    problems = [problem for outcome in outcomes for problem in outcome.problems]
    for number, problem in enumerate(problems, 1):
        if number == 1 or problem.advice != problems[number - 2].advice:
            yield Line("")
        where = f"{problem.path}, {problem.place}" if problem.place else problem.path
        yield from (Line(_printable(line), "bold red") for line in f"{where}: {problem.problem}".split("\n"))
        if number == len(problems) or problem.advice != problems[number].advice:
            yield from (Line(_printable(line)) for line in problem.advice.split("\n"))


def _summary(outcomes: Sequence[Outcome]) -> Line:
    from ..report.text import Line

    written = sum(outcome.cassette is not None for outcome in outcomes)
    left = sum((outcome.left for outcome in outcomes), Counter[str]())
    problems = sum(len(outcome.problems) for outcome in outcomes)
    counts = [
        _count(len(outcomes), "file"),
        f"{_count(sum(map(_taken, outcomes)), 'exchange')} imported into {_count(written, 'cassette')}",
        f"{sum(left.values())} left",
        _count(problems, "problem"),
    ]
    return Line(", ".join(counts), "bold red" if problems else "bold green")


def _printable(text: str) -> str:
    """Control characters as escapes: the name of a file is not to steer the terminal that it is shown on."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _count(number: int, one: str) -> str:
    return f"{number} {one}{'' if number == 1 else 's'}"
