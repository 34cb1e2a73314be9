"""Recording the samples of a memory eval: right answers and wrong ones."""

from __future__ import annotations

from fakememtrace.claude.cassette import Cassette

WRONG = """
@pytest.mark.memory_eval(n=3, k=2)
def test_it(fakememtrace):
    assert ask("What does Ada drink?") == "Tea."
"""


def test_every_sample_is_recorded_and_kept(api, run, pytester):
    """Each is asked of the API and kept, though an assertion fails: wrong answers are samples, too."""
    run("--claude-record=once", "--memory-eval-bless", test_it=WRONG)
    folder = pytester.path / "cassettes" / "test_it"
    assert sorted(path.name for path in folder.iterdir()) == [f"test_it-sample-{number}.json" for number in (1, 2, 3)]
    assert {len(Cassette.load(path)) for path in folder.iterdir()} == {1}
    assert api.calls == 3
    result = run()
    result.stdout.fnmatch_lines(["ok       test_it: mean 0.0000 → 0.0000, 0 items flipped"])
    assert (api.calls, result.ret) == (3, 0)
