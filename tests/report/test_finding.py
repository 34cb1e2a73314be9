"""Which pieces of a text are taken for which memories, and which are not."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.missing.cuts import cut
from fakememtrace.report.finding import Finder, Known

LONG = "The customer has Fibre 300, account TC-1001, and a router that loses the line every evening after eight"


def found(text, *contents):
    """What is found of the `contents`, which are the memories 1, 2, ...: the pieces, the numbers, how much."""
    finder = Finder(
        Known(number, content, f"2026-02-07T12:00:0{number}Z") for number, content in enumerate(contents, 1)
    )
    return [(text[one.start : one.end], one.numbers, one.how) for one in finder.find(text)]


def test_a_memory_is_found_as_it_is():
    """In a line of its own, behind a mark, and between other words."""
    text = "You know:\n- likes green tea\n* and: likes green tea, always\nlikes green tea"
    assert found(text, "likes green tea") == [("likes green tea", (1,), "whole")] * 3


def test_parts_of_words_are_no_memories():
    """What begins or goes on within a word is not found."""
    assert found("dislikes green tea, likes green teapots", "likes green tea") == []


def test_a_memory_is_found_as_a_context_cuts_it():
    """The released server shows 80 bytes and three dots: that is found, as cut."""
    shown = f"- [2026-02-07T12:00:01Z] general: {cut(LONG)}"
    assert found(shown, LONG) == [(cut(LONG), (1,), "cut")]
    assert len(cut(LONG)) < len(LONG)


def test_a_memory_is_found_as_a_program_cuts_it():
    """The start of a memory and dots are found, as cut; the start alone may be anything."""
    assert found("know: The customer has Fibre 300… and more", LONG) == [("The customer has Fibre 300…", (1,), "cut")]
    assert found("know: The customer has Fibre 300 and more", LONG) == []
    assert found("The custom...", LONG) == [], "so little tells nothing"


def test_of_two_that_begin_alike_the_right_one_is_found():
    """The longest that stands there, whatever the order in which they were stored."""
    contents = "likes tea", "likes tea with milk", "likes tea with milk and sugar"
    assert found("likes tea with milk.", *contents) == [("likes tea with milk", (2,), "whole")]
    assert found("likes tea with milk.", *reversed(contents)) == [("likes tea with milk", (2,), "whole")]


@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_a_memory_is_found_in_json(ensure_ascii):
    """A tool's result has it with quotes and letters escaped."""
    content = 'says "grüß dich" and\nwaves'
    text = json.dumps({"memories": [{"content": content}]}, ensure_ascii=ensure_ascii)
    assert found(text, content) == [(json.dumps(content, ensure_ascii=ensure_ascii)[1:-1], (1,), "whole")]


def test_a_memory_of_several_lines_is_one():
    """Its lines are found together where all of them stand there, and not otherwise."""
    content = "Photo of the router:\nthe third light is red"
    assert found(f"- {content}\nend", content) == [(content, (1,), "whole")]
    assert found("- Photo of the router:\nthe second light is red", content) == []


def test_of_equal_memories_the_time_tells():
    """Each line shows the one whose time stands in it; without a time it may be any."""
    line = "- [2026-02-07T12:00:02Z] general: likes green tea"
    assert found(line, "likes green tea", "likes green tea") == [("likes green tea", (2,), "whole")]
    assert found("likes green tea", "likes green tea", "likes green tea") == [("likes green tea", (1, 2), "whole")]


def test_a_short_memory_counts_only_alone():
    """Three letters can be part of anything; a line that has nothing else is that memory."""
    assert found("a tea for two\n- tea\n", "tea") == [("tea", (1,), "whole")]


def test_ten_thousand_memories_that_begin_alike_are_found_at_once():
    """How long it takes does not depend on how many begin with the same words."""
    contents = [f"User prefers number {number}" for number in range(10_000)]
    text = "\n".join(f"- {content}" for content in contents[::10])
    assert len(found(text, *contents)) == 1_000
