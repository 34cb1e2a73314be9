"""A file of expectations says what the functions for tests say, in the same words."""

from __future__ import annotations

import pytest

from fakememtrace import ScenarioError
from fakememtrace.expecting import called, recalled, requested, sent, stored, tools
from fakememtrace.scenario.expectations import read_expectations

SAME = [
    (
        '[[memory]]\ncontent = "Ada is vegetarian"\ntags = ["food"]\nimportance = 0.9\n',
        lambda story: stored(story, content="Ada is vegetarian", tags=["food"], importance=0.9),
    ),
    (
        '[[memory]]\ncontains = "Ada"\nagent = "assistant"\nsession = { account_id = "TC-1001" }\nat_least = 2\n',
        lambda story: stored(story, contains="Ada", agent="assistant", session={"account_id": "TC-1001"}, at_least=2),
    ),
    ('[[memory]]\ncontains = "Ada"\nabsent = true\n', lambda story: stored(story, contains="Ada", absent=True)),
    (
        '[[memory]]\ncontains = "Lisbon"\nimportance = 1\nrun = 2\nsession_run = 1\n',
        lambda story: stored(story, contains="Lisbon", importance=1, run=2, session_run=1),
    ),
    (
        '[[request]]\nrun = 2\nin = "system"\ncontains = ["vegan"]\nlacks = ["fish"]\n',
        lambda story: requested(story, run=2, in_="system", contains="vegan", lacks="fish"),
    ),
    ('[[request]]\nany = true\nmatches = "Ada eats"\n', lambda story: requested(story, any=True, matches="Ada eats")),
    (
        '[[request]]\nevery = true\nrun = 2\nlacks = ["Ada"]\n',
        lambda story: requested(story, every=True, run=2, lacks="Ada"),
    ),
    ('[[tools]]\ncalled = ["search"]\n', lambda story: tools(story, ["search"])),
    (
        '[[tools]]\nrun = 2\ncalled = ["search", "search"]\norder = "in_order"\n',
        lambda story: tools(story, ["search", "search"], order="in_order", run=2),
    ),
    (
        '[[tools]]\nat_least = { remember = 3 }\nnever = ["remember_all"]\n',
        lambda story: tools(story, at_least={"remember": 3}, never=["remember_all"]),
    ),
    (
        '[[call]]\ntool = "remember"\ninput = { content = { contains = "fish", matches = "^A" }, importance = 0.9 }\n',
        lambda story: called(
            story, "remember", input={"content": {"contains": "fish", "matches": "^A"}, "importance": 0.9}
        ),
    ),
    (
        '[[call]]\ntool = "search"\nrun = 2\n[call.result]\ncontains = "Porto"\n',
        lambda story: called(story, "search", run=2, result={"contains": "Porto"}),
    ),
    (
        '[[recalled]]\ntext = "Ada is vegan"\nrun = 2\nfrom_run = 1\nby = "assistant"\n',
        lambda story: recalled(story, "Ada is vegan", run=2, from_run=1, by="assistant"),
    ),
    ('[[recalled]]\ntext = "no meat"\nnumber = 2\n', lambda story: recalled(story, "no meat", number=2)),
    (
        '[[sent]]\nbot = "Juan"\nto = "Nacho"\ncontains = "credit"\nat_most_chars = 4096\n',
        lambda story: sent(story, bot="Juan", to="Nacho", contains="credit", at_most_chars=4096),
    ),
]


@pytest.fixture
def read(tmp_path):
    """Reads expectations for a script of two runs."""

    def read(text):
        path = tmp_path / "expectations.toml"
        path.write_text(text, "utf-8")
        return read_expectations(path, 2)

    return read


@pytest.mark.parametrize(("text", "said"), SAME, ids=[text for text, _ in SAME])
def test_a_file_says_what_a_test_says(story, read, text, said):
    """Each kind of table fails as its function does: the same words of what was expected and of the nearest thing."""
    (expectation,) = read(text)
    assert not said(story)
    assert expectation.check(story) == said(story)


def test_a_file_that_holds(story, read):
    """All kinds in one file, of what did happen."""
    expectations = read(
        """
[[memory]]
contains = "vegetarian"
tags = { has = "food" }
importance = { at_least = 0.5 }
[[memory]]
contains = "password"
absent = true
[[request]]
run = 2
in = "system"
contains = ["Ada is vegetarian"]
[[request]]
every = true
lacks = ["password"]
[[tools]]
called = ["remember", "remember"]
[[tools]]
run = 2
at_least = { search = 1 }
never = ["remember"]
[[call]]
tool = "search"
input = { text = "Lisbon" }
result = { contains = "Ada lives in Lisbon" }
[[recalled]]
text = "Ada is vegetarian"
from_run = 1
[[sent]]
bot = "Juan"
absent = true
"""
    )
    checks = [expectation.check(story) for expectation in expectations]
    assert [check.expected for check in checks] == [
        'stored: contains "vegetarian", tags has "food", importance at least 0.5',
        'not stored: contains "password"',
        "request 1 of run 2 contains 'Ada is vegetarian' in its system prompt",
        "every request lacks 'password'",
        "run 1 calls remember and remember",
        "run 2 calls search at least once and never calls remember",
        'called: search with text "Lisbon" and result contains "Ada lives in Lisbon"',
        "run 2 recalls 'Ada is vegetarian', stored in run 1",
        "not sent by Juan",
    ]
    assert [check.detail for check in checks] == [""] * 9


KNOWN_HERE = (
    "Known here: content, contains, type, event, tags, importance, metadata, agent, session, session_run, run, org, "
    "count, at_least and absent."
)
ALWAYS = "Say what must be there: a check that always holds says nothing."
REFUSED = [
    (
        '[[memory]]\ncontians = "x"\n',
        ", line 1, [[memory]] 1: unknown key 'contians'. Did you mean 'contains'?",
        KNOWN_HERE,
    ),
    ('[[memory]]\ncontains = ""\n', ', line 2, [[memory]] 1, "contains": expected a text, found an empty one.', ALWAYS),
    (
        '[[memory]]\ncontains = "x"\n[[memory]]\ncontains = "x"\ntags = { hass = "y" }\n',
        ", line 5, [[memory]] 2, \"tags\": unknown matcher 'hass'. Did you mean 'has'?",
        (
            "Known: equals, contains, lacks, matches, has, at_least, at_most, one_of and given. "
            "A table as such is {equals = {...}}."
        ),
    ),
    (
        '[[memory]]\ncontains = "x"\nat_least = 0\n',
        ', line 3, [[memory]] 1, "at_least": expected a number above 0, found 0.',
        "Correct the value.",
    ),
    (
        '[[memory]]\ncontains = "x"\nagent = 3\n',
        ', line 3, [[memory]] 1, "agent": expected a string, found 3.',
        "Correct the value.",
    ),
    (
        '[[memory]]\ncontains = "x"\nabsent = "yes"\n',
        ", line 3, [[memory]] 1, \"absent\": expected true or false, found 'yes'.",
        "Correct the value.",
    ),
    (
        "[[request]]\ncontains = []\n",
        ', line 2, [[request]] 1, "contains": expected texts that are not empty, found [].',
        ALWAYS,
    ),
    (
        '[[request]]\ncontains = ["x"]\nany = true\nevery = true\n',
        ", line 1, [[request]] 1: 'any' and 'every' say different things.",
        "Keep one: which request, any of them, or every one.",
    ),
    (
        '[[tools]]\ncalled = ["x"]\norder = "anyhow"\n',
        ", line 3, [[tools]] 1, \"order\": unknown value 'anyhow'. Did you mean 'any'?",
        "Known: exact, in_order and any.",
    ),
    (
        "[[tools]]\nnever = []\n",
        ', line 2, [[tools]] 1, "never": expected names, found none.',
        "Name the tools: a check that always holds says nothing.",
    ),
    ("[[call]]\nrun = 1\n", ", line 1, [[call]] 1: 'tool' is missing.", "Add it: a string."),
    (
        '[[call]]\ntool = "x"\ninput = { text = { matches = "(" } }\n',
        (
            ', line 1, [[call]] 1, "input.text": '
            "'(' is no regular expression: missing ), unterminated subpattern at position 0."
        ),
        "Correct it.",
    ),
    ('[[call]]\ntool = "x"\nrun = 3\n', ', line 3, [[call]] 1, "run": there is no run 3.', "The script has 2."),
    ("[[recalled]]\nrun = 2\n", ", line 1, [[recalled]] 1: 'text' is missing.", "Add it: a string."),
    (
        '[[recalled]]\ntext = "x"\nrun = 1\nfrom_run = 2\n',
        ', line 4, [[recalled]] 1, "from_run": run 1 cannot recall what run 2 stores.',
        'Name an earlier run, or with "by" the agent that stored it.',
    ),
    (
        '[[sent]]\nlacks = "x"\n',
        ", line 1, [[sent]] 1: says only what a message must not be, so any other message would do.",
        'Add what it "contains", or every = true.',
    ),
]


@pytest.mark.parametrize(("text", "problem", "advice"), REFUSED, ids=[text for text, _, _ in REFUSED])
def test_a_broken_file_is_refused_with_its_place(read, tmp_path, text, problem, advice):
    """File, number of the table, field, what is allowed, and the nearest candidate; and what could not fail."""
    with pytest.raises(ScenarioError) as refused:
        read(text)
    assert str(refused.value) == f"{tmp_path / 'expectations.toml'}{problem}\n{advice}"
