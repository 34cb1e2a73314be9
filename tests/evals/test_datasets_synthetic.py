"""Our own set: the same bytes from the same seed, and what it is there to show."""

from __future__ import annotations

from itertools import product

import pytest

from fakememtrace.evals.datasets import Variant, measured, store
from fakememtrace.evals.datasets.synthetic import DIGEST, FAMILIES, load
from fakememtrace.evals.metrics import freshness, survival
from fakememtrace.evals.retrieval import plan
from fakememtrace.evals.retrieval.lines import shown

SET = load()
BY_NAME = dict(zip(FAMILIES, SET.histories, strict=True))


def in_context(name):
    """What the context of its session shows of each memory, in the released server."""
    history = BY_NAME[name]
    kept = store(history)
    lines = shown(kept.reader.context(history.entries[0].session), kept.reader.written)
    return {memory.key: memory.content for memory in lines}


def test_the_same_seed_makes_the_same_set_on_every_python():
    """Its digest is pinned, and another seed makes another one."""
    assert SET.digest == load().digest == DIGEST
    assert load(2).digest != DIGEST


def test_its_size():
    """Memories and questions of each family."""
    assert {name: (len(history.entries), len(history.questions)) for name, history in BY_NAME.items()} == {
        "distractors x0": (8, 8),
        "distractors x10": (88, 8),
        "distractors x100": (808, 8),
        "updates": (23, 8),
        "swapped speakers": (8, 8),
        "needle offsets": (21, 21),
        "scripts": (20, 20),
        "session beyond 100": (150, 7),
    }


@pytest.mark.parametrize("name", FAMILIES)
def test_every_question_is_answered_by_its_gold_alone(name):
    """The gold holds the answer, and the store refuses nothing."""
    history = BY_NAME[name]
    contents = {entry.key: entry.content for entry in history.entries}
    assert len(contents) == len(history.entries)
    assert all(question.answer in contents[key] for question in history.questions for key in question.gold)
    assert store(history).refused == frozenset()


def test_distractors_push_the_newest_out_and_bm25_stays():
    """What reads by recency alone gets worse with each of them."""
    found = measured(SET, [Variant(name, "0.2.0", (5,)) for name in ("newest", "bm25")])
    means = {
        (name, times): found.mean(f"{name}, 0.2.0", 5, lambda ranks: ranks.recall, f"distractors x{times}").value
        for name, times in product(("newest", "bm25"), (0, 10, 100))
    }
    assert [means["newest", times] for times in (0, 10, 100)] == [5 / 8, 0, 0]
    assert [means["bm25", times] for times in (0, 10, 100)] == [1, 1, 1]


def test_update_chains_tell_fresh_from_stale():
    """Newest first has the newest version before the old ones; the question's words alone have all of them."""
    history = BY_NAME["updates"]
    kept = store(history)
    found = [
        freshness(kept.asked(plan("substring"), question, 10), question.gold[0], question.stale)
        for question in history.questions
    ]
    assert {(one.fresh, one.stale_only) for one in found} == {(1.0, 0.0)}
    assert {len(question.stale) for question in history.questions} == {1, 2, 3}
    assert any(
        entry.content == other.content and entry.key != other.key for entry, other in product(history.entries, repeat=2)
    )


def test_a_needle_beyond_80_bytes_is_not_shown():
    """The offset at which a value begins is exact, and decides."""
    history, lines = BY_NAME["needle offsets"], in_context("needle offsets")
    survived = {}
    contents = {entry.key: entry.content for entry in history.entries}
    for question in history.questions:
        written = contents[question.key]
        offset = written.encode().index(question.answer.encode())
        assert question.category == f"offset {offset:03}"
        survived[offset] = survival([(written, lines[question.key], question.answer)]).kept
    assert sorted(survived) == list(range(0, 201, 10))
    assert [survived[offset] for offset in (0, 50, 60, 70, 80, 200)] == [1, 1, 1, 0, 0, 0]


def test_scripts_lose_more_than_letters():
    """80 bytes are fewer characters elsewhere than in Latin, and a cut goes through one."""
    lines = in_context("scripts")
    assert any("\N{REPLACEMENT CHARACTER}" in line for line in lines.values())
    assert {key.partition("-")[0] for key in lines} == {"Latin", "Cyrillic", "CJK", "Arabic", "emoji"}


def test_a_context_shows_a_hundred_of_a_session_and_a_list_all():
    """Of seven that are asked for, those of the first fifty rows are gone."""
    history, lines = BY_NAME["session beyond 100"], in_context("session beyond 100")
    assert [question.key for question in history.questions if question.key in lines] == [
        "row-50",
        "row-51",
        "row-100",
        "row-149",
    ]
    found = measured(
        SET._replace(histories=[history]), [Variant("newest", dialect, (1000,)) for dialect in ("0.2.0", "documented")]
    )
    assert {item.values["recall@1000"] for item in found.items} == {1.0}
