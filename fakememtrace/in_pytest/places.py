"""Where the cassette of a test is: said by its marker, or called after it in the folder of its file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from ..claude.recording.places import FOLDER, cassette_of
from ..errors import UsageError
from .markers import CASSETTE, said
from .overridden import is_overridden, is_somebodys
from .settings import file_of

__all__ = ["cassette_path", "dir_of", "from_its_file", "home", "homes", "name_beside", "name_of"]

_DIR = "claude_cassette_dir"
_NAME = "default_cassette_name"
_SUFFIX = ".json"
# What a test, its module or its project can override, so that nobody else knows where the cassette is.
_FIXTURES = ("claude_cassette", _DIR, _NAME)


def dir_of(test_file: Path, config: pytest.Config) -> Path:
    """``cassettes/test_it`` beside ``test_it.py``; below ``claude_cassette_dir`` the path of the file from the root."""
    central = file_of(config, _DIR)
    if central is None:
        return test_file.parent / FOLDER / test_file.stem
    inside = os.path.relpath(test_file.with_suffix(""), config.rootpath)
    # A file that is not below pytest's root folder is below its own.
    return central.joinpath(*(part for part in Path(inside).parts if part != os.pardir))


def name_beside(request: pytest.FixtureRequest) -> str:
    """What recordings of the test are called: as pytest-recording calls its own, where that is installed."""
    try:
        # Inside of a fixture its own name is what it overrides; which of two plugins comes first is chance.
        name: str = request.getfixturevalue(_NAME)
    except pytest.FixtureLookupError:
        return _own_name(request.node)
    return name


def name_of(item: Any, told: str) -> str:
    """What the cassette of a test is called: what its project has `told`, and not what another plugin has."""
    return told if is_somebodys(item, _NAME) else _own_name(item)


def _own_name(item: Any) -> str:
    """``TestCase.test_it``, ``test_it-a`` for ``test_it[a]``."""
    names = [one.name for one in item.listchain() if isinstance(one, (pytest.Class, pytest.Item))]
    return cassette_of(item.path, names).name.removesuffix(_SUFFIX)


def cassette_path(item: Any, folder: str | os.PathLike[str], name: str) -> Path:
    """The path of a cassette: what the marker of the test says counts before its default `name`.

    Raises:
        UsageError: its markers say what they cannot.
    """
    marked = said(item, CASSETTE).get("name")
    if marked is None:
        return Path(folder, f"{name}{_SUFFIX}")
    if isinstance(marked, os.PathLike) or "/" in marked or os.sep in marked:
        return _of_sample(item, Path(item.path.parent, marked))
    return _of_sample(item, Path(folder, f"{marked.removesuffix(_SUFFIX)}{_SUFFIX}"))


def _of_sample(item: Any, path: Path) -> Path:
    """Where the samples of an eval are told one cassette, each has its own: ``greeting-sample-2.json``."""
    number = item.callspec.params.get("memory_eval_sample") if hasattr(item, "callspec") else None
    return path.with_stem(f"{path.stem}-sample-{number}") if number else path


def from_its_file(item: Any, value: Any) -> Any:
    """`value`, a path from where the file of the test is; anything else as it is."""
    return Path(item.path.parent, value) if isinstance(value, (str, os.PathLike)) else value


def home(item: Any) -> str:
    """Where the cassette of a test is; empty where only its own fixtures know that."""
    if any(is_overridden(item, name) for name in _FIXTURES):
        return ""
    try:
        return str(cassette_path(item, dir_of(item.path, item.config), _own_name(item)))
    except UsageError:
        # Marked after it was collected; it says so itself.
        return ""


def homes(items: list[pytest.Item], config: pytest.Config) -> list[str]:
    """The folders that cassettes are in by default."""
    central = file_of(config, _DIR)
    return [str(central)] if central else sorted({str(item.path.parent / FOLDER) for item in items})
