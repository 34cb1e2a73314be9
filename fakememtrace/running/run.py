"""Runs a program in a process of its own, which has our terminal; what became of it is told here."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

from ..clock import DEFAULT_START
from ..errors import FakememtraceError, UnknownName, UsageError
from .result import Result
from .script import check

__all__ = ["CLIENTS", "Job", "run"]

CLIENTS = ("sdk", "documented")

_ROOT = str(Path(__file__).parents[2])
# What the order of a set and the bytes of a text depend on, where nobody says otherwise.
_DEFAULTS = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
# How long a process may take beyond its time, in seconds, and after it was told to end.
_GRACE, _LAST_GRACE, _MOMENT = 10.0, 3.0, 0.5
_LONGEST = 7 * 24 * 3600.0
# The program must not find what lies in the folder that we happen to be in, as it would with python -c.
_START = (
    "import json, sys; job = json.loads(sys.argv[2]); sys.path[:] = filter(None, sys.path); "
    "job['root_added'] = sys.argv[1] not in sys.path; sys.path += [sys.argv[1]] * job['root_added']; "
    "from fakememtrace.running.child import main; main(job)"
)


@dataclass(frozen=True)
class Job:
    """What is to be run, and how.

    Args:
        script: the program's file, as the user calls it.
        arguments: its arguments.
        cassette: the recorded answers of Claude.
        draft: in its place a cassette that is still being written.
        dialect: which Memtrace it meets; the seed's, or 0.2.0, where it is None.
        client: what ``import memtrace`` gives: ``sdk`` or ``documented``.
        telegram: the scripted updates.
        freeze: whether the program lives by the virtual clock.
        start: when that begins.
        seed: what is stored at the beginning.
        allow_hosts: hosts that it may reach.
        max_turns: requests to Claude that it may make.
        timeout: seconds of wall time that it may take.
        memtrace_key: what opens its Memtrace; the same in every world where it is None.
        report: whether all that happens is wanted for a report.
        aside: whether what the program prints goes to standard error, since ours is for something else.
    """

    script: str
    arguments: tuple[str, ...] = ()
    cassette: str | None = None
    draft: str | None = None
    dialect: str | None = None
    client: str = CLIENTS[0]
    telegram: str | None = None
    freeze: bool = False
    start: str = DEFAULT_START
    seed: str | None = None
    allow_hosts: tuple[str, ...] = ()
    max_turns: int | None = None
    timeout: float = 600.0
    memtrace_key: str | None = None
    report: bool = False
    aside: bool = False


class _Refused(FakememtraceError):
    """What the program's process could not begin with, in its words."""

    def __init__(self, problem: str, exit_code: int) -> None:
        self.exit_code = exit_code
        super().__init__(problem)


def run(job: Job) -> Result:
    """Run the program to its end; what became of it.

    Raises:
        FileError: it is missing, a folder, or no Python.
        UsageError: the options do not go together.
        FakememtraceError: its world cannot be made.
    """
    program = check(job.script)
    if job.client not in CLIENTS:
        raise UnknownName("client", job.client, CLIENTS)
    if job.cassette is not None and job.draft is not None:
        raise UsageError(
            f"--cassette {job.cassette} and --draft {job.draft} are given.\n"
            "Expected one of them: a draft is a cassette that is still being written.\n"
            "What to do: leave --cassette out until no answer is missing in the draft."
        )
    with tempfile.TemporaryDirectory(prefix="fakememtrace-") as scratch, _terminal():
        result = Path(scratch, "result.json")
        end = _run(job, program, result)
        values = json.loads(result.read_text("utf-8")) if result.exists() else None
    if values is None:
        return _without_result(job, end)
    if "refused" in values:
        raise _Refused(values["refused"], values["exit_code"])
    del values["exit_code"]
    return Result(**values).ended_with(end.code or 0)


class _End(NamedTuple):
    """How a process ended: its exit code, None if it had none, and whether a second Ctrl-C ended it."""

    code: int | None
    by_hand: bool


def _run(job: Job, program: Path, result: Path) -> _End:
    """Run the process to its end."""
    lifeline, ours = os.pipe() if os.name == "posix" else (None, None)
    values = {**vars(job), "program": str(program), "result": str(result), "lifeline": lifeline}
    values["shown"], values["today"] = job.script, datetime.now(timezone.utc).date().isoformat()
    values["timeout"] = min(job.timeout, _LONGEST)
    command = [sys.executable, "-u", "-c", _START, _ROOT, json.dumps(values)]
    handles = () if lifeline is None else (lifeline,)
    # Where no terminal sends Ctrl-C to both of us, it comes to us alone, and we hand it on.
    alone = not _has_terminal()
    environment, output = {**_DEFAULTS, **os.environ}, sys.stderr if job.aside else None
    try:
        with subprocess.Popen(
            command, env=environment, pass_fds=handles, start_new_session=alone, stdout=output
        ) as child:
            return _awaited(child, values["timeout"] + _GRACE, alone, ours)
    finally:
        for handle in (lifeline, ours):
            if handle is not None:
                os.close(handle)


def _awaited(child: subprocess.Popen[bytes], seconds: float, hands_on: bool, lifeline: int | None) -> _End:
    interrupts = 0

    def interrupted(number: int, _: Any) -> None:
        """Ctrl-C is the program's; a second one ends it hard."""
        nonlocal interrupts
        interrupts += 1
        if interrupts == 2 and lifeline is not None:
            _end(child, lifeline)
            # Where it comes to no last act, it is ended without.
            threading.Timer(_MOMENT, child.kill).start()
        elif interrupts > 1:
            child.kill()
        elif hands_on:
            child.send_signal(number)

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        code = child.wait(seconds)
        return _End(-signal.SIGKILL if interrupts > 1 else code, interrupts > 1)
    except subprocess.TimeoutExpired:
        child.kill()
        return _End(None, False)
    except BaseException:
        _end(child, lifeline)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(_LAST_GRACE)
        child.kill()
        raise
    finally:
        signal.signal(signal.SIGINT, before)


def _end(child: subprocess.Popen[bytes], lifeline: int | None) -> None:
    """Tell the process to end now; its own last act is to end what it started."""
    if lifeline is None:
        child.terminate()
    else:
        os.write(lifeline, b".")


def _has_terminal() -> bool:
    """Whether we are what a terminal shows, and Ctrl-C there comes to all of our group."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


@contextlib.contextmanager
def _terminal() -> Iterator[None]:
    """Leave the terminal as it was, whatever a program that was ended hard had made of it."""
    try:
        import termios

        before = termios.tcgetattr(0)
    except (ImportError, OSError, ValueError) as error:
        del error
        yield
        return
    except Exception:
        # termios.error is no OSError: there is no terminal.
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(0, termios.TCSADRAIN, before)


def _without_result(job: Job, end: _End) -> Result:
    code = end.code
    if end.by_hand:
        why = (
            f"{job.script}: Ctrl-C came a second time, and the process was ended hard, before it could say what was "
            "asked of Memtrace and Claude.\n"
            "What to do: look at what the program does about the first one."
        )
    elif code is None:
        why = (
            f"{job.script}: the program did not end within {job.timeout:g} s of wall time, and where it stood cannot "
            "be told: something in C did not let go.\n"
            "What to do: look for a regular expression or a library call that takes for ever; a program that needs "
            "longer gets it with --timeout SECONDS."
        )
    else:
        how = f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"
        why = (
            f"{job.script}: the process ended {how} before it could say what was asked of Memtrace and Claude.\n"
            "What to do: look for a signal or a crash in C."
        )
    return Result(job.script, job.dialect or "0.2.0", stopped=why, is_known=False).ended_with(code or 0)
