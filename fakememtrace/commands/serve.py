"""``fakememtrace serve``."""

from __future__ import annotations

import ipaddress
import json
import logging
import sys
from typing import TYPE_CHECKING, Any

import click

from ..errors import UsageError
from . import completion
from .options import clock_option, is_dialect_option, json_option, quiet_option, seed_option
from .output import Output

if TYPE_CHECKING:
    from ..clock import Clock
    from ..world import World

__all__ = ["command"]

# What the journal of a server that runs for weeks may hold, in bytes.
_JOURNAL = 16 * 1024 * 1024
_CALLS = 1_000
_EXAMPLE = "mtk_my-key"
_OPEN = (
    "fakememtrace: warning: {host} can be reached from other machines, and so can all that is stored here.\n"
    "Leave --host out to listen on this machine only."
)


@click.command("serve", short_help="Serve the fake Memtrace and Claude over HTTP.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at.")
@click.option(
    "--port", default=9100, show_default=True, type=click.IntRange(0, 65535), help="The port; 0 is any free one."
)
@is_dialect_option
@click.option("--key", metavar="mtk_...", help="The API key of the first org.")
@clock_option
@seed_option
@click.option(
    "--cassette",
    metavar="FILE",
    shell_complete=completion.files,
    help="The recorded Claude responses, for /v1/messages.",
)
@click.option("--control", is_flag=True, help="Let tests move the clock, reset, set faults: below /_fakememtrace.")
@json_option("Where everything is, in one line when it listens,")
@quiet_option("Nothing but warnings")
def command(
    host: str,
    port: int,
    dialect: str | None,
    key: str | None,
    clock: str,
    seed: str | None,
    cassette: str | None,
    control: bool,
    json_file: str | None,
    quiet: bool,
) -> None:
    """Serve the fake Memtrace, and recorded Claude, over HTTP until Ctrl-C.

    The Memtrace API is at the root, Claude's at /v1/messages, and /openapi.json describes the first.  /ui shows in a
    browser what happened until now.

    Example:  fakememtrace serve --dialect documented --port 0
    """
    from ..doors import server
    from ..report.live import PATH, Live
    from ..world import World

    out = Output(json_file)
    own: dict[str, Any] = {} if key is None else {"api_key": _checked(key)}
    world = World(dialect, cassette, seed=seed, clock=_clock(clock), **own)
    world.journal.limit, world.claude.kept_calls = _JOURNAL, _CALLS
    application = server.app(world, control, {PATH: Live(world)})
    listener = server.listen(host, port)
    url = server.url_of(listener)
    # uvicorn complains about clients that go away; here they may.
    logging.getLogger("uvicorn").setLevel(logging.CRITICAL)
    if not _is_loopback(listener.getsockname()[0]):
        click.echo(_OPEN.format(host=host), err=True)
    server.run(application, listener, lambda: _greet(world, url, control, out, quiet))


def _clock(name: str) -> Clock | None:
    from ..clock import RealClock

    return RealClock() if name == "real" else None


def _is_loopback(address: str) -> bool:
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def _checked(key: str) -> str:
    if not key.isascii() or not key.isprintable() or not key or " " in key:
        raise UsageError(
            f"--key {key!r}: no client could send this in a header. Expected ASCII without spaces, such as {_EXAMPLE}."
        )
    return key


def _greet(world: World, url: str, control: bool, out: Output, quiet: bool) -> None:
    """Say where everything is; whoever waits for it gets it at once."""
    out.text(json.dumps(_value(world, url, control)) + "\n")
    if not quiet and not out.is_json:
        click.echo(_greeting(world, url, control))
    sys.stdout.flush()


def _value(world: World, url: str, control: bool) -> dict[str, Any]:
    from ..clock import rfc3339

    return {
        "dialect": world.memory.dialect.name,
        "url": url,
        "api_key": world.api_key,
        "clock": None if world.clock.is_real else rfc3339(world.clock.micros()),
        "ui": f"{url}/ui",
        "openapi": f"{url}/openapi.json",
        "control": f"{url}/_fakememtrace" if control else None,
    }


def _greeting(world: World, url: str, control: bool) -> str:
    from ..clock import rfc3339

    about = "real clock" if world.clock.is_real else f"virtual clock at {rfc3339(world.clock.micros())}"
    lines = [
        f"Memtrace {world.memory.dialect.name} at {url}, {about}. Ctrl-C stops it.",
        f"  MEMTRACE_URL={url}",
        f"  MEMTRACE_API_KEY={world.api_key}",
        f"  ANTHROPIC_BASE_URL={url}",
        f"  what happens: {url}/ui",
    ]
    return "\n".join([*lines, f"  control surface: {url}/_fakememtrace"] if control else lines)
