"""Tests that are run in each dialect."""

from __future__ import annotations

import pytest

BOTH = """
import unittest

DIALECTS = []

@pytest.mark.fakememtrace(dialect="both")
def test_asks(fakememtrace, fakememtrace_dialect):
    assert fakememtrace.memory.dialect.name == fakememtrace_dialect

@pytest.mark.fakememtrace(dialect="both")
@pytest.mark.parametrize("n", [1, 2])
def test_does_not_ask(n):
    pass

@pytest.fixture
def client(memtrace_client):
    return memtrace_client

@pytest.mark.fakememtrace(dialect="both")
class TestIt:
    def test_asks_for_a_client(self, client):
        pass

    @pytest.mark.fakememtrace(dialect="documented")
    def test_says_otherwise(self, fakememtrace):
        assert fakememtrace.memory.dialect.name == "documented"

    @pytest.mark.parametrize("fakememtrace_dialect", ["documented"])
    def test_has_its_own_parameter(self, fakememtrace):
        assert fakememtrace.memory.dialect.name == "documented"

    @pytest.mark.parametrize("fakememtrace_dialect", ["documented"], indirect=True)
    def test_has_its_own_indirect_parameter(self, fakememtrace):
        assert fakememtrace.memory.dialect.name == "documented"

@pytest.mark.fakememtrace(dialect="both")
class TestOverridden:
    @pytest.fixture
    def fakememtrace_dialect(self):
        return "documented"

    def test_asks(self, fakememtrace):
        assert fakememtrace.memory.dialect.name == "documented"

    def test_does_not_ask(self):
        pass
"""
NAMES = [
    *("test_asks[0.2.0]", "test_asks[documented]", "test_does_not_ask[1-0.2.0]", "test_does_not_ask[1-documented]"),
    *("test_does_not_ask[2-0.2.0]", "test_does_not_ask[2-documented]", "TestIt::test_asks_for_a_client[0.2.0]"),
    *("TestIt::test_asks_for_a_client[documented]", "TestIt::test_says_otherwise"),
    *("TestIt::test_has_its_own_parameter[documented]", "TestIt::test_has_its_own_indirect_parameter[documented]"),
    *("TestOverridden::test_asks", "TestOverridden::test_does_not_ask"),
]


def ran(result):
    """The tests that passed, in their order."""
    return [line.split()[0].partition("::")[2] for line in result.outlines if " PASSED" in line or " SCORED" in line]


def test_a_marked_test_is_run_in_both(run):
    """It is two tests, named after their dialect, whether it asks for its world or not; unless something says another.

    A marker that is nearer, a fixture and a parameter of the test's own come first.
    """
    result = run("-v", "-p", "no:randomly", test_it=BOTH)
    assert ran(result) == NAMES
    result.assert_outcomes(passed=len(NAMES))


def test_an_option_runs_all_worlds_in_both(run):
    """With the option every test that has a world is two tests, samples of an eval too, and the others are one."""
    result = run(
        *("-v", "-p", "no:randomly", "--fakememtrace-dialect=both"),
        test_it="""
def test_world(memtrace_client):
    memtrace_client.remember("a", "x")

def test_none():
    pass

@pytest.mark.memory_eval(n=2)
def test_samples(fakememtrace_dialect):
    pass

@pytest.mark.fakememtrace(dialect="0.2.0")
def test_marked(fakememtrace_dialect):
    assert fakememtrace_dialect == "0.2.0"
""",
    )
    samples = [f"test_samples[{dialect}-sample-{n}]" for dialect in ("0.2.0", "documented") for n in (1, 2)]
    worlds = ["test_world[0.2.0]", "test_world[documented]", "test_none", "test_marked"]
    assert sorted(ran(result)) == sorted([*worlds, *samples])


EXPECTED = (
    "Expected a function that asks for its world by an argument, or that is marked itself; a method of unittest, a "
    "doctest, and a world that is asked for while the test runs come too late.\n"
    'What to do: say one dialect for it, @pytest.mark.fakememtrace(dialect="0.2.0"), or override the fixture '
    "fakememtrace_dialect."
)
MARKED = """
import unittest

@pytest.mark.fakememtrace(dialect="both")
class TestIt(unittest.TestCase):
    def test_it(self):
        pass
"""
PARAMETER = """
@pytest.mark.parametrize("n", [pytest.param(1, marks=pytest.mark.fakememtrace(dialect="both"))])
def test_it(n):
    pass
"""


@pytest.mark.parametrize(("test", "name"), [(MARKED, "TestIt::test_it"), (PARAMETER, "test_it[1]")])
def test_what_cannot_be_two_tests_is_refused(run, test, name):
    """A marker that asks for both, of what pytest makes only one test of, is an error of the collection."""
    result = run(test_it=test)
    result.assert_outcomes(errors=1)
    words = f"test_it.py::{name} is one test and cannot be run in each dialect: its marker says dialect='both'.\n"
    assert f"\n{words}{EXPECTED}\n" in result.stdout.str()


def test_a_world_that_comes_late_is_refused(run):
    """With the option, a test that asks for its world while it runs fails in words."""
    result = run(
        "--fakememtrace-dialect=both",
        test_it="def test_it(request):\n    request.getfixturevalue('fakememtrace')\n",
    )
    result.assert_outcomes(failed=1)
    words = "test_it.py::test_it is one test and cannot be run in each dialect: fakememtrace_dialect is 'both'.\n"
    assert f"\n{words}{EXPECTED}\n" in result.stdout.str()
