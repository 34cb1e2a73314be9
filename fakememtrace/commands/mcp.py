"""``fakememtrace mcp``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import completion
from .options import clock_option, is_dialect_option, seed_option
from .output import writable

if TYPE_CHECKING:
    from ..world import World

__all__ = ["command"]

# What the journal of a server that runs for weeks may hold, in bytes.
_JOURNAL = 16 * 1024 * 1024
_LONELY = (
    "fakememtrace: an MCP client starts this, such as Claude Code, and speaks to it over stdin and stdout:\n"
    "  claude mcp add memtrace -- fakememtrace mcp\n"
    "Ctrl-C ends it."
)


@click.command("mcp", short_help="Serve Memtrace's seven MCP tools over stdio.")
@is_dialect_option
@clock_option
@click.option("--start", metavar="TIME", help="What time it is at the beginning, such as 2026-02-07T12:00:00Z.")
@seed_option
@click.option(
    "--save",
    metavar="FILE",
    shell_complete=completion.files,
    help="Write a snapshot there at the end, for the --seed of the next time.",
)
@click.option("--org", metavar="NAME", help="Whose memory it is; an org that is not in the seed is made.")
@click.option("--structured", is_flag=True, help="Structured content, too: more than Memtrace's own server gives.")
def command(
    dialect: str | None,
    clock: str,
    start: str | None,
    seed: str | None,
    save: str | None,
    org: str | None,
    structured: bool,
) -> None:
    """Serve the seven tools of Memtrace's MCP server over stdio, on a fake store.

    An MCP client starts this, and it ends when the client goes away, or at Ctrl-C.

    Example:  claude mcp add memtrace -- fakememtrace mcp --dialect documented
    """
    from .. import __version__
    from ..doors.mcp import stdio

    with stdio.Signals() as signals:
        from ..doors.mcp.server import server

        file = writable("--save", save)
        world = _world(dialect, clock, start, seed)
        key = world.org(org).api_key if org is not None else world.api_key
        if sys.stdin is not None and sys.stdin.isatty():
            click.echo(_LONELY, err=True)
        try:
            stdio.run(server(world, key, version=__version__, structured=structured), signals)
        finally:
            if file is not None:
                world.save(file)


def _world(dialect: str | None, clock: str, start: str | None, seed: str | None) -> World:
    from ..clock import RealClock
    from ..world import World

    if clock == "real" and start is not None:
        raise UsageError(f"--clock real --start {start}: a real clock shows the time it is. Leave out one of them.")
    own: dict[str, Any] = {"clock": RealClock()} if clock == "real" else {} if start is None else {"start": start}
    world = World(dialect, seed=seed, **own)
    if start is not None:
        # A seed brings the time at which it was saved.
        world.clock.move_to(start)
    world.journal.limit = _JOURNAL
    return world
