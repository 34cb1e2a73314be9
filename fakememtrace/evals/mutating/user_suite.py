"""Mutants in a user's own tests: pytest runs them once without a fault, and once under each."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from ...errors import UsageError
from ...faults.spelling import spelled
from .mutants import Mutant
from .seen import Seen, is_kill
from .trial import Trial

__all__ = ["PLACE", "UserSuite", "pytest_arguments", "user_suite", "user_trials"]

PLACE = "tests"
_PASSED, _FAILED, _NO_TESTS = 0, 1, 5
# A fault can let an agent ask for ever; this much longer than without one, and a minute, is too long.
_PATIENCE, _GRACE = 10, 60.0
_MOST_LINES, _MOST_NAMES = 15, 5


class UserSuite(NamedTuple):
    """A suite that passes without a fault: pytest's arguments, the tests that passed, and the seconds it took."""

    arguments: tuple[str, ...]
    passed: frozenset[str]
    seconds: float


class _Run(NamedTuple):
    """One run of pytest: its exit status (None: it did not end), what it printed, what was seen of each test."""

    status: int | None
    output: str
    tests: tuple[Seen, ...] | None


def pytest_arguments(words: Sequence[str]) -> tuple[str, ...]:
    """The arguments in a command line of pytest: ``pytest tests -k support``, ``python -m pytest tests``.

    Raises:
        UsageError: it is something else.
    """
    if words and Path(words[0]).name in ("pytest", "py.test", "pytest.exe"):
        return tuple(words[1:])
    if len(words) > 2 and tuple(words[1:3]) == ("-m", "pytest"):
        return tuple(words[3:])
    found = f"found {' '.join(words)!r}" if words else "found nothing"
    raise UsageError(
        f"expected a command line of pytest after --, {found}.\nSuch as: fakememtrace mutate -- pytest tests"
    )


def user_suite(arguments: Sequence[str]) -> UserSuite:
    """The suite that pytest runs with these arguments.

    Raises:
        UsageError: it does not pass without a fault, no fault could strike in it, or there is no pytest.
    """
    if find_spec("pytest") is None:
        raise UsageError(
            "the tests are run by the Python that fakememtrace is installed in, and it has no pytest.\n"
            "Install it there: pip install pytest"
        )
    began = time.monotonic()
    run = _ran(tuple(arguments), (), None)
    seconds = time.monotonic() - began
    if run.status == _NO_TESTS:
        raise UsageError(f"{_command(arguments)} ran no test.\nName a folder with tests, or other tests.")
    if run.status != _PASSED:
        raise UsageError(_not_passing(arguments, run))
    if run.tests is None:
        raise UsageError(
            f"{_command(arguments)} ran without the plugin of fakememtrace, so no fault can be set.\n"
            "Take -p no:fakememtrace out of it."
        )
    if not any(seen.worlds for seen in run.tests):
        raise UsageError(
            f"{_command(arguments)}: no fixture opened a world, so no fault can be set.\n"
            "Expected tests that take the fixture fakememtrace, or another one that yields a World."
        )
    return UserSuite(tuple(arguments), frozenset(one.test for one in run.tests if one.outcome == "passed"), seconds)


def user_trials(suite: UserSuite, mutants: Sequence[Mutant], whole: bool = False, workers: int = 1) -> Iterator[Trial]:
    """Every mutant in these tests, in this order; so many runs of pytest side by side as there are `workers`."""
    if min(workers, len(mutants)) < 2:
        yield from map(partial(_tried, suite, whole), mutants)
        return
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(partial(_tried, suite, whole), mutants)


def _tried(suite: UserSuite, whole: bool, mutant: Mutant) -> Trial:
    options = ["--memory-fault", spelled(mutant.fault), *([] if whole else ["--memory-fault-stop"])]
    run = _ran(suite.arguments, options, _GRACE + _PATIENCE * suite.seconds)
    seen = [one for one in run.tests or () if one.test in suite.passed]
    bad = [one for one in seen if one.outcome in ("failed", "crashed")]
    killers = [one.test for one in bad if is_kill(one) and one.outcome == "failed"]
    crashes = [one.test for one in bad if is_kill(one) and one.outcome == "crashed"]
    reached = [one.test for one in seen if one.struck]
    if run.status == _FAILED and reached and not bad:
        # No test failed by itself: something judged of all of them in the end.
        killers.append("the run as a whole")
    if run.status not in (_PASSED, _FAILED):
        crashes.append(_broken(run))
    stray = [one.test for one in bad if not is_kill(one)]
    found = tuple(killers), tuple(crashes), tuple(reached)
    return Trial(mutant.name, PLACE, *found, len(run.tests or ()), len(suite.passed), tuple(stray))


def _ran(arguments: tuple[str, ...], options: Sequence[str], patience: float | None) -> _Run:
    with TemporaryDirectory(prefix="fakememtrace-") as folder:
        report = Path(folder, "report.json")
        command = [sys.executable, "-m", "pytest", *arguments, *options, "--memory-fault-report", str(report)]
        if "no:cacheprovider" not in arguments:
            # What failed last under a fault is not what failed last.
            command += ["-o", f"cache_dir={Path(folder, 'cache')}"]
        try:
            # Its errors are part of what it prints.
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                encoding="utf-8",
                errors="replace",
                timeout=patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return _Run(None, "", None)
        return _Run(done.returncode, done.stdout, _seen(report))


def _seen(report: Path) -> tuple[Seen, ...] | None:
    try:
        return tuple(Seen(**one) for one in json.loads(report.read_text("utf-8"))["tests"])
    except FileNotFoundError:
        return None


def _broken(run: _Run) -> str:
    if run.status is None:
        return f"the run as a whole, which took more than {_PATIENCE} times as long as without a fault"
    last = (run.output.strip().splitlines() or [""])[-1].strip("= ")
    return f"the run as a whole, which ended with status {run.status} ({last})"


def _not_passing(arguments: Sequence[str], run: _Run) -> str:
    bad = [one.test for one in run.tests or () if one.outcome in ("failed", "crashed")]
    if run.status == _FAILED and bad:
        more = f", and {len(bad) - _MOST_NAMES} more" if len(bad) > _MOST_NAMES else ""
        found = f"these do not: {', '.join(bad[:_MOST_NAMES])}{more}."
    else:
        lines = run.output.strip().splitlines()[-_MOST_LINES:]
        found = f"it ended with status {run.status}:\n" + "\n".join(f"  {line}" for line in lines)
    return (
        f"{_command(arguments)}: the tests must pass without a fault, else what they notice under one means nothing, "
        f"and {found}\nCorrect them first, or name those that pass."
    )


def _command(arguments: Sequence[str]) -> str:
    return " ".join(["pytest", *arguments])
