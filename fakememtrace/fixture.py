"""What the fixtures of the pytest plugin do: they make the world of a test, and settle it afterwards."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest

from .claude.housekeeping import Use, use_of
from .errors import FakememtraceError, UnexpectedTraffic, UsageError
from .world import World

__all__ = ["make_world", "nodeid", "settled"]


def make_world(
    request: pytest.FixtureRequest, mode: str, redact: Iterable[Any], allow: Iterable[str], **options: Any
) -> World:
    """The world of the test that asks, which records in the `mode`; what cannot be made fails the test in words."""
    is_file = isinstance(options["cassette"], (str, os.PathLike))
    try:
        if is_file and mode != "none":
            return World(**options, record=_recording(request, mode, redact, allow))
        world = World(**options, redact=redact)
    except UsageError as error:
        problem = str(error)
        if is_file and not Path(options["cassette"]).exists():
            problem += f"\nOr record it: {_again(request)}=once"
    else:
        world.claude.again = _again(request) if is_file or options["cassette"] is None else ""
        return world
    pytest.fail(problem, pytrace=False)


def settled(world: World, request: pytest.FixtureRequest, outcome: str) -> tuple[Use, str]:
    """What the test made of its cassette, and what was wrong in its world: empty when nothing was.

    After a failure (`outcome` is "failed") all is told already; after a skip little need have happened.  After an
    assertion that was made into a score ("scored") what was recorded is kept: wrong answers are samples, too.
    """
    problem = ""
    passed = outcome == "passed"
    if outcome != "failed":
        try:
            world.journal.assert_clean(open_ends=passed and not request.config.getoption("claude_prune"))
        except UnexpectedTraffic as error:
            problem = str(error)
    try:
        left = world.claude.finish(outcome in ("passed", "scored") and not problem)
    except FakememtraceError as error:
        left = problem = f"{problem}\n\n{error}".strip()
    return use_of(world.claude.answers, nodeid(request.node), passed, left), problem


def nodeid(node: Any) -> str:
    """What pytest calls a test, without the group that pytest-xdist puts it in."""
    return f"{node.parent.nodeid}::{node.name}"


def _recording(request: pytest.FixtureRequest, mode: str, redact: Iterable[Any], allow: Iterable[str]) -> Any:
    from .claude.recording.claims import Claims
    from .claude.recording.modes import Recording

    config = request.config
    base: Path = request.getfixturevalue("tmp_path_factory").getbasetemp()
    worker = getattr(config, "workerinput", None)
    return Recording(
        mode=mode,
        redact=redact,
        allow=allow,
        owner=nodeid(request.node),
        # Workers have folders in the one that they share.
        claims=Claims(base.parent, worker["testrunuid"]) if worker else Claims(base),
        by_hand=True,
        rehearse=bool(config.getoption("claude_plan")),
        announce=lambda text: _announce(config, text),
    )


def _again(request: pytest.FixtureRequest) -> str:
    file = os.path.relpath(request.node.path, request.config.invocation_params.dir)
    inside = nodeid(request.node).partition("::")[2]
    return f"pytest {shlex.quote(f'{file}::{inside}')} --claude-record"


def _announce(config: pytest.Config, text: str) -> None:
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        # Not to the terminal's own reporter, which workers of pytest-xdist do not have.
        print(f"\n{text}", file=sys.stderr, flush=True)
