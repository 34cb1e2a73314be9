"""Small cases for the tests."""

from __future__ import annotations

from pathlib import Path

from fakememtrace.evals.case import Case
from fakememtrace.evals.engine import run
from fakememtrace.evals.outcome import Result
from fakememtrace.evals.reading import load

__all__ = ["BODY", "case_file", "one", "result", "trace"]

BODY = """\
says = { tea = "Ada likes green tea" }
history = [{ open = "monday" }, { store = "tea" }]
probes = [{ read = "list", measure = "recall", both = 1.0 }]
"""


def case_file(folder: Path, body: str = BODY, name: str = "demo") -> Path:
    """A file with one case: its says, history and probes are `body`."""
    path = folder / "cases.toml"
    head = f'group = "Demo"\n[[case]]\nname = "{name}"\ntitle = "A test."\nwhy = "It is needed."\n'
    path.write_text(head + body, "utf-8")
    return path


def one(folder: Path, body: str = BODY) -> Case:
    """That case."""
    (case,) = load(case_file(folder, body))
    return case


def result(folder: Path, body: str = BODY, dialect: str = "0.2.0", **options) -> Result:
    """What becomes of it."""
    return run(one(folder, body), dialect, **options)


def trace(folder: Path, body: str, dialect: str = "0.2.0", **options):
    """The first trace of it."""
    return result(folder, body, dialect, **options).traces[0]
