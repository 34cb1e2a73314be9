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
    # Pytest says it nowhere else.
    found = item.session._fixturemanager.getfixturedefs(name, item)
    return bool(found) and found[-1].func.__module__ != _OURS
