"""Whether a run of pytest takes all tests that there are, as far as its command says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

__all__ = ["selected", "uncollected"]

# Options with which not all tests are collected.
_NOT_COLLECTING = {
    "--lf": "lf",
    "--ignore": "ignore",
    "--ignore-glob": "ignore_glob",
}
# Options with which not all tests that are collected are run.
_SELECTING = {
    "-k": "keyword",
    "-m": "markexpr",
    "--sw": "stepwise",
    "--deselect": "deselect",
    "--setup-only": "setuponly",
    "--setup-plan": "setupplan",
    "--claude-plan": "claude_plan",
}


def selected(session: pytest.Session) -> Iterator[str]:
    """Why these may not be all tests, in words: nothing where they are."""
    yield from _given(session.config, _SELECTING)
    if session.shouldfail or session.shouldstop:
        yield "the run was stopped"
    yield from uncollected(session)


def uncollected(session: pytest.Session) -> Iterator[str]:
    """Why there may be tests that were not even collected, in words."""
    config = session.config
    yield from _given(config, _NOT_COLLECTING)
    if config.args_source == type(config).ArgsSource.ARGS and not _cover_all(config):
        yield "paths were given"


def _given(config: pytest.Config, options: Mapping[str, str]) -> Iterator[str]:
    for option, name in options.items():
        if config.getoption(name, None):
            yield f"{option} was given"


def _cover_all(config: pytest.Config) -> bool:
    """Whether the paths that were given are all there is."""
    here = config.invocation_params.dir
    given = [(here / argument).resolve() for argument in config.args]
    homes: list[str] = config.getini("testpaths")
    wanted = [path.resolve() for home in homes for path in config.rootpath.glob(home)] or [config.rootpath.resolve()]
    return all(any(path == one or one in path.parents for one in given) for path in wanted)
