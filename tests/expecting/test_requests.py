"""What requests to Claude held, and what they did not."""

from __future__ import annotations

import pytest

from fakememtrace import UsageError, World
from fakememtrace.expecting import requested, shown_to_model

from .agent import Agent, learn, world_with


@pytest.mark.parametrize(
    "wanted",
    [
        {"contains": "I eat no meat", "lacks": "vegetarian"},
        {"run": 2, "contains": ["- Ada is vegetarian", "What can I eat?"]},
        {"run": 2, "contains": "vegetarian", "in_": "system"},
        {"run": 2, "lacks": "vegetarian", "in_": "messages"},
        {"run": 2, "matches": r"Ada is \w+"},
        {"run": 1, "number": 3, "contains": "Stored: Ada lives in Lisbon"},
        {"any": True, "contains": "And where?"},
        {"any": True, "run": 2, "contains": "And where?", "lacks": "What can I eat?"},
        {"every": True, "contains": "You are a helpful assistant.", "lacks": "password"},
        {"every": True, "run": 2, "contains": "vegetarian"},
    ],
    ids=str,
)
def test_what_a_request_held(story, wanted):
    """Every way to say it, of requests that are as it is said."""
    assert requested(story, **wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"contains": "I eat no fish"},
            (
                "expected: request 1 of run 1 contains 'I eat no fish'\n"
                "found: 'I eat no fish' is not in it; nearest line:\n"
                "  - I eat no [-fish-]\n"
                "  + I{+'m Ada, I+} eat no {+meat.+}"
            ),
        ),
        (
            {"run": 2, "contains": "vegetarian", "in_": "messages"},
            (
                "expected: request 1 of run 2 contains 'vegetarian' in its messages\n"
                "found: 'vegetarian' is not in its messages; nearest line:\n"
                "  - vegetarian\n"
                "  + What can I eat?"
            ),
        ),
        (
            {"run": 2, "contains": "vegan", "lacks": ["vegetarian", "What can"]},
            (
                "expected: request 1 of run 2 contains 'vegan', lacks 'vegetarian' and lacks 'What can'\n"
                "found: 'vegan' is not in it; nearest line:\n"
                "  - vegan\n"
                "  + - Ada is vegetarian\n"
                "'vegetarian' is in it: '- Ada is vegetarian'\n"
                "'What can' is in it: 'What can I eat?'"
            ),
        ),
        (
            {"run": 2, "lacks": "vegetarian"},
            "expected: request 1 of run 2 lacks 'vegetarian'\nfound: 'vegetarian' is in it: '- Ada is vegetarian'",
        ),
        (
            {"run": 2, "matches": r"Ada is (\d+)"},
            (
                "expected: request 1 of run 2 matches 'Ada is (\\\\d+)'\n"
                "found: nothing in it matches 'Ada is (\\\\d+)'; nearest line:\n"
                "  - Ada is [-(\\d+)-]\n"
                "  + {+-+} Ada is {+vegetarian+}"
            ),
        ),
        (
            {"number": 4, "contains": "x"},
            "expected: request 4 of run 1 contains 'x'\nfound: only 3 requests were made in this run",
        ),
        (
            {"any": True, "contains": "Ada lives in Lisboa"},
            (
                "expected: any request contains 'Ada lives in Lisboa'\n"
                "found: nearest of 6, request 3 of run 2: 'Ada lives in Lisboa' is not in it; nearest line:\n"
                "  - Ada lives in [-Lisboa-]\n"
                "  + Ada lives in {+Lisbon+}"
            ),
        ),
        (
            {"every": True, "lacks": "Lisbon"},
            (
                "expected: every request lacks 'Lisbon'\n"
                "found: request 3 of run 1 (4 of 6 are wrong): 'Lisbon' is in it: 'Stored: Ada lives in Lisbon'"
            ),
        ),
    ],
    ids=str,
)
def test_what_a_request_did_not_hold_shows_the_nearest_line(story, wanted, words):
    """The whole text of each failure: the nearest line with the words that differ, or where the text stands."""
    check = requested(story, **wanted)
    assert not check
    assert str(check) == words


def test_a_lost_memory_is_in_no_request():
    """What was lost on its way into the store is not what the next conversation begins with."""
    world = world_with("Jazz, then.")
    with world:
        world.faults.add("lost_write", after=1, times=1)
        learn(world, "Ada likes jazz", "Ada likes tea")
        Agent(world).talk("What do I like?")
    assert requested(world, contains="Ada likes jazz")
    check = requested(world, contains="Ada likes tea")
    assert not check
    assert str(check) == (
        "expected: request 1 of run 1 contains 'Ada likes tea'\n"
        "found: 'Ada likes tea' is not in it; nearest line:\n"
        "  - Ada likes [-tea-]\n"
        "  + {+-+} Ada likes {+jazz+}"
    )


@pytest.mark.parametrize("which", ["any", "every"])
def test_no_request_is_neither_any_nor_every(which):
    """Where Claude was asked nothing, what is said of every request does not hold either."""
    check = requested(World(), lacks="x", **{which: True})
    assert not check
    assert str(check) == f"expected: {which} request lacks 'x'\nfound: no request was made to Claude"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, 'requested(): says nothing about the request.\nAdd "contains" or "lacks", lists of texts.'),
        (
            {"contains": ["x", ""]},
            (
                "requested(), \"contains\": expected texts that are not empty, found ['x', ''].\n"
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"contains": []},
            (
                'requested(), "contains": expected texts that are not empty, found [].\n'
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"contains": 3},
            'requested(), "contains": expected a string or a list of strings, found 3.\nCorrect the value.',
        ),
        (
            {"contains": [3]},
            'requested(), "contains": expected a list of strings, found [3].\nPut every item in quotes.',
        ),
        (
            {"contains": "x", "in_": "sytem"},
            "requested(), \"in\": unknown value 'sytem'. Did you mean 'system'?\nKnown: system and messages.",
        ),
        (
            {"contains": "x", "any": True, "number": 2},
            (
                "requested(): 'number' and 'any' say different things.\n"
                "Keep one: which request, any of them, or every one."
            ),
        ),
        (
            {"matches": "("},
            (
                "requested(), \"matches\": '(' is no regular expression: "
                "missing ), unterminated subpattern at position 0.\nCorrect it."
            ),
        ),
        (
            {"contains": "x", "number": 0},
            'requested(), "number": expected a number above 0, found 0.\nCorrect the value.',
        ),
    ],
    ids=str,
)
def test_what_cannot_be_or_cannot_fail_is_refused(wanted, words):
    """A wrong value, or a check that would always hold: which one, what is allowed, and what to do."""
    with pytest.raises(UsageError) as refused:
        requested(World(), **wanted)
    assert str(refused.value) == words


@pytest.mark.parametrize(
    ("texts", "how"),
    [
        ("- Ada is vegetarian", {}),
        ("Ada is vegetarian", {"in_": "system", "run": 2}),
        (["Ada is vegetarian", "And where?"], {}),
        ("password", {"absent": True}),
        (["password", "token"], {"absent": True}),
    ],
    ids=str,
)
def test_what_claude_was_shown(story, texts, how):
    """Any request will do, whoever said it; and what is absent is in none."""
    assert shown_to_model(story, texts, **how)


@pytest.mark.parametrize(
    ("texts", "how", "words"),
    [
        (
            "Ada lives in Lisboa",
            {},
            (
                "expected: any request contains 'Ada lives in Lisboa'\n"
                "found: nearest of 6, request 3 of run 2: 'Ada lives in Lisboa' is not in it; nearest line:\n"
                "  - Ada lives in [-Lisboa-]\n"
                "  + Ada lives in {+Lisbon+}"
            ),
        ),
        (
            "And where?",
            {"run": 1, "in_": "messages"},
            (
                "expected: any request of run 1 contains 'And where?' in its messages\n"
                "found: nearest of 3, request 2 of run 1: 'And where?' is not in its messages; nearest line:\n"
                "  - And where?\n"
                "  + Stored: Ada is vegetarian"
            ),
        ),
        (
            ["password", "Lisbon"],
            {"absent": True},
            (
                "expected: every request lacks 'password' and lacks 'Lisbon'\n"
                "found: request 3 of run 1 (4 of 6 are wrong): 'Lisbon' is in it: 'Stored: Ada lives in Lisbon'"
            ),
        ),
    ],
    ids=str,
)
def test_what_claude_was_not_shown(story, texts, how, words):
    """The whole text of each failure is that of the request which comes nearest."""
    check = shown_to_model(story, texts, **how)
    assert not check
    assert str(check) == words


def test_nothing_is_absent_where_claude_was_not_asked():
    """Where Claude was asked nothing, nobody knows what it would have been shown."""
    check = shown_to_model(World(), "x", absent=True)
    assert str(check) == "expected: every request lacks 'x'\nfound: no request was made to Claude"


@pytest.mark.parametrize("absent", [False, True])
def test_showing_nothing_is_refused(absent):
    """An empty text is shown always, and is refused under the name that the function has for it."""
    with pytest.raises(UsageError) as refused:
        shown_to_model(World(), "", absent=absent)
    assert str(refused.value) == (
        "shown_to_model(), \"contains\": expected texts that are not empty, found [''].\n"
        "Say what must be there: a check that always holds says nothing."
    )
    with pytest.raises(UsageError) as refused:
        shown_to_model(World(), "x", in_="sytem", absent=absent)
    assert str(refused.value) == (
        "shown_to_model(), \"in_\": unknown value 'sytem'. Did you mean 'system'?\nKnown: system and messages."
    )
