"""``fakememtrace conform``."""

from __future__ import annotations

import json
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from ..errors import UnknownName, UsageError
from .output import show, writable

if TYPE_CHECKING:
    from ..conformance import Outcome, Run, Stage, Vector
    from ..conformance.runner import Left
    from ..conformance.server import Server

__all__ = ["command"]

_PAUSE = 0.1
_INTERRUPTED = 130
_CONTROL = "/_fakememtrace/clock"


@click.command("conform")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--url", required=True, help="The server: scheme, host and port.")
@click.option("--key", required=True, envvar="MEMTRACE_API_KEY", show_envvar=True, help="An API key of it.")
@click.option("--dialect", default="0.2.0", show_default=True, help="Which Memtrace it should be: 0.2.0 or documented.")
@click.option("--json", "json_file", metavar="FILE", help="Also write the outcomes to FILE.")
@click.option("--yes", is_flag=True, help="Also against a server that is not on this machine.")
@click.option(
    "--control", is_flag=True, help="Move the clock of a `fakememtrace serve --control`, and check what needs it."
)
@click.option(
    "--patience",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="How long what was written may take to be found.",
)
def command(
    names: tuple[str, ...],
    url: str,
    key: str,
    dialect: str,
    json_file: str | None,
    yes: bool,
    control: bool,
    patience: float,
) -> None:
    """Check whether a Memtrace server keeps the contract: all of it, or the sections and vectors NAMEd.

    Creates agents, sessions and memories whose names begin with conf_, touches nothing else, and
    deletes what the API can delete.  Ends with 0 when all passed, 1 when one differs, 2 when the
    server cannot be asked, 130 when interrupted.

    Example:  fakememtrace conform --url http://localhost:9100 --key mtk_... context stats/by-name
    """
    from ..conformance import Run, Stage, chosen, load
    from ..conformance.report import as_json
    from ..conformance.server import Server
    from ..conformance.vector import DIALECTS
    from ..files import write_whole

    if dialect not in DIALECTS:
        raise UnknownName("dialect", dialect, DIALECTS)
    target, vectors, server = writable("--json", json_file), chosen(load(), names), Server(url)
    _check(server, key, yes)
    stage = Stage(server.send, key, dialect, secrets.token_hex(4), server.url, again=_again(patience))
    outcomes, left, interrupted = _run(Run(_controlled(stage) if control else stage), vectors)
    show(_lines(outcomes, left, key, len(vectors) if interrupted else None))
    if target:
        write_whole(target, json.dumps(as_json(outcomes, server.url, dialect, key, left), indent=2) + "\n")
    sys.exit(_INTERRUPTED if interrupted else int(any(outcome.state == "differing" for outcome in outcomes)))


def _check(server: Server, key: str, yes: bool) -> None:
    """Refuse a server that is elsewhere, that is not there, that is none of Memtrace, or that does not know the key."""
    from ..conformance import NoAnswer
    from ..wire import Request

    if not yes and not server.is_loopback:
        raise UsageError(
            f"{server.url} is not on this machine, and a run creates agents, sessions and memories there that "
            "the API cannot all delete.\nNothing was sent. If that is what you want, add --yes."
        )
    if not key.isascii() or not key.isprintable() or not key.strip():
        raise UsageError("--key: this cannot be sent in a header. Expected a key of the server, such as mtk_...")
    try:
        status = server.send(Request("GET", server.url, "/api/v1/agents", headers={"x-api-key": key})).status
    except NoAnswer as problem:
        raise UsageError(
            f"{server.url} does not answer ({problem}). Expected a Memtrace server there.\n"
            "Start it (a fake one: fakememtrace serve), or correct --url."
        ) from None
    if status == 401:
        raise UsageError(f"{server.url} does not know the key. Expected one of its own; correct --key.")
    if status != 200:
        raise UsageError(
            f"{server.url} answers GET /api/v1/agents with {status}, and a Memtrace server answers it with 200.\n"
            "Correct --url."
        )


def _again(patience: float) -> Callable[[int], bool]:
    """Whether to ask once more, after a pause, for at most `patience` seconds."""

    def again(tries: int) -> bool:
        if tries * _PAUSE > patience:
            return False
        time.sleep(_PAUSE)
        return True

    return again


def _controlled(stage: Stage) -> Stage:
    """`stage`, whose clock can be moved through the server's control surface."""
    from ..wire import Request

    def ask(method: str, path: str, body: bytes) -> Any:
        response = stage.send(Request(method, stage.origin, path, "", {"content-type": "application/json"}, body))
        return json.loads(response.body) if response.status == 200 else {}

    if ask("GET", _CONTROL, b"").get("clock") != "virtual":
        raise UsageError(
            f"--control: {stage.origin} has no clock that can be moved.\n"
            "Start it with: fakememtrace serve --control, or leave --control out."
        )

    def nothing() -> AbstractContextManager[Mapping[str, str]]:
        return nullcontext({})

    return stage._replace(
        situations={"clock": nothing, "still_clock": nothing},
        advance=lambda span: ask("POST", f"{_CONTROL}/advance", json.dumps({"by": span}).encode()),
    )


def _run(run: Run, vectors: Iterable[Vector]) -> tuple[list[Outcome], Left, bool]:
    outcomes, interrupted = [], False
    try:
        for vector in vectors:
            outcomes.append(run.check(vector))  # noqa: PERF401 - what was done must survive Ctrl-C
    except KeyboardInterrupt:
        interrupted = True
    finally:
        left = run.clean_up()
    return outcomes, left, interrupted


def _lines(outcomes: Sequence[Outcome], left: Left, key: str, interrupted_of: int | None) -> Iterable[Any]:
    from ..conformance import report
    from ..report.text import Line

    for outcome in outcomes:
        if outcome.state == "differing":
            yield from (Line(*line) for line in (*report.difference_lines(outcome, key), ("", "")))
    skipped = list(report.skipped_lines(outcomes))
    yield from (Line(*line) for line in [*skipped, ("", "")] if skipped)
    yield from (Line(*line) for line in report.table_lines(outcomes))
    yield Line("")
    yield Line(_left(left))
    if interrupted_of is not None:
        yield Line(f"interrupted after {len(outcomes)} of {interrupted_of} vectors", "bold red")


def _left(left: Left) -> str:
    deleted = f"deleted {left.deleted} of {left.deleted + len(left.kept)} agents"
    if not left.kept:
        return f"{deleted}; the API deletes no session and no memory, so those stay."
    return f"{deleted}; the others have sessions, and the API deletes neither those nor memories, so they stay."
