"""What is stored: each thing that can be said of a memory, held and failed."""

from __future__ import annotations

import pytest
from memtrace import AddMemoryRequest, CreateSessionRequest, Memtrace, RegisterAgentRequest

from fakememtrace import UsageError, World
from fakememtrace.expecting import Runs, stored

from .agent import learn

VEGETARIAN = (
    'content "Ada is vegetarian", type "episodic", event "general", tags ["food", "preference"], importance 0.9, '
    'agent "assistant"'
)
LISBON = 'content "Ada lives in Lisbon", type "episodic", event "general", tags [], importance 0.4, agent "assistant"'


@pytest.fixture
def team():
    """Two departments that write into the session of one customer, in the second run; the first opened another."""
    world = World()
    runs = Runs(world)
    with world:
        memtrace = Memtrace(world.url, world.api_key)
        runs.begin()
        juan = memtrace.register_agent(RegisterAgentRequest(name="Juan", description="Internet"))
        old = memtrace.create_session(CreateSessionRequest(agent_id=juan.id, metadata={"account_id": "TC-1001"}))
        runs.begin()
        cecilia = memtrace.register_agent(RegisterAgentRequest(name="Cecilia", description="Billing"))
        new = memtrace.create_session(CreateSessionRequest(agent_id=juan.id, metadata={"account_id": "TC-1002"}))
        for agent, session, content in (
            (juan, old, "The router blinks red"),
            (juan, new, "The line is slow"),
            (cecilia, new, "A credit of 20 euros is due"),
        ):
            memtrace.add_memory(
                AddMemoryRequest(
                    agent_id=agent.id,
                    session_id=session.id,
                    memory_type="episodic",
                    event_type="case",
                    content=content,
                    metadata={"amount": len(content)},
                )
            )
    return runs, new.id, cecilia.id


@pytest.mark.parametrize(
    "wanted",
    [
        {"content": "Ada is vegetarian"},
        {"content": {"matches": "^Ada is .*n$"}},
        {"contains": "vegetarian", "type": "episodic", "event": "general"},
        {"contains": "vegetarian", "tags": ["food", "preference"]},
        {"contains": "vegetarian", "tags": {"has": "food"}},
        {"contains": "vegetarian", "tags": {"has": ["preference", "food"]}},
        {"contains": "vegetarian", "importance": {"at_least": 0.5}},
        {"contains": "vegetarian", "agent": "assistant", "run": 1},
        {"contains": "Ada", "count": 2},
        {"contains": "Ada", "at_least": 2},
        {"contains": "Bruno", "absent": True},
        {"contains": "vegetarian", "type": {"one_of": ["decision", "episodic"]}},
    ],
    ids=str,
)
def test_what_is_stored_holds(story, wanted):
    """Every way to say it, of a memory that is there as it is said."""
    assert stored(story, **wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"content": "Ada is vegan"},
            (
                'expected: stored: content "Ada is vegan"\n'
                f"found: nearest of 2 stored: {VEGETARIAN}\n"
                '  content: expected "Ada is vegan", found "Ada is vegetarian"'
            ),
        ),
        (
            {"contains": "Lisboa"},
            (
                'expected: stored: contains "Lisboa"\n'
                f"found: nearest of 2 stored: {LISBON}\n"
                '  content: expected contains "Lisboa", found "Ada lives in Lisbon"'
            ),
        ),
        (
            {"contains": "vegetarian", "type": "decision", "tags": {"has": "diet"}, "importance": {"at_most": 0.5}},
            (
                'expected: stored: contains "vegetarian", type "decision", tags has "diet", importance at most 0.5\n'
                f"found: nearest of 2 stored: {VEGETARIAN}\n"
                '  type: expected "decision", found "episodic"\n'
                '  tags: expected has "diet", found ["food", "preference"]\n'
                "  importance: expected at most 0.5, found 0.9"
            ),
        ),
        (
            {"contains": "vegetarian", "agent": "planner", "run": 2},
            (
                'expected: stored: contains "vegetarian", agent "planner", run 2\n'
                f"found: nearest of 2 stored: {VEGETARIAN}, run 1\n"
                '  agent: expected "planner", found "assistant"\n'
                "  run: expected 2, found 1"
            ),
        ),
        (
            {"contains": "Ada", "count": 1},
            f'expected: stored, exactly 1: contains "Ada"\nfound: 2 of 2 stored:\n  {VEGETARIAN}\n  {LISBON}',
        ),
        (
            {"contains": "vegetarian", "at_least": 2},
            (
                'expected: stored, at least 2: contains "vegetarian"\n'
                f"found: 1 of 2 stored:\n  {VEGETARIAN}\nnearest of the others: {LISBON}\n"
                '  content: expected contains "vegetarian", found "Ada lives in Lisbon"'
            ),
        ),
        (
            {"contains": "Lisbon", "absent": True},
            f'expected: not stored: contains "Lisbon"\nfound: 1 of 2 stored:\n  {LISBON}',
        ),
        (
            {"contains": "Lisbon", "session": {"account_id": "TC-1"}},
            (
                'expected: stored: contains "Lisbon", session with account_id "TC-1"\n'
                f"found: nearest of 2 stored: {LISBON}, session none\n"
                '  session.account_id: expected "TC-1", found nothing'
            ),
        ),
        (
            {"contains": "Lisbon", "org": "acme"},
            (
                'expected: stored: contains "Lisbon", org "acme"\n'
                f'found: nearest of 2 stored: {LISBON}, org "default"\n'
                '  org: expected "acme", found "default"'
            ),
        ),
    ],
    ids=str,
)
def test_what_is_not_stored_shows_the_nearest(story, wanted, words):
    """The whole text of each failure: the nearest memory, and what differs in it."""
    check = stored(story, **wanted)
    assert not check
    assert str(check) == words


def test_a_memory_is_attributed_by_the_name_or_the_id_of_its_agent(team):
    """Who stored what: a registered name stands for the id that the memory was stored with."""
    runs, _, cecilia = team
    assert stored(runs, contains="credit", agent="Cecilia")
    assert stored(runs, contains="credit", agent=cecilia)
    assert stored(runs, agent="Juan", count=2)
    check = stored(runs, contains="credit", agent="Juan")
    assert not check
    assert str(check) == (
        'expected: stored: contains "credit", agent "Juan"\n'
        'found: nearest of 3 stored: content "A credit of 20 euros is due", type "episodic", event "case", tags [], '
        f'importance 0, agent "Cecilia" ({cecilia})\n'
        '  agent: expected "Juan", found "Cecilia"'
    )


def test_a_memory_is_in_a_session_by_id_by_metadata_or_by_run(team):
    """The session is named by its id, by what is in its metadata, or by the run that opened it."""
    runs, session, cecilia = team
    assert stored(runs, session=session, count=2)
    assert stored(runs, session={"account_id": "TC-1002"}, count=2)
    assert stored(runs, session={"account_id": {"matches": "^TC-"}}, count=3)
    assert stored(runs, session_run=1, count=1)
    assert stored(runs, contains="router", session_run=1, run=2)
    check = stored(runs, contains="credit", session={"account_id": "TC-1001"}, session_run=1)
    assert not check
    assert str(check) == (
        'expected: stored: contains "credit", session with account_id "TC-1001", session of run 1\n'
        'found: nearest of 3 stored: content "A credit of 20 euros is due", type "episodic", event "case", tags [], '
        f'importance 0, agent "Cecilia" ({cecilia}), session "{session}" {{"account_id": "TC-1002"}}, '
        "session of run 2\n"
        '  session.account_id: expected "TC-1001", found "TC-1002"\n'
        "  session of run: expected 1, found 2"
    )


def test_metadata_is_looked_at_by_name(team):
    """Some of the metadata, by values or matchers; what is not there is nothing."""
    runs, _, _ = team
    assert stored(runs, metadata={"amount": 27})
    assert stored(runs, contains="credit", metadata={"amount": {"at_least": 20}, "paid": {"given": False}})
    check = stored(runs, contains="credit", metadata={"paid": True})
    assert not check
    assert check.detail.endswith(', metadata {"amount": 27}\n  metadata.paid: expected true, found nothing')


def test_a_lost_memory_fails():
    """A memory that was answered 201 and lost is not stored, whatever the agent believes."""
    with World() as world:
        world.faults.add("lost_write", after=1, times=1)
        learn(world, "likes tea", "likes jazz")
        assert stored(world, contains="tea")
        check = stored(world, contains="jazz")
    assert not check
    assert str(check) == (
        'expected: stored: contains "jazz"\n'
        'found: nearest of 1 stored: content "likes tea", type "episodic", event "general", tags [], importance 0, '
        'agent "assistant"\n'
        '  content: expected contains "jazz", found "likes tea"'
    )


def test_nothing_stored_is_told_as_that():
    """Where there is no memory at all, there is no nearest."""
    check = stored(World(), contains="tea")
    assert not check
    assert str(check) == 'expected: stored: contains "tea"\nfound: nothing was stored'
    assert stored(World(), contains="tea", absent=True)


def test_what_was_there_before_is_of_no_run():
    """A seeded memory is stored, and no run stored it."""
    seeded = World(seed={"memories": [{"agent_id": "a", "content": "tea"}]})
    assert stored(seeded, contains="tea")
    check = stored(seeded, contains="tea", run=1)
    assert not check
    assert check.detail.endswith("\n  run: expected 1, found 0")


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"type": "episodic"},
            'stored(): says nothing about the text.\nAdd "content" (the whole text) or "contains" (a part).',
        ),
        (
            {"contains": ""},
            (
                'stored(), "contains": expected a text, found an empty one.\n'
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"contains": "x", "tags": {"hass": "y"}},
            (
                "stored(), \"tags\": unknown matcher 'hass'. Did you mean 'has'?\n"
                "Known: equals, contains, lacks, matches, has, at_least, at_most, one_of and given. "
                "A table as such is {equals = {...}}."
            ),
        ),
        (
            {"contains": "x", "tags": {"has": []}},
            (
                'stored(), "tags": expected something, found [].\n'
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"contains": "x", "tags": {}},
            (
                'stored(), "tags": expected a matcher, found an empty table.\n'
                "Known: equals, contains, lacks, matches, has, at_least, at_most, one_of and given."
            ),
        ),
        (
            {"contains": "x", "importance": {"at_least": 0}},
            (
                'stored(), "importance": every importance is at least 0.\n'
                "Name a number between 0 and 1: a check that always holds says nothing."
            ),
        ),
        (
            {"contains": "x", "importance": "high"},
            "stored(), \"importance\": expected a number or a matcher, found 'high'.\nCorrect the value.",
        ),
        (
            {"contains": "x", "content": {"matches": "("}},
            (
                "stored(), \"content\": '(' is no regular expression: "
                "missing ), unterminated subpattern at position 0.\n"
                "Correct it."
            ),
        ),
        (
            {"content": {"matches": "x*"}},
            (
                "stored(), \"content\": 'x*' matches every text, even an empty one.\n"
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"contains": "x", "count": 1, "absent": True},
            "stored(): 'count' and 'absent' say different things.\nKeep one: how many, how many at least, or none.",
        ),
        (
            {"contains": "x", "at_least": 0},
            'stored(), "at_least": expected a number above 0, found 0.\nCorrect the value.',
        ),
        (
            {"contains": "x", "run": 3},
            'stored(), "run": there is no run 3.\nThere is 1; Runs(world).begin() begins the next one.',
        ),
        (
            {"contains": "x", "session": {}},
            (
                'stored(), "session": expected names with values or matchers, found none.\n'
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"content": {"at_least": "1"}},
            "stored(), \"content\": expected a number, found '1'.\nWrite it without quotes.",
        ),
        (
            {"content": {"one_of": []}},
            'stored(), "content": expected a list that is not empty, found [].\nList the values that may be.',
        ),
        (
            {"content": {"given": "no"}},
            "stored(), \"content\": expected true or false, found 'no'.\nWrite it without quotes.",
        ),
        (
            {"content": {"contains": 3}},
            'stored(), "content": expected a string, found 3.\nPut it in quotes.',
        ),
    ],
    ids=str,
)
def test_what_cannot_be_or_cannot_fail_is_refused(wanted, words):
    """A wrong value, or a check that would always hold: which one, what is allowed, and what to do."""
    with pytest.raises(UsageError) as refused:
        stored(World(), **wanted)
    assert str(refused.value) == words
