"""The account of a world: turns, memories, who wrote them, and which requests had them."""

from __future__ import annotations

import json

from fakememtrace import World
from fakememtrace.claude.cassette import Cassette
from fakememtrace.report.gathering import account_of
from fakememtrace.report.model import FRAME, MEMORY, Account, Mark, Shown

from ..claude.helpers import interaction, request
from .worlds import Program, answer, context

REMEMBER = {"type": "tool_use", "id": "toolu_1", "name": "remember", "input": {"content": "likes green tea"}}
RESULT = [{"type": "tool_result", "tool_use_id": "toolu_1", "content": "Stored: likes green tea"}]
LONG = "The customer has Fibre 300, account TC-1001, and a router that loses the line every evening after eight"


def well(request):
    """What Claude says to everything."""
    return "Well."


def test_a_turn_says_what_claude_was_shown_and_said():
    """The system prompt, the messages, the tools, the answer, why it ended and what answered."""
    with World(cassette=Cassette([interaction(request("Hi", system="Be kind."), answer("Hello!"))])) as world:
        Program(world).ask("Hi", system="Be kind.")
        account = account_of(world, "a name", "a title")
    (turn,) = account.turns
    assert (account.name, account.title, account.dialect) == ("a name", "a title", "0.2.0")
    assert [line.text for line in account.prompts[turn.prompt - 1].lines] == ["Be kind."]
    assert [(text.who, text.lines[0].text) for text in (*turn.messages, *turn.answer)] == [
        ("user", "Hi"),
        ("claude", "Hello!"),
    ]
    assert (turn.model, turn.parameters, turn.source) == ("claude-x", {"max_tokens": 100}, "interaction 1")
    assert turn.ending == "end_turn, 10 tokens in, 5 out"


def test_a_later_turn_says_only_what_is_new():
    """It goes on from the turn whose messages it repeats; neither those nor that turn's answer are told again."""
    with World(cassette=well) as world:
        Program(world).ask("Hi")
        Program(world).ask("Hi", [{"type": "text", "text": "Well."}], "And now?")
        Program(world).ask("Something else")
        first, second, third = account_of(world, "").turns
    assert (first.goes_on, second.goes_on, second.follows, second.earlier, third.goes_on) == (0, 1, True, 1, 0)
    assert [line.text for text in second.messages for line in text.lines] == ["And now?"]


def test_a_memory_says_which_call_of_which_tool_led_to_it():
    """A memory that is stored while a call of a tool is under way, and has its text, is that call's."""
    with World(cassette=lambda _: [REMEMBER]) as world:
        program = Program(world)
        agent, session = program.session("ada")
        program.remember(agent, "before anybody asked", session)
        program.ask("I like green tea")
        program.remember(agent, "likes green tea", session, tags=["drink"], importance=0.5)
        program.remember(agent, "something of the program's own", session)
        account = account_of(world, "")
    assert [(one.content, one.call, one.turn, one.exchange) for one in account.memories] == [
        ("before anybody asked", "", 0, 3),
        ("likes green tea", "remember", 1, 5),
        ("something of the program's own", "", 0, 6),
    ]
    tea = account.memories[1]
    assert (tea.name, tea.agent, tea.session, tea.tags, tea.importance) == ("ada", agent, session, ("drink",), 0.5)


def test_each_line_of_a_memory_block_leads_to_its_memory():
    """They are marked with its number, also where they are cut; what frames them is told apart."""
    with World(cassette=well) as world:
        program = Program(world)
        agent, session = program.session()
        program.remember(agent, "likes green tea", session)
        program.remember(agent, LONG, session)
        program.ask("Hi", system=f"You know:\n{context(world, session)}")
        account = account_of(world, "")
    lines = {line.text: line for line in account.prompts[0].lines}
    assert lines["You know:"].marks == ()
    assert lines["### Recent Actions (2)"].kind == FRAME
    tea, cut = (lines[line] for line in lines if line.startswith("- ["))
    tea, cut = (tea, cut) if tea.marks[0].memory == 1 else (cut, tea)
    assert (tea.kind, [mark.how for mark in tea.marks], tea.text[slice(*tea.marks[0][:2])]) == (
        MEMORY,
        ["whole"],
        "likes green tea",
    )
    assert [(mark.memory, mark.how) for mark in cut.marks] == [(2, "cut")]
    assert account.turns[0].shown == (1, 2)


def test_a_memory_says_which_later_requests_had_it():
    """From the first turn to the last that has it in one place, with the exchange that it came out of."""
    with World(cassette=well) as world:
        program = Program(world)
        agent, session = program.session()
        program.ask("Hi", system="Know: nothing")
        program.remember(agent, "likes green tea", session)
        known = f"Know: {context(world, session)}"
        program.ask("Hi", system=known)
        program.ask("Hi", [{"type": "text", "text": "Well."}], "More?", system=known)
        program.ask("Hi", system="Know: nothing")
        (memory,) = account_of(world, "").memories
    assert memory.read == (5,)
    assert memory.shown == (Shown(2, 3, "the system prompt", "whole", 5),)


def test_the_words_of_a_memory_are_not_always_the_memory():
    """Before any answer of Memtrace had it, and in a user's own words, the same text is no memory."""
    with World(cassette=well) as world:
        program = Program(world)
        agent, session = program.session()
        program.remember(agent, "likes green tea", session)
        program.ask("Ada likes green tea", system="Somebody likes green tea")
        context(world, session)
        program.ask("likes green tea", system="Somebody likes green tea too")
        account = account_of(world, "")
    assert [turn.shown for turn in account.turns] == [(), (1,)]
    assert account.turns[1].messages[0].lines[0].marks == ()
    assert account.memories[0].shown[0].where == "the system prompt"


def test_what_a_tool_echoes_when_it_stores_is_the_memory():
    """The result of the call that stored it leads to the memory, though nobody read anything."""
    with World(cassette=lambda told: [REMEMBER] if len(told["messages"]) == 1 else "Noted.") as world:
        program = Program(world)
        agent, session = program.session()
        program.ask("I like green tea")
        program.remember(agent, "likes green tea", session)
        program.ask("I like green tea", [REMEMBER], RESULT)
        account = account_of(world, "")
    (text,) = account.turns[1].messages
    assert (text.who, text.name, text.lines[0].marks) == ("result", "remember", (Mark(8, 23, 1),))
    assert account.memories[0].shown == (Shown(2, 2, "the result of remember", "whole", 4),)


def test_a_miss_says_what_is_not_as_recorded():
    """A request that is not recorded has its explanation, and each memory that is missing, with its number."""
    with World(cassette=Cassette([])) as empty:
        program = Program(empty)
        agent, session = program.session()
        program.remember(agent, "likes green tea", session)
        shown = context(empty, session)
    recorded = Cassette([interaction(request("Hi", system=f"Know:\n{shown}"), answer("Hello!"))])
    with World(cassette=recorded) as world:
        program = Program(world)
        agent, session = program.session()
        program.remember(agent, "likes green tea")
        refused = program.ask("Hi", system=f"Know:\n{context(world, session)}")
        account = account_of(world, "")
    assert refused.status_code == 400
    (miss,) = account.misses
    assert (miss.kind, miss.turn, account.turns[0].miss) == ("memory block", 1, 1)
    assert [(one.verb, one.content, one.memory) for one in miss.memories] == [("missing", "likes green tea", 1)]
    assert miss.explanation in account.problems[0]
    assert account.turns[0].answer == (), "the explanation is told once"


def test_runs_are_told_apart():
    """Every step and turn says in which run of the program it was."""
    with World(cassette=well) as world:
        for said in ("one", "two"):
            world.journal.begin(world.clock.micros())
            Program(world).ask(said)
            world.clock.advance("1h")
        account = account_of(world, "")
    assert [(run.number, run.at) for run in account.runs] == [(1, account.steps[0].at), (2, account.steps[1].at)]
    assert [(turn.run, turn.place) for turn in account.turns] == [(1, 1), (2, 1)]


def test_a_fault_and_a_refusal_are_told():
    """A step says which fault struck it; what no fake stands behind is a step too, with why it was refused."""
    with World() as world:
        world.faults.add("status", status=503)
        Program(world).get("memories?agent_id=agent_1")
        account = account_of(world, "")
    (step,) = account.steps
    assert (step.asked, step.status, step.fault) == ("GET /api/v1/memories?agent_id=agent_1", 503, "status")
    assert json.loads(step.answer)


def test_the_most_recent_memories_are_kept():
    """Of very many memories an account can have only so many, and says how many there are."""
    with World(cassette=well) as world:
        program = Program(world)
        agent, session = program.session()
        for number in range(5):
            program.remember(agent, f"memory number {number}", session)
        program.ask("Hi", system=context(world, session))
        account = account_of(world, "", most=2)
    assert [memory.content for memory in account.memories] == ["memory number 3", "memory number 4"]
    assert account.notes == ("the 2 most recent of 5 memories",)
    assert account.turns[0].shown == (1, 2)


def test_an_account_is_plain_json_and_back():
    """It crosses from the program's process to ours without losing anything."""
    with World(cassette=lambda _: [REMEMBER]) as world:
        program = Program(world)
        agent, session = program.session()
        program.remember(agent, "likes green tea", session, metadata={"why": {"deep": [1]}})
        program.ask("Hi", system=context(world, session), tools=[{"name": "remember", "input_schema": {}}])
        account = account_of(world, "a")
    assert Account.from_json(json.loads(json.dumps(account.to_json()))) == account
