"""What stands at the top of a report of several: each with its verdict, and why it did not pass."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from .model import Account, Comparison, Page, Regression

__all__ = ["Entry", "cause_of", "overview"]

# Lines of a problem that say where, and not what: the exchange's head, and the source above a failed assertion.
_HEAD = re.compile(r"#\d+ \S+Z ")
_FAILED = re.compile(r"E\s+(\S.*)")
_LONGEST = 240


class Entry(NamedTuple):
    """One of several: the ``place`` where it stands, and its verdict as a ``look`` and a ``word``.

    ``side`` is the dialect, or both of them; ``why`` it did not pass is told in more words at ``there``, and empty
    where there is nothing to explain.
    """

    name: str
    side: str
    place: str
    look: str
    word: str
    summary: str
    why: str = ""
    there: str = ""


def overview(page: Page) -> list[Entry]:
    """All that the `page` shows, in its order."""
    return [
        *(_of_account(account, f"a{number}-") for number, account in enumerate(page.accounts, 1)),
        *(_of_comparison(one, f"c{number}-") for number, one in enumerate(page.comparisons, 1)),
        *(_of_regression(one, f"r{number}-") for number, one in enumerate(page.regressions, 1)),
    ]


def cause_of(account: Account) -> tuple[str, str]:
    """Why an account did not pass, in a line, and the part of it that says more; nothing where nothing is wrong."""
    for problem in (*account.problems, account.stopped):
        if problem:
            return _short(_gist(problem)), "problems"
    for check in account.checks:
        if not check.held:
            detail = next(iter(check.detail.splitlines()), "")
            return _short(f"not held: {check.expected}" + (f" ({detail.strip()})" if detail else "")), "checks"
    return "", ""


def _of_account(account: Account, at: str) -> Entry:
    why, part = cause_of(account) if account.verdict == "failed" else ("", "")
    there = f"{at}{part}" if part else ""
    look = account.verdict
    return Entry(account.name, account.dialect, f"{at}top", look, account.verdict, account.summary, why, there)


def _of_comparison(one: Comparison, at: str) -> Entry:
    numbered = [cause for cause in one.causes if cause.number]
    side = f"{one.second} beside {one.first}"
    entry = Entry(one.name, side, f"{at}top", one.verdict, one.word, one.summary)
    if one.verdict == "passed" or not numbered:
        return entry
    more = f" And {len(numbered) - 1} more." if len(numbered) > 1 else ""
    return entry._replace(why=_short(numbered[0].headline) + more, there=f"{at}causes")


def _of_regression(one: Regression, at: str) -> Entry:
    entry = Entry(one.name, one.dialect, f"{at}top", one.verdict, one.word, one.summary)
    changed = next((each for each in one.conversations if each.state != "unchanged"), None)
    if one.verdict == "passed" or changed is None:
        return entry
    return entry._replace(why=_short(f"{changed.name}: {changed.reason}"), there=entry.place)


def _gist(problem: str) -> str:
    """The line of a problem that says what it is."""
    lines = [line.strip() for line in problem.splitlines() if line.strip()]
    failed = next(filter(None, map(_FAILED.fullmatch, lines)), None)
    return failed[1] if failed else next(_telling(lines), "")


def _telling(lines: list[str]) -> Iterator[str]:
    yield from (line for line in lines if not _HEAD.match(line))
    yield from lines


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
