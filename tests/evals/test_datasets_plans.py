"""The retrieval plans, each over memories that are really stored."""

from __future__ import annotations

import sys

import pytest

from fakememtrace import UnknownName, UsageError, World
from fakememtrace.evals.datasets import store
from fakememtrace.evals.retrieval import Found, Reader, ReadFailed, plan, plans
from fakememtrace.evals.retrieval.lines import shown
from fakememtrace.evals.retrieval.words import question_words, words

from .stories import history, question

TEA = ("likes green tea", "has a cat", "drinks Tea at four", "green is the door, Tea is in the jar")


def keys(name, contents, text, k=10, dialect="0.2.0", **more):
    """What the plan finds."""
    return store(history(*contents, **more), dialect).asked(plan(name), question(text), k)


def test_the_newest_come_first_and_the_question_does_not_matter():
    """So many of them, newest first."""
    assert keys("newest", TEA, "who has a cat?", 2) == ["m4", "m3"]


def test_a_window_keeps_what_is_younger():
    """Memories are an hour apart and asked about an hour after the last: three hours have two of them."""
    assert keys("since 3h", TEA, "?") == ["m4", "m3"]
    assert keys("since 365d", TEA, "?", 3) == ["m4", "m3", "m2"]


@pytest.mark.parametrize(("dialect", "expected"), [("0.2.0", ["m4", "m3", "m1"]), ("documented", ["m4", "m1", "m3"])])
def test_the_rarest_word_comes_first(dialect, expected):
    """Of words found equally often the question's first leads; which those are depends on the dialect's case."""
    assert keys("substring", TEA, "Is the Tea green?", dialect=dialect) == expected


def test_a_substring_search_finds_nothing_without_a_word_worth_it():
    """Stop words, short words and the speakers' names are not searched for."""
    assert keys("substring", TEA, "Is it at Ada's?") == []


def test_the_beginning_of_a_longer_result_is_the_shorter_one():
    """A plan is a ranking, whatever k."""
    for name in ("newest", "substring", "bm25", "context", "since 24h"):
        for dialect in ("0.2.0", "documented"):
            longer = keys(name, TEA, "Is the Tea green?", 4, dialect)
            assert keys(name, TEA, "Is the Tea green?", 2, dialect) == longer[:2]


def test_bm25_ranks_by_words_and_ties_newest_first():
    """Both words beat one, a short memory beats a long one; without a word the list keeps its order."""
    assert keys("bm25", TEA, "green tea") == ["m1", "m3", "m4", "m2"]
    assert keys("bm25", TEA, "zebra") == ["m4", "m3", "m2", "m1"]


def test_bm25_of_nothing_that_has_a_word_is_nothing():
    """Memories of punctuation cannot be ranked."""
    assert keys("bm25", ("!", "?"), "tea") == []


def test_bm25_says_what_to_install(monkeypatch):
    """The library is an extra."""
    monkeypatch.setitem(sys.modules, "rank_bm25", None)
    with pytest.raises(UsageError) as caught:
        keys("bm25", ("a story nobody else tells",), "story")
    assert str(caught.value) == 'BM25 needs rank-bm25. Install it with: pip install "fakememtrace[evals]"'


def test_the_context_of_a_new_session_is_empty_in_the_released_server_only():
    """The documentation promises what the agent remembered before."""
    assert keys("context", TEA, "?") == []
    assert keys("context", TEA, "?", dialect="documented") == ["m4", "m3", "m2", "m1"]


def test_the_context_of_an_org_without_an_agent_is_empty():
    """There is nobody whose session it could be."""
    world = World()
    reader = Reader(world.memory.handle, world.api_key)
    assert plan("context")(reader, "?", 5) == ()


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_a_line_of_a_context_is_told_apart(dialect):
    """Lines within a content, contents like a heading, and a last memory of another type: each finds its memory."""
    contents = ("one\n- two", "two", "### Other (1)", "ends\n\n")
    kept = store(history(*contents), dialect)
    session = "talk" if dialect == "0.2.0" else kept.reader.new_session()
    found = shown(kept.reader.context(session), kept.reader.written)
    assert {memory.key for memory in found} >= {"m1", "m2", "m3"}


def test_a_released_line_shows_what_is_left_of_a_memory():
    """80 bytes, and a character that is cut becomes a replacement character."""
    kept = store(history("é" * 39 + "日本", "short"))
    found = shown(kept.reader.context("talk"), kept.reader.written)
    assert [memory.content for memory in found] == ["short", "é" * 39 + "\N{REPLACEMENT CHARACTER}" + "..."]


def test_of_equal_contents_the_newest_are_taken_to_be_shown():
    """As many as there are lines."""
    written = tuple(Found(key, "same") for key in ("old", "new"))
    assert [memory.key for memory in shown("## Session Context (s)\n\n- same\n", written)] == ["new"]


def test_a_reader_within_tags_sees_no_others():
    """Every read of it asks for the tags as well."""
    told = history("red tea", "blue tea")
    told = told._replace(entries=[entry._replace(tags=(entry.content.split()[0],)) for entry in told.entries])
    reader = store(told).reader.within("red")
    assert [memory.key for memory in (*reader.newest(5), *reader.search("tea"))] == ["m1", "m1"]


def test_reading_is_counted():
    """Requests, memories, and the tokens of their contents."""
    kept = store(history("12345678", "1234"))
    kept.asked(plan("newest"), question("?"), 5)
    assert kept.reader.spent == (1, 2, 3)
    kept.asked(plan("substring"), question("5678 what 1234?"), 5)
    assert kept.reader.spent == (3, 5, 8)


def test_a_read_that_fails_is_no_empty_result():
    """A crash is said, with what was answered."""
    world = World()
    world.org("default", arc=False)
    with pytest.raises(ReadFailed) as caught:
        Reader(world.memory.handle, world.api_key).newest(5)
    assert str(caught.value) == (
        'GET /api/v1/memories was answered with 503: {"error":"no arc instance configured for this org","hint":"ask an '
        'admin to run `memtrace org add-arc \\u003corg_id\\u003e`"}\n'
        "Expected memories. A read that fails is no empty result, so nothing was scored. "
        "What to do: look at the faults of the world, and at the values of the request."
    )


def test_memories_of_nobodys_data_set_have_no_key():
    """What others wrote into the org is found, and is no evidence."""
    kept = store(history("tea"))
    world = kept.world
    world.org("story").store.create_all([{"agent_id": "Eve", "content": "tea"}])
    assert kept.asked(plan("newest"), question("?"), 5) == ["", "m1"]


def test_an_unknown_plan_is_named_with_the_nearest():
    """As every unknown name."""
    assert plans() == ["bm25", "context", "newest", "since 24h", "substring"]
    with pytest.raises(UnknownName) as caught:
        plan("newst")
    assert str(caught.value) == (
        "unknown retrieval plan 'newst'. Did you mean 'newest'? Known: bm25, context, newest, since 24h and substring."
    )


def test_words():
    """Letters and digits of any script; a question's words are those of three letters that say something."""
    assert words("Größe_2: ja!") == ["größe", "2", "ja"]
    text = "What did Ada's sister say about the Redis-cache, redis and Ada\N{RIGHT SINGLE QUOTATION MARK}s Кот?"
    assert question_words(text, {"ada"}) == ["sister", "say", "Redis", "cache", "redis", "Кот"]
