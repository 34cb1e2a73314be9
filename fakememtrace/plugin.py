"""The pytest plugin: hooks and a stack of small fixtures, each one decision that a test can override.

Imported in every pytest run of a project that has it installed, so it imports nothing else
until a test asks for a world.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from .world import World

_WORLD = pytest.StashKey["World"]()
_OUTCOME = pytest.StashKey[str]()


@pytest.fixture
def fakememtrace_dialect() -> str:
    """Which Memtrace the world is: "0.2.0" (the released server) or "documented"."""
    return "0.2.0"


@pytest.fixture
def fakememtrace_start() -> str:
    """The time at which the world's clock starts: ISO 8601 with a time zone."""
    return "2026-02-07T12:00:00Z"


@pytest.fixture
def claude_cassette() -> Any:
    """The recorded Claude responses: a path, a Cassette, or None for a test without Claude."""
    return None


@pytest.fixture
def fakememtrace(
    request: pytest.FixtureRequest, fakememtrace_dialect: str, fakememtrace_start: str, claude_cassette: Any
) -> Iterator[World]:
    """A fresh World around the test; afterwards the test fails if anything unexpected was asked.

    Its ``url`` and ``api_key`` are for ``Memtrace(...)``, its ``clock`` moves time, ``claude``
    and ``memory`` show what was asked and stored, ``journal`` shows every exchange.
    """
    if "httpx_mock" in request.fixturenames:
        # pytest-httpx comes first, whatever the order in the test: then it gets what no fake stands behind.
        request.getfixturevalue("httpx_mock")
    world = _make_world(fakememtrace_dialect, claude_cassette, fakememtrace_start)
    request.node.stash[_WORLD] = world
    request.node.stash[_OUTCOME] = "passed"
    with world:
        yield world
    _settle(world, request.node.stash[_OUTCOME])


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show what was unexpected beside a failure, since it is the likely cause."""
    report = yield
    world = item.stash.get(_WORLD, None)
    if world is None or report.when == "teardown" or report.passed:
        return report
    item.stash[_OUTCOME] = report.outcome
    problems = world.journal.problems() if report.failed else []
    if problems:
        report.sections.append(("fakememtrace: unexpected traffic", "\n\n".join(problems)))
    return report


def _make_world(dialect: str, cassette: Any, start: str) -> World:
    from .errors import UsageError
    from .world import World

    try:
        return World(dialect, cassette, start)
    except UsageError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)


def _settle(world: World, outcome: str) -> None:
    """Fail unless the world is clean.  After a failure all is told already; after a skip little need have happened."""
    from .errors import UnexpectedTraffic

    if outcome == "failed":
        return
    try:
        world.journal.assert_clean(open_ends=outcome == "passed")
        return
    except UnexpectedTraffic as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)
