"""What is said of a list of found memories, against cases computed by hand."""

from __future__ import annotations

import math

import pytest

from fakememtrace.evals.metrics import (
    f1,
    mrr,
    ndcg,
    ndcg_longmemeval,
    precision,
    ranked,
    recall,
    recall_all,
    recall_any,
)

FOUND = ["x", "a", "y", "b", "z"]
GOLD = ["a", "b", "c"]
LOG3, LOG5 = math.log2(3), math.log2(5)


@pytest.mark.parametrize(
    ("metric", "k", "expected"),
    [
        (recall, None, 2 / 3),
        (recall, 2, 1 / 3),
        (recall, 1, 0.0),
        (recall_any, 2, 1.0),
        (recall_any, 1, 0.0),
        (recall_all, None, 0.0),
        (precision, None, 2 / 5),
        (precision, 2, 1 / 2),
        (precision, 50, 2 / 5),
        (f1, None, 4 / 8),
        (f1, 2, 2 / 5),
        (f1, 1, 0.0),
        (mrr, None, 1 / 2),
        (mrr, 1, 0.0),
        # Hits at ranks 2 and 4; the best order has them at 1, 2 and 3, and at 1 and 2 among two.
        (ndcg, None, (1 / LOG3 + 1 / LOG5) / (1 + 1 / LOG3 + 1 / 2)),
        (ndcg, 2, (1 / LOG3) / (1 + 1 / LOG3)),
        (ndcg_longmemeval, None, (1 + 1 / 2) / (1 + 1 + 1 / LOG3)),
        (ndcg_longmemeval, 2, 1 / 2),
    ],
)
def test_a_hand_computed_case(metric, k, expected):
    """Each metric gives what a pencil gives."""
    assert metric(FOUND, GOLD, k) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("metric", [recall_all, recall, mrr, ndcg, ndcg_longmemeval, precision, f1, recall_any])
def test_a_perfect_list_scores_one(metric):
    """All that was wanted and nothing else, in whatever order, is 1."""
    assert metric(["b", "a"], ["a", "b"]) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("metric", [recall_all, recall, mrr, ndcg, ndcg_longmemeval, precision, f1, recall_any])
def test_empty_gold_is_unscored(metric):
    """Where nothing was wanted there is no score, least of all a full one."""
    assert metric(["a"], []) is None


def test_nothing_returned_has_no_precision_and_a_recall_of_zero():
    """Without results there is nothing that could be right, but what was wanted was missed all the same."""
    assert (precision([], ["a"]), recall([], ["a"]), f1([], ["a"]), mrr([], ["a"])) == (None, 0.0, 0.0, 0.0)


def test_a_repeat_is_a_result_that_hits_nothing():
    """Results are what k counts, so a memory that comes twice takes two places and gains once."""
    assert recall(["a", "a", "b"], ["a", "b"], 2) == 0.5
    assert precision(["a", "a"], ["a"]) == 0.5
    assert ndcg(["a", "a"], ["a"]) == 1


def test_gold_that_is_named_twice_is_wanted_once():
    """Evidence lists name a turn twice now and then."""
    assert recall(["a"], ["a", "a", "b"]) == 0.5


def test_recall_comes_with_precision_and_the_number_returned():
    """The result carries all of it, and shows it together."""
    scores = ranked(FOUND, GOLD, 2)
    assert scores[:4] == (2, 2, 3, 1)
    assert str(scores) == "recall@2 33.3, precision 50.0, 2 returned"
    assert str(ranked([], [], 5)) == "recall@5 unscored, precision unscored, 0 returned"
    assert str(ranked(["a"], ["a"])) == "recall 100.0, precision 100.0, 1 returned"
