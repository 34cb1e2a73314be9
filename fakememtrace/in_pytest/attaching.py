"""What happened in the world of a test that failed, as an HTML report beside the failure."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from ..errors import FileError
from ..fixture import nodeid
from ..report.gathering import account_of
from ..report.html import write
from ..report.model import Page
from ..report.outcomes import without_paths
from ..world import World
from .fixtures import SCRATCH
from .options import NO_REPORTS, setting
from .settings import file_of

__all__ = ["attach"]

_PROPERTY = "fakememtrace_report"
_TITLE = "fakememtrace: report"
_LONGEST = 120
_FOLDER = "fakememtrace"


def attach(item: pytest.Item, report: pytest.TestReport, world: World) -> None:
    """Write the report of a failed test's `world` into the folder ``fakememtrace_report_dir``, and say where it is.

    Where none is said, it is one of pytest's temporary folders, which are kept for three runs.  The report is named
    below the failure, and in the property ``fakememtrace_report`` of JUnit files.
    """
    folder = _folder(item)
    if folder is None:
        return
    path = folder / f"{_name(nodeid(item))}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write(_page(item, report, world), path)
    except (OSError, FileError) as error:
        report.sections.append((_TITLE, f"cannot be written into {folder}: {error}"))
        return
    told = (_PROPERTY, _shown(path, item.config.rootpath))
    report.sections.append((_TITLE, told[1]))
    if told not in item.user_properties:
        # The one is for the report that is being made, the other for those that are still to come.
        item.user_properties.append(told)
        report.user_properties.append(told)


def _folder(item: pytest.Item) -> Path | None:
    """Where the report goes; None where there is to be none."""
    said = setting(item.config, "fakememtrace_report_dir")
    if said:
        return None if said == NO_REPORTS else file_of(item.config, "fakememtrace_report_dir")
    factory = item.stash.get(SCRATCH, None)
    # Tests under a memory fault fail by the dozen, and nobody looks why.
    under_fault = item.config.getoption("memory_fault") or item.config.getoption("memory_fault_report")
    return None if factory is None or under_fault else factory.getbasetemp() / _FOLDER


def _page(item: pytest.Item, report: pytest.TestReport, world: World) -> Page:
    name = nodeid(item)
    failure, traffic = without_paths(report.longreprtext), world.journal.problems()
    if report.when == "teardown" and traffic and all(problem in failure for problem in traffic):
        # It failed for nothing else, and below each of them leads to its place in the timeline.
        failure = ""
    account = account_of(world, name)
    account = account._replace(
        verdict="failed",
        summary=f"failed in its {report.when}",
        problems=tuple(filter(None, (failure, *traffic))),
    )
    return Page("pytest", name, "failed", account.summary, (account,))


def _name(test: str) -> str:
    """A name for a file: that of the test, as far as every file system takes it."""
    plain = re.sub(r"[^\w.\[\]-]+", "-", test.replace("/", ".")).strip("-")
    if plain.count("-") == test.count("::") and len(plain) <= _LONGEST:
        return plain
    # What was left out may be all that tells it from another one.
    return f"{plain[:_LONGEST]}-{hashlib.sha256(test.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
