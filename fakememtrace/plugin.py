"""The pytest plugin: its hooks; the fixtures are in ``in_pytest``, each one decision that a test can override.

Imported in every pytest run of a project that has it installed, so it imports nothing else
until a test asks for a world.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

# The fixtures, and what they share with the hooks.
from .in_pytest.fixtures import *  # noqa: F403
from .in_pytest.fixtures import OUTCOME, USES, WORLD
from .in_pytest.options import MARKERS, SETTINGS, add_options, setting

if TYPE_CHECKING:
    from .claude.housekeeping import Part, Report
    from .evals.in_pytest.hooks import Evals

_DESELECTED = "tests were deselected"
# The markers of worlds, and that of evals.
_OURS = ("fakememtrace", "claude_cassette")
_EVAL = "memory_eval"


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every dialect and of every recorded sample, where that is wanted."""
    if "fakememtrace_dialect" in metafunc.fixturenames or _marked([metafunc.definition], *_OURS):
        from .in_pytest.dialects import in_both

        in_both(metafunc)
    if metafunc.definition.get_closest_marker(_EVAL):
        from .evals.in_pytest.hooks import in_samples

        in_samples(metafunc)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what was expected and what was unexpected beside a failure, since it is the likely cause."""
    report = yield
    if report.failed and call.excinfo is not None:
        report.sections += [("fakememtrace: what was expected", words) for words in _unmet(call.excinfo)]
    world = item.stash.get(WORLD, None)
    if world is not None and report.failed:
        from .in_pytest.attaching import attach

        attach(item, report, world)
    if world is None or report.when == "teardown":
        return report
    if report.when == "call" or not report.passed:
        # That it passed with an exception is an assertion which was made into a score.
        item.stash[OUTCOME] = "scored" if report.passed and call.excinfo else report.outcome
    problems = world.journal.problems() if report.failed else []
    if problems:
        report.sections.append(("fakememtrace: unexpected traffic", "\n\n".join(problems)))
    return report


def _unmet(failure: pytest.ExceptionInfo[BaseException]) -> list[str]:
    """The whole words of the expectations that an assertion saw fail; pytest shows of them what fits into a line."""
    # Nobody has an expectation who did not import them.
    module = sys.modules.get(f"{__package__}.expecting.check")
    if module is None or not failure.errisinstance(AssertionError):
        return []
    from .in_pytest.unmet import unmet

    return unmet(failure, module.Check)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Make our options known."""
    add_options(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Begin to look at the run, and refuse what cannot be."""
    for words in MARKERS:
        config.addinivalue_line("markers", words)
    if any(setting(config, name) for name in SETTINGS):
        from .in_pytest.settings import refuse_wrong

        refuse_wrong(config)
    uses = config.stash[USES] = {}
    run = _Run(config, uses)
    config.pluginmanager.register(run, "fakememtrace-run")
    if config.getoption("memory_fault") or config.getoption("memory_fault_report"):
        from .evals.mutating.observer import observer

        config.pluginmanager.register(observer(config), "fakememtrace-memory-fault")
    if config.getoption("memory_evals"):
        from .evals.in_pytest.contract import collect_contract

        collect_contract(config, config.getoption("memory_evals"))
    if config.getoption("memory_eval_bless") or config.getoption("memory_eval_json"):
        run.evals()


class _Run:
    """What this process sees of the run: a plugin of its own, which has the hooks that remember something."""

    def __init__(self, config: pytest.Config, uses: dict[str, Any]) -> None:
        self.uses = uses
        self.gaps: list[str] = []
        self._ignored: list[Path] = []
        self._config = config
        self._of_workers: list[dict[str, Any]] = []
        self._report: Report | None = None

    def evals(self) -> Evals:
        """What looks after marked tests; there is none before the first is seen."""
        from .evals.in_pytest.hooks import evals_of

        return evals_of(self._config, self.gaps)

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(self) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Look at the markers of the tests that are found."""
        report = yield
        items = [one for one in report.result if isinstance(one, pytest.Item)]
        ours = _marked(items, *_OURS)
        if ours:
            from .in_pytest.collected import refused

            problem = refused(ours)
            if problem:
                report.outcome, report.longrepr, report.result = "failed", problem, []
                return report
        marked = _marked(items, _EVAL)
        if marked:
            self.evals().collected(marked, report)
        return report

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know which marked tests are run, those too that somebody marked just now."""
        marked = _marked(session.items, _EVAL)
        if marked:
            self.evals().selected(marked)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a marked test said, here or in a worker of pytest-xdist."""
        if hasattr(report, "memory_eval"):
            self.evals().take(report)

    @pytest.hookimpl(wrapper=True)
    def pytest_ignore_collect(self, collection_path: Path) -> Generator[None, bool | None, bool | None]:
        """Know which files are left out."""
        is_ignored = yield
        if is_ignored and collection_path.suffix == ".py":
            self._ignored.append(collection_path)
        return is_ignored

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> Generator[None, None, None]:
        """Know that not all tests are run, also where a plugin that takes some out does not say so."""
        before = {*items}
        yield
        if not before <= {*items} and _DESELECTED not in self.gaps:
            self.gaps.append("a plugin took tests out")

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Know that not all tests are run."""
        if items:
            self.gaps.append(_DESELECTED)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Know that not all tests are there."""
        if not report.passed:
            self.gaps.append(f"{report.nodeid or 'a file'} could not be collected")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of pytest-xdist saw."""
        output = getattr(node, "workeroutput", {})
        if output.get("fakememtrace"):
            self._of_workers.append(output["fakememtrace"])
        if output.get("fakememtrace-evals"):
            self.evals().of_worker(output["fakememtrace-evals"])

    # After pytest's own, with which the world of a test that was interrupted ends.
    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Hand over what was seen, or settle the whole run."""
        output = getattr(self._config, "workeroutput", None)
        if output is not None:
            output["fakememtrace"] = self._part(session).as_json() if self.uses else None
        elif self.uses or self._of_workers:
            self._settle(session, exitstatus == pytest.ExitCode.OK)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say what was recorded, and what nobody asks for any more."""
        if self._report and self._report.lines:
            terminalreporter.section("recorded Claude")
            for line in self._report.lines:
                terminalreporter.line(line)

    def _settle(self, session: pytest.Session, all_passed: bool) -> None:
        from .claude.housekeeping import Part, settled
        from .selection import selected

        whole = Part.together([self._part(session), *map(Part.from_json, self._of_workers)])
        whole.gaps += selected(session)
        self._report = settled(whole, self._config.getoption("claude_prune"), all_passed)
        if self._report.failed and all_passed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _part(self, session: pytest.Session) -> Part:
        from .claude.cassette import loaded
        from .claude.housekeeping import Part
        from .fixture import nodeid
        from .in_pytest.places import dir_of, home, homes

        # Also those that seem to have no world: a test can ask for one when it runs.
        # Before pytest 8 the process that only hands tests out has no list of them.
        items = getattr(session, "items", [])
        collected = {nodeid(item): home(item) for item in items}
        folders = homes(items, self._config)
        # Whose cassettes are there, and are not asked for.
        ignored = [path for path in self._ignored if dir_of(path, self._config).is_dir()]
        gaps = [*self.gaps, *(f"{path.name} was left out" for path in ignored)]
        return Part(list(self.uses.values()), collected, dict(loaded), folders, gaps)


def _marked(items: Iterable[pytest.Item], *names: str) -> list[pytest.Item]:
    return [item for item in items if any(mark.name in names for mark in item.iter_markers())]
