"""What became of a program as a report."""

from __future__ import annotations

from pathlib import Path

from ..report.model import Account, Page
from .result import Result
from .words import summary

__all__ = ["page_of"]


def page_of(result: Result) -> Page:
    """The report of `fakememtrace run`."""
    name, verdict = Path(result.program).name, "failed" if result.exit_code else "passed"
    base = Account.from_json(result.account) if result.account else Account("", "")
    account = base._replace(
        name=name,
        dialect=result.dialect,
        verdict=verdict,
        summary=summary(result),
        problems=tuple(result.problems),
        stopped=result.stopped,
        notes=tuple(result.notes),
    )
    return Page("run", name, verdict, summary(result), (account,))
