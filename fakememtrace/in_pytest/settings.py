"""Options and settings that cannot be are refused before anything runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from ..addresses import bare_hosts
from ..claude.recording.modes import need_key
from ..errors import UnknownName, UsageError
from ..memory.dialect import PRESETS
from ..world import World
from .options import MODES, setting

__all__ = ["BOTH", "file_of", "refuse_wrong"]

BOTH = "both"
_SEED = "fakememtrace_seed"
_FILES = (_SEED, "fakememtrace_report_dir", "claude_cassette_dir")


def refuse_wrong(config: pytest.Config) -> None:
    """Look at all that is said.

    Raises:
        pytest.UsageError: it cannot be.
    """
    for name, check in _CHECKS.items():
        value = file_of(config, name) if name in _FILES else setting(config, name)
        if value:
            try:
                check(value)
            except UsageError as error:
                raise pytest.UsageError(f"{_said(config, name)}: {error}") from None
    _refuse_no_key(config)


def file_of(config: pytest.Config, name: str) -> Path | None:
    """The file or folder that is said: on the command line from where pytest was called, else from its root folder."""
    value = setting(config, name)
    if not value:
        return None
    base = config.invocation_params.dir if config.getoption(name) else config.rootpath
    # Not resolved: a folder that is a link has the name that somebody gave it.
    return Path(os.path.normpath(base / value))


def _refuse_no_key(config: pytest.Config) -> None:
    mode = setting(config, "claude_record")
    if not mode or config.getoption("claude_plan"):
        return
    asked = f"--claude-record={mode}" if config.getoption("claude_record") else f"the setting claude_record = {mode}"
    try:
        need_key(mode, asked)
    except UsageError as error:
        raise pytest.UsageError(str(error)) from None


def _said(config: pytest.Config, name: str) -> str:
    return f"--{name.replace('_', '-')}" if config.getoption(name) else f"the setting {name}"


def _dialect(value: str) -> None:
    if value not in (*PRESETS, BOTH):
        raise UnknownName("dialect", value, (*PRESETS, BOTH))


def _mode(value: str) -> None:
    if value not in MODES:
        raise UnknownName("recording mode", value, MODES)


def _folder(value: Path) -> None:
    if os.path.lexists(value) and not value.is_dir():
        raise UsageError(f"{value}: a folder is expected here, and this is a file. Name another one.")


_CHECKS: Mapping[str, Callable[[Any], object]] = {
    "fakememtrace_dialect": _dialect,
    "fakememtrace_start": lambda value: World(start=value),
    _SEED: lambda value: World(seed=value),
    "fakememtrace_allow_hosts": bare_hosts,
    "fakememtrace_report_dir": _folder,
    "claude_record": _mode,
    "claude_cassette_dir": _folder,
}
