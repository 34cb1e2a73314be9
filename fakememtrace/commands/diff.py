"""``fakememtrace diff``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import UsageError
from . import completion
from .options import (
    html_option,
    json_option,
    max_turns_option,
    meets_dialect_option,
    quiet_option,
    scenarios_option,
    timeout_option,
)
from .output import Output, writable
from .tables import show_table

if TYPE_CHECKING:
    from ..regression.result import Comparison

__all__ = ["command"]

_PINS_NOW = (
    "--update-tools pins the tools that are offered now, and {name!r} says what was recorded then.\n"
    "Expected one of both.\n"
    "What to do: pin them without a revision, and compare afterwards."
)
_TWO_THINGS = (
    "--github and --json were both given, and only one thing can be printed.\n"
    "Give one of them, or name a file: --json diff.json."
)


@click.command("diff", short_help="Which recordings a changed prompt makes stale.")
@click.argument("revision_name", required=False, metavar="[GIT_REV]")
@scenarios_option
@click.option(
    "--only",
    "names",
    multiple=True,
    metavar="NAME",
    shell_complete=completion.scenarios,
    help="Compare this scenario; as often as you like.",
)
@meets_dialect_option
@click.option("--update-tools", is_flag=True, help="Pin the tools that are offered now, in tools.json.")
@click.option("--github", is_flag=True, help="Print Markdown for a pull request.")
@json_option("All of it")
@html_option
@max_turns_option
@timeout_option
@quiet_option("Only a line for each scenario; of the Markdown only the table")
def command(
    revision_name: str | None,
    root: str,
    names: tuple[str, ...],
    dialect: str,
    update_tools: bool,
    github: bool,
    json_file: str | None,
    html_file: str | None,
    max_turns: int | None,
    timeout: float | None,
    quiet: bool,
) -> None:
    """Say which recordings a changed prompt or tool makes stale, and what recording them again costs.

    Each program runs as it is now, without a network, beside its cassette, its script and its expectations: as they
    are now, or as they were at GIT_REV.  Ends with 0 when nothing changed, 1 when something did, 2 when something
    cannot be run.

    Example:  fakememtrace diff origin/main --github
    """
    from ..regression.comparing import AS_THEY_ARE, Limits, compare_all
    from ..regression.markdown import markdown
    from ..regression.result import UNCHANGED, report
    from ..regression.revision import Revision
    from ..regression.text import summary, verdict_table
    from ..scenario.scenario import find_scenarios

    if update_tools and revision_name is not None:
        raise UsageError(_PINS_NOW.format(name=revision_name))
    out, page = Output(json_file), writable("--html", html_file)
    if out.is_json and github:
        raise UsageError(_TWO_THINGS)
    every = [folder.name for folder in find_scenarios(Path(root))]
    folders = find_scenarios(Path(root), names)
    revision = None if revision_name is None else Revision(Path(root), revision_name, every)
    gone = [] if revision is None or names else [name for name in revision.scenarios() if name not in every]
    found = []
    for one in compare_all(folders, dialect, revision, Limits(max_turns, timeout), update_tools, gone):
        found.append(one)
        if not github:
            _show(out, one, quiet)
    if github:
        click.echo(markdown(found, quiet), nl=False)
    elif len(found) > 1:
        if out.is_watched:
            show_table(*verdict_table(found))
        out.show([summary(found)])
    named = {"name": revision.name, "commit": revision.commit} if revision else None
    out.document(report(found, named, str(revision) if revision else AS_THEY_ARE))
    if page:
        from ..regression.page import page_of
        from ..report.html import write

        write(page_of(found), page)
    if any(one.state != UNCHANGED for one in found):
        sys.exit(1)


def _show(out: Output, one: Comparison, quiet: bool) -> None:
    from ..regression.text import comparison_lines, verdict
    from ..report.text import Line

    if not quiet:
        out.show([*comparison_lines(one), Line("")])
    out.show([verdict(one)] if quiet else [verdict(one), Line("")])
