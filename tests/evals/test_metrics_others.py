"""The other metrics, against cases computed by hand."""

from __future__ import annotations

import sys

import pytest

from fakememtrace import UsageError
from fakememtrace.evals.metrics import (
    Spent,
    both_sides,
    dedup_loss,
    freshness,
    holds,
    kendall_tau_b,
    leaks,
    mean,
    order_agreement,
    survival,
    tokens,
)


def test_the_mean_leaves_out_what_is_unscored_and_says_how_much_that_is():
    """1 and 0 and nothing make a half of two."""
    found = mean([1.0, None, 0.0])
    assert found == (0.5, 2, 1)
    assert str(found) == "50.0 of 2, 1 unscored"
    assert str(mean([None])) == "unscored of 0, 1 unscored"
    assert str(mean([0.25])) == "25.0 of 1"


def test_what_is_unscored_cannot_be_added_up_by_mistake():
    """A sum that forgets about it does not pass for a score."""
    with pytest.raises(TypeError):
        sum([1.0, mean([]).value])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([1, 2, 3], [1, 2, 3], 1.0),
        ([1, 2, 3], [3, 2, 1], -1.0),
        # Five pairs agree and one does not.
        ([1, 2, 3, 4], [1, 2, 4, 3], 4 / 6),
        # Of three pairs one is tied in the second: (2 - 0) / sqrt(3 * 2).
        ([1, 2, 3], [1, 1, 2], 2 / 6**0.5),
        ([1], [1], None),
        ([], [], None),
        ([1, 2], [5, 5], None),
    ],
)
def test_kendalls_tau_b(one, other, expected):
    """Pairs in the same order less those in the opposite one, corrected for ties; unscored without an order."""
    assert kendall_tau_b(one, other) == (expected if expected is None else pytest.approx(expected, abs=1e-12))


def test_the_order_of_what_was_found_is_compared_with_what_was_expected():
    """Only what is in both counts, and of a repeat the first."""
    assert order_agreement(["c", "x", "b", "c", "a"], ["a", "b", "c", "d"]) == pytest.approx(-1)
    assert order_agreement(["a"], ["a", "b"]) is None


def test_without_scipy_it_says_what_to_install(monkeypatch):
    """The library is an extra."""
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    with pytest.raises(UsageError) as caught:
        kendall_tau_b([1, 2], [1, 2])
    assert str(caught.value) == 'Kendall\'s tau needs SciPy. Install it with: pip install "fakememtrace[evals]"'


@pytest.mark.parametrize(
    ("found", "fresh", "stale_only", "fresh_first"),
    [
        (["x", "v3", "v1"], 1.0, 0.0, 1.0),
        (["v1", "v3"], 1.0, 0.0, 0.0),
        (["v2", "x"], 0.0, 1.0, 0.0),
        (["x"], 0.0, 0.0, 0.0),
    ],
)
def test_freshness(found, fresh, stale_only, fresh_first):
    """The newest version is there, only older ones are, and the newest is before them."""
    assert freshness(found, "v3", ["v1", "v2"]) == (len(found), fresh, stale_only, fresh_first)


def test_freshness_is_unscored_for_what_never_changed():
    """Without an older version nothing could be stale; and k cuts here as well."""
    assert freshness(["v1"], "v1", []) == (1, None, None, None)
    assert freshness(["v1", "v2"], "v2", ["v1"], 1) == (1, 0.0, 1.0, 0.0)


def test_both_sides_of_a_contradiction():
    """Every side needs a memory among the first k; one side alone is no contradiction."""
    assert both_sides(["a2", "b1"], [["a1", "a2"], ["b1"]]) == 1.0
    assert both_sides(["a2", "b1"], [["a1", "a2"], ["b1"]], 1) == 0.0
    assert both_sides(["a1"], [["a1"]]) is None
    assert both_sides(["a1"], [["a1"], []]) is None


def test_leaks_are_counted_and_an_empty_answer_proves_nothing():
    """One that came twice leaked twice."""
    assert leaks(["mine", "theirs", "theirs"], ["theirs"]) == (2, 3)
    assert not leaks(["mine"], ["theirs"]).vacuous
    assert leaks([], ["theirs"]).vacuous


def test_dedup_loss():
    """How much was refused, and how much of that was wanted."""
    lost = dedup_loss(["a", "b", "c", "d"], {"b", "d"}, {"d", "e"})
    assert lost == (4, 2, 1)
    assert lost.share == 0.5
    assert dedup_loss([], ()).share is None


@pytest.mark.parametrize(
    ("text", "answer", "there"),
    [
        ("I moved to New-York!", "new york", True),
        ("I moved to New Yorkshire", "new york", False),
        ("Пароль: БЕРЁЗА.", "берёза", True),
        ("「紅葉」です", "紅葉", True),
        ("that means 🍋", "🍋", True),
        ("that means", "🍋", False),
        ("anything", "", False),
    ],
)
def test_whether_a_text_holds_an_answer(text, answer, there):
    """Whole words in a row, in any script and case; what has no word is looked for as it is."""
    assert holds(text, answer) is there


def test_survival():
    """Only what held the answer to begin with can lose it."""
    found = survival([("a b c", "a b", "b"), ("a b c", "a", "b"), ("x", "x", "b")])
    assert (found, found.share) == ((2, 1), 0.5)
    assert survival([("x", "x", "b")]).share is None


def test_what_reading_cost():
    """Four characters are a token, begun ones count."""
    assert [tokens(""), tokens("abcd"), tokens("abcde")] == [0, 1, 2]
    assert Spent(2, 10, 30).plus(Spent(1, 1, 1)).since(Spent(2, 0, 0)) == (1, 11, 31)
