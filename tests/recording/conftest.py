from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fakememtrace.claude.cassette import loaded

from .api import Api, serving

# Without the SDK, whose import takes a second.
ASK = """
import os
import httpx
import pytest

def ask(*said, **parameters):
    messages = [{"role": ("user", "assistant")[turn % 2], "content": text} for turn, text in enumerate(said)]
    url = os.environ.get("ANTHROPIC_BASE_URL", "https://api.anthropic.com") + "/v1/messages"
    headers = {"x-api-key": os.environ["ANTHROPIC_API_KEY"], "anthropic-version": "2023-06-01"}
    body = {"model": "claude-x", "max_tokens": 100, **parameters, "messages": messages}
    return httpx.post(url, json=body, headers=headers).raise_for_status().json()["content"][0]["text"]
"""

# No key of anybody's: the server does not look at it.
KEY = "a-key-for-tests"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    """A server that speaks the Messages API, to which the SDK is pointed."""
    with serving() as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        yield api


@pytest.fixture
def tape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where to record to, in a folder of its own that we are in."""
    monkeypatch.chdir(tmp_path)
    return Path("tape.json")


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs tests that have been written with `ask` before them, in this process, which is faster, or in workers."""
    # A file that is written twice in a second is another one all the same.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)

    def run(*options: str, **files: str) -> pytest.RunResult:
        for name, code in files.items():
            path = pytester.path / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.with_suffix(".py").write_text(ASK + code, "utf-8")
        # Ctrl-C would end this process, too.
        if "-n" in options or any("KeyboardInterrupt" in code for code in files.values()):
            return pytester.runpytest_subprocess(*options)
        loaded.clear()
        return pytester.runpytest_inprocess(*options)

    return run
