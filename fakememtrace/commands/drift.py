"""``fakememtrace drift``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..errors import UsageError
from . import completion
from .options import html_option, json_option, max_turns_option, quiet_option, scenarios_option, timeout_option
from .output import Output, writable
from .tables import show_table

__all__ = ["command"]

_WITHOUT = (
    'fakememtrace: {scenario} runs with client = "{client}", to which no version of memtrace-sdk matters: '
    "only its dialects are compared"
)


@click.command("drift", short_help="In what an agent differs between the dialects.")
@click.argument("names", nargs=-1, metavar="[SCENARIO]...", shell_complete=completion.scenarios)
@scenarios_option
@click.option("--sdk", "sdks", metavar="V1,V2", help="Also compare these versions of memtrace-sdk, on 0.2.0.")
@click.option(
    "--sdk-dir",
    metavar="DIR",
    shell_complete=completion.folders,
    help="Where those are kept, each in a folder; made with pip where missing.",
)
@json_option("All of it")
@html_option
@max_turns_option
@timeout_option
@quiet_option("Only the verdicts")
def command(
    names: tuple[str, ...],
    root: str,
    sdks: str | None,
    sdk_dir: str | None,
    json_file: str | None,
    html_file: str | None,
    max_turns: int | None,
    timeout: float | None,
    quiet: bool,
) -> None:
    """Say in what an agent differs on the released server and on the documented one, and which behaviour makes it so.

    Each program runs on both, answered from the same cassette; a dialect's own recordings come first.  What Claude is
    not recorded for is answered from the nearest recording, and marked as assumed.  Ends with 0 when there is no drift,
    1 when there is or a program does not come to its end, 2 when something cannot be run.

    Example:  fakememtrace drift multi_agent --sdk 0.1.1,0.2.0
    """
    from ..drift.comparing import compared_all, ready
    from ..drift.page import comparison_of, page_of
    from ..drift.result import report
    from ..drift.sdks import default_root, sdk, versions_in
    from ..drift.side import Limits
    from ..drift.text import comparison_lines, verdict, verdict_table
    from ..report.text import Line
    from ..scenario.scenario import find_scenarios

    if sdk_dir is not None and sdks is None:
        raise UsageError("--sdk-dir says where versions are kept, and --sdk names none. Name them: --sdk 0.1.1,0.2.0.")
    out, page = Output(json_file), writable("--html", html_file)
    versions = versions_in(sdks) if sdks is not None else []
    scenarios = [ready(folder, bool(versions and names)) for folder in find_scenarios(Path(root), names)]
    without = [scenario for scenario in scenarios if versions and scenario.client != "sdk"]
    if without and len(without) == len(scenarios):
        ready(without[0].folder, for_sdks=True)
    where = default_root() if sdk_dir is None else Path(sdk_dir)
    folders = [(version, str(sdk(version, where.absolute()))) for version in versions]
    found, shown = [], []
    for scenario in scenarios:
        if scenario in without:
            click.echo(_WITHOUT.format(scenario=scenario.name, client=scenario.client), err=True)
        own = [] if scenario in without else folders
        for one, *sides in compared_all(scenario, own, Limits(max_turns, timeout), page is not None):
            found.append(one)
            shown += [comparison_of(one, *sides)] if page else []
            if not quiet:
                out.show([*comparison_lines(one), Line("")])
            out.show([verdict(one)] if quiet else [verdict(one), Line("")])
    if len(found) > 1 and out.is_watched:
        show_table(*verdict_table(found))
    out.document(report(found))
    if page:
        from ..report.html import write

        write(page_of(shown), page)
    if not all(one.is_well for one in found):
        sys.exit(1)
