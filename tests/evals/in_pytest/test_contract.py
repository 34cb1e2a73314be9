"""`pytest --memory-evals evals`: contract evals as tests, which fail when they are not met."""

from __future__ import annotations

import shutil

import pytest

from ..authors import EVALS
from ..helpers import BODY, case_file
from .helpers import told


@pytest.fixture
def cases(pytester):
    """A folder with one case."""

    def cases(body=BODY):
        (pytester.path / "evals").mkdir(exist_ok=True)
        return case_file(pytester.path / "evals", body)

    return cases


def unscored(pytester):
    """Cases with Claude, and none of the verdicts on its answers."""
    shutil.copytree(EVALS / "cassettes", pytester.path / "evals" / "cassettes")
    shutil.copy(EVALS / "8_claude.toml", pytester.path / "evals")
    (pytester.path / "evals" / "verdicts.json").write_text('{"verdicts": []}')


def test_every_case_is_a_test_in_every_dialect(run, cases):
    """They are collected beside the tests that are there."""
    cases()
    result = run("-v", "--memory-evals=evals", test_it="def test_it():\n    pass\n")
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines_random(
        ["evals/cases.toml::demo[[]0.2.0] PASSED *", "evals/cases.toml::demo[[]documented] PASSED *", "test_it.py::*"]
    )


@pytest.mark.parametrize(
    ("options", "passed"),
    [
        (["evals"], 2),
        (["evals/cases.toml"], 2),
        (["evals/cases.toml::demo[documented]"], 1),
        (["-k", "demo and documented"], 1),
        (["."], 3),
    ],
)
def test_they_are_chosen_like_any_test(run, cases, options, passed):
    """A folder, a file, a test and a word all choose among them, and nothing is run twice."""
    cases()
    result = run("--memory-evals=evals", *options, test_it="def test_it():\n    pass\n")
    result.assert_outcomes(passed=passed, deselected=2 if "-k" in options else 0)


def test_without_the_option_they_are_not_there(run, cases):
    """Nobody's TOML files are taken unasked."""
    cases()
    run(test_it="def test_it():\n    pass\n").assert_outcomes(passed=1)


def test_a_case_that_is_not_met_fails(run, cases):
    """What was expected and found is said, and where it was lost, without a traceback."""
    cases(BODY.replace("both = 1.0", '"0.2.0" = 0.0, documented = 1.0'))
    result = run("--memory-evals=evals")
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        [
            "*_ demo[[]0.2.0] _*",
            "FAILED   demo (0.2.0): 1 of 1 came back; 4 calls, 5 tokens",
            "            list: expected 0.0, found 1.0",
        ]
    )
    assert "contract.py" not in result.stdout.str()


def test_a_case_that_crashes_fails(run, cases):
    """A case that cannot go on is told in its words."""
    cases(BODY.replace('{ store = "tea" }', '{ store = "tea", session = "tuesday" }'))
    result = run("--memory-evals=evals")
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["CRASHED  demo (0.2.0): no fact traced; 0 calls, 0 tokens"])


def test_what_is_unscored_fails_the_run_and_no_test(run, pytester):
    """It is skipped, and at the end it is said that nobody can say that all is well."""
    unscored(pytester)
    result = run("--memory-evals=evals", "-k", "judged-answer")
    result.assert_outcomes(skipped=2, deselected=10)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    words = "judge: no verdict is recorded for this question, answer, context and rubric"
    assert told(result, "contract evals: cannot be gated") == [
        f"evals/8_claude.toml::judged-answer[{dialect}]: {words}" for dialect in ("0.2.0", "documented")
    ]


def test_a_broken_file_is_an_error(run, cases):
    """File, case and field are named."""
    cases(BODY.replace("measure", "mesure"))
    result = run("--memory-evals=evals")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*/evals/cases.toml, case 'demo', probe 1, \"mesure\": unknown field 'mesure'. Did you mean 'measure'?*"]
    )
    assert "Traceback" not in result.stdout.str()


@pytest.mark.parametrize("given", ["none", "test_it.py/none", "."])
def test_where_there_are_no_cases_nothing_runs(run, given):
    """A wrong path is refused before anything is collected."""
    result = run(f"--memory-evals={given}", test_it="raise ValueError('collected')")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(
        [
            f"ERROR: --memory-evals={given}: there are no cases here.",
            "What to do: name a folder with case files (*.toml), or one of those.",
        ]
    )
    assert "collected" not in result.stdout.str()


def test_workers_run_them_as_well(run, cases):
    """With pytest-xdist each case is run once."""
    cases()
    run("-n", "1", "--memory-evals=evals").assert_outcomes(passed=2)


def test_workers_say_what_is_unscored(run, pytester):
    """It fails the run as it does in one process."""
    unscored(pytester)
    result = run("-n", "1", "--memory-evals=evals", "-k", "judged-answer")
    assert len(told(result, "contract evals: cannot be gated")) == 2
    assert result.ret == pytest.ExitCode.TESTS_FAILED
