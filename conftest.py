"""What all tests share."""

from __future__ import annotations

import pytest

pytest_plugins = ["pytester"]

_POINTERS = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "MEMTRACE_API_KEY", "MEMTRACE_URL")


@pytest.fixture(autouse=True)
def _no_pointers_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees where the machine's own variables point to."""
    for name in _POINTERS:
        monkeypatch.delenv(name, raising=False)
