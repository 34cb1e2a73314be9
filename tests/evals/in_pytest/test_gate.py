"""The end of the run: every suite is compared with its baseline, and blessed only when somebody asks for it."""

from __future__ import annotations

import json
import sys

import pytest

from fakememtrace.report.text import labelled

from .helpers import baseline, suite_of, told

JSON, BLESS = "--memory-eval-json=out.json", "--memory-eval-bless"
OK, FAILED = pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED
MAYBE = (
    "the mean fell by 0.2500, which is more than the tolerance of 0.0100, but the 95 % interval of the difference, "
    "-0.5000 to 0.0000, does not exclude zero"
)
CORRECT = "            What to do: correct it; or where this is as it should be, pytest --memory-eval-bless."


def labelled_lines(words):
    """A paragraph as the terminal has it."""
    return [line.text for line in labelled("", words, "")]


def suite(*values, mark=""):
    """Tests ``test_0``, ``test_1``, ... with these scores."""
    return "\n".join(
        f"@pytest.mark.memory_eval({mark})\ndef test_{number}(memory_eval):\n    memory_eval.score({value})\n"
        for number, value in enumerate(values)
    )


@pytest.fixture
def rules(pytester):
    """Changes what a baseline says beside its items."""

    def rules(**changes):
        path = pytester.path / "baselines" / "test_it.json"
        path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), "utf-8")

    return rules


def test_without_a_baseline_nobody_knows(run, pytester):
    """The run fails, says how the baseline is written, and writes none by itself."""
    result = run(test_it=suite(0.75))
    assert told(result) == [
        "ungated  test_it: mean none → 0.7500, 0 items flipped",
        "            there is no baseline",
        "            What to do: pytest --memory-eval-bless writes baselines/test_it.json.",
    ]
    assert (result.ret, (pytester.path / "baselines").exists()) == (FAILED, False)


def test_what_is_blessed_passes_from_then_on(run, pytester):
    """The baseline is written when it is asked for, and then the same scores pass, whatever they are."""
    result = run(BLESS, test_it=suite(0.75, 0))
    assert told(result) == ["blessed  test_it: 2 items, mean none → 0.3750; baselines/test_it.json written"]
    assert (result.ret, baseline(pytester)) == (OK, {"test_0": 0.75, "test_1": 0.0})
    result = run()
    assert told(result) == ["ok       test_it: mean 0.3750 → 0.3750, 0 items flipped"]
    assert result.ret == OK
    written = (pytester.path / "baselines/test_it.json").read_bytes()
    assert told(run(BLESS)) == ["blessed  test_it: 2 items, mean 0.3750 → 0.3750; baselines/test_it.json as before"]
    assert (pytester.path / "baselines/test_it.json").read_bytes() == written


def test_what_fell_everywhere_is_a_regression(run, pytester):
    """The mean fell by more than the tolerance and the interval excludes zero: the run fails though no test does."""
    run(BLESS, test_it=suite(1, 1, 1, 0.5))
    result = run(test_it=suite(0.5, 0.5, 0.75, 0.25))
    assert told(result) == [
        "FAILED   test_it: mean 0.8750 → 0.5000, 4 items flipped",
        "            the mean fell by 0.3750, which is more than the tolerance of 0.0100, and the 95 %",
        "              interval of the difference, -0.5000 to -0.2500, excludes zero",
        "  flipped   test_it.py::test_0: 1.0000 → 0.5000",
        "  flipped   test_it.py::test_1: 1.0000 → 0.5000",
        "  flipped   test_it.py::test_2: 1.0000 → 0.7500",
        "  flipped   test_it.py::test_3: 0.5000 → 0.2500",
        CORRECT,
    ]
    assert result.ret == FAILED
    assert not result.parseoutcomes().get("failed")
    assert baseline(pytester)["test_0"] == 1.0


def test_what_fell_once_may_be_chance(run):
    """One of many that flipped is named with its words, and the run passes."""
    run(BLESS, test_it=suite(1, 1, 1, 1))
    result = run(test_it=suite(1, 1, 1, 1).replace("score(1)", "score(0.5, words='half of it')", 1))
    assert told(result) == [
        "ok       test_it: mean 1.0000 → 0.8750, 1 item flipped",
        "            the mean fell by 0.1250, which is more than the tolerance of 0.0100, but the 95 %",
        "              interval of the difference, -0.3750 to 0.0000, does not exclude zero",
        "  flipped   test_it.py::test_0: 1.0000 → 0.5000 (half of it)",
    ]
    assert result.ret == OK


def test_one_conversation_is_no_chance(run):
    """Items of one conversation are not independent of each other: with one alone a fall is a regression."""
    run(BLESS, test_it=suite(1, 1, 1, 1, mark="conversation='ada'"))
    result = run(test_it=suite(1, 1, 1, 0.5, mark="conversation='ada'"))
    assert told(result)[:3] == [
        "FAILED   test_it: mean 1.0000 → 0.8750, 1 item flipped",
        "            the mean fell by 0.1250, which is more than the tolerance of 0.0100; one conversation",
        "              cannot be resampled, so this alone decides",
    ]
    assert result.ret == FAILED


def test_a_category_has_a_floor(run, rules):
    """A category below the floor in the baseline fails the run, and is not blessed."""
    many = suite(1, 1, 1, 1) + suite(0.5, mark="category='people'").replace("test_0", "test_people")
    run(BLESS, test_it=many)
    rules(floors={"people": 0.5})
    assert run().ret == OK
    result = run(test_it=many.replace("0.5", "0.25"))
    assert told(result)[:4] == [
        "FAILED   test_it: mean 0.9000 → 0.8500, 1 item flipped",
        "            the mean fell by 0.0500, which is more than the tolerance of 0.0100, but the 95 %",
        "              interval of the difference, -0.1500 to 0.0000, does not exclude zero",
        "            category 'people' is at 0.2500, below its floor of 0.5000",
    ]
    assert result.ret == FAILED
    result = run(BLESS)
    assert told(result) == [
        "refused  test_it: it is not blessed",
        "            test_it: this run cannot be blessed: category 'people' is at 0.2500, below its floor of",
        "              0.5000.",
        "            A baseline must have a score for every item, and must not be below its own floors. What",
        "              to do: correct the run, or lower the floor in the baseline first.",
    ]
    assert result.ret == FAILED


def test_blessing_keeps_the_rules(run, pytester, rules):
    """Tolerance, floors and the seed are somebody's decision, and stay as they are."""
    run(BLESS, test_it=suite(1, 1))
    rules(tolerance=0.2, floors={"": 0.5}, seed=7, resamples=99)
    run(BLESS, test_it=suite(1, 0.75))
    kept = json.loads((pytester.path / "baselines/test_it.json").read_text("utf-8"))
    assert [kept[name] for name in ("tolerance", "floors", "seed", "resamples")] == [0.2, {"": 0.5}, 7, 99]
    assert baseline(pytester) == {"test_0": 1.0, "test_1": 0.75}


def test_a_test_that_is_gone_cannot_be_gated(run, pytester):
    """Who deletes the test that fell is told so, until that is blessed."""
    run(BLESS, test_it=suite(1, 0.5))
    result = run(test_it=suite(1))
    assert told(result) == [
        "ungated  test_it: mean 0.7500 → 1.0000, 0 items flipped",
        "            1 item of the baseline is missing: test_it.py::test_1",
        CORRECT,
    ]
    assert result.ret == FAILED
    assert run(BLESS).ret == OK
    assert (run().ret, baseline(pytester)) == (OK, {"test_0": 1.0})


def test_options_that_leave_nothing_out_hide_nothing(run):
    """With -m or -k in the project's options a test that is gone is missed as ever."""
    options = ["-m", "not slow", "-k", "test_it"]
    run(BLESS, test_it=suite(1, 0.5))
    result = run(*options, test_it=suite(1))
    assert told(result)[1] == "            1 item of the baseline is missing: test_it.py::test_1"
    assert result.ret == FAILED


def test_a_file_that_is_not_collected_hides_its_tests(run):
    """With --ignore, or where a file is broken, nobody knows which tests there are: nothing is gated."""
    talks = suite(1, mark="suite='talks', baseline='talks.json'")
    run(BLESS, test_it=talks, test_two=talks)
    result = run("--ignore=test_two.py")
    assert told(result)[1] == "            not gated, since test_two.py::test_0 did not run (--ignore was given)"
    assert result.ret == OK
    result = run("--continue-on-collection-errors", test_two="raise ValueError")
    assert told(result) == [
        "skipped  talks: 1 item of 2 here, mean 1.0000 → 1.0000",
        "            not gated, since test_two.py::test_0 did not run (test_two.py could not be collected)",
    ]
    assert result.ret == FAILED


def test_a_new_test_cannot_be_gated(run):
    """It is worth nothing yet, until it is blessed."""
    run(BLESS, test_it=suite(1))
    result = run(test_it=suite(1, 1))
    assert told(result) == [
        "ungated  test_it: mean 1.0000 → 1.0000, 0 items flipped",
        "            1 item is not in the baseline: test_it.py::test_1",
        CORRECT,
    ]
    assert result.ret == FAILED


def test_a_crash_cannot_be_gated(run):
    """The test fails, and the suite is not judged as if it had been a 0, nor without it."""
    run(BLESS, test_it=suite(1, 0.5))
    result = run(test_it=suite(1, 0.5).replace("score(0.5)", "score(0.5); raise ValueError('oh')"))
    result.assert_outcomes(failed=1, passed=1)
    assert told(result) == [
        "ungated  test_it: mean 0.7500 → 1.0000, 0 items flipped",
        "            1 item is unscored: test_it.py::test_1 (crashed: ValueError: oh)",
        "            What to do: let every one of its tests run to its end and say a score.",
    ]
    assert result.ret == FAILED


def test_other_data_cannot_be_gated(run, pytester):
    """Scores of other data are not comparable, even when they are the same."""
    (pytester.path / "facts.json").write_text("[1]")
    run(BLESS, test_it=suite(1, mark="data='facts.json'"))
    assert run().ret == OK
    (pytester.path / "facts.json").write_text("[2]")
    result = run()
    assert told(result)[0] == "ungated  test_it: mean none → 1.0000, 0 items flipped"
    assert told(result)[1].startswith("            the data is other data: its digest is ")
    assert result.ret == FAILED


PARTS = {
    "-k": (["-k", "0 or 1"], "-k was given; tests were deselected"),
    "-m": (["-m", "not slow"], "-m was given; tests were deselected"),
    "--deselect": (["--deselect", "test_it.py::test_2"], "--deselect was given; tests were deselected"),
    "a test": (["test_it.py::test_0", "test_it.py::test_1"], "paths were given; tests were deselected"),
    "conftest": ([], "tests were deselected"),
}


@pytest.mark.parametrize("way", PARTS)
def test_a_part_of_the_suite_is_not_gated(run, pytester, way):
    """What was left out on purpose is no regression: it is said, and so is what is worth less of the rest."""
    options, why = PARTS[way]
    files = {"test_it": suite(1, 1, 1).replace("@", "@pytest.mark.slow\n@", 3).replace("@pytest.mark.slow\n", "", 2)}
    files["conftest"] = "def pytest_configure(config):\n    config.addinivalue_line('markers', 'slow')\n"
    run(BLESS, **files)
    if way == "conftest":
        files["conftest"] += (
            "def pytest_collection_modifyitems(config, items):\n"
            "    config.hook.pytest_deselected(items=[items.pop()])\n"
        )
    files["test_it"] = files["test_it"].replace("score(1)", "score(0)", 1)
    result = run(JSON, *options, **files)
    assert told(result) == [
        "skipped  test_it: 2 items of 3 here, mean 1.0000 → 0.5000",
        *labelled_lines(f"not gated, since test_it.py::test_2 did not run ({why})"),
        "  less      test_it.py::test_0: 1.0000 → 0.0000",
    ]
    suite_ = suite_of(pytester)
    assert result.ret == OK
    assert (suite_["state"], suite_["why"]) == ("skipped", f"test_it.py::test_2 did not run ({why})")


def test_a_part_without_a_baseline_is_not_gated(run):
    """Who tries out a new test by itself is not failed for the baseline that is not written yet."""
    result = run("-k", "0", test_it=suite(1, 1))
    assert told(result) == [
        "skipped  test_it: there is no baseline",
        "            not gated, since test_it.py::test_1 did not run (-k was given; tests were deselected)",
    ]
    assert result.ret == OK


def test_a_run_that_was_stopped_is_not_gated(run):
    """After -x the run has failed anyway, and what did not run is said."""
    run(BLESS, test_it=suite(1, 1))
    broken = suite(1, 1).replace("\n@", "\ndef test_broken():\n    raise ValueError\n\n@", 1)
    result = run("-x", test_it=broken)
    assert told(result) == [
        "skipped  test_it: 1 item of 2 here, mean 1.0000 → 1.0000",
        "            not gated, since test_it.py::test_1 did not run (the run was stopped)",
    ]
    assert result.ret == FAILED


def test_all_of_a_suite_is_gated_wherever_the_run_ends(run):
    """With paths or -k that leave nothing of the suite out the gate is closed as ever."""
    files = {
        "test_it": suite(1, 1),
        "test_more": suite(1).replace("test_0", "test_more"),
        "test_not": "def test_no(): 0",
    }
    run(BLESS, **files)
    files["test_it"] = suite(0, 0)
    for options in (["test_it.py"], ["-k", "test_it.py"]):
        result = run(*options, **files)
        assert told(result)[0] == "FAILED   test_it: mean 1.0000 → 0.0000, 2 items flipped"
        assert result.ret == FAILED


def test_a_suite_may_be_in_several_files(run, pytester):
    """They name it and its baseline; a run of one of the files is a part of it."""
    one, two = (suite(1, mark=f"suite='talks', baseline='{where}talks.json'") for where in ("", "../"))
    result = run(BLESS, test_it=one, more__test_more=two)
    assert told(result) == ["blessed  talks: 2 items, mean none → 1.0000; talks.json written"]
    assert baseline(pytester, "talks.json") == {"test_0": 1.0, "more/test_more.py::test_0": 1.0}
    assert run().ret == OK
    assert told(run("more")) == [
        "skipped  talks: 1 item of 2 here, mean 1.0000 → 1.0000",
        "            not gated, since test_it.py::test_0 did not run (paths were given)",
    ]
    assert told(run("more", BLESS)) == [
        "refused  talks: it is not blessed",
        "            test_it.py::test_0 did not run (paths were given).",
        "            What to do: run all of the suite with --memory-eval-bless.",
    ]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (
            ["-k", "0"],
            suite(1, 1),
            [
                "            test_it.py::test_1 did not run (-k was given; tests were deselected).",
                "            What to do: run all of the suite with --memory-eval-bless.",
            ],
        ),
        (
            [],
            suite(1, "1); raise ValueError('oh'"),
            [
                "            test_it: this run cannot be blessed: 1 item is unscored: test_it.py::test_1 (crashed:",
                "              ValueError: oh).",
                "            A baseline must have a score for every item, and must not be below its own floors. What",
                "              to do: correct the run, or lower the floor in the baseline first.",
            ],
        ),
        (
            [],
            suite(1, 1).replace("score(1)", "unscored('no judge')", 1),
            [
                "            test_it: this run cannot be blessed: 1 item is unscored: test_it.py::test_0 (no judge).",
                "            A baseline must have a score for every item, and must not be below its own floors. What",
                "              to do: correct the run, or lower the floor in the baseline first.",
            ],
        ),
    ],
    ids=["deselected", "crashed", "unscored"],
)
def test_not_everything_is_blessed(run, pytester, options, code, words):
    """A baseline is of a whole suite with a score for everything; else the old one stays."""
    run(BLESS, test_it=suite(0, 0))
    result = run(BLESS, *options, test_it=code)
    assert told(result) == ["refused  test_it: it is not blessed", *words]
    assert (result.ret, baseline(pytester)) == (FAILED, {"test_0": 0.0, "test_1": 0.0})


def test_where_nothing_ran_nothing_is_blessed(run):
    """Who blesses a run without memory evals is told so."""
    result = run(BLESS, test_it="def test_it():\n    pass\n")
    assert (told(result), result.ret) == (["nothing is blessed, since no memory eval ran"], FAILED)


CONFLICTS = {
    "two baselines": (
        suite(1, mark="baseline='a.json'") + suite(1, mark="baseline='b.json'").replace("_0", "_1"),
        [
            "            test_it.py::test_0 has the baseline a.json, and test_it.py::test_1 b.json.",
            "            What to do: say the same baseline=... in every marker of the suite, or give them suites",
            "              of their own.",
        ],
    ),
    "two kinds of data": (
        suite(1, mark="data='test_it.py'") + suite(1).replace("_0", "_1"),
        [
            "            test_it.py::test_0 has other data than test_it.py::test_1.",
            "            What to do: say the same data=... in every marker of the suite, or give them suites of",
            "              their own.",
        ],
    ),
}


@pytest.mark.parametrize("options", [[], [BLESS]], ids=["gated", "blessed"])
@pytest.mark.parametrize("case", CONFLICTS)
def test_a_suite_that_does_not_agree_cannot_be_gated(run, case, options):
    """Its tests must be compared with one baseline, of one kind of data."""
    code, words = CONFLICTS[case]
    result = run(*options, test_it=code)
    assert told(result) == ["ungated  test_it: it cannot be gated", *words]
    assert result.ret == FAILED


def test_two_suites_with_one_baseline_cannot_be_gated(run, pytester):
    """Neither would leave the other its items."""
    mark = "suite='{}', baseline='one.json'"
    code = suite(1, mark=mark.format("a")) + suite(1, mark=mark.format("b")).replace("_0", "_1")
    result = run(BLESS, test_it=code)
    assert told(result) == [
        "ungated  a: it cannot be gated",
        "            its baseline one.json is that of 'b', too.",
        "            What to do: name another file for one of them, baseline=...",
        "ungated  b: it cannot be gated",
        "            its baseline one.json is that of 'a', too.",
        "            What to do: name another file for one of them, baseline=...",
    ]
    assert not (pytester.path / "one.json").exists()


def test_a_key_that_two_tests_use_cannot_be_gated(run):
    """It is said whose score it would be."""
    code = suite(1, 0).replace("score(1", "score(1, key='q'").replace("score(0", "score(0, key='q'")
    result = run(test_it=code)
    assert told(result)[:2] == [
        "ungated  test_it: mean none → 0.5000, 0 items flipped",
        "            1 key stands for several items: q",
    ]
    assert result.ret == FAILED


@pytest.mark.parametrize("options", [[], [BLESS]], ids=["gated", "blessed"])
def test_a_broken_baseline_cannot_be_gated(run, pytester, options):
    """It is said what is wrong in it, and it stays as it is: nobody's rules are lost."""
    run(BLESS, test_it=suite(1))
    path = pytester.path / "baselines/test_it.json"
    path.write_text("{")
    result = run(*options)
    assert told(result) == [
        "ungated  test_it: it cannot be gated",
        "            baselines/test_it.json, line 1 column 2: this is not JSON: Expecting property name",
        "              enclosed in double quotes.",
        "            Take it from version control; or delete it, and pytest --memory-eval-bless writes it",
        "              anew.",
    ]
    assert (result.ret, path.read_text()) == (FAILED, "{")


def test_a_baseline_that_cannot_be_written_is_said(run, pytester):
    """A file where its folder should be is named."""
    (pytester.path / "baselines").write_text("")
    result = run(BLESS, test_it=suite(1))
    assert told(result)[0] == "refused  test_it: it is not blessed"
    assert result.ret == FAILED


def test_scores_that_cannot_be_written_are_said(run, pytester):
    """A file in a folder that is not there fails the run in words."""
    run(BLESS, test_it=suite(1))
    result = run("--memory-eval-json=none/out.json")
    assert told(result) == [
        "ok       test_it: mean 1.0000 → 1.0000, 0 items flipped",
        f"{pytester.path}/none/out.json: cannot be written: No such file or directory.",
        "Name another file.",
    ]
    assert result.ret == FAILED


def test_without_scipy_it_says_what_to_install(run, monkeypatch):
    """Comparing needs the extra; a run without it fails in words."""
    run(BLESS, test_it=suite(1, 1))
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    result = run(test_it=suite(1, 0))
    assert told(result) == [
        "ungated  test_it: mean 1.0000 → 0.5000, 1 item flipped",
        '            The gate needs SciPy. Install it with: pip install "fakememtrace[evals]"',
        "  flipped   test_it.py::test_1: 1.0000 → 0.0000",
    ]
    assert result.ret == FAILED


def test_a_failure_beside_it_stays_one(run):
    """A test that fails fails the run, and the suite passes for itself."""
    run(BLESS, test_it=suite(1))
    result = run(test_other="def test_other():\n    assert 0\n")
    result.assert_outcomes(failed=1, passed=1)
    assert told(result) == ["ok       test_it: mean 1.0000 → 1.0000, 0 items flipped"]
    assert result.ret == FAILED


def test_everything_is_in_a_file(run, pytester):
    """--memory-eval-json has the verdict with its numbers, every score with its words, and no path of this machine."""
    run(BLESS, test_it=suite(1, 1))
    run(JSON, test_it=suite(1, "0.5, words='half'"))
    assert suite_of(pytester) == {
        "suite": "test_it",
        "state": "passed",
        "baseline": "baselines/test_it.json",
        "digest": "",
        "why": "",
        "verdict": {
            "name": "test_it",
            "state": "passed",
            "mean_before": 1.0,
            "mean_now": 0.75,
            "interval": [-0.5, 0.0],
            "flipped": [
                {
                    "key": "test_it.py::test_1",
                    "conversation": "test_it.py::test_1",
                    "category": "",
                    "before": 1.0,
                    "now": 0.5,
                    "words": "half",
                }
            ],
            "fallen": [],
            "words": [MAYBE],
        },
        "left": [],
        "scores": [
            {
                "key": f"test_it.py::test_{number}",
                "conversation": f"test_it.py::test_{number}",
                "category": "",
                "value": value,
                "words": words,
            }
            for number, (value, words) in enumerate([(1.0, ""), (0.5, "half")])
        ],
    }


def test_collecting_alone_gates_nothing(run, pytester):
    """With --collect-only nothing ran, so nothing is said or written."""
    result = run("--collect-only", BLESS, JSON, test_it=suite(1))
    assert (told(result), result.ret, (pytester.path / "out.json").exists()) == ([], OK, False)
