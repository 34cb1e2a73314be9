"""At the top of a report of several stands what did not pass, and why."""

from __future__ import annotations

import pytest

from fakememtrace.report.html import render
from fakememtrace.report.model import Account, Cause, Check, Comparison, Conversation, Page, Regression
from fakememtrace.report.overview import Entry, cause_of, overview

from .pages import Parsed

MISS = """#5 2026-02-07T12:00:00.000002Z claude POST https://api.anthropic.com/v1/messages -> 400
the system prompt differs: no recorded answer
Nearest in cassette.json: interaction 1."""
FAILURE = """    def test_it():
>       assert found == 1
E       assert 0 == 1
E        +  where 0 = len([])

test_it.py:3: AssertionError"""
HELD, NOT_HELD = Check("this holds", True), Check("stored: tea", False, "nearest:\n  coffee")


@pytest.mark.parametrize(
    ("fields", "words", "part"),
    [
        ({"problems": (MISS, "another")}, "the system prompt differs: no recorded answer", "problems"),
        ({"problems": (FAILURE,)}, "assert 0 == 1", "problems"),
        ({"problems": (MISS,), "stopped": "it ended"}, "the system prompt differs: no recorded answer", "problems"),
        ({"stopped": "program.py, line 3: it raised\nmore"}, "program.py, line 3: it raised", "problems"),
        ({"problems": ("#5 2026-02-07T12:00:00Z claude",)}, "#5 2026-02-07T12:00:00Z claude", "problems"),
        ({"checks": (HELD, NOT_HELD)}, "not held: stored: tea (nearest:)", "checks"),
        ({"problems": ("x" * 300,)}, "x" * 240 + "…", "problems"),
        ({"checks": (HELD,)}, "", ""),
    ],
)
def test_the_cause_is_a_line(fields, words, part):
    """What was unexpected comes first, then how the program ended, then what does not hold; and where more is said."""
    assert cause_of(Account("demo", "0.2.0", **fields)) == (words, part)


def test_what_passed_is_not_explained():
    """Problems that nobody judged are no verdict."""
    (entry,) = overview(Page("run", "demo", accounts=(Account("demo", "0.2.0", problems=(MISS,)),)))
    assert entry == Entry("demo", "0.2.0", "a1-top", "", "", "")


def test_every_kind_has_its_cause():
    """Of a drift the first finding, of a changed program the first conversation that changed."""
    causes = Cause(0, "on both"), Cause(1, "it sees less"), Cause(2, "it sees more")
    drift = Comparison("demo", "", "0.2.0", "documented", "failed", "drift", "2 findings", causes)
    talks = Conversation("conversation 1", "", "unchanged", ""), Conversation("conversation 2", "", "changed", "a tool")
    changed = Regression("demo", "0.2.0", "", "the files", "failed", "changed", "1 of 2", talks)
    page = Page("", "", comparisons=(drift, drift._replace(verdict="passed")), regressions=(changed,))
    assert [(one.place, one.why, one.there) for one in overview(page)] == [
        ("c1-top", "it sees less And 1 more.", "c1-causes"),
        ("c2-top", "", ""),
        ("r1-top", "conversation 2: a tool", "r1-top"),
    ]


def test_it_stands_at_the_top_of_several():
    """The cause, and a link to all of it, come before anything that passed; a report of one needs no table."""
    passed = Account("first", "0.2.0", verdict="passed", summary="all is well")
    failed = Account("second", "0.2.0", verdict="failed", problems=(MISS,))
    page = Parsed(render(Page("replay", "2 scenarios", "failed", accounts=(passed, failed))))
    assert page.text.index("the system prompt differs") < page.text.index("Nothing was asked")
    assert page.values("href").count("#a2-problems") == 2
    alone = Parsed(render(Page("replay", "second", "failed", accounts=(failed,))))
    assert "table" not in alone.names
