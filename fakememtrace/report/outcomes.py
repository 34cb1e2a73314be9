"""What became of a program, as an account: its verdict, its expectations and what went wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..scenario.outcome import Outcome
from .model import Account, Check
from .text import verdict

__all__ = ["account_with", "without_paths"]

_FILE = re.compile(r'(?<=File ")(?:/|[A-Za-z]:\\)[^"\n]*[/\\]([^"/\\\n]+[/\\][^"/\\\n]+)(?=")')
# Where an object lies in this process, as Python shows it.
_ADDRESS = re.compile(r"(?<= at 0x)[0-9a-f]{6,16}(?=>)")


def account_with(outcome: Outcome, told: Mapping[str, Any] | None) -> Account:
    """The account that a scenario's process `told`, with what became of it; None where it could tell nothing."""
    base = Account.from_json(told) if told else Account("", "")
    return base._replace(
        name=outcome.scenario,
        dialect=outcome.dialect,
        title=outcome.title,
        verdict="passed" if outcome.passed else "failed",
        summary=verdict(outcome).text.partition(": ")[2],
        checks=tuple(Check(*check) for check in outcome.checks),
        problems=tuple(outcome.problems),
        stopped=outcome.stopped,
        output="" if outcome.passed else without_paths(outcome.output),
    )


def without_paths(text: str) -> str:
    """What a program printed, without where its files lie on this machine, and its objects in its memory."""
    here = f"{Path.cwd()}/"
    return _ADDRESS.sub("…", _FILE.sub(r"…/\1", text.replace(here, "")))
