"""Scenarios replayed, each with the account of what happened where one is wanted."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from pathlib import Path

from ..scenario.outcome import Outcome
from ..scenario.replay import check, replay, run
from ..scenario.side_by_side import side_by_side
from .model import Account, Page
from .outcomes import account_with

__all__ = ["page_of", "replay_all"]

_CHILD = "fakememtrace.report.child"


def replay_all(
    wanted: Iterable[tuple[Path, str]],
    max_turns: int | None = None,
    timeout: float | None = None,
    jobs: int | None = None,
    told: bool = False,
) -> Generator[tuple[Outcome, Account | None], None, None]:
    """As :func:`fakememtrace.scenario.replay.replay_all`; with `told` each outcome comes with its account."""

    def replayed(one: tuple[Path, str]) -> tuple[Outcome, Account | None]:
        folder, dialect = one
        if not told:
            return replay(folder, dialect, max_turns, timeout), None
        outcome, seen = run(check(folder, dialect), dialect, max_turns, timeout, options={"main": _CHILD})
        return outcome, account_with(outcome, seen["account"] if seen else None)

    yield from side_by_side(replayed, wanted, jobs)


def page_of(accounts: Sequence[Account | None]) -> Page:
    """The report of what was replayed."""
    each = tuple(account for account in accounts if account)
    passed = sum(account.verdict == "passed" for account in each)
    names = dict.fromkeys(account.name for account in each)
    title = next(iter(names), "nothing") if len(names) < 2 else f"{len(names)} scenarios"
    verdict = "passed" if passed == len(each) else "failed"
    return Page("replay", title, verdict, f"{passed} of {len(each)} passed", each)
