"""Whose a fixture is: ours, or somebody else's."""

from __future__ import annotations

from typing import Any

__all__ = ["is_overridden", "is_somebodys"]

_OURS = f"{__package__}.fixtures"
# It has a fixture default_cassette_name, too, for recordings of its own.
_NEIGHBOUR = "pytest_recording.plugin"


def is_overridden(item: Any, name: str) -> bool:
    """Whether a test that has a world has something else than our fixture of that `name`, or a parameter."""
    return _is_parameter(item, name) or (
        "fakememtrace" in getattr(item, "fixturenames", ()) and is_somebodys(item, name)
    )


def is_somebodys(item: Any, name: str) -> bool:
    """Whether the fixture of that `name` is one of the test's project, or a parameter of the test."""
    if _is_parameter(item, name):
        return True
    # Pytest says it nowhere else; up to 8.0 it wants to be told of the test by its id.
    known = item.session._fixturemanager.getfixturedefs
    try:
        found = known(name, item)
    except AttributeError:
        found = known(name, item.nodeid)
    return bool(found) and found[-1].func.__module__ not in (_OURS, _NEIGHBOUR)


def _is_parameter(item: Any, name: str) -> bool:
    return hasattr(item, "callspec") and name in item.callspec.params
