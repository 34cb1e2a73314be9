"""A run of evals as JUnit XML: an eval in one dialect, or one way to ask a data set, is a test case.

What is unscored, or cannot be gated, is skipped with the reason.  There are no times in it: the same run is always the
same text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import NamedTuple
from xml.etree import ElementTree as Xml

from ...report.text import Line, printable
from ..evaluation import Evaluation
from ..outcome import Result
from ..sets.outcome import SetResult
from ..sets.text import told
from ..text import result_lines

__all__ = ["junit"]

_KINDS = {
    "crashed": "error",
    "failed": "failure",
    "regression": "failure",
    "ungated": "skipped",
    "unscored": "skipped",
}
_COUNTED = {"errors": "error", "failures": "failure", "skipped": "skipped"}


class _Test(NamedTuple):
    """A test case; ``words`` say in a line what became of it, ``lines`` say all."""

    suite: str
    of: str
    name: str
    state: str
    words: str = ""
    lines: Iterable[Line] = ()


def junit(evaluation: Evaluation) -> str:
    """The whole file."""
    root = Xml.Element("testsuites", name="fakememtrace eval")
    for name, tests in groupby(_tests(evaluation), lambda test: test.suite):
        suite = Xml.SubElement(root, "testsuite", name=_plain(name))
        for test in tests:
            _add(suite, test)
        _count(suite)
    _count(root)
    Xml.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{Xml.tostring(root, encoding="unicode")}\n'


def _tests(evaluation: Evaluation) -> Iterator[_Test]:
    for result in evaluation.results:
        yield _of_case(result)
    for one in evaluation.sets:
        yield from _of_set(one)


def _of_case(result: Result) -> _Test:
    name = f"{result.case} ({result.dialect})"
    return _Test(result.group, result.group, name, result.state, result.words, result_lines(result))


def _of_set(result: SetResult) -> Iterator[_Test]:
    if result.state == "crashed":
        yield _Test(result.group, result.name, result.measure, "crashed", result.words)
    for gated in result.variants:
        verdict = gated.verdict
        words = "; ".join(verdict.words)
        lines = [Line(told(result, gated)), *verdict.details()]
        yield _Test(result.group, result.name, f"{gated.variant}, {result.measure}", verdict.state, words, lines)


def _add(suite: Xml.Element, test: _Test) -> None:
    case = Xml.SubElement(suite, "testcase", classname=_plain(test.of), name=_plain(test.name))
    if test.state in _KINDS:
        why = Xml.SubElement(case, _KINDS[test.state], message=_plain(test.words), type=test.state)
        why.text = "\n".join(_plain(line.text) for line in test.lines)


def _count(suite: Xml.Element) -> None:
    suite.set("tests", str(len(list(suite.iter("testcase")))))
    for name, tag in _COUNTED.items():
        suite.set(name, str(len(list(suite.iter(tag)))))


def _plain(text: str) -> str:
    """XML has no place for control characters, not even as references."""
    return "\n".join(map(printable, text.split("\n")))
