"""The marker memory_eval: what it says of a test, and what is refused when tests are collected."""

from __future__ import annotations

import json

import pytest

from .helpers import suite_of, told

ALLOWED = (
    'Allowed, and each may be left out: suite="recall", baseline="recall.json", data="facts.json", category="people", '
    'conversation="conv-1", n=5, k=3.'
)
ON_ITSELF = "Mark the function itself, not one of its parameters; a method of unittest has no samples."
MISUSED = {
    'suit="x"': ("it has no 'suit'. Did you mean 'suite'?", ALLOWED),
    '"x"': ("'x' has no name.", "Give it one: suite='x'."),
    "suite=1": ("expected a text as suite, found 1.", ALLOWED),
    'category=""': ("expected a text as category, found ''.", ALLOWED),
    "n=0": ("expected a whole number from 1 as n, found 0.", ALLOWED),
    "n=True": ("expected a whole number from 1 as n, found True.", ALLOWED),
    "k=1.0, n=2": ("expected a whole number from 1 as k, found 1.0.", ALLOWED),
    "k=2": ("k=2 says nothing without n.", "Say how many samples are recorded: n=5, k=3."),
    "n=2, k=3": ("k=3 of its samples are to pass, and there are 2.", "Say how many samples are recorded: n=5, k=3."),
    'data="facts.json"': (
        "its data cannot be read: facts.json: No such file or directory.",
        "Name a file or a folder, from where the test's file is.",
    ),
}


@pytest.mark.parametrize("given", MISUSED)
def test_a_misused_marker_is_refused(run, given):
    """The test is not run; what is wrong with its marker is said, and what is allowed."""
    result = run(test_it=f"@pytest.mark.memory_eval({given})\ndef test_it():\n    print('it ran')\n")
    problem, advice = MISUSED[given]
    name = "test_it[sample-1]" if "n=2" in given else "test_it"
    assert f"@pytest.mark.memory_eval of test_it.py::{name}: {problem}\n{advice}\n" in result.stdout.str()
    result.stdout.fnmatch_lines(["*ERROR collecting test_it.py*"])
    result.assert_outcomes(errors=1)
    assert (result.ret, "it ran" in result.stdout.str()) == (pytest.ExitCode.INTERRUPTED, False)


IN_A_PARAMETER = """
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.memory_eval(n=2))])
def test_it(x):
    pass
"""
IN_UNITTEST = """
import unittest

class TestIt(unittest.TestCase):
    @pytest.mark.memory_eval(n=2)
    def test_it(self):
        pass
"""


@pytest.mark.parametrize(
    ("test", "name"),
    [(IN_A_PARAMETER, "test_it[1]"), (IN_UNITTEST, "TestIt::test_it")],
    ids=["parameter", "unittest"],
)
def test_what_cannot_be_run_in_samples_is_refused(run, test, name):
    """A mark of one parameter comes too late for samples, and unittest knows no parameters."""
    result = run(test_it=test)
    problem = f"@pytest.mark.memory_eval of test_it.py::{name}: its n=2 samples cannot be made into tests."
    assert f"{problem}\n{ON_ITSELF}" in result.stdout.str()
    result.assert_outcomes(errors=1)


def test_a_test_that_is_expected_to_fail_is_no_eval(run):
    """Marked xfail as well, it is refused."""
    result = run(test_it="@pytest.mark.xfail\n@pytest.mark.memory_eval\ndef test_it():\n    assert False\n")
    assert (
        "@pytest.mark.memory_eval of test_it.py::test_it: it is marked xfail, too, and a test that is scored is not "
        "expected to fail.\nTake one of the two markers away." in result.stdout.str()
    )


def test_a_marker_that_comes_late_is_taken(run, pytester):
    """What conftest.py marks after the collection is scored like any other."""
    late = "def pytest_collection_modifyitems(items):\n    items[0].add_marker(pytest.mark.memory_eval({}))\n"
    test = "def test_it():\n    assert 0\n"
    run("--memory-eval-json=out.json", conftest=late.format('category="late"'), test_it=test)
    assert [(one["category"], one["value"]) for one in suite_of(pytester)["scores"]] == [("late", 0.0)]


def test_a_marker_that_comes_late_is_refused(run):
    """Misused, it fails the test in words."""
    late = "def pytest_collection_modifyitems(items):\n    items[0].add_marker(pytest.mark.memory_eval(suit='x'))\n"
    result = run(conftest=late, test_it="def test_it():\n    pass\n")
    result.assert_outcomes(errors=1)
    problem = "@pytest.mark.memory_eval of test_it.py::test_it: it has no 'suit'. Did you mean 'suite'?"
    result.stdout.fnmatch_lines(["*ERROR at setup of test_it*", problem, ALLOWED])
    assert "Traceback" not in result.stdout.str()


def test_what_stands_nearer_counts(run, pytester):
    """A class says what holds for its tests, and a test or a parameter says otherwise, each for itself."""
    run(
        "--memory-eval-json=out.json",
        test_it="""
pytestmark = pytest.mark.memory_eval(suite="talks", category="of the module", conversation="of the module")

@pytest.mark.memory_eval(category="of the class")
class TestIt:
    @pytest.mark.parametrize("x", [1, pytest.param(2, marks=pytest.mark.memory_eval(category="of the parameter"))])
    def test_it(self, x):
        pass
""",
    )
    suite = suite_of(pytester)
    assert (suite["suite"], suite["baseline"]) == ("talks", "baselines/talks.json")
    assert [(one["key"], one["category"], one["conversation"]) for one in suite["scores"]] == [
        ("test_it.py::TestIt::test_it[1]", "of the class", "of the module"),
        ("test_it.py::TestIt::test_it[2]", "of the parameter", "of the module"),
    ]


def test_a_bare_marker_says_all_that_must_be(run, pytester):
    """The suite is the file, its baseline beside it, and every test a conversation of its own."""
    run("--memory-eval-json=out.json", a__b__test_it="@pytest.mark.memory_eval\ndef test_it():\n    pass\n")
    suite, key = suite_of(pytester), "a/b/test_it.py::test_it"
    assert (suite["suite"], suite["baseline"]) == ("a/b/test_it", "a/b/baselines/test_it.json")
    assert suite["scores"] == [{"key": key, "conversation": key, "category": "", "value": 1.0, "words": ""}]


def test_the_digest_is_that_of_the_data(run, pytester):
    """A file or a folder that the scores depend on is digested; other bytes, or another name, are other data."""
    digests = []
    for name, content in [("a", "1"), ("a", "2"), ("b", "2"), ("b", "2")]:
        folder = pytester.mkdir(f"data{len(digests)}")
        (folder / name).write_text(content)
        run(
            "--memory-eval-json=out.json",
            test_it=f"@pytest.mark.memory_eval(data='{folder.name}')\ndef test_it():\n    pass\n",
        )
        digests.append(suite_of(pytester)["digest"])
    assert digests[2] == digests[3]
    assert len(set(digests)) == 3
    assert {len(digest) for digest in digests} == {64}


def test_pytest_shows_it_among_the_markers_and_fixtures(pytester):
    """`pytest --markers` and `pytest --fixtures` have a sentence for each."""
    shown = pytester.runpytest_inprocess("--markers").stdout.str()
    assert (
        "@pytest.mark.memory_eval(suite=..., baseline=..., data=..., category=..., conversation=..., n=..., k=...): "
        "the test is scored: 1 when it passes, 0 when an assertion does not hold, or what the fixture memory_eval is "
        "told. It fails nothing by itself; at the end its suite is compared with the baseline, a file beside the "
        "test's. With n it is run with so many recorded samples, of which k must pass. (fakememtrace)\n" in shown
    )
    fixtures = pytester.runpytest_inprocess("--fixtures").stdout
    for name, words in {
        "memory_eval": "What a test marked ``memory_eval`` is worth: ``score(0.8)``, ``ranked(found, gold, k=5)``, *",
        "memory_eval_sample": "Which of the n recorded samples of a memory eval the test runs with, from 1; *",
    }.items():
        fixtures.fnmatch_lines([f"{name} -- *in_pytest/fixtures.py:*", f"    {words}"])


def test_its_options_are_told(pytester):
    """`pytest --help` has the options."""
    shown = " ".join(pytester.runpytest_inprocess("--help").stdout.str().split())
    assert (
        "memory evals (fakememtrace): "
        "--memory-evals=PATH Also run the contract evals in PATH, each case in each dialect. "
        "--memory-eval-bless Write what the marked tests are worth into their baselines. "
        "--memory-eval-json=FILE Write all scores and verdicts of marked tests to FILE." in shown
    )


def test_who_marks_nothing_hears_nothing(run, pytester):
    """Without a marked test there is no section, and with --memory-eval-json a file without suites."""
    result = run("--memory-eval-json=out.json", test_it="def test_it():\n    pass\n")
    result.assert_outcomes(passed=1)
    assert (result.ret, told(result)) == (0, [])
    document = json.loads((pytester.path / "out.json").read_text("utf-8"))
    assert document == {"format": "fakememtrace-memory-evals", "version": 1, "suites": []}
