"""Whether a fixture of ours is somebody else's."""

from __future__ import annotations

from typing import Any

__all__ = ["is_overridden"]

_OURS = f"{__package__}.fixtures"


def is_overridden(item: Any, name: str) -> bool:
    """Whether a test that has a world has something else than our fixture of that `name`, or a parameter."""
    if hasattr(item, "callspec") and name in item.callspec.params:
        return True
    if "fakememtrace" not in getattr(item, "fixturenames", ()):
        return False
    # Pytest says it nowhere else; up to 8.0 it wants to be told of the test by its id.
    known = item.session._fixturemanager.getfixturedefs
    try:
        found = known(name, item)
    except AttributeError:
        found = known(name, item.nodeid)
    return bool(found) and found[-1].func.__module__ != _OURS
