"""The pytest plugin: hooks and a stack of small fixtures, each one decision that a test can override.

Imported in every pytest run of a project that has it installed, so it imports nothing else
until a test asks for a world.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .claude.housekeeping import Part, Report, Use
    from .world import World

_WORLD = pytest.StashKey["World"]()
_OUTCOME = pytest.StashKey[str]()
_RUN = pytest.StashKey["_Run"]()
_MODES = ("none", "once", "new", "changed", "all")


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
    return path if _records(request.config) or path.exists() else None


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
    world = _make_world(
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
    _settle(world, request)


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
        item.stash[_OUTCOME] = report.outcome
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


def pytest_configure(config: pytest.Config) -> None:
    """Begin to look at the run, and refuse what could not be recorded."""
    run = config.stash[_RUN] = _Run(config)
    config.pluginmanager.register(run, "fakememtrace-run")
    if config.getoption("memory_fault") or config.getoption("memory_fault_report"):
        from .evals.mutating.observer import observer

        config.pluginmanager.register(observer(config), "fakememtrace-memory-fault")
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
        self._config = config
        self._gaps: list[str] = []
        self._of_workers: list[dict[str, Any]] = []
        self._report: Report | None = None

    def pytest_deselected(self, items: list[pytest.Item]) -> None:
        """Know that not all tests are run."""
        if items:
            self._gaps.append("tests were deselected")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Know that not all tests are there."""
        if not report.passed:
            self._gaps.append(f"{report.nodeid or 'a file'} could not be collected")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take what a worker of pytest-xdist saw."""
        part = getattr(node, "workeroutput", {}).get("fakememtrace")
        if part:
            self._of_workers.append(part)

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

        # Also those that seem to have no world: a test can ask for one when it runs.
        collected = {_nodeid(item): _home(item) for item in session.items}
        folders = {str(item.path.parent / FOLDER) for item in session.items}
        return Part(list(self.uses.values()), collected, dict(loaded), sorted(folders), self._gaps)


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


def _records(config: pytest.Config) -> bool:
    return config.getoption("claude_record") != "none" or bool(config.getoption("claude_plan"))


def _make_world(request: pytest.FixtureRequest, redact: Iterable[Any], allow: Iterable[str], **options: Any) -> World:
    from .errors import UsageError
    from .world import World

    is_file = isinstance(options["cassette"], (str, os.PathLike))
    try:
        if is_file and _records(request.config):
            return World(**options, record=_recording(request, redact, allow))
        world = World(**options, redact=redact)
    except UsageError as error:
        problem = str(error)
    else:
        world.claude.again = _again(request) if is_file or options["cassette"] is None else ""
        return world
    pytest.fail(problem, pytrace=False)


def _recording(request: pytest.FixtureRequest, redact: Iterable[Any], allow: Iterable[str]) -> Any:
    from .claude.recording.claims import Claims
    from .claude.recording.modes import Recording

    config = request.config
    base: Path = request.getfixturevalue("tmp_path_factory").getbasetemp()
    worker = getattr(config, "workerinput", None)
    mode, rehearse = config.getoption("claude_record"), config.getoption("claude_plan")
    return Recording(
        mode="changed" if mode == "none" else mode,
        redact=redact,
        allow=allow,
        owner=_nodeid(request.node),
        # Workers have folders in the one that they share.
        claims=Claims(base.parent, worker["testrunuid"]) if worker else Claims(base),
        by_hand=True,
        rehearse=rehearse,
        announce=lambda text: _announce(config, text),
    )


def _again(request: pytest.FixtureRequest) -> str:
    file = os.path.relpath(request.node.path, request.config.invocation_params.dir)
    inside = _nodeid(request.node).partition("::")[2]
    return f"pytest {shlex.quote(f'{file}::{inside}')} --claude-record"


def _nodeid(node: Any) -> str:
    # Its own may have the group that pytest-xdist puts it in at its end.
    return f"{node.parent.nodeid}::{node.name}"


def _announce(config: pytest.Config, text: str) -> None:
    capture: Any = config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled() if capture else nullcontext():
        # Not to the terminal's own reporter, which workers of pytest-xdist do not have.
        print(f"\n{text}", file=sys.stderr, flush=True)


def _settle(world: World, request: pytest.FixtureRequest) -> None:
    """Fail unless the world is clean.  After a failure all is told already; after a skip little need have happened."""
    from .claude.housekeeping import use_of
    from .errors import FakememtraceError, UnexpectedTraffic

    outcome, problem = request.node.stash[_OUTCOME], ""
    passed = outcome == "passed"
    if outcome != "failed":
        try:
            world.journal.assert_clean(open_ends=passed and not request.config.getoption("claude_prune"))
        except UnexpectedTraffic as error:
            problem = str(error)
    try:
        left = world.claude.finish(passed and not problem)
    except FakememtraceError as error:
        left = problem = f"{problem}\n\n{error}".strip()
    use = use_of(world.claude.answers, _nodeid(request.node), passed, left)
    request.config.stash[_RUN].uses[use.test] = use
    if problem:
        pytest.fail(problem, pytrace=False)
