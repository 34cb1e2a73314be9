"""The process in which a program runs: it sets the world up, and then is the program's own."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from ..errors import FakememtraceError
from .ending import Ending, leave
from .program import run
from .serving import RunWorld

__all__ = ["main"]

_ROOT = str(Path(__file__).parents[2])


def main(job: dict[str, Any]) -> None:
    """Run the program of `job`, and write what became of it to ``job["result"]``."""
    if job["root_added"]:
        # What the program imports is found as without us.
        sys.path.remove(_ROOT)
    hard_steps: list[Callable[[], None]] = []
    if job["lifeline"] is not None:
        _end_with_parent(job["lifeline"], hard_steps)
    program, result = Path(job["program"]), Path(job["result"])
    try:
        world = _world(job)
        ending = Ending(world, program, job["shown"], result)
        ending.hard_steps = hard_steps
        if job["report"]:
            # Imported before the program can change what is found.
            from ..report.gathering import account_of

            ending.account = lambda: account_of(world, "").to_json()
        _set_up(job, world, ending)
    except FakememtraceError as error:
        result.write_text(json.dumps({"refused": str(error), "exit_code": error.exit_code}), "utf-8")
        sys.exit(error.exit_code)
    run(program, job["shown"], job["arguments"], ending)


def _world(job: dict[str, Any]) -> RunWorld:
    options: dict[str, Any] = {"seed": job["seed"], "allow_hosts": job["allow_hosts"]}
    if job["telegram"] is not None:
        options["telegram"] = job["telegram"]
    if job["memtrace_key"] is not None:
        options["api_key"] = job["memtrace_key"]
    if job["freeze"]:
        from .freezing import FollowedClock

        options["clock"] = FollowedClock(job["start"])
    world = RunWorld(job["dialect"], job["cassette"], job["start"], **options)
    world.claude.max_calls = job["max_turns"]
    if job["draft"] is not None:
        world.claude.answer_from(_draft(world, Path(job["draft"]), job["today"]))
    return world


def _draft(world: RunWorld, path: Path, today: str) -> Any:
    from ..claude.drafting import Draft
    from ..claude.recording.making import recorded_form
    from ..claude.redact import Redactor
    from ..claude.redaction.own import in_environment

    redactor = Redactor(own=in_environment())
    world.claude.clean = lambda request: recorded_form(request, redactor)
    return Draft(path, world.claude.player_of, lambda: today)


def _set_up(job: dict[str, Any], world: RunWorld, ending: Ending) -> None:
    """Put everything in its place for the program."""
    from .children import Children

    until_the_end = ExitStack()
    ending.last_steps.append(until_the_end.close)
    world.on_stop = ending.stop
    if job["telegram"] is not None:
        world.telegram.when_finished = ending.finished
    if job["freeze"]:
        from .freezing import freeze

        freeze(world.clock)  # type: ignore[arg-type]
    if job["client"] == "documented":
        from ..client.standing_in import standing_in

        until_the_end.enter_context(standing_in())
    until_the_end.enter_context(world)
    children = until_the_end.enter_context(closing(Children(world)))
    children.begin()
    ending.hard_steps.append(children.end)
    ending.begin()
    ending.limit(job["timeout"])


def _end_with_parent(lifeline: int, last_steps: list[Callable[[], None]]) -> None:
    """End this process when the pipe says so, or is closed: whoever started it is gone then, however that came."""
    # What the program starts has no part in it.
    os.set_inheritable(lifeline, False)

    def wait() -> None:
        os.read(lifeline, 1)
        leave(last_steps, 1)

    threading.Thread(target=wait, name="fakememtrace lifeline", daemon=True).start()
