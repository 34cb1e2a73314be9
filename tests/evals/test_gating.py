"""The gate, against cases that were computed by hand."""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Mapping

import pytest

from fakememtrace.errors import UsageError
from fakememtrace.evals.gating import Baseline, Fallen, Flip, Score, blessed, judge, read, to_text
from fakememtrace.evals.gating.resampling import interval_of


def all_at(value: float) -> dict[str, list]:
    """Four conversations of one item, of that value."""
    return {conversation: [value] for conversation in "abcd"}


FOUR = all_at(0.9)


def scores(values: Mapping[str, list], category: str = "") -> tuple[Score, ...]:
    """Items by conversation: ``a/1``, ``a/2``, ..."""
    return tuple(
        Score(f"{conversation}/{number}", conversation, category, value)
        for conversation, some in values.items()
        for number, value in enumerate(some, 1)
    )


def baseline(values: Mapping[str, list], **rules) -> Baseline:
    """What was blessed."""
    return Baseline("demo", "d1", scores=scores(values), **rules)


def judged(now: Mapping[str, list], before: Mapping[str, list], **rules):
    """What the gate says."""
    return judge("demo", "d1", scores(now), baseline(before, **rules))


def test_the_interval_of_four_conversations():
    """Of 256 draws 5 have a mean of -0.125 or better, the next 10 have -0.15: so the 97.5th percentile is there."""
    differences = {"a": [-0.4], "b": [-0.3], "c": [-0.2], "d": [-0.1]}
    assert interval_of(differences, 1, 9999) == (-0.35, -0.15)


def test_a_long_conversation_counts_for_more():
    """A draw with k of the conversation of two items has the mean -2k / (4 + k); k = 3 is the 2.5th percentile."""
    differences = {"a": [-1.0, -1.0], "b": [0.0], "c": [0.0], "d": [0.0]}
    assert interval_of(differences, 1, 9999) == (round(-6 / 7, 9), 0.0)


def test_the_seed_makes_the_interval():
    """The same seed gives the same interval whatever the order, and few resamples of another seed another one."""
    differences = {str(number): [number / 100] for number in range(20)}
    first = interval_of(differences, 1, 50)
    assert interval_of(dict(reversed(list(differences.items()))), 1, 50) == first
    assert interval_of(differences, 2, 50) != first


def test_equal_differences_have_an_interval_of_one_point():
    """No variance is no trouble: whatever is drawn has the same mean, and no warning is made."""
    assert interval_of({"a": [-0.1], "b": [-0.1] * 7, "c": [-0.1] * 3}, 1, 99) == (-0.1, -0.1)
    assert interval_of({"a": [0.0], "b": [0.0]}, 1, 99) == (0.0, 0.0)


def test_one_conversation_is_not_resampled():
    """There is no interval of one, nor of none."""
    assert interval_of({"a": [-1.0, 0.0]}, 1, 99) is None
    assert interval_of({}, 1, 99) is None


def test_the_older_name_of_the_generator(monkeypatch):
    """SciPy before 1.15 calls it random_state, and gets the same draws."""
    from scipy import stats

    ours, seen = stats.bootstrap, []
    name = "rng" if "rng" in inspect.signature(ours).parameters else "random_state"

    def older(data, statistic, *, random_state=None, **options):
        seen.append(options)
        return ours(data, statistic, **{name: random_state}, **options)

    expected = interval_of({"a": [0.1], "b": [0.5], "c": [0.7]}, 3, 99)
    monkeypatch.setattr(stats, "bootstrap", older)
    assert interval_of({"a": [0.1], "b": [0.5], "c": [0.7]}, 3, 99) == expected
    assert len(seen) == 1


def test_without_scipy_it_says_what_to_install(monkeypatch):
    """The gate is no dependency of everybody."""
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(UsageError) as refused:
        interval_of({"a": [0.1], "b": [0.5]}, 1, 99)
    words = 'The gate needs SciPy. Install it with: pip install "fakememtrace[evals]"'
    assert str(refused.value) == words
    verdict = judged(all_at(0.5), FOUR)
    assert (verdict.state, verdict.words, len(verdict.flipped)) == ("ungated", (words,), 4)
    assert judged(FOUR, FOUR).state == "passed"


def test_what_differs_by_the_last_bit_is_the_same():
    """0.1 + 0.2 is not 0.3 in floats, and no item flipped."""
    verdict = judged({"a": [0.1 + 0.2], "b": [0.3]}, {"a": [0.3], "b": [0.3]})
    assert (verdict.flipped, verdict.interval) == ((), (0.0, 0.0))


def test_the_same_run_passes():
    """Nothing flipped, and the interval is a point at zero."""
    verdict = judged(FOUR, FOUR)
    assert (verdict.state, verdict.exit_code) == ("passed", 0)
    assert (verdict.mean_before, verdict.mean_now, verdict.interval) == (0.9, 0.9, (0.0, 0.0))
    assert (verdict.flipped, verdict.fallen, verdict.words) == ((), (), ())
    assert [line.text for line in verdict.lines()] == ["ok       demo: mean 0.9000 → 0.9000, 0 items flipped"]


def test_a_fall_of_all_is_a_regression():
    """The mean is down by 0.25, the interval excludes zero, and every item is told."""
    verdict = judged({"a": [0.5], "b": [0.6], "c": [0.7], "d": [0.8]}, FOUR)
    assert (verdict.state, verdict.exit_code) == ("regression", 1)
    assert (verdict.mean_now, verdict.interval) == (0.65, (-0.35, -0.15))
    assert [line.text for line in verdict.lines()] == [
        "FAILED   demo: mean 0.9000 → 0.6500, 4 items flipped",
        "            the mean fell by 0.2500, which is more than the tolerance of 0.0100, and the 95 %",
        "              interval of the difference, -0.3500 to -0.1500, excludes zero",
        "  flipped   a/1: 0.9000 → 0.5000",
        "  flipped   b/1: 0.9000 → 0.6000",
        "  flipped   c/1: 0.9000 → 0.7000",
        "  flipped   d/1: 0.9000 → 0.8000",
    ]


def test_a_fall_in_one_conversation_may_be_chance():
    """The mean is down by a quarter, and draws without that conversation show no fall."""
    verdict = judged({"a": [0.0], "b": [1.0], "c": [1.0], "d": [1.0]}, all_at(1.0))
    assert (verdict.state, verdict.interval) == ("passed", (-0.75, 0.0))
    (words,) = verdict.words
    assert words == (
        "the mean fell by 0.2500, which is more than the tolerance of 0.0100, "
        "but the 95 % interval of the difference, -0.7500 to 0.0000, does not exclude zero"
    )
    assert verdict.flipped == (Flip("a/1", "a", "", 1.0, 0.0),)


@pytest.mark.parametrize(("tolerance", "state"), [(0.1, "passed"), (0.0999, "regression")])
def test_the_tolerance_is_what_a_mean_may_fall(tolerance, state):
    """A fall of exactly that much passes, although 0.9 - 0.8 is a little more than 0.1 in floats."""
    assert judged(all_at(0.8), FOUR, tolerance=tolerance).state == state


def test_a_rise_passes_and_is_told():
    """The gate is there for falls; what flipped for the better is listed all the same."""
    verdict = judged(all_at(1.0), FOUR)
    assert (verdict.state, verdict.interval, len(verdict.flipped), verdict.words) == ("passed", (0.1, 0.1), 4, ())


def test_one_conversation_is_decided_by_its_mean():
    """Nothing can be resampled, and a fall is a fall."""
    assert judged({"a": [1.0, 0.995]}, {"a": [1.0, 1.0]}).state == "passed"
    verdict = judged({"a": [1.0, 0.5]}, {"a": [1.0, 1.0]})
    assert (verdict.state, verdict.interval) == ("regression", None)
    (words,) = verdict.words
    assert words == (
        "the mean fell by 0.2500, which is more than the tolerance of 0.0100; "
        "one conversation cannot be resampled, so this alone decides"
    )


def test_a_category_below_its_floor_is_a_regression():
    """Even when the mean of all rose, and not when it is just there."""
    before = scores({"a": [1.0], "b": [1.0]}, "names") + scores({"c": [0.0], "d": [0.0]}, "dates")
    now = scores({"a": [1.0], "b": [0.0]}, "names") + scores({"c": [1.0], "d": [1.0]}, "dates")
    rules = Baseline("demo", "d1", floors={"names": 0.5001, "dates": 1.0}, scores=before)
    verdict = judge("demo", "d1", now, rules)
    assert (verdict.state, verdict.mean_before, verdict.mean_now) == ("regression", 0.5, 0.75)
    assert verdict.fallen == (Fallen("names", 0.5001, 1.0, 0.5),)
    assert verdict.words == ("category 'names' is at 0.5000, below its floor of 0.5001",)
    assert judge("demo", "d1", now, rules._replace(floors={"names": 0.5})).state == "passed"


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ((), ("there are no items", "4 items of the baseline are missing: a/1, b/1, c/1 and 1 more")),
        (scores({**FOUR, "d": [None]}), ("1 item is unscored: d/1 (no reason is given)",)),
        (scores({**FOUR, "d": [float("nan")]}), ("1 item is unscored: d/1 (nan is no score)",)),
        (scores({**FOUR, "d": [0.9, 1.0]}), ("1 item is not in the baseline: d/2",)),
        (scores({"a": [0.9], "b": [0.9]}), ("2 items of the baseline are missing: c/1 and d/1",)),
        (scores(FOUR) + scores({"a": [0.1]}), ("1 key stands for several items: a/1",)),
        (
            scores(FOUR, "x"),
            ("4 items are of another conversation or category than in the baseline: a/1, b/1, c/1 and 1 more",),
        ),
    ],
)
def test_what_cannot_be_compared_is_not_gated(now, words):
    """Neither passed nor failed: 3, with the reason."""
    verdict = judge("demo", "d1", now, baseline(FOUR))
    assert (verdict.state, verdict.exit_code, verdict.interval) == ("ungated", 3, None)
    assert verdict.words == words


@pytest.mark.parametrize(
    ("name", "digest", "rules", "words"),
    [
        ("demo", "d1", None, "there is no baseline"),
        ("demo", "d2", baseline(FOUR), "the data is other data: its digest is d2, and that of the baseline is d1"),
        ("other", "d1", baseline(FOUR), "the baseline is that of 'demo'"),
        ("demo", "d1", baseline(FOUR, floors={"x": 0.5}), "a floor is of a category without items: x"),
    ],
)
def test_another_baseline_gates_nothing(name, digest, rules, words):
    """No baseline, that of other data or of something else, and a floor that nothing can fall below."""
    verdict = judge(name, digest, scores(FOUR), rules)
    assert (verdict.state, verdict.words, verdict.flipped) == ("ungated", (words,), ())
    assert verdict.mean_now == 0.9


def test_a_verdict_as_json():
    """Plain values, the same every time."""
    verdict = judged({**FOUR, "a": [0.8]}, FOUR)
    value = json.loads(json.dumps(verdict.to_json()))
    assert value["flipped"] == [
        {"key": "a/1", "conversation": "a", "category": "", "before": 0.9, "now": 0.8, "words": ""}
    ]
    assert (value["state"], value["interval"], value["mean_now"]) == ("passed", list(verdict.interval), 0.875)


def test_a_blessing_takes_the_scores_and_keeps_the_rules(tmp_path):
    """What is written is read back, and the run that was blessed passes by it."""
    rules = baseline(FOUR, tolerance=0.2, floors={"": 0.4}, seed=7, resamples=100)
    now = scores(all_at(0.5))
    made = blessed("demo", "d2", now, rules)
    file = tmp_path / "demo.json"
    file.write_text(to_text(made), "utf-8")
    assert read(file) == made == rules._replace(digest="d2", scores=now)
    assert judge("demo", "d2", now, read(file)).state == "passed"


def test_what_cannot_be_gated_cannot_be_blessed():
    """A baseline with holes, or below its own floor, would fail whoever runs next."""
    with pytest.raises(UsageError) as refused:
        blessed("demo", "d1", scores({**FOUR, "d": [None]}), None)
    assert str(refused.value) == (
        "demo: this run cannot be blessed: 1 item is unscored: d/1 (no reason is given).\n"
        "A baseline must have a score for every item, and must not be below its own floors. "
        "What to do: correct the run, or lower the floor in the baseline first."
    )
    with pytest.raises(UsageError, match=r"category '' is at 0\.9000, below its floor of 0\.9500"):
        blessed("demo", "d1", scores(FOUR), baseline(FOUR, floors={"": 0.95}))
