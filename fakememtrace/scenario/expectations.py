"""What must hold when a scenario is over, as its file says it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ..errors import listed
from ..expecting.calls import call
from ..expecting.check import Check, Expectation
from ..expecting.given import Given
from ..expecting.memories import memory
from ..expecting.messages import sent
from ..expecting.recall import recall
from ..expecting.requests import request
from ..expecting.tools import tools
from ..toml import read_toml

__all__ = ["Check", "Expectation", "read_expectations"]

_KINDS: dict[str, Callable[[Given], Expectation]] = {
    "memory": memory,
    "request": request,
    "tools": tools,
    "call": call,
    "recalled": recall,
    "sent": sent,
}


def read_expectations(path: Path, runs: int) -> tuple[Expectation, ...]:
    """The expectations in the file `path`, for a scenario of so many `runs`.

    ``[[memory]]`` is stored at the end, ``[[request]]`` is what a request to Claude holds, ``[[tools]]`` are the tools
    that Claude called in a run, ``[[call]]`` is one call with its arguments, ``[[recalled]]`` a text that came out
    of the store, ``[[sent]]`` a message of a bot.
    """
    document = read_toml(path).only(*_KINDS)
    found = tuple(
        make(Given(table.values, table.error, runs, f"The script has {runs}."))
        for kind, make in _KINDS.items()
        for table in document.tables(kind)
    )
    if not found:
        raise document.error(
            "nothing is expected, so this scenario could not fail.",
            f"Add at least one of {listed(f'[[{kind}]]' for kind in _KINDS)}.",
        )
    return found
