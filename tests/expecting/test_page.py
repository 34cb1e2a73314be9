"""docs/expectations.md is true: its examples hold, its tables are the code's, its failures are what is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fakememtrace import replay
from fakememtrace.expecting import Evidence, asserting, recalled, stored
from fakememtrace.expecting.evidence import Sent
from fakememtrace.expecting.values import _OPERATORS
from fakememtrace.scenario.expectations import _KINDS, read_expectations

from ..test_pages import blocks, rows

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "expectations.md").read_text("utf-8")
TABLES = [block for block in blocks(PAGE, "toml") if "[[sent]]" not in block]
(SENT,) = (block for block in blocks(PAGE, "toml") if "[[sent]]" in block)


@pytest.fixture(scope="module")
def names():
    """What the Python blocks leave behind, one after the other."""
    names = {"__name__": "page"}
    for code in blocks(PAGE, "python"):
        assert "assert " in code
        exec(compile(code, "the page", "exec"), names)
    return names


def test_every_python_block_holds(names):
    """The blocks run in their order, and what they assert holds."""
    assert names["runs"].evidence().runs == 2
    names["world"].journal.assert_clean()


def test_every_table_holds_in_the_scenario(tmp_path):
    """The scenario passes with the expectations of the page."""
    folder = tmp_path / "single_agent"
    folder.mkdir()
    for file in (ROOT / "scenarios" / "single_agent").iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    (folder / "expectations.toml").write_text("\n".join(TABLES), "utf-8")
    outcome = replay(folder)
    assert [(check.expected, check.detail) for check in outcome.checks if not check.held] == []
    assert len(outcome.checks) == sum(block.count("[[") for block in TABLES) > 10
    assert outcome.passed


def test_the_tables_of_messages_hold(tmp_path):
    """What is said of messages holds where such messages were sent, and not where they were not."""
    path = tmp_path / "expectations.toml"
    path.write_text(SENT, "utf-8")
    found = Evidence(1, sent=(Sent(1, 1, "Cecilia", "Nacho", "You get a credit of 20 euros."),))
    expectations = read_expectations(path, 1)
    assert [bool(one.check(found)) for one in expectations] == [True, True]
    assert [bool(one.check(Evidence(1))) for one in expectations] == [False, False]


def test_every_kind_is_in_the_table():
    """The first table has each table of a file and each function, once, in the order of the code."""
    found = rows(PAGE, "in a file")
    assert [row[0] for row in found] == [f"`[[{kind}]]`" for kind in _KINDS]
    named = [name for row in found for name in re.findall(r"`(\w+)\(\.\.\.\)`", row[1])]
    assert sorted(named) == sorted(asserting.__all__)


def test_every_matcher_is_in_the_table():
    """The second table has each matcher, once, in the order of the code."""
    assert [row[0] for row in rows(PAGE, "matcher")] == [f"`{name}`" for name in _OPERATORS]


def test_the_failures_are_what_is_shown(names):
    """The two failures of the page are the words of the checks."""
    first, second = blocks(PAGE, "text")
    check = stored(names["world"], contains="vegan", importance={"at_least": 0.95})
    assert first.endswith(f"{check}\n")
    assert second == f"{recalled(names['runs'], 'Ada is vegetarian', run=1)}\n"


def test_every_link_leads_somewhere():
    """What the page links to is there."""
    assert [name for name in re.findall(r"\]\((.*?)\)", PAGE) if not (ROOT / "docs" / name).is_file()] == []
