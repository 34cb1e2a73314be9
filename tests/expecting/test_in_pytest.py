"""What a user of pytest sees of an expectation that fails."""

from __future__ import annotations

import pytest

from fakememtrace import UsageError, World
from fakememtrace.expecting import Check, stored

from .agent import learn

TEST = """
from memtrace import Memtrace

from fakememtrace.expecting import stored, tools


def test_it(fakememtrace):
    Memtrace(fakememtrace.url, fakememtrace.api_key).remember("agent_1", "likes green tea")
    {}
"""
SECTION = [
    "*- fakememtrace: what was expected -*",
    'expected: stored: contains "green coffee", agent "agent_1"',
    (
        'found: nearest of 1 stored: content "likes green tea", type "episodic", event "general", tags [[]], '
        'importance 0, agent "agent_1"'
    ),
    '  content: expected contains "green coffee", found "likes green tea"',
]


def failed(pytester, *lines):
    """The output of a test that fails in the last of these lines."""
    pytester.makepyfile(TEST.format("\n    ".join(lines)))
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    return result.stdout


def test_an_assertion_that_fails_shows_the_nearest_thing(pytester):
    """The line of the assertion begins with what was expected, and the whole words stand in a section of their own."""
    output = failed(pytester, 'assert stored(fakememtrace, contains="green coffee", agent="agent_1")')
    output.fnmatch_lines(
        [
            'E       assert <not held: stored: contains "green coffee", agent "agent_1" | nearest of 1 stored: *>',
            *SECTION,
        ],
        consecutive=False,
    )
    output.fnmatch_lines(SECTION, consecutive=True)


def test_a_check_with_a_name_is_shown_as_well(pytester):
    """What the test calls by a name and asserts later is shown, and what held is not."""
    output = failed(
        pytester,
        'coffee = stored(fakememtrace, contains="green coffee", agent="agent_1")',
        'tea = stored(fakememtrace, contains="green tea")',
        "assert tea",
        'assert coffee, "no coffee"',
    )
    output.fnmatch_lines(SECTION, consecutive=True)
    output.no_fnmatch_line('*held: stored: contains "green tea"*')


def test_several_are_asserted_at_once(pytester):
    """Of a conjunction the part that failed is shown."""
    output = failed(pytester, 'assert stored(fakememtrace, contains="tea") and tools(fakememtrace, ["search"])')
    output.fnmatch_lines(
        ["*- fakememtrace: what was expected -*", "expected: run 1 calls search", "found: called: nothing"],
        consecutive=True,
    )


def test_what_held_and_was_not_to_is_said(pytester):
    """Of `assert not` it is said that it held, and how to be shown what was there."""
    output = failed(pytester, 'assert not stored(fakememtrace, contains="tea")')
    output.fnmatch_lines(
        [
            "*- fakememtrace: what was expected -*",
            'expected: not stored: contains "tea"',
            "found: it held.",
            "What to do: say absent=True in it instead of not (in requested, lacks=...), and what was found is shown.",
        ],
        consecutive=True,
    )


def test_what_is_no_world_is_refused():
    """A client in the place of the world is no traceback."""
    with pytest.raises(UsageError) as refused:
        stored("client", contains="tea")
    assert str(refused.value) == (
        "an expectation looks at a World or at its Runs, and was given 'client'.\n"
        "In a test the fixture fakememtrace is one."
    )


def test_another_failure_has_no_such_section(pytester):
    """An assertion about something else shows no expectation, and an error none either."""
    output = failed(pytester, 'assert stored(fakememtrace, contains="tea")', "raise KeyError(1)")
    output.no_fnmatch_line("*what was expected*")


def test_a_check_says_in_a_line_what_it_says_in_many():
    """Its truth is whether it held; in a line of another text it is short, and alone it has all its lines."""
    with World() as world:
        learn(world, "likes tea")
        held, failing = stored(world, contains="tea"), stored(world, contains="jazz")
    assert (bool(held), bool(failing)) == (True, False)
    assert (str(held), repr(held)) == ('held: stored: contains "tea"', '<held: stored: contains "tea">')
    assert repr(failing) == (
        '<not held: stored: contains "jazz" | nearest of 1 stored: content "likes tea", type "episodic", '
        'event "general", tags [], importance 0, agent "assistant" | content: expected contains "jazz", '
        'found "likes tea">'
    )
    assert Check(**failing._asdict()) == failing
