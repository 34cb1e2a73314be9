from __future__ import annotations

import sys
from collections.abc import Callable

# Here already when pytest runs inside pytest, which takes away what it has imported itself, and then imports it anew.
import anthropic  # noqa: F401
import memtrace  # noqa: F401
import pytest

from fakememtrace.doors import respx_router  # noqa: F401
from fakememtrace.in_pytest import clients, collected, fixtures, saying  # noqa: F401


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs files of tests, given by their names with ``__`` for a folder, in this process."""
    # A file that is written twice in a second is another one all the same.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(*options: str, **files: str) -> pytest.RunResult:
        for name, code in files.items():
            path = (pytester.path / name.replace("__", "/")).with_suffix(".py")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(f"import pytest\n\n{code}", "utf-8")
        return pytester.runpytest_inprocess(*options)

    return run
