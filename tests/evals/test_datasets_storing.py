"""Histories stored in a world, and data sets measured item by item."""

from __future__ import annotations

import json

import pytest

from fakememtrace.evals.datasets import Dataset, Variant, measured, store
from fakememtrace.evals.datasets.storing import StoreFailed

from .stories import HOUR, START, history, question

BOTH = (Variant("newest", "0.2.0", (1, 2)), Variant("substring", "documented", (1, 5)))


def dataset(*histories):
    """A data set of these."""
    return Dataset("stories", "d1gest", histories)


def two_stories():
    """Two histories, the second one with a question that nothing answers."""
    tea = history("green tea", "black coffee", questions=[question("Which TEA?", "m1")])
    cat = history("a cat", questions=[question("a cat?", "m1"), question("a dog?")])._replace(name="other")
    return dataset(tea, cat)


def test_each_memory_is_stored_on_its_own_date():
    """The clock moves to it, and on to when the questions are asked."""
    kept = store(history("one", "two"))
    rows = kept.world.org("story").memories()
    assert [(row.time, row.agent_id, row.session_id, row.content) for row in rows] == [
        (START + HOUR, "Ada", "talk", "one"),
        (START + 2 * HOUR, "Ada", "talk", "two"),
    ]
    assert kept.world.clock.micros() == START + 3 * HOUR


def test_memories_of_one_time_are_a_microsecond_apart():
    """Order of the history is order of time."""
    rows = store(history("one", "two", apart=0)).world.org("story").memories()
    assert rows[1].time - rows[0].time == 1


def test_what_dedup_takes_is_counted():
    """The same words by the same agent within a day are refused, and were wanted."""
    kept = store(history("tea", "tea", "cake", questions=[question("?", "m2")]))
    assert kept.refused == {"m2"}
    assert kept.lost() == (3, 1, 1)


def test_a_memory_that_memtrace_does_not_take_is_an_error():
    """Nothing is left out in silence."""
    with pytest.raises(StoreFailed) as caught:
        store(history("fine", ""))
    assert str(caught.value) == (
        'story, m2: Memtrace answered 400: {"error": "content is required"}\n'
        "Expected 201. What to do: correct what the data set makes of this item."
    )


def test_every_question_with_gold_is_an_item_of_every_variant():
    """With conversation, category, question, variant, and its values by name; what has no gold is in none."""
    found = measured(two_stories(), BOTH)
    assert (found.dataset, found.digest) == ("stories", "d1gest")
    assert [item.key for item in found.items] == [
        "story/q1 · newest, 0.2.0",
        "story/q1 · substring, documented",
        "other/q1 · newest, 0.2.0",
        "other/q1 · substring, documented",
    ]
    values = found.items[0].values
    assert {name: values[f"{name}@2"] for name in ("recall", "precision", "returned", "mrr")} == {
        "recall": 1.0,
        "precision": 0.5,
        "returned": 2,
        "mrr": 0.5,
    }
    assert (values["recall@1"], found.items[0].spent) == (0.0, (1, 2, 6))


def test_means_are_by_variant_and_category():
    """Of the questions that can be scored."""
    found = measured(two_stories(), BOTH)
    assert found.mean("newest, 0.2.0", 1, lambda ranks: ranks.recall) == (0.5, 2, 0)
    assert found.mean("newest, 0.2.0", 1, lambda ranks: ranks.recall, "none").value is None


def test_processes_change_nothing():
    """Two workers give the same bytes as one, and both say when a history is done."""
    done = []
    alone = measured(two_stories(), BOTH, 1, lambda: done.append("alone"))
    shared = measured(two_stories(), BOTH, 2, lambda: done.append("shared"))
    assert json.dumps(alone.to_json()) == json.dumps(shared.to_json())
    assert done == ["alone", "alone", "shared", "shared"]


def test_the_json_has_the_digest_and_every_value():
    """A gate can refuse other data, and recompute every mean."""
    value = measured(two_stories(), BOTH).to_json()
    assert (value["dataset"], value["digest"], len(value["items"])) == ("stories", "d1gest", 4)
    first = value["items"][0]
    assert list(first) == ["conversation", "category", "question", "variant", "values", "spent"]
    assert first["spent"] == {"calls": 1, "returned": 2, "tokens": 6}
