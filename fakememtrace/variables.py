"""The environment variables of the worlds that are entered; worlds may be left in any order."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

__all__ = ["enter", "leave"]

_lock = threading.Lock()
_entered: list[tuple[object, dict[str, str]]] = []
# What the variables were before the first world; None is not set.
_outside: dict[str, str | None] = {}


def enter(world: object, variables: Mapping[str, str]) -> None:
    """Set `variables` until `world` is left."""
    with _lock:
        for name in variables:
            _outside.setdefault(name, os.environ.get(name))
        _entered.append((world, dict(variables)))
        os.environ.update(variables)


def leave(world: object) -> None:
    """Undo the last :func:`enter` of `world`: the variables are those of the innermost world that is left, if any."""
    with _lock:
        last = max(index for index, (entered, _) in enumerate(_entered) if entered is world)
        del _entered[last]
        now: dict[str, str | None] = {**_outside, **(_entered[-1][1] if _entered else {})}
        for name, value in now.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        if not _entered:
            _outside.clear()
