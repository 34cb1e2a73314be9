"""``fakememtrace run``."""

from __future__ import annotations

import difflib
import sys

import click

from ..errors import UsageError, listed
from . import completion
from .options import html_option, json_option, long_timeout_option, seed_option
from .output import Output, writable

__all__ = ["command"]

# So alike are only slips; a program's option that is this much like one of ours stands behind --.
_ALIKE = 0.8


class _Run(click.Command):
    """Takes its own options on either side of the program; the others are the program's, and all behind ``--``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        own = args[: args.index("--")] if "--" in args else args
        known = sorted(option for parameter in self.params for option in parameter.opts if option.startswith("--"))
        for word in own if not ctx.resilient_parsing else ():
            name = word.partition("=")[0]
            slip = difflib.get_close_matches(name, known, 1, _ALIKE) if name.startswith("--") else []
            if slip and name not in (*known, "--help"):
                raise UsageError(
                    f"{name} is no option of fakememtrace run. Did you mean {slip[0]!r}? Known: {listed(known)}.\n"
                    f"What to do: correct it; an option of the program itself stands behind --, as in "
                    f"fakememtrace run SCRIPT.py -- {name}"
                )
        return super().parse_args(ctx, args)


@click.command(
    "run",
    short_help="Run any Python program with faked services.",
    cls=_Run,
    context_settings={"ignore_unknown_options": True},
)
@click.argument("script", metavar="SCRIPT.py", shell_complete=completion.files)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...")
@click.option("--cassette", metavar="FILE", shell_complete=completion.files, help="The recorded Claude responses.")
@click.option(
    "--draft",
    metavar="FILE",
    shell_complete=completion.files,
    help="A cassette in the making: the next request goes into it.",
)
@click.option("--telegram", metavar="FILE", shell_complete=completion.files, help="The scripted updates for its bots.")
@click.option(
    "--dialect",
    shell_complete=completion.dialects,
    help="Which Memtrace it meets: 0.2.0 or documented.  [default: the seed's, or 0.2.0]",
)
@click.option(
    "--client",
    default="sdk",
    show_default=True,
    type=click.Choice(["sdk", "documented"]),
    help="What import memtrace gives: the released SDK, or the client of the documentation.",
)
@click.option("--freeze", is_flag=True, help="Let the program live by the virtual clock.")
@click.option("--start", metavar="TIME", help="When that clock starts, ISO 8601.  [default: 2026-02-07T12:00:00Z]")
@seed_option
@click.option("--memtrace-key", metavar="KEY", help="The Memtrace key that it sends, where that is its own.")
@click.option("--allow-host", "hosts", multiple=True, metavar="HOST", help="A host that it may reach all the same.")
@click.option("--max-turns", type=click.IntRange(min=1), metavar="N", help="Requests to Claude that it may make.")
@long_timeout_option
@json_option("What became of it")
@html_option
def command(
    script: str,
    arguments: tuple[str, ...],
    cassette: str | None,
    draft: str | None,
    telegram: str | None,
    dialect: str | None,
    client: str,
    freeze: bool,
    start: str | None,
    seed: str | None,
    memtrace_key: str | None,
    hosts: tuple[str, ...],
    max_turns: int | None,
    timeout: float,
    json_file: str | None,
    html_file: str | None,
) -> None:
    """Run any Python program, unchanged, under a World: its Memtrace and its Claude are fakes.

    What is none of the options below is the program's own, and so is all behind --; its input and its output are
    passed through, the output to standard error where the JSON stands alone.  The last line on standard error says
    what was asked.  Ends as the program does when it fails, with 1 when something unexpected happened, else with 0.

    Example:  fakememtrace run agent.py --draft agent.json
    """
    from ..clock import DEFAULT_START
    from ..running.run import Job, run
    from ..running.words import told

    if memtrace_key == "":
        raise UsageError("--memtrace-key is empty. Say which key the program sends, or leave the option out.")
    out, page = Output(json_file), writable("--html", html_file)
    writable("--draft", draft)
    job = Job(
        script,
        arguments,
        cassette,
        draft,
        dialect,
        client,
        telegram,
        freeze,
        start or DEFAULT_START,
        seed,
        hosts,
        max_turns,
        timeout,
        memtrace_key,
        page is not None,
        out.is_json,
    )
    result = run(job)
    click.echo("\n\n".join(told(result, bool(cassette or draft))), err=True)
    out.document(result.as_json())
    if page:
        from ..report.html import write
        from ..running.page import page_of

        write(page_of(result), page)
    sys.exit(result.exit_code)
