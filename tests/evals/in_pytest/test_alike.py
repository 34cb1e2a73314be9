"""One run is as another: in any order and in any number of processes the same is said and written, byte for byte."""

from __future__ import annotations

import pytest

from .helpers import scores, told

SUITES = {
    "test_it": """
@pytest.mark.memory_eval(category="drinks")
@pytest.mark.parametrize("value", [1, 0.1, 0.2, 0.3, 1 / 3, 0.7])
def test_values(memory_eval, value):
    memory_eval.score(value, words=f"as {value}")

@pytest.mark.memory_eval(n=3, k=2)
def test_samples(memory_eval_sample):
    assert memory_eval_sample < 3

@pytest.mark.memory_eval
def test_many(memory_eval):
    for number in range(4):
        memory_eval.score(number / 7, key=f"q{number}", conversation="conv-1")
""",
    "test_more": """
@pytest.mark.memory_eval(suite="more")
def test_zero():
    assert "tea" in "coffee"

@pytest.mark.memory_eval(suite="more")
def test_one():
    pass
""",
}
WORSE = {
    "test_it": SUITES["test_it"].replace("(value,", "(value / 2,"),
    "test_more": SUITES["test_more"].replace("pass", "assert 0"),
}
BACKWARDS = "def pytest_collection_modifyitems(items):\n    items.reverse()\n"


def ended(run, pytester, *options, **files):
    """What a run says, writes and ends with."""
    result = run("--memory-eval-json=out.json", *options, **files)
    return told(result), (pytester.path / "out.json").read_bytes(), result.ret


def written(pytester):
    """The baselines."""
    return {path.name: path.read_bytes() for path in sorted((pytester.path / "baselines").iterdir())}


def test_in_any_order_and_any_number_of_processes(run, pytester):
    """Baselines, verdicts and scores are the same forwards, backwards, and with workers of pytest-xdist."""
    bless = "--memory-eval-bless"
    blessed, baselines = ended(run, pytester, bless, **SUITES), written(pytester)
    assert sorted(baselines) == ["more.json", "test_it.json"]
    worse = ended(run, pytester, **WORSE)
    assert worse[2] == pytest.ExitCode.TESTS_FAILED
    assert sum(line.startswith("FAILED") for line in worse[0]) == 1
    for options, files in ([], {"conftest": BACKWARDS}), (["-n", "2"], {"conftest": ""}):
        (pytester.path / "baselines").rename(pytester.path / f"before{len(options)}")
        assert ended(run, pytester, *options, bless, **files, **SUITES) == blessed
        assert written(pytester) == baselines
        assert ended(run, pytester, *options, **WORSE) == worse


def test_a_worker_that_dies_is_a_crash(run, pytester):
    """What it was running has no score; what it said before it died counts."""
    dies = "@pytest.mark.memory_eval\ndef test_dies():\n    __import__('os')._exit(3)\n"
    before = "@pytest.mark.memory_eval\ndef test_before():\n    pass\n\n"
    lines, _, code = ended(run, pytester, "-n", "1", test_it=before + dies)
    assert lines[:2] == [
        "ungated  test_it: mean none → 1.0000, 0 items flipped",
        "            1 item is unscored: test_it.py::test_dies (crashed: it did not come to its end)",
    ]
    assert scores(pytester) == {"test_before": (1.0, ""), "test_dies": (None, "crashed: it did not come to its end")}
    assert code == pytest.ExitCode.TESTS_FAILED


def test_a_misused_marker_is_refused_by_workers(run):
    """The words are those of one process."""
    result = run("-n", "1", test_it="@pytest.mark.memory_eval(suit='x')\ndef test_it():\n    pass\n")
    problem = "@pytest.mark.memory_eval of test_it.py::test_it: it has no 'suit'. Did you mean 'suite'?"
    result.stdout.fnmatch_lines(["*ERROR collecting test_it.py*", problem])


def test_a_part_is_a_part_for_workers(run, pytester):
    """What is deselected in every worker is said once."""
    run("--memory-eval-bless", test_it=SUITES["test_it"])
    lines, _, code = ended(run, pytester, "-n", "2", "-k", "many")
    assert lines[:2] == [
        "skipped  test_it: 4 items of 11 here, mean 0.2143 → 0.2143",
        "            not gated, since test_it.py::test_samples, test_it.py::test_values[0.1],",
    ]
    assert code == pytest.ExitCode.OK
