"""A recall counts only if the text came out of the store."""

from __future__ import annotations

import json

import pytest

from fakememtrace import UsageError, World
from fakememtrace.claude.author import Author, tool_use
from fakememtrace.expecting import Runs, recalled

from .agent import PROMPT, Agent, learn, remember, search, world_with

KNOWN = (
    'content "Ada is vegetarian", type "episodic", event "general", tags [], importance 0, agent "assistant", run {run}'
)


def two_runs(world, first, second):
    """What happened in two runs of a program, a day apart."""
    runs = Runs(world)
    with world:
        runs.begin()
        first()
        world.clock.advance("20h")
        runs.begin()
        second()
    return runs


def test_what_the_prompt_got_from_the_store_is_recalled(story):
    """The second run is shown what the first one stored, and nobody had said it before."""
    assert recalled(story, "Ada is vegetarian")
    assert recalled(story, "Ada is vegetarian", run=2, number=1, from_run=1, by="assistant")


def test_a_later_request_goes_on_from_the_one_that_recalled(story):
    """Once Claude was told, the conversation may say it again."""
    assert recalled(story, "Ada lives in Lisbon", number=3)


def test_what_a_tool_brought_from_the_store_is_recalled():
    """A memory that a search found is recalled, also where the program writes it in another way."""
    world = world_with(search("diet"), "Tofu.")

    class Terse(Agent):
        def _memories(self, agent):
            return "(none)"

        def _search(self, given):
            return json.dumps({"hits": super()._search(given).replace("Diet: ", "diet = ")})

    agent = Terse(world)
    runs = two_runs(world, lambda: learn(world, 'Ada, diet: "vegetarian"'), lambda: agent.talk("What can I eat?"))
    assert recalled(runs, "vegetarian")
    assert not recalled(runs, "vegetarian", number=1)


@pytest.mark.parametrize("form", [lambda text: text, json.dumps, lambda text: f"<m>{text}</m>"])
def test_the_frame_of_a_memory_does_not_matter(form):
    """Quoted, in JSON or among other words: a memory that stands there whole came out of the store."""
    world = world_with("Tofu.")

    class Framing(Agent):
        def _memories(self, agent):
            return form(super()._memories(agent))

    agent = Framing(world)
    runs = two_runs(world, lambda: learn(world, 'Ada says: "no meat"'), lambda: agent.talk("What can I eat?"))
    assert recalled(runs, "Ada says: ")


def test_a_context_is_an_answer_of_the_store():
    """What the context of a session shows counts, although it shows only the start of a memory."""
    from memtrace import AddMemoryRequest, ContextOptions, CreateSessionRequest, Memtrace, RegisterAgentRequest

    world = world_with("Tofu.")
    memtrace = Memtrace(world.url, world.api_key)
    content = "Ada is vegetarian" + " and likes it very much" * 5

    class Contextual(Agent):
        def _memories(self, agent):
            return memtrace.get_session_context(self.session, ContextOptions(since="7d")).context

    agent = Contextual(world)

    def first():
        known = memtrace.register_agent(RegisterAgentRequest(name="assistant", description="Knows Ada"))
        agent.session = memtrace.create_session(CreateSessionRequest(agent_id=known.id)).id
        memtrace.add_memory(
            AddMemoryRequest(
                agent_id="assistant",
                session_id=agent.session,
                memory_type="episodic",
                event_type="general",
                content=content,
            )
        )

    runs = two_runs(world, first, lambda: agent.talk("What can I eat?"))
    assert recalled(runs, "Ada is vegetarian")
    assert not recalled(runs, content)


def test_another_agent_recalls_within_a_run():
    """In one run a summarizer is told what a researcher stored, by its name."""
    world = world_with(remember("Rust has no garbage collector"), "Stored.", "A report.")
    with world:
        Agent(world, "researcher").talk("Look into languages.")
        Agent(world, "summarizer").talk("Write it up.", reader="researcher")
    assert recalled(world, "no garbage collector", by="researcher")
    check = recalled(world, "no garbage collector", by="summarizer")
    assert not check
    assert str(check) == (
        "expected: run 1 recalls 'no garbage collector', stored by agent \"summarizer\"\n"
        'found: what Memtrace answered in run 1 was not stored by agent "summarizer":\n'
        '  content "Rust has no garbage collector", type "episodic", event "general", tags [], importance 0, '
        'agent "researcher", run 1'
    )


def test_a_seeded_memory_is_recalled():
    """What was there before the first run is recalled in it."""
    seed = {"memories": [{"agent_id": "assistant", "content": "Ada is vegetarian", "ago": "1h"}]}
    world = World(seed=seed, cassette=Author(["Tofu."], "2026-11-22"))
    with world:
        Agent(world).talk("What can I eat?")
    assert recalled(world, "Ada is vegetarian")


def test_a_lost_memory_is_not_recalled():
    """A memory that was answered 201 and lost: no answer of Memtrace held it, and the nearest line is shown."""
    world = world_with("Fish.")
    world.faults.add("lost_write", times=1)
    runs = two_runs(
        world,
        lambda: learn(world, "Ada is vegetarian", "Ada is a pilot"),
        lambda: Agent(world).talk("What can I eat?"),
    )
    check = recalled(runs, "Ada is vegetarian", from_run=1)
    assert not check
    assert str(check) == (
        "expected: run 2 recalls 'Ada is vegetarian', stored in run 1\n"
        "found: no answer of Memtrace in run 2 held it; nearest line:\n"
        "  - Ada is [-vegetarian-]\n"
        "  + Ada is {+a pilot+}"
    )


def test_a_window_that_is_too_short_recalls_nothing():
    """A memory that is there and out of the window of the question is not recalled."""
    world = world_with("Fish.")
    agent = Agent(world, window="2h")
    runs = two_runs(world, lambda: learn(world, "Ada is vegetarian"), lambda: agent.talk("What can I eat?"))
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert str(check) == (
        "expected: run 2 recalls 'Ada is vegetarian', stored before run 2\n"
        "found: no answer of Memtrace in run 2 held it: 1 answer, no memory in it"
    )


def test_a_question_that_says_it_recalls_nothing():
    """The memory was lost, and the text is there only because the user said it."""
    world = world_with("Tofu.")
    world.faults.add("lost_write")
    runs = two_runs(
        world,
        lambda: learn(world, "Ada is vegetarian"),
        lambda: Agent(world).talk("You know that Ada is vegetarian?"),
    )
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert str(check) == (
        "expected: run 2 recalls 'Ada is vegetarian', stored before run 2\n"
        "found: no answer of Memtrace in run 2 held it: 1 answer, no memory in it\n"
        "it stands in the user's question (request 1 of run 2): 'You know that Ada is vegetarian?'"
    )


def test_a_question_that_says_it_too_recalls_nothing():
    """The store had it, and so had the question: Claude would have known it without any memory."""
    world = world_with("Tofu.")
    runs = two_runs(
        world,
        lambda: learn(world, "Ada is vegetarian"),
        lambda: Agent(world).talk("You know that Ada is vegetarian?"),
    )
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert str(check) == (
        "expected: run 2 recalls 'Ada is vegetarian', stored before run 2\n"
        "found: the user's question (request 1 of run 2): 'You know that Ada is vegetarian?' held it already"
    )


def test_memories_beside_the_question_are_recalled():
    """A program may put what it remembers into the user's message, in lines of their own."""
    world = world_with("Tofu.", "Tofu.")

    class Beside(Agent):
        def _memories(self, name):
            super()._memories(name)
            return ""

    agent = Beside(world)
    question = "Known:\n- Ada is vegetarian\nQuestion: What can I eat?"
    runs = two_runs(world, lambda: learn(world, "Ada is vegetarian"), lambda: agent.talk(question))
    assert recalled(runs, "Ada is vegetarian")
    with world:
        agent.talk("Ada is vegetarian")
    assert not recalled(runs, "Ada is vegetarian", number=2)


def test_a_prompt_that_says_it_too_recalls_nothing():
    """The program's own words hold it beside the memory."""
    world = world_with("Tofu.")
    agent = Agent(world, prompt="Example: Ada is vegetarian.")
    runs = two_runs(world, lambda: learn(world, "Ada is vegetarian"), lambda: agent.talk("What can I eat?"))
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert check.detail == "the system prompt (request 1 of run 2): 'Example: Ada is vegetarian.' held it already"


def test_a_prompt_that_said_it_before_it_was_stored_recalls_nothing():
    """The memory is read and not used; the prompt holds the same words, and did in the run before, too."""
    world = world_with(remember("Ada is vegetarian"), "Noted.", "Tofu.")

    class Deaf(Agent):
        def _memories(self, agent):
            super()._memories(agent)
            return "- Ada is vegetarian"

    agent = Deaf(world)
    runs = two_runs(world, lambda: agent.talk("I eat no meat."), lambda: agent.talk("What can I eat?"))
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert check.detail == (
        "the system prompt (request 1 of run 1): '- Ada is vegetarian' held it before it was stored"
    )


def test_an_answer_of_claude_that_said_it_before_recalls_nothing():
    """Claude says it by itself and then finds it in the store: it needed no store for it."""
    world = world_with(["Ada is vegetarian, I guess.", search("vegetarian")], "Yes.")

    class Forgetful(Agent):
        def _memories(self, agent):
            return ""

    agent = Forgetful(world)
    runs = two_runs(world, lambda: learn(world, "Ada is vegetarian"), lambda: agent.talk("What can I eat?"))
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert check.detail == (
        "an earlier answer of Claude (request 2 of run 2): 'Ada is vegetarian, I guess.' held it already"
    )
    check = recalled(runs, "vegetarian", number=2)
    assert not check


def test_an_answer_in_another_conversation_of_the_run_counts_as_well():
    """What Claude said before Memtrace was asked is no recall, although a new conversation does not show it."""
    world = world_with("Ada is vegetarian, they say.", "Tofu.")

    class Late(Agent):
        def _memories(self, agent):
            return super()._memories(agent) if self.messages else ""

    agent = Late(world)

    def second():
        agent.talk("Who am I?")
        agent.talk("What can I eat?")

    runs = two_runs(world, lambda: learn(world, "Ada is vegetarian"), second)
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert check.detail == (
        "an earlier answer of Claude (request 1 of run 2): 'Ada is vegetarian, they say.' "
        "held it before Memtrace answered it"
    )


def test_another_tool_that_says_it_recalls_nothing():
    """A tool that does not ask Memtrace brought it first."""
    world = world_with(tool_use("profile"), search("vegetarian"), "Tofu.")

    class Profiled(Agent):
        def _memories(self, agent):
            return ""

        def _used(self, use):
            if use["name"] == "search":
                return super()._used(use)
            return {"type": "tool_result", "tool_use_id": use["id"], "content": "diet: vegetarian"}

    agent = Profiled(world)
    runs = two_runs(world, lambda: learn(world, "Ada is vegetarian"), lambda: agent.talk("What can I eat?"))
    check = recalled(runs, "vegetarian")
    assert not check
    assert (
        check.detail
        == "the result of profile (request 2 of run 2): 'diet: vegetarian' held it before Memtrace answered it"
    )


def test_what_was_answered_and_not_handed_on_is_not_recalled():
    """The program asked, Memtrace answered, and Claude was not told."""
    world = world_with("Fish.")

    class Deaf(Agent):
        def _memories(self, agent):
            super()._memories(agent)
            return "- Ada is a pilot"

    agent = Deaf(world)
    runs = two_runs(world, lambda: learn(world, "Ada is vegetarian"), lambda: agent.talk("What can I eat?"))
    check = recalled(runs, "Ada is vegetarian")
    assert not check
    assert check.detail == (
        "Memtrace answered it (GET /api/v1/memories, #2), but request 1 of run 2 does not hold it; nearest line:\n"
        "  - Ada is [-vegetarian-]\n"
        "  + {+-+} Ada is {+a pilot+}"
    )


def test_what_the_run_itself_stored_is_not_recalled():
    """Storing a text and reading it back in the same run says nothing about what outlives it."""
    world = world_with(remember("Ada is vegetarian"), search("Ada"), "Noted.")
    with world:
        Agent(world).talk("I eat no meat.")
    check = recalled(world, "Ada is vegetarian")
    assert not check
    assert check.detail == "what Memtrace answered in run 1 was not stored before run 1:\n  " + KNOWN.format(run=1)


def test_a_run_that_asks_nothing_recalls_nothing():
    """Without a request to Claude there is nobody who was told."""
    world = world_with("Tofu.")
    runs = two_runs(world, lambda: Agent(world).talk("Hi."), lambda: None)
    assert str(recalled(runs, "fish")) == (
        "expected: run 2 recalls 'fish', stored before run 2\nfound: run 2 made no request to Claude"
    )
    assert recalled(runs, "fish", run=1, number=2).detail == "only 1 request was made in run 1"
    assert recalled(runs, "fish", run=1).detail == "no answer of Memtrace in run 1 held it: 1 answer, no memory in it"


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"text": ""},
            (
                'recalled(), "text": expected a text, found an empty one.\n'
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
        (
            {"text": "x", "from_run": 1},
            (
                'recalled(), "from_run": run 1 cannot recall what run 1 stores.\n'
                'Name an earlier run, or with "by" the agent that stored it.'
            ),
        ),
        (
            {"text": "x", "run": 2},
            'recalled(), "run": there is no run 2.\nThere is 1; Runs(world).begin() begins the next one.',
        ),
    ],
    ids=str,
)
def test_a_recall_that_cannot_be_is_refused(wanted, words):
    """A wrong value: which one, what is allowed, and what to do."""
    with pytest.raises(UsageError) as refused:
        recalled(World(), **wanted)
    assert str(refused.value) == words


def test_the_prompt_of_the_tests_says_nothing():
    """The tests above rest on a prompt that holds none of the texts."""
    assert "Ada" not in PROMPT
