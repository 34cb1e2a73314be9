"""A project to try commands in."""

from __future__ import annotations

import pytest

from fakememtrace.starting.start import start

# What decides about colours; the machine that runs the tests is not asked.
COLOURS = ("CI", "FORCE_COLOR", "NO_COLOR", "TERM")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The folder that ``fakememtrace init`` leaves behind, which we are in then."""
    start(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch):
    """An environment that says nothing about colours."""
    for name in COLOURS:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def bare(_no_wishes, monkeypatch):
    """That, at a terminal that has colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    return monkeypatch
