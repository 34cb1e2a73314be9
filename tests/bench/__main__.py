"""Measures everything within one run and prints one table of ratios: ``python -m tests.bench``.

It reports and does not judge: the exit code is 0 whether or not the targets are met.
"""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from time import perf_counter

from . import claude, evals, memory, miss, per_test, plugin, server, store
from .harness import FULL, QUICK, Plan, Row
from .table import show

GROUPS: dict[str, tuple[str, Callable[[Plan], list[Row]]]] = {
    "memory": ("memtrace-sdk; floor: the same call over a constant transport", memory.rows),
    "per_test": ("once per test; floor: one add_memory over a constant transport", per_test.rows),
    "claude": ("anthropic; floor: the same call over a constant transport", claude.rows),
    "miss": ("a request that is not recorded", miss.rows),
    "server": ("serve under 16 connections; floor: a bare ASGI application under the same uvicorn", server.rows),
    "plugin": ("a pytest run that does not use the plugin; floor: without the plugin", plugin.rows),
}
# Those print a table of their own, after the common one.
REPORTS: dict[str, Callable[[bool], None]] = {"evals": evals.report, "store": store.report}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the groups that were asked for and print the table."""
    known = [*GROUPS, *REPORTS]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.splitlines()[0])
    parser.add_argument("groups", nargs="*", metavar="group", help=f"one of {', '.join(known)}; by default all")
    parser.add_argument("--quick", action="store_true", help="fewer rounds, shorter blocks")
    given = parser.parse_args(arguments)
    unknown = set(given.groups) - set(known)
    if unknown:
        parser.error(f"no such group: {', '.join(sorted(unknown))}. Known: {', '.join(known)}")
    wanted = given.groups or known
    plan = QUICK if given.quick else FULL
    start = perf_counter()
    found: dict[str, list[Row]] = {}
    for name in filter(GROUPS.__contains__, wanted):
        title, rows = GROUPS[name]
        print(f"measuring {name}", file=sys.stderr)
        found[title] = rows(plan)
    if found:
        show(found)
        packages = ", ".join(f"{name} {version(name)}" for name in ("memtrace-sdk", "anthropic", "httpx", "respx"))
        print(
            f"CPU time; ratios: median of {plan.rounds} rounds ({plan.process_rounds} for the plugin), interleaved. "
            f"Python {platform.python_version()}, {packages}. {perf_counter() - start:.0f} s."
        )
    for name in filter(REPORTS.__contains__, wanted):
        REPORTS[name](given.quick)


if __name__ == "__main__":
    main()
