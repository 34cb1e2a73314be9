"""What a marked test is worth: what it says, a passing test 1, a failed assertion 0, and all else nothing."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree

import pytest

from ...claude.helpers import conversation
from .helpers import scores, suite_of, told

MARK = "@pytest.mark.memory_eval\n"
JSON = "--memory-eval-json=out.json"


def one(body, arguments="memory_eval"):
    """A marked test."""
    return f"{MARK}def test_it({arguments}):\n    {body}\n"


def other(body, arguments="memory_eval"):
    """Another one."""
    return one(body, arguments).replace("test_it", "test_2")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("0.25", 0.25),
        ("1", 1.0),
        ("True", 1.0),
        ("False", 0.0),
        ("2 / 3", 0.666666667),
        ("__import__('fractions').Fraction(1, 4)", 0.25),
        ("0", 0.0),
    ],
)
def test_a_score_is_kept(run, pytester, value, shown):
    """Whatever the number, the test does not fail for it; nine digits of it are kept."""
    result = run(JSON, "--memory-eval-bless", test_it=one(f"memory_eval.score({value}, words='why')"))
    assert scores(pytester) == {"test_it": (shown, "why")}
    assert result.ret == 0


def test_a_test_that_passes_is_worth_1(run, pytester):
    """Who does not ask for the fixture says by passing what the test is worth."""
    result = run(JSON, "--memory-eval-bless", test_it=one("assert 'tea' in 'green tea'", ""))
    assert scores(pytester) == {"test_it": (1.0, "")}
    result.assert_outcomes(passed=1)


def test_an_assertion_that_does_not_hold_is_a_0(run, pytester):
    """It fails nothing by itself: the test is counted as scored below 1, and its words are kept."""
    result = run(JSON, "--memory-eval-bless", test_it=one("assert 'tea' in 'coffee', 'no tea'\n", ""))
    value, words = scores(pytester)["test_it"]
    assert (value, words) == (0.0, "no tea")
    result.stdout.fnmatch_lines(["test_it.py b *", "*= 1 scored below 1 in *"])
    assert (result.ret, "Error" in result.stdout.str()) == (0, False)


def test_an_assertion_after_a_score_is_a_0(run, pytester):
    """What was said before does not count then."""
    run(JSON, test_it=one("memory_eval.score(0.75)\n    assert 1 + 1 == 3"))
    assert scores(pytester) == {"test_it": (0.0, "assert (1 + 1) == 3")}


def test_only_the_beginning_of_the_words_is_kept(run, pytester):
    """The first line of an assertion, which is the same in CI and with -v, and 200 letters of it."""
    run(JSON, test_it=one(f"assert not {list(range(50))}, 'x' * 150 + '-' + 'y' * 100 + '\\nmore'", ""))
    assert scores(pytester)["test_it"] == (0.0, "x" * 150 + "-" + "y" * 49)


def test_verbose_shows_the_whole_assertion(run):
    """With -v every score is told, and each assertion that did not hold is shown as that of a failure."""
    result = run("-v", test_it=one("tea = 'coffee'\n    assert 'tea' in tea", "") + other("pass", ""))
    result.stdout.fnmatch_lines(
        [
            "test_it.py::test_it SCORED 0.0 *",
            "test_it.py::test_2 SCORED 1.0 *",
            "*- scored 0.0: test_it.py::test_it -*",
            ">       assert 'tea' in tea",
            "E       AssertionError: assert 'tea' in 'coffee'",
            "*= memory evals =*",
        ]
    )
    assert "scored 0.0: test_it.py::test_2" not in result.stdout.str()


CRASHES = {
    "raise ValueError('no such fact')": "ValueError: no such fact",
    "raise ExceptionGroup('two', [AssertionError()])": "ExceptionGroup: two (1 sub-exception)",
    "pytest.fail('it is over')": "Failed: it is over",
    "__import__('fakememtrace').Journal().assert_clean(); raise __import__('fakememtrace').UnexpectedTraffic('odd')": (
        "UnexpectedTraffic: odd"
    ),
}


@pytest.mark.parametrize("body", CRASHES)
def test_a_crash_is_no_0(run, pytester, body):
    """Whatever else is raised fails the test as ever, and has no score, even where one was given."""
    if "ExceptionGroup" in body and not hasattr(__import__("builtins"), "ExceptionGroup"):
        pytest.skip("this Python has no exception groups")
    result = run(JSON, test_it=one(f"memory_eval.score(1)\n    {body}"))
    result.assert_outcomes(failed=1)
    assert scores(pytester) == {"test_it": (None, f"crashed: {CRASHES[body]}")}
    assert told(result)[0] == "ungated  test_it: mean none → none, 0 items flipped"


@pytest.mark.parametrize(
    ("fixture", "outcome", "words"),
    [
        ("assert False, 'no database'\n    yield", {"errors": 1}, "crashed: AssertionError: no database"),
        ("yield\n    assert False, 'left open'", {"passed": 1, "errors": 1}, "crashed: AssertionError: left open"),
    ],
    ids=["set-up", "teardown"],
)
def test_what_fails_around_the_test_is_a_crash(run, pytester, fixture, outcome, words):
    """An assertion in a fixture says nothing of a memory: it is an error, and the test has no score."""
    fixture = f"@pytest.fixture\ndef around():\n    {fixture}\n\n"
    result = run(JSON, test_it=fixture + one("pass", "around"))
    result.assert_outcomes(**outcome)
    assert scores(pytester) == {"test_it": (None, words)}


def test_unexpected_traffic_is_a_crash(run, pytester):
    """A request that nobody can answer is no wrong answer of the memory, even if an assertion fails for it."""
    asked = "try:\n        httpx.get('https://x.example')\n    except httpx.ConnectError:\n        assert 0"
    result = run(JSON, test_it="import httpx\n\n" + one(asked, "fakememtrace"))
    result.assert_outcomes(errors=1)
    assert scores(pytester) == {"test_it": (None, "crashed: Failed: 1 problem in this world's traffic:")}


def test_after_a_0_nothing_need_be_asked_for(run, pytester):
    """Where an assertion ends the test, recorded answers that were not asked for are no error."""
    path = pytester.path / "cassettes" / "test_it" / "test_it.json"
    path.parent.mkdir(parents=True)
    conversation().save(path)
    result = run(JSON, test_it=one("assert 0", "fakememtrace"))
    assert scores(pytester) == {"test_it": (0.0, "assert 0")}
    result.stdout.fnmatch_lines(["*= 1 scored below 1 in *"])
    assert "3 of 3 recorded answers" not in result.stdout.str()
    run(test_it=one("pass", "fakememtrace")).assert_outcomes(passed=1, errors=1)


NO_SCORE = {
    "pass": "no score was given",
    "memory_eval.unscored('no judge was recorded')": "no judge was recorded",
    "memory_eval.unscored('no judge')\n    assert False": "no judge",
    "memory_eval.ranked(['a'], [])": "there is no gold",
    "pytest.skip('no network')": "skipped: no network",
    "pytest.skip()": "skipped: no reason was given",
    "pytest.xfail('later')": "skipped: later",
}


@pytest.mark.parametrize("body", NO_SCORE)
def test_no_score_is_said(run, pytester, body):
    """A test that asks for the fixture and says no score, cannot say one, or is skipped, is unscored: no 0, no 1."""
    result = run(JSON, test_it=one(body))
    assert scores(pytester) == {"test_it": (None, NO_SCORE[body])}
    assert told(result)[:2] == [
        "ungated  test_it: mean none → none, 0 items flipped",
        f"            1 item is unscored: test_it.py::test_it ({NO_SCORE[body]})",
    ]
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_test_without_a_score_is_shown_as_such(run):
    """It is counted as unscored, not among those that passed."""
    result = run("-v", test_it=one("pass"))
    result.stdout.fnmatch_lines(["test_it.py::test_it UNSCORED *", "*= 1 unscored in *"])


def test_a_test_may_have_many_scores(run, pytester):
    """Each has a key, and a category, conversation and words where it is given them."""
    body = (
        "memory_eval.score(1, key='q1', category='people')\n"
        "    memory_eval.score(0.5, key='q2', conversation='conv-2', words='half of it')\n"
        "    memory_eval.unscored('no gold', key='q3')"
    )
    two = other("memory_eval.score(0.25, key='a')\n    memory_eval.score(1)")
    result = run(JSON, "-v", test_it=one(body) + two)
    talk, second = "test_it.py::test_it", "test_it.py::test_2"
    assert suite_of(pytester)["scores"] == [
        {"key": "a", "conversation": second, "category": "", "value": 0.25, "words": ""},
        {"key": "q1", "conversation": talk, "category": "people", "value": 1.0, "words": ""},
        {"key": "q2", "conversation": "conv-2", "category": "", "value": 0.5, "words": "half of it"},
        {"key": "q3", "conversation": talk, "category": "", "value": None, "words": "no gold"},
        {"key": second, "conversation": second, "category": "", "value": 1.0, "words": ""},
    ]
    result.stdout.fnmatch_lines(["test_it.py::test_it UNSCORED *", "test_it.py::test_2 SCORED 0.625 (2 items) *"])


def test_an_assertion_among_scores_by_keys_is_a_failure(run, pytester):
    """Nobody knows which of the scores it would be, so the test fails as ever."""
    result = run(JSON, test_it=one("memory_eval.score(1, key='q1')\n    assert False, 'oh'"))
    result.assert_outcomes(failed=1)
    assert scores(pytester) == {"test_it": (None, "crashed: AssertionError: oh")}


@pytest.mark.parametrize(
    ("of", "value"),
    [("recall", 0.5), ("precision", 0.333333333), ("mrr", 1.0), ("recall_any", 1.0), ("recall_all", 0.0)],
)
def test_found_memories_are_ranked(run, pytester, of, value):
    """A ranking is worth what a metric says of it; its words never have recall without precision."""
    body = f"assert memory_eval.ranked(['a', 'b', 'c', 'd'], ['a', 'd'], 3, of={of!r}).hits == 1"
    run(JSON, test_it=one(body))
    assert scores(pytester) == {"test_it": (value, "recall@3 50.0, precision 33.3, 3 returned")}


MISUSED = {
    "score(7)": "memory_eval.score(7): expected a number from 0 to 1.\n"
    'What to do: for what cannot be scored, say memory_eval.unscored("why").',
    "score(float('nan'))": "memory_eval.score(nan): expected a number from 0 to 1.\n"
    'What to do: for what cannot be scored, say memory_eval.unscored("why").',
    "score(None)": "memory_eval.score(None): expected a number from 0 to 1.\n"
    'What to do: for what cannot be scored, say memory_eval.unscored("why").',
    "unscored('')": "memory_eval.unscored(): expected words that say why.\nWhat to do: give them.",
    "ranked([], [], of='recal')": "memory_eval.ranked(of='recal'): there is no such metric. Did you mean 'recall'?\n"
    "Known: recall, recall_any, recall_all, precision, f1, mrr, ndcg and ndcg_longmemeval.",
    "score(1)\n    memory_eval.score(0)": "memory_eval: there is a score of 'test_it.py::test_it' already.\n"
    'What to do: give every score of a test a key of its own: score(0.5, key="q1").',
}


@pytest.mark.parametrize("call", MISUSED)
def test_a_misused_fixture_fails_in_words(run, pytester, call):
    """What can be no score is refused where it is said, and is a crash."""
    result = run(JSON, test_it=one(f"memory_eval.{call}"))
    result.assert_outcomes(failed=1)
    first, *more = MISUSED[call].splitlines()
    result.stdout.fnmatch_lines([f"E *UsageError: {first}", *(f"E * {line}" for line in more)])
    assert scores(pytester) == {"test_it": (None, f"crashed: UsageError: {first}")}


def test_the_fixture_is_for_marked_tests(run):
    """Another test that asks for it is told to be marked."""
    result = run(test_it="def test_it(memory_eval):\n    pass\n")
    result.assert_outcomes(errors=1)
    words = "the fixture memory_eval is for tests that are marked, and this one is not.\n"
    assert f"{words}What to do: write @pytest.mark.memory_eval above it.\n" in result.stdout.str()


def test_every_kind_of_test_can_be_marked(run, pytester):
    """Methods, unittest's too, and tests with subtests, of which one that does not hold is a 0 of the whole."""
    test = """
import unittest

class TestUnit(unittest.TestCase):
    @pytest.mark.memory_eval
    def test_unit(self):
        self.assertEqual("tea", "coffee")

class TestClass:
    @pytest.mark.memory_eval
    def test_class(self):
        pass

@pytest.mark.memory_eval
def test_parts(subtests):
    for drink in ("tea", "coffee", "tea"):
        with subtests.test(drink=drink):
            assert drink == "tea"
"""
    if not hasattr(pytest, "Subtests"):
        test = test.partition("@pytest.mark.memory_eval\ndef test_parts")[0]
    result = run(JSON, test_it=test)
    found = scores(pytester)
    assert found.pop("TestUnit::test_unit")[0] == 0.0
    assert found.pop("TestClass::test_class") == (1.0, "")
    if found:
        assert found["test_parts"][0] == 0.0
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    assert not result.parseoutcomes().get("failed")


def test_junit_has_the_scores(run, pytester):
    """Each score is a property of its test, which did not fail."""
    run("--junitxml=out.xml", test_it=one("assert 0", ""))
    (case,) = ElementTree.parse(pytester.path / "out.xml").getroot().iter("testcase")
    assert [dict(one.attrib) for one in case.iter("property")] == [
        {"name": "memory_eval", "value": "test_it.py::test_it: 0.0"}
    ]
    assert not list(case.iter("failure"))


def test_a_test_that_is_run_again_counts_once(run, pytester):
    """Of several tries the last is what it is worth."""
    again = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for _ in range(2):
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
    return True
"""
    tries = one("tries.append(1)\n    memory_eval.score(len(tries) / 4)")
    run(JSON, conftest=again, test_it=f"tries = []\n\n{tries}")
    assert scores(pytester) == {"test_it": (0.5, "")}
