"""A plugin of pytest that puts one fault into every world that a fixture opens, and notes what came of it.

Registered by ``--memory-fault`` and ``--memory-fault-report``.  What it sees it hangs on the reports of the tests, so
that with pytest-xdist it reaches the process that writes it down.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from ...errors import FakememtraceError
from ...faults.spelling import read_fault, spelled
from ...files import write_whole
from ...world import World
from .seen import Seen, is_kill

__all__ = ["FORMAT", "NAME", "Observer", "observer"]

FORMAT, VERSION = "fakememtrace-memory-fault", 1
# What the fault is called in a journal, whatever others a test sets.
NAME = "memory_fault"
_SEEN = "fakememtrace_memory_fault"
_NO_FAILURE = (pytest.skip.Exception, pytest.exit.Exception, KeyboardInterrupt)


class _Watched:
    """A world with the fault in it, and how many strikes of it were counted."""

    def __init__(self, world: World) -> None:
        self.world, self._counted = world, 0

    def news(self) -> int:
        """The strikes since the last time, as the journal has them: it outlasts a fault that a test takes away."""
        struck = sum(NAME in exchange.fault.split(", ") for exchange in self.world.journal)
        new = struck - self._counted if struck >= self._counted else struck
        self._counted = struck
        return new


class Observer:
    """Sees every test, in the process where it runs and in the one that writes the report."""

    def __init__(self, fault: Mapping[str, Any] | None, report: Path | None, stops: bool) -> None:
        self._fault, self._report, self._stops = fault, report, stops
        self._worlds: dict[Any, _Watched] = {}
        self._new = self._struck = 0
        self._tests: dict[str, Seen] = {}
        self._session: pytest.Session | None = None

    def pytest_sessionstart(self, session: pytest.Session) -> None:
        """Remember what is to be stopped."""
        self._session = session

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        """Put the fault into a world that a fixture has just opened."""
        value = yield
        if isinstance(value, World) and all(one.world is not value for one in self._worlds.values()):
            self._new += 1
            self._worlds[fixturedef] = _Watched(value)
            if self._fault is not None:
                value.faults.add(**{**self._fault, "name": NAME})
        return value

    def pytest_fixture_post_finalizer(self, fixturedef: Any) -> None:
        """Count what struck a world that is closed, and let it go."""
        watched = self._worlds.pop(fixturedef, None)
        self._struck += watched.news() if watched else 0

    # The outermost, so that marks have had their say.
    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hang on the report what happened in this phase of the test."""
        report = yield
        struck = self._struck + sum(watched.news() for watched in self._worlds.values())
        setattr(report, _SEEN, {"outcome": _outcome(report, call), "worlds": self._new, "struck": struck})
        self._new = self._struck = 0
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Put the phases of a test together; stop at the first that fails where the fault struck, if so told."""
        phase = getattr(report, _SEEN, None)
        if phase is None:
            return
        seen = self._tests[report.nodeid] = self._tests.get(report.nodeid, Seen(report.nodeid)).and_then(phase)
        if self._stops and self._session and report.when == "teardown" and is_kill(seen):
            self._session.shouldfail = f"the memory fault was noticed by {seen.test}"

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write down what was seen, where all of it is."""
        if self._report is None or hasattr(session.config, "workerinput"):
            return
        fault = spelled(self._fault) if self._fault else ""
        value = {"format": FORMAT, "version": VERSION, "fault": fault, "tests": [one._asdict() for one in self._all()]}
        write_whole(self._report, json.dumps(value, indent=2) + "\n")

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say where the fault struck, and which of these tests failed."""
        if self._fault is None:
            return
        struck = [seen for seen in self._all() if seen.struck]
        failed = [seen.test for seen in struck if is_kill(seen)]
        terminalreporter.section(f"memory fault {spelled(self._fault)}")
        of = len(self._tests)
        terminalreporter.line(f"It struck in {len(struck)} of {of} tests, of which {len(failed)} failed.")
        for name in failed:
            terminalreporter.line(f"  {name}")

    def _all(self) -> Iterator[Seen]:
        # By name: workers end in any order.
        return iter(sorted(self._tests.values()))


def observer(config: pytest.Config) -> Observer:
    """The observer that the options of `config` ask for; a pytest.UsageError where they cannot be."""
    text, report = config.getoption("memory_fault"), config.getoption("memory_fault_report")
    fault = None
    if text:
        try:
            fault = read_fault(text)
            World().faults.add(**fault)
        except FakememtraceError as error:
            raise pytest.UsageError(f"--memory-fault: {error}") from None
    return Observer(fault, Path(report).absolute() if report else None, config.getoption("memory_fault_stop"))


def _outcome(report: pytest.TestReport, call: pytest.CallInfo[None]) -> str:
    """What a phase came to, by what was raised in it: a plugin can put off a failure, and judge of it in the end."""
    if call.excinfo is None:
        return "failed" if report.failed else "passed"
    if hasattr(report, "wasxfail") or call.excinfo.errisinstance(_NO_FAILURE):
        return "skipped"
    return "failed" if call.excinfo.errisinstance((AssertionError, pytest.fail.Exception)) else "crashed"
