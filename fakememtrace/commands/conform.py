"""``fakememtrace conform``."""

from __future__ import annotations

import json
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

import click

from ..errors import UnknownName, UsageError
from . import completion
from .options import json_option, quiet_option
from .output import Output

if TYPE_CHECKING:
    from ..conformance import Outcome, Run, Stage, Vector
    from ..conformance.runner import Left
    from ..conformance.server import Server

__all__ = ["command"]

_PAUSE = 0.1
_INTERRUPTED = 130
_CONTROL = "/_fakememtrace/clock"
# The variables of every need that is given.
_Given = Mapping[str, Mapping[str, str]]


@click.command("conform", short_help="Check whether a Memtrace server keeps the contract.")
@click.argument("names", nargs=-1, metavar="[NAME]...", shell_complete=completion.sections)
@click.option("--url", required=True, help="The server: scheme, host and port.")
@click.option("--key", required=True, envvar="MEMTRACE_API_KEY", show_envvar=True, help="An API key of it.")
@click.option(
    "--dialect",
    shell_complete=completion.dialects,
    default="0.2.0",
    show_default=True,
    help="Which Memtrace it should be: 0.2.0 or documented.",
)
@json_option("The outcomes")
@quiet_option("Only what differs, and the table")
@click.option("--yes", is_flag=True, help="Also against a server that is not on this machine.")
@click.option(
    "--control", is_flag=True, help="Move the clock of a `fakememtrace serve --control`, and check what needs it."
)
@click.option(
    "--given",
    "given_texts",
    multiple=True,
    metavar="NEED[=KEY]",
    help="What the server has that not every one has, such as other_org=KEY.  [repeatable]",
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
    quiet: bool,
    yes: bool,
    control: bool,
    given_texts: tuple[str, ...],
    patience: float,
) -> None:
    """Check whether a Memtrace server keeps the contract: all of it, or the sections and vectors NAMEd.

    Creates agents, sessions and memories whose names begin with conf_, touches nothing else, and
    deletes what the API can delete.  Ends with 0 when all passed, 1 when one differs, 2 when the
    server cannot be asked, 130 when interrupted.

    Example:  fakememtrace conform --url http://localhost:9100 --key mtk_... context stats/by-name
    """
    from ..conformance import Run, Stage, chosen, load
    from ..conformance.report import as_json, hiding
    from ..conformance.server import Server
    from ..conformance.vector import DIALECTS

    if dialect not in DIALECTS:
        raise UnknownName("dialect", dialect, DIALECTS)
    out, vectors, server = Output(json_file), chosen(load(), names), Server(url)
    given = _given(given_texts, vectors)
    _check(server, key, yes)
    situations = {need: _situation(variables) for need, variables in given.items()}
    stage = Stage(server.send, key, dialect, secrets.token_hex(4), server.url, situations, again=_again(patience))
    stage = _controlled(stage) if control else stage
    outcomes, left, interrupted = _run(Run(stage), vectors)
    hide = hiding({"key": key} | {name: text for variables in given.values() for name, text in variables.items()})
    out.show(_lines(outcomes, left, stage.lacks, hide, len(vectors) if interrupted else None, quiet))
    out.document(as_json(outcomes, server.url, dialect, hide, left))
    sys.exit(_INTERRUPTED if interrupted else int(any(outcome.state == "differing" for outcome in outcomes)))


def _given(texts: Iterable[str], vectors: Sequence[Vector]) -> _Given:
    """What each ``NEED[=KEY]`` says that the server has."""
    from ..conformance.vector import NEEDS

    given: dict[str, Mapping[str, str]] = {}
    for text in texts:
        need, equals, key = text.partition("=")
        if need not in NEEDS:
            # Who forgot the need, or the =, wrote a key here.
            raise UnknownName("need", re.sub("mtk_.*", "mtk_...", need, flags=re.DOTALL), NEEDS)
        if need in given:
            raise UsageError(f"--given {need}: it is there twice. Expected each need once.\nLeave one of them out.")
        _check_need(need, vectors)
        _check_key_of(need, bool(equals), key)
        given[need] = dict.fromkeys(NEEDS[need].variables, key)
    return given


def _check_need(need: str, vectors: Sequence[Vector]) -> None:
    """Refuse a need that no word gives, and one with which other vectors must differ."""
    from ..conformance import load
    from ..conformance.vector import ALONE, CONTROLLED, NEEDS

    what = NEEDS[need].what
    if need in CONTROLLED:
        raise UsageError(
            f"--given {need}: {what} is given by --control, against a `fakememtrace serve --control`.\n"
            "Leave this out and add --control."
        )
    others = sum(need not in vector.needs for vector in vectors)
    if need in ALONE and others:
        names = " ".join(vector.id for vector in load() if need in vector.needs)
        raise UsageError(
            f"--given {need}: most of the contract does not hold of {what}, and {others} of the {len(vectors)} "
            "vectors to be run are not about that. Expected only those that need it.\n"
            f"Name them: --given {need} {names}"
        )


def _check_key_of(need: str, has_key: bool, key: str) -> None:
    """Refuse a key too many, one too few, and one that no header can hold."""
    from ..conformance.vector import NEEDS

    what, variables = NEEDS[need]
    if has_key and not variables:
        raise UsageError(
            f"--given {need}=...: there is a key too many. Expected {need} alone; it stands for {what}.\n"
            f"Write --given {need}."
        )
    if variables and not key:
        raise UsageError(
            f"--given {need}: its key is missing. Expected {need}=KEY; it stands for {what}.\n"
            "Add the key, or leave the option out."
        )
    if variables and not _is_sendable(key):
        raise UsageError(
            f"--given {need}=...: this cannot be sent in a header. Expected a key, such as mtk_...; "
            f"it stands for {what}.\n"
            "Correct the key, or leave the option out."
        )


def _situation(variables: Mapping[str, str]) -> Callable[[], AbstractContextManager[Mapping[str, str]]]:
    """What is so already, and stays."""
    return lambda: nullcontext(variables)


def _is_sendable(key: str) -> bool:
    return key.isascii() and key.isprintable() and bool(key.strip())


def _check(server: Server, key: str, yes: bool) -> None:
    """Refuse a server that is elsewhere, that is not there, that is none of Memtrace, or that does not know the key."""
    from ..conformance import NoAnswer
    from ..wire import Request

    if not yes and not server.is_loopback:
        raise UsageError(
            f"{server.url} is not on this machine, and a run creates agents, sessions and memories there that "
            "the API cannot all delete.\nNothing was sent. If that is what you want, add --yes."
        )
    if not _is_sendable(key):
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
    from ..conformance.vector import CONTROLLED
    from ..wire import Request

    def ask(method: str, path: str, body: bytes) -> Any:
        response = stage.send(Request(method, stage.origin, path, "", {"content-type": "application/json"}, body))
        return json.loads(response.body) if response.status == 200 else {}

    clock = ask("GET", _CONTROL, b"").get("clock")
    if clock == "real":
        raise UsageError(
            f"--control: the clock of {stage.origin} is the machine's own, and cannot be moved.\n"
            "Start the server with --clock virtual, or leave --control out."
        )
    if clock != "virtual":
        raise UsageError(
            f"--control: {stage.origin} has no clock that can be moved.\n"
            "Start it with: fakememtrace serve --control, or leave --control out."
        )

    return stage._replace(
        situations={**stage.situations, **dict.fromkeys(CONTROLLED, _situation({}))},
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


def _lines(
    outcomes: Sequence[Outcome],
    left: Left,
    lacks: Callable[[Vector], Iterable[str]],
    hide: Callable[[str], str],
    interrupted_of: int | None,
    quiet: bool,
) -> Iterable[Any]:
    from ..conformance import report
    from ..report.text import Line

    for outcome in outcomes:
        if outcome.state == "differing":
            yield from (Line(*line) for line in (*report.difference_lines(outcome, hide), ("", "")))
    skipped = [] if quiet else list(report.skipped_lines(outcomes, lacks))
    yield from (Line(*line) for line in [*skipped, ("", "")] if skipped)
    yield from (Line(*line) for line in report.table_lines(outcomes))
    if not quiet:
        yield Line("")
        yield Line(_left(left))
    if interrupted_of is not None:
        yield Line(f"interrupted after {len(outcomes)} of {interrupted_of} vectors", "bold red")


def _left(left: Left) -> str:
    deleted = f"deleted {left.deleted} of {left.deleted + len(left.kept)} agents"
    if not left.kept:
        return f"{deleted}; the API deletes no session and no memory, so those stay."
    return f"{deleted}; the others have sessions, and the API deletes neither those nor memories, so they stay."
