"""The pytest plugin: hooks and a stack of small fixtures, each one decision that a test can override.

Imported in every pytest run of a project that has it installed, so it imports nothing else
until a test asks for a world.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .claude.housekeeping import Part, Report, Use
    from .evals.in_pytest.hooks import Evals
    from .evals.in_pytest.scoring import MemoryEval
    from .world import World

_WORLD = pytest.StashKey["World"]()
_OUTCOME = pytest.StashKey[str]()
_RUN = pytest.StashKey["_Run"]()
_DESELECTED = "tests were deselected"
_MODES = ("none", "once", "new", "changed", "all")
_MARKER = (
    "memory_eval(suite=..., baseline=..., data=..., category=..., conversation=..., n=..., k=...): the test is scored: "
    "1 when it passes, 0 when an assertion does not hold, or what the fixture memory_eval is told. It fails nothing by "
    "itself; at the end its suite is compared with the baseline, a file beside the test's. With n it is run with so "
    "many recorded samples, of which k must pass. (fakememtrace)"
)


@pytest.fixture
def fakememtrace_dialect() -> str:
    """Which Memtrace the world is: "0.2.0" (the released server) or "documented"."""
    return "0.2.0"


@pytest.fixture
def fakememtrace_start() -> str:
    """The time at which the world's clock starts: ISO 8601 with a time zone."""
    return "2026-02-07T12:00:00Z"


@pytest.fixture
def fakememtrace_allow_hosts() -> Iterable[str]:
    """The hosts beyond this machine that a test may reach all the same, exactly these: ["api.example.com"]."""
    return ()


@pytest.fixture
def claude_cassette(request: pytest.FixtureRequest) -> Any:
    """The recorded Claude responses: a path, a Cassette, or None for a test without Claude."""
    path = _default_cassette(request.node)
    return path if _records(request.config) or path.exists() or _is_sample(request.node) else None


@pytest.fixture
def claude_matching() -> Any:
    """When a request is the one that is recorded: a Matching, or None for all of it."""
    return None


@pytest.fixture
def claude_redact(pytestconfig: pytest.Config) -> Iterable[Any]:
    """What is replaced in recordings, beside keys and the like: texts and compiled patterns."""
    texts: list[str] = pytestconfig.getoption("claude_redact")
    return texts


@pytest.fixture
def claude_allow() -> Iterable[str]:
    """The texts in recordings that only look like secrets."""
    return ()


@pytest.fixture
def fakememtrace(
    request: pytest.FixtureRequest,
    fakememtrace_dialect: str,
    fakememtrace_start: str,
    claude_cassette: Any,
    fakememtrace_allow_hosts: Iterable[str],
    claude_matching: Any,
    claude_redact: Iterable[Any],
    claude_allow: Iterable[str],
) -> Iterator[World]:
    """A fresh World around the test; afterwards the test fails if anything unexpected was asked.

    Its ``url`` and ``api_key`` are for ``Memtrace(...)``, its ``clock`` moves time, ``claude``
    and ``memory`` show what was asked and stored, ``journal`` shows every exchange.
    """
    if "httpx_mock" in request.fixturenames:
        # pytest-httpx comes first, whatever the order in the test: then it gets what no fake stands behind.
        request.getfixturevalue("httpx_mock")
    from .fixture import make_world, settled

    world = make_world(
        request,
        dialect=fakememtrace_dialect,
        cassette=claude_cassette,
        start=fakememtrace_start,
        allow_hosts=fakememtrace_allow_hosts,
        matching=claude_matching,
        redact=claude_redact,
        allow=claude_allow,
    )
    request.node.stash[_WORLD] = world
    request.node.stash[_OUTCOME] = ""
    with world:
        yield world
    use, problem = settled(world, request, request.node.stash[_OUTCOME])
    request.config.stash[_RUN].uses[use.test] = use
    if problem:
        pytest.fail(problem, pytrace=False)


@pytest.fixture
def memory_eval(request: pytest.FixtureRequest) -> MemoryEval:
    """What a test marked ``memory_eval`` is worth: ``score(0.8)``, ``ranked(found, gold, k=5)``, ``unscored("why")``.

    A test that asks for it says a score; one that does not is worth 1 when it passes.
    """
    from .evals.in_pytest.hooks import scoring_of

    return scoring_of(request.node)


@pytest.fixture
def memory_eval_sample(request: pytest.FixtureRequest) -> int:
    """Which of the n recorded samples of a memory eval the test runs with, from 1; 0 where it has none."""
    number: int = getattr(request, "param", 0)
    return number


@pytest.hookimpl(trylast=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Make a test of every recorded sample."""
    if metafunc.definition.get_closest_marker("memory_eval"):
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
    world = item.stash.get(_WORLD, None)
    if world is None or report.when == "teardown":
        return report
    if report.when == "call" or not report.passed:
        # That it passed with an exception is an assertion which was made into a score.
        item.stash[_OUTCOME] = "scored" if report.passed and call.excinfo else report.outcome
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
    values = failure.traceback[-1].frame.f_locals
    unmet = {name: str(value) for name, value in values.items() if isinstance(value, module.Check) and not value}
    # What pytest made of the assertion that failed; else what the test calls by a name.
    asserted = [words for name, words in unmet.items() if name.startswith("@py_assert")]
    return list(dict.fromkeys(asserted or unmet.values()))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Say how Claude is recorded, and what is done about recordings that nobody needs."""
    group = parser.getgroup("fakememtrace", "recorded Claude (fakememtrace)")
    group.addoption(
        "--claude-record",
        choices=_MODES,
        default="none",
        help="Ask the real Claude and record it: once (where there is no cassette), new (what is not recorded), "
        "changed (conversations that differ), all (everything anew). Default: none.",
    )
    group.addoption(
        "--claude-redact", action="append", default=[], metavar="TEXT", help="Replace TEXT in what is recorded."
    )
    group.addoption(
        "--claude-plan", action="store_true", help="Call nobody and write nothing; say what would be recorded."
    )
    group.addoption(
        "--claude-prune", action="store_true", help="After a whole run that passed, remove recordings nobody asked for."
    )
    group = parser.getgroup("fakememtrace memory", "memories that go wrong (fakememtrace)")
    group.addoption(
        "--memory-fault", metavar="KIND[,OPTION=VALUE]", help="Put this fault into every world that a fixture opens."
    )
    group.addoption("--memory-fault-report", metavar="FILE", help="Write down where it struck, and what failed.")
    group.addoption("--memory-fault-stop", action="store_true", help="Stop at the first test that notices it.")
    group = parser.getgroup("memory-evals", "memory evals (fakememtrace)")
    group.addoption(
        "--memory-evals", metavar="PATH", help="Also run the contract evals in PATH, each case in each dialect."
    )
    group.addoption(
        "--memory-eval-bless", action="store_true", help="Write what the marked tests are worth into their baselines."
    )
    group.addoption("--memory-eval-json", metavar="FILE", help="Write all scores and verdicts of marked tests to FILE.")


def pytest_configure(config: pytest.Config) -> None:
    """Begin to look at the run, and refuse what could not be recorded."""
    run = config.stash[_RUN] = _Run(config)
    config.pluginmanager.register(run, "fakememtrace-run")
    if config.getoption("memory_fault") or config.getoption("memory_fault_report"):
        from .evals.mutating.observer import observer

        config.pluginmanager.register(observer(config), "fakememtrace-memory-fault")
    config.addinivalue_line("markers", _MARKER)
    if config.getoption("memory_evals"):
        from .evals.in_pytest.contract import collect_contract

        collect_contract(config, config.getoption("memory_evals"))
    if config.getoption("memory_eval_bless") or config.getoption("memory_eval_json"):
        run.evals()
    mode = config.getoption("claude_record")
    if mode == "none" or config.getoption("claude_plan"):
        return
    from .claude.recording.modes import need_key
    from .errors import UsageError

    try:
        need_key(mode, f"--claude-record={mode}")
    except UsageError as error:
        problem = str(error)
    else:
        return
    raise pytest.UsageError(problem)


class _Run:
    """What this process sees of the run: a plugin of its own, which has the hooks that remember something."""

    def __init__(self, config: pytest.Config) -> None:
        self.uses: dict[str, Use] = {}
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
        marked = _marked(one for one in report.result if isinstance(one, pytest.Item))
        if marked:
            self.evals().collected(marked, report)
        return report

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know which marked tests are run, those too that somebody marked just now."""
        marked = _marked(session.items)
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
        from .claude.recording.places import FOLDER
        from .fixture import nodeid

        # Also those that seem to have no world: a test can ask for one when it runs.
        collected = {nodeid(item): _home(item) for item in session.items}
        folders = {str(item.path.parent / FOLDER) for item in session.items}
        # Whose cassettes are there, and are not asked for.
        ignored = [path for path in self._ignored if (path.parent / FOLDER / path.stem).is_dir()]
        gaps = [*self.gaps, *(f"{path.name} was left out" for path in ignored)]
        return Part(list(self.uses.values()), collected, dict(loaded), sorted(folders), gaps)


def _default_cassette(node: Any) -> Path:
    from .claude.recording.places import cassette_of

    names = [one.name for one in node.listchain() if isinstance(one, (pytest.Class, pytest.Item))]
    return cassette_of(node.path, names)


def _home(item: Any) -> str:
    """Where the cassette of the test is; empty where only its own fixture knows that."""
    known = getattr(item, "_fixtureinfo", None)
    found = known.name2fixturedefs.get("claude_cassette") if known else None
    is_default = not found or found[-1].func.__module__ == __name__
    return str(_default_cassette(item)) if is_default else ""


def _marked(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    return [item for item in items if item.get_closest_marker("memory_eval")]


def _is_sample(node: Any) -> bool:
    return hasattr(node, "callspec") and "memory_eval_sample" in node.callspec.params


def _records(config: pytest.Config) -> bool:
    return config.getoption("claude_record") != "none" or bool(config.getoption("claude_plan"))
