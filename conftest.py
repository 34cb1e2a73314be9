"""What all tests share."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator

import pytest

pytest_plugins = ["pytester"]

_POINTERS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "MEMTRACE_API_KEY", "MEMTRACE_URL")


@pytest.fixture(autouse=True)
def _no_pointers_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees where the machine's own variables point to."""
    for name in _POINTERS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_world_is_left_open() -> Iterator[None]:
    """The test that leaves a world open fails, and not the ones after it, which it would serve."""
    yield
    door = sys.modules.get("fakememtrace.doors.patched")
    world = door.innermost() if door else None
    if world is not None:
        door.leave(world)
        pytest.fail("this test left a world open")


def pytest_configure() -> None:
    """Let Ctrl-C reach what the tests start, also where they run in the background, which ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def pytester(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project whose pytest is nobody's worker, has our plugin and pytest-xdist, and prints the same in CI."""
    # All plugins that are installed here take seconds to import.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "fakememtrace.plugin,xdist.plugin")
    for name in ("CI", "BUILD_NUMBER", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT", "PYTEST_XDIST_TESTRUNUID"):
        monkeypatch.delenv(name, raising=False)
    return pytester


# They start programs with the SDKs by the dozen, or measure whole data sets.
_SLOW = (
    *("drift/test_command", "drift/test_findings", "drift/test_own_scenarios", "drift/test_page", "drift/test_sdks"),
    *("evals/test_datasets_locomo", "evals/test_datasets_plans", "evals/test_datasets_precisionmembench"),
    "evals/test_sweep_clusters",
    "report/test_large",
    *("regression/test_command", "regression/test_markdown", "regression/test_revisions", "regression/test_tools"),
    *("running/test_bad_run", "running/test_children", "running/test_draft", "running/test_ends"),
    *("running/test_freeze", "running/test_page", "running/test_telegram", "scenario/test_our_pages"),
    *("telegram/test_library", "telegram/test_watch"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is slow."""
    for item in items:
        if item.path.as_posix().endswith(tuple(f"/tests/{name}.py" for name in _SLOW)):
            item.add_marker(pytest.mark.slow)
