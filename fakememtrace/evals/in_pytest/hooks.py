"""The hooks of pytest for marked tests: a plugin of its own, registered when the first of them is seen."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import Any

import pytest

from ...errors import UnexpectedTraffic, UsageError
from ...selection import selected, uncollected
from .entry import Entry
from .marker import MARKER, SAMPLE, Marked, marked, samples
from .scoring import MemoryEval
from .settling import Settled, settled
from .suites import Run
from .telling import status

__all__ = ["Evals", "evals_of", "in_samples", "scoring_of"]

_NAME = "fakememtrace-evals"
# What pytest calls a style otherwise than rich does.
_MARKUP = {"dim": "light"}
_TEST = pytest.StashKey["_Test | None"]()


class _Test:
    """A marked test that runs."""

    def __init__(self, marked: Marked) -> None:
        self.scoring = MemoryEval(marked)
        self.asked = False
        self._entry = Entry(marked)

    @property
    def entry(self) -> Entry:
        return self._entry._replace(scores=self.scoring.scores)

    def see(self, report: pytest.TestReport, call: pytest.CallInfo[None]) -> None:
        """Take one phase of it into account; an assertion that did not hold is made into a score."""
        error = call.excinfo.value if call.excinfo else None
        if isinstance(error, (pytest.skip.Exception, pytest.xfail.Exception)):
            self._entry = self._entry._replace(skipped=str(error) or "no reason was given")
        elif call.when == "call" and _did_not_hold(error) and self.scoring.failed(_first_line(error)):
            report.outcome = "passed"
        elif report.failed:
            self._entry = self._entry._replace(crashed=f"{type(error).__name__}: {_first_line(error)}")
        ran, ended = self._entry.ran or call.when == "call", call.when == "teardown"
        self._entry = self._entry._replace(ran=ran, ended=ended)


class Evals:
    """What this process knows of the marked tests, and the gate at the end."""

    def __init__(self, config: pytest.Config, gaps: Sequence[str]) -> None:
        self._config, self._gaps = config, gaps
        self._known: dict[str, Marked] = {}
        self._selected: set[str] = set()
        self._entries: dict[str, Entry] = {}
        self._reports: dict[str, pytest.TestReport] = {}
        self._settled: Settled | None = None

    def collected(self, items: Sequence[pytest.Item], report: pytest.CollectReport) -> None:
        """Know these tests; what their markers say wrong is an error of the collection."""
        try:
            for item in items:
                found = marked(item)
                self._known[found.test] = found
        except UsageError as error:
            report.outcome, report.longrepr, report.result = "failed", str(error), []

    def selected(self, items: Sequence[pytest.Item]) -> None:
        """Know which tests are run."""
        for item in items:
            if item.get_closest_marker(MARKER):
                try:
                    found = marked(item)
                except UsageError:
                    # Marked after it was collected; it says so itself.
                    continue
                self._known[found.test] = found
                self._selected.add(found.test)

    def take(self, report: pytest.TestReport) -> None:
        """Take what a report says, here or in a worker; of a test that is run again the last counts."""
        entry = Entry.from_json(report.memory_eval)
        test = entry.marked.test
        self._entries[test] = entry
        # A worker that dies says nothing of its tests any more.
        self._known[test] = entry.marked
        self._selected.add(test)
        if report.when == "call":
            self._reports.pop(test, None)
            if report.passed and report.longrepr:
                self._reports[test] = report

    def of_worker(self, part: Any) -> None:
        """Take what a worker of pytest-xdist knows of the tests; each knows the same."""
        self._known |= {test: Marked(**found) for test, found in part["known"].items()}
        self._selected |= set(part["selected"])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Begin to look at a marked test, or refuse it."""
        item.stash[_TEST] = None
        if not item.get_closest_marker(MARKER):
            return
        try:
            found = marked(item)
        except UsageError as error:
            problem = str(error)
        else:
            item.stash[_TEST] = _Test(found)
            return
        pytest.fail(problem, pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any, request: Any) -> Generator[None, object, object]:
        """A sample that nobody recorded is unscored."""
        value = yield
        if fixturedef.argname == "claude_cassette" and hasattr(request.node, "callspec"):
            self._need(value, request)
        return value

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None, None, None]:
        """A test that passes is worth 1, unless it says itself what it is worth."""
        yield
        test = item.stash.get(_TEST, None)
        if test is not None and not test.asked:
            test.scoring.passed()

    # Before others see the report: to them an assertion that did not hold is a test that passed.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Let the report say what became of the test."""
        report = yield
        test = item.stash.get(_TEST, None)
        if test is not None:
            test.see(report, call)
            vars(report)["memory_eval"] = test.entry.to_json()
            if call.when == "call":
                item.user_properties += [(MARKER, f"{one.key}: {one.value}") for one in test.entry.scores]
        return report

    def pytest_report_teststatus(self, report: Any) -> tuple[str, str, Any] | None:
        """A score is no failure, and where it is below 1 nothing that passed."""
        if report.when == "teardown" or report.failed or not hasattr(report, "memory_eval"):
            return None
        return status(Entry.from_json(report.memory_eval), report.when)

    # After pytest's own: fixtures of the session are part of the run.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand over what is known, or gate the suites."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            known = {test: found._asdict() for test, found in self._known.items()}
            output[_NAME] = {"known": known, "selected": sorted(self._selected)}
            return
        json_file = self._config.getoption("memory_eval_json")
        if (self._entries or self._bless or json_file) and not self._config.getoption("collectonly"):
            self._settle(session, self._config.invocation_params.dir / json_file if json_file else None)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what the suites came to; with ``-v`` also which assertions did not hold."""
        if self._config.get_verbosity() > 0:
            for test in sorted(self._reports):
                terminalreporter.section(f"scored 0.0: {test}", sep="-")
                self._reports[test].toterminal(terminalreporter._tw)
        if self._settled and self._settled.lines:
            terminalreporter.section("memory evals")
            for line in self._settled.lines:
                terminalreporter.line(line.text, **{_MARKUP.get(name, name): True for name in line.style.split()})

    @property
    def _bless(self) -> bool:
        return bool(self._config.getoption("memory_eval_bless"))

    def _settle(self, session: pytest.Session, json_file: Path | None) -> None:
        deselected = {"tests were deselected"} if self._known.keys() - self._selected else set()
        broken = set(self._gaps) - {"tests were deselected"}
        partial = sorted({*selected(session), *broken, *deselected})
        # A plan for a recording has no answers yet that a test could score.
        entries = {} if self._config.getoption("claude_plan") else self._entries
        run = Run(self._known, entries, tuple(partial), bool(broken) or any(uncollected(session)))
        self._settled = settled(run, self._config.rootpath, self._bless, json_file)
        if self._settled.failed and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _need(self, cassette: object, request: pytest.FixtureRequest) -> None:
        """Skip a sample whose cassette is not there, and will not be."""
        test = request.node.stash.get(_TEST, None)
        if test is None or not test.scoring.sample or not isinstance(cassette, (str, os.PathLike)):
            return
        if Path(cassette).exists() or request.getfixturevalue("claude_record_mode") != "none":
            return
        shown = Path(os.path.relpath(cassette, self._config.rootpath)).as_posix()
        test.scoring.unscored(f"it is not recorded: {shown} is not there (pytest --claude-record=once)")
        pytest.skip("this sample is not recorded")


def evals_of(config: pytest.Config, gaps: Sequence[str]) -> Evals:
    """The plugin for marked tests, registered if it is not yet; `gaps` say why not all tests may be known."""
    found: Evals | None = config.pluginmanager.get_plugin(_NAME)
    if found is None:
        found = Evals(config, gaps)
        config.pluginmanager.register(found, _NAME)
    return found


def scoring_of(item: pytest.Item) -> MemoryEval:
    """What a test says its scores to."""
    test = item.stash.get(_TEST, None)
    if test is None:
        pytest.fail(
            "the fixture memory_eval is for tests that are marked, and this one is not.\n"
            "What to do: write @pytest.mark.memory_eval above it.",
            pytrace=False,
        )
    test.asked = True
    return test.scoring


def in_samples(metafunc: pytest.Metafunc) -> None:
    """Make a test of every recorded sample."""
    n = samples(metafunc.definition)
    if n:
        # Nobody need ask for it, and pytest wants every parameter asked for.
        if SAMPLE not in metafunc.fixturenames:
            metafunc.fixturenames.append(SAMPLE)
        numbers = range(1, n + 1)
        metafunc.parametrize(SAMPLE, numbers, ids=[f"sample-{number}" for number in numbers], indirect=True)


def _did_not_hold(error: BaseException | None) -> bool:
    # What a world says of unexpected traffic is an assertion, too, and no score.
    return isinstance(error, AssertionError) and not isinstance(error, UnexpectedTraffic)


def _first_line(error: BaseException | None) -> str:
    # Of more, pytest shows less or all, according to its options and to whether it runs in CI.
    return str(error).strip().partition("\n")[0]
