"""Pytest inside pytest: a project of a few files, run in this process."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

__all__ = ["run"]


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
