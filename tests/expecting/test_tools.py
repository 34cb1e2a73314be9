"""Which tools were called, in which order, with which arguments, and what came back."""

from __future__ import annotations

import pytest

from fakememtrace import UsageError, World
from fakememtrace.expecting import Runs, called, tools

from .agent import Agent, learn, remember, search, world_with

CALL_1 = 'call 1 of run 1, content "Ada is vegetarian", tags ["food", "preference"], importance 0.9'
CALL_2 = 'call 2 of run 1, content "Ada lives in Lisbon", importance 0.4'


@pytest.fixture(scope="module")
def busy():
    """One run with five calls of two tools."""
    calls = [remember("one"), search("one"), remember("two"), search("x"), search("y")]
    world = world_with(*calls, "Done.")
    with world:
        Agent(world).talk("Go.")
    return Runs(world).evidence()


@pytest.mark.parametrize(
    "wanted",
    [
        {"called": ["remember", "search", "remember", "search", "search"]},
        {"called": ["search", "remember", "search"], "order": "in_order"},
        {"called": ["search", "search", "search", "remember", "remember"], "order": "any"},
        {"at_least": {"search": 3, "remember": 1}},
        {"never": ["forget", "decide"]},
        {"called": ["remember", "remember"], "order": "in_order", "at_least": {"search": 2}, "never": ["forget"]},
    ],
    ids=str,
)
def test_the_order_of_tools_holds(busy, wanted):
    """Exactly, in order with others between, in any order, at least, and never."""
    assert tools(busy, **wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"called": ["remember", "remember", "search"]},
            (
                "expected: run 1 calls remember, remember and search\n"
                "found: call 2 differs: expected remember, found search\n"
                "expected: remember, remember and search\n"
                "called:   remember, search, remember, search and search"
            ),
        ),
        (
            {"called": ["remember", "search", "remember", "search", "search", "search"]},
            (
                "expected: run 1 calls remember, search, remember, search, search and search\n"
                "found: call 6 differs: expected search, found no more\n"
                "expected: remember, search, remember, search, search and search\n"
                "called:   remember, search, remember, search and search"
            ),
        ),
        (
            {"called": []},
            (
                "expected: run 1 calls nothing\n"
                "found: call 1 differs: expected no more, found remember\n"
                "expected: nothing\n"
                "called:   remember, search, remember, search and search"
            ),
        ),
        (
            {"called": ["remember", "remember", "remember"], "order": "in_order"},
            (
                "expected: run 1 calls remember, remember and remember in this order\n"
                "found: remember was not called after call 3\n"
                "expected: remember, remember and remember\n"
                "called:   remember, search, remember, search and search"
            ),
        ),
        (
            {"called": ["forget"], "order": "in_order"},
            (
                "expected: run 1 calls forget in this order\n"
                "found: forget was not called at all\n"
                "expected: forget\n"
                "called:   remember, search, remember, search and search"
            ),
        ),
        (
            {"called": ["remember", "remember", "search", "decide"], "order": "any"},
            (
                "expected: run 1 calls remember, remember, search and decide in any order\n"
                "found: missing: decide\n"
                "not expected: search (2 times)\n"
                "expected: remember, remember, search and decide\n"
                "called:   remember, search, remember, search and search"
            ),
        ),
        (
            {"at_least": {"remember": 3, "serch": 1}},
            (
                "expected: run 1 calls remember at least 3 times and calls serch at least once\n"
                "found: remember was called twice; called: remember, search, remember, search and search\n"
                "serch was called never. Did you mean 'search'? Called: remember, search, remember, search and search"
            ),
        ),
        (
            {"never": ["search"]},
            (
                "expected: run 1 never calls search\n"
                "found: search was called: calls 2, 4 and 5 of 5; called: remember, search, remember, search and search"
            ),
        ),
    ],
    ids=str,
)
def test_another_order_of_tools_shows_where_it_parts(busy, wanted, words):
    """The whole text of each failure: the first call that is another one, and both lists."""
    check = tools(busy, **wanted)
    assert not check
    assert str(check) == words


def test_no_call_at_all_is_told_as_that():
    """A world in which Claude called nothing."""
    check = tools(World(), ["search"])
    assert not check
    assert str(check) == "expected: run 1 calls search\nfound: called: nothing"
    assert tools(World(), [])


def test_a_lost_memory_changes_what_comes_back():
    """The call was made, and what came back shows that the memory is gone."""
    world = world_with(search("tea"), "You like nothing.")
    with world:
        world.faults.add("lost_write")
        learn(world, "Ada likes tea")
        Agent(world).talk("What do I drink?")
    assert called(world, "search", input={"text": "tea"})
    check = called(world, "search", input={"text": "tea"}, result={"contains": "Ada likes tea"})
    assert not check
    assert str(check) == (
        'expected: called: search with text "tea" and result contains "Ada likes tea"\n'
        'found: nearest of 1 calls of search: call 1 of run 1, text "tea" -> "Nothing found."\n'
        '  result: expected contains "Ada likes tea", found "Nothing found."'
    )


@pytest.mark.parametrize(
    "wanted",
    [
        {"tool": "remember", "run": 1, "count": 2},
        {"tool": "remember", "input": {"content": {"contains": "veg", "matches": "ian$", "lacks": "fish"}}},
        {"tool": "remember", "input": {"tags": {"has": "food"}, "importance": {"at_least": 0.5, "at_most": 1}}},
        {"tool": "remember", "input": {"tags": ["food", "preference"]}},
        {"tool": "remember", "input": {"tags": {"given": False}, "importance": 0.4}},
        {"tool": "search", "run": 2, "input": {"text": {"one_of": ["Lisbon", "Porto"]}}},
        {"tool": "remember", "result": "Stored: Ada is vegetarian"},
        {"tool": "search", "run": 1, "absent": True},
        {"tool": "remember", "input": {"content": {"contains": "password"}}, "absent": True},
    ],
    ids=str,
)
def test_a_call_with_its_arguments_holds(story, wanted):
    """Values and matchers for arguments and for the result, of a call that was made like that."""
    assert called(story, **wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"tool": "remember", "input": {"content": {"contains": "vegetarian"}, "importance": {"at_least": 0.95}}},
            (
                'expected: called: remember with content contains "vegetarian" and importance at least 0.95\n'
                f"found: nearest of 2 calls of remember: {CALL_1}\n"
                "  importance: expected at least 0.95, found 0.9"
            ),
        ),
        (
            {"tool": "remember", "run": 1, "input": {"content": "Ada lives in Porto", "tags": {"has": "place"}}},
            (
                'expected: called in run 1: remember with content "Ada lives in Porto" and tags has "place"\n'
                f"found: nearest of 2 calls of remember: {CALL_2}\n"
                '  content: expected "Ada lives in Porto", found "Ada lives in Lisbon"\n'
                '  tags: expected has "place", found nothing'
            ),
        ),
        (
            {"tool": "rember", "run": 1},
            (
                "expected: called in run 1: rember\n"
                "found: rember was not called. Did you mean 'remember'? Called: remember"
            ),
        ),
        (
            {"tool": "search", "run": 2, "absent": True},
            'expected: not called in run 2: search\nfound: 1 of 1 calls of search:\n  call 1 of run 2, text "Lisbon"',
        ),
        (
            {"tool": "remember", "input": {"importance": {"at_most": 0.5}}, "at_least": 2},
            (
                "expected: called, at least 2: remember with importance at most 0.5\n"
                f"found: 1 of 2 calls of remember:\n  {CALL_2}\n"
                f"nearest of the others: {CALL_1}\n"
                "  importance: expected at most 0.5, found 0.9"
            ),
        ),
        (
            {"tool": "remember", "input": {"importance": True}},
            (
                "expected: called: remember with importance true\n"
                f"found: nearest of 2 calls of remember: {CALL_1}\n"
                "  importance: expected true, found 0.9"
            ),
        ),
    ],
    ids=str,
)
def test_a_call_that_was_not_made_shows_the_nearest(story, wanted, words):
    """The whole text of each failure: the nearest call of the tool, and which argument differs."""
    check = called(story, **wanted)
    assert not check
    assert str(check) == words


def test_a_call_whose_result_never_came_back_has_none():
    """A program that stops after the call: there is no result to look at."""
    world = world_with([remember("one")])
    with world:
        agent = Agent(world)
        agent.messages = [{"role": "user", "content": "Go."}]
        agent._ask("You are helpful.")
    check = called(world, "remember", result={"contains": "Stored"})
    assert not check
    assert check.detail == (
        'nearest of 1 calls of remember: call 1 of run 1, content "one" -> no result\n'
        '  result: expected contains "Stored", found nothing'
    )


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, 'tools(): \'called\' is missing.\nAdd it: a list of strings; or "at_least" or "never".'),
        (
            {"order": "any"},
            'tools(), "order": there is nothing to be in order.\nAdd "called", a list of strings.',
        ),
        (
            {"called": ["x"], "order": "inorder"},
            "tools(), \"order\": unknown value 'inorder'. Did you mean 'in_order'?\nKnown: exact, in_order and any.",
        ),
        (
            {"called": [], "order": "in_order"},
            'tools(), "called": expected names, found none.\nName the tools: a check that always holds says nothing.',
        ),
        (
            {"never": []},
            'tools(), "never": expected names, found none.\nName the tools: a check that always holds says nothing.',
        ),
        (
            {"called": ["x"], "never": ["x"]},
            "tools(), \"never\": 'x' must be called and must not.\nTake it out of one of them.",
        ),
        ({"at_least": {"x": 0}}, 'tools(), "at_least": expected a number above 0, found 0.\nCorrect the value.'),
        (
            {"at_least": {"x": "2"}},
            "tools(), \"at_least\": expected a whole number for 'x', found '2'.\nCorrect the value.",
        ),
        (
            {"at_least": {}},
            (
                'tools(), "at_least": expected names with numbers, found none.\n'
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        ({"called": "x"}, "tools(), \"called\": expected a list of strings, found 'x'.\nCorrect the value."),
    ],
    ids=str,
)
def test_an_order_that_cannot_be_or_cannot_fail_is_refused(wanted, words):
    """A wrong value, or a check that would always hold: which one, what is allowed, and what to do."""
    with pytest.raises(UsageError) as refused:
        tools(World(), **wanted)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"tool": ""},
            (
                'called(), "tool": expected a text, found an empty one.\n'
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"tool": "x", "input": {"content": {"contians": "y"}}},
            (
                "called(), \"input.content\": unknown matcher 'contians'. Did you mean 'contains'?\n"
                "Known: equals, contains, lacks, matches, has, at_least, at_most, one_of and given. "
                "A table as such is {equals = {...}}."
            ),
        ),
        (
            {"tool": "x", "input": "content"},
            "called(), \"input\": expected a table, found 'content'.\nCorrect the value.",
        ),
        (
            {"tool": "x", "result": ["Stored"]},
            "called(), \"result\": expected a string or a matcher, found ['Stored'].\nCorrect the value.",
        ),
    ],
    ids=str,
)
def test_a_call_that_cannot_be_is_refused(wanted, words):
    """A wrong value or an unknown matcher: which one, what is allowed, and what to do."""
    with pytest.raises(UsageError) as refused:
        called(World(), **wanted)
    assert str(refused.value) == words
