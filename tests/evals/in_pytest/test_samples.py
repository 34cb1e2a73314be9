"""k of n: a test that is run with n recorded samples is one item."""

from __future__ import annotations

import pytest

from fakememtrace.claude.cassette import Cassette

from ...claude.helpers import interaction, request
from .helpers import scores, told

JSON, BLESS = "--memory-eval-json=out.json", "--memory-eval-bless"
ASKS = """
import httpx

def answer():
    url, headers = "https://api.anthropic.com/v1/messages", {"x-api-key": "any", "anthropic-version": "2023-06-01"}
    body = {"model": "claude-x", "max_tokens": 100, "messages": [{"role": "user", "content": "What does Ada drink?"}]}
    return httpx.post(url, json=body, headers=headers).raise_for_status().json()["content"][0]["text"]
"""


def sampled(mark, body="assert 'tea' in answer()", arguments="fakememtrace"):
    """A test that asks Claude what Ada drinks."""
    return f"{ASKS}\n@pytest.mark.memory_eval({mark})\ndef test_it({arguments}):\n    {body}\n"


def record(pytester, *answers, stem="cassettes/test_it/test_it-sample-{}.json"):
    """One cassette for each answer."""
    for number, text in enumerate(answers, 1):
        path = pytester.path / stem.format(number)
        path.parent.mkdir(parents=True, exist_ok=True)
        Cassette([interaction(request("What does Ada drink?"), text)]).save(path)


@pytest.mark.parametrize(("k", "value"), [("k=1", 1.0), ("k=2", 1.0), ("k=3", 0.0)], ids=["1 of 3", "2 of 3", "3 of 3"])
def test_k_of_n_samples_must_pass(run, pytester, k, value):
    """Each sample is a test with a cassette of its own; together they are worth 1 when k pass, else 0."""
    record(pytester, "Green tea.", "Coffee.", "Black tea.")
    result = run(JSON, BLESS, test_it=sampled(f"n=3, {k}"))
    result.assert_outcomes(passed=2)
    assert scores(pytester) == {"test_it": (value, f"2 of 3 samples passed, {k[-1]} must")}
    assert result.ret == pytest.ExitCode.OK


def test_without_k_it_is_their_mean(run, pytester):
    """A share of the samples is a score, too; of what each says, if it says something."""
    record(pytester, "Green tea.", "Coffee.", "Black tea.")
    run(JSON, test_it=sampled("n=3"))
    assert scores(pytester) == {"test_it": (0.666666667, "2 of 3 samples passed")}
    run(JSON, test_it=sampled("n=3", "memory_eval.score(memory_eval.sample / 4)", "memory_eval"))
    assert scores(pytester) == {"test_it": (0.5, "0 of 3 samples passed")}


def test_the_key_has_no_sample_in_it(run, pytester):
    """Other parameters stay in the name of the item, and before the sample in that of its cassettes."""
    record(pytester, "Green tea.", "Black tea.", stem="cassettes/test_it/test_it-ada-sample-{}.json")
    code = sampled("n=2, k=2", arguments="fakememtrace, who")
    code = code.replace("def test_it", "@pytest.mark.parametrize('who', ['ada'])\ndef test_it")
    result = run("-v", JSON, test_it=code)
    assert scores(pytester) == {"test_it[ada]": (1.0, "2 of 2 samples passed, 2 must")}
    result.stdout.fnmatch_lines(["test_it.py::test_it[[]ada-sample-1] SCORED 1.0 *"])


def test_cassettes_are_named_as_one_likes(run, pytester):
    """Whoever overrides the cassette asks which sample it is."""
    record(pytester, "Green tea.", "Black tea.", stem="answers.{}.json")
    fixture = """
@pytest.fixture
def claude_cassette(request, memory_eval_sample):
    return request.path.parent / f"answers.{memory_eval_sample}.json"
"""
    run(JSON, test_it=fixture + sampled("n=2, k=2"))
    assert scores(pytester) == {"test_it": (1.0, "2 of 2 samples passed, 2 must")}


@pytest.mark.parametrize("hook", ["tryfirst", "trylast"])
def test_who_parametrizes_first_is_all_the_same(run, pytester, hook):
    """The item is called alike, whether another plugin's parameter stands before the sample or behind it."""
    conftest = f"""
@pytest.hookimpl({hook}=True)
def pytest_generate_tests(metafunc):
    metafunc.parametrize("who", ["ada"])

@pytest.fixture(params=["tea"])
def drink(request):
    return request.param
"""
    run(JSON, conftest=conftest, test_it=sampled("n=2", "pass", "who, drink"))
    (key,) = scores(pytester)
    assert sorted(key.removeprefix("test_it[").removesuffix("]").split("-")) == ["ada", "tea"]


def test_a_plan_for_a_recording_is_not_gated(run, pytester):
    """It has no answers that could be scored, so nothing is said, nor blessed."""
    record(pytester, "Green tea.", "Black tea.")
    run(BLESS, test_it=sampled("n=2, k=2"))
    assert told(run("--claude-plan", test_it=sampled("n=2, k=2", "assert 0"))) == []
    assert told(run("--claude-plan", BLESS)) == ["nothing is blessed, since no memory eval ran"]


def test_a_sample_that_is_not_recorded_has_no_score(run, pytester):
    """The item is unscored, whatever the others said; the missing file is named, and how it is recorded."""
    record(pytester, "Green tea.")
    result = run(JSON, "-v", test_it=sampled("n=2, k=1"))
    why = (
        "sample 2 of 2: it is not recorded: cassettes/test_it/test_it-sample-2.json is not there "
        "(pytest --claude-record=once)"
    )
    assert scores(pytester) == {"test_it": (None, why)}
    result.stdout.fnmatch_lines(["*test_it[[]sample-1] SCORED 1.0 *", "*test_it[[]sample-2] UNSCORED *"])
    assert (told(result)[0], result.ret) == ("ungated  test_it: mean none → none, 0 items flipped", 1)


def test_a_sample_that_crashes_has_no_score(run, pytester):
    """Nor has the item; the other samples do not make up for it."""
    record(pytester, "Green tea.", "Black tea.")
    body = "assert answer()\n    if memory_eval_sample == 2:\n        raise ValueError('oh')"
    run(JSON, test_it=sampled("n=2, k=1", body, "fakememtrace, memory_eval_sample"))
    assert scores(pytester) == {"test_it": (None, "sample 2 of 2: crashed: ValueError: oh")}


def test_a_key_must_come_in_every_sample(run, pytester):
    """What one sample does not say has no score."""
    body = "memory_eval.score(1, key='a')\n    if memory_eval.sample == 1:\n        memory_eval.score(1, key='b')"
    run(JSON, test_it=sampled("n=2, k=1", body, "memory_eval"))
    assert scores(pytester) == {
        "a": (1.0, "2 of 2 samples passed, 1 must"),
        "b": (None, "sample 2 of 2: no score was given"),
    }


def test_some_of_the_samples_are_a_part(run, pytester):
    """With one sample deselected the item did not run."""
    record(pytester, "Green tea.", "Coffee.")
    code = sampled("n=2, k=1") + "\n@pytest.mark.memory_eval\ndef test_other():\n    pass\n"
    run(BLESS, test_it=code)
    assert told(run("--deselect", "test_it.py::test_it[sample-2]")) == [
        "skipped  test_it: 1 item of 2 here, mean 1.0000 → 1.0000",
        "            not gated, since test_it.py::test_it did not run (--deselect was given; tests were",
        "              deselected)",
    ]


def test_who_has_no_samples_is_none(run):
    """The fixture is 0 where nothing was said of samples."""
    test = "def test_it(memory_eval_sample):\n    assert memory_eval_sample == 0\n"
    run(test_it=test).assert_outcomes(passed=1)
