"""A request that differs because of what Memtrace returned: which memory, what became of it, and where it was lost."""

# Explanations are pinned line by line, as they are shown.
# ruff: noqa: E501

from __future__ import annotations

import json

import httpx
import pytest
from memtrace import (
    AddMemoryRequest,
    CreateSessionRequest,
    ListOptions,
    Memtrace,
    MemtraceError,
    RegisterAgentRequest,
    SearchQuery,
)

from fakememtrace import Cassette, Dialect, Matching, World
from fakememtrace.claude.author import Author, Turn, text, tool_use
from fakememtrace.claude.player import Player

from .helpers import interaction, request
from .remembering import (
    FACTS,
    TAIL,
    ask,
    calling,
    context,
    converse,
    listing,
    miss_of,
    pinned,
    remember,
    results,
    told,
)

TIMES = r" To compare without times: World(matching=Matching().normalise(r'\\d{4}-\\d\\d-\\d\\d[T ][\\d:.]+(Z|[+-]\\d\\d:\\d\\d)'))."


def as_json(client):
    """The same as JSON on one line."""
    memories = client.list_memories(ListOptions(agent_id="helper", since="24h")).memories
    return json.dumps(
        [{"content": memory.content, "time": str(memory.time), "tags": memory.tags} for memory in memories]
    )


def numbered(client):
    """The same with numbers, and with words around each memory."""
    memories = client.list_memories(ListOptions(agent_id="helper", since="24h")).memories
    return "\n".join(f"{number}. Ada said: {memory.content}!" for number, memory in enumerate(memories, 1))


def sentence(client):
    """The same as one sentence."""
    memories = client.list_memories(ListOptions(agent_id="helper", since="24h")).memories
    return f"Known of Ada: {'; '.join(memory.content for memory in memories)}."


def strings(client):
    """The same as JSON that has contents only."""
    memories = client.list_memories(ListOptions(agent_id="helper", since="24h")).memories
    return f"You know {json.dumps([{'content': memory.content} for memory in memories])} of Ada."


FORMS = [context, listing, as_json, numbered, sentence, strings]


def struck(fault, form=context, before=None):
    """The miss when a fault strikes an agent that does what is recorded."""

    def conversation(world):
        converse(world, form=form)

    return miss_of(conversation, conversation, before=before, fault=fault)


def owing(world):
    """Another org has a memory of an agent and a session that are called the same."""
    remember(Memtrace(world.url, world.org("acme").api_key), "Owes us money")


FAULTS = [
    ({"kind": "lost_write", "after": 1, "times": 1}, ("missing", "Is vegetarian")),
    ({"kind": "late_write", "by": "1h", "after": 2}, ("missing", "Works at night")),
    ({"kind": "truncated", "bytes": 6, "after": 1, "times": 1}, ("cut", "Is vegetarian")),
    ({"kind": "stale_version"}, ("missing", "Works at night")),
    ({"kind": "duplicate", "after": 1, "times": 1}, ("added", "Is vegetarian")),
    ({"kind": "duplicate", "where": "read"}, ("added", "Works at night")),
    ({"kind": "foreign_row"}, ("added", "Owes us money")),
]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("fault", "expected"), FAULTS, ids=lambda value: value.get("kind") if isinstance(value, dict) else value[0]
)
def test_each_fault_is_told_by_memory_and_verb(fault, expected, form):
    """However a program puts memories into its prompt, the miss names the memory that the fault struck."""
    miss = struck(fault, form, owing)
    assert told(miss) == [expected]
    assert miss.kinds == ("memory block",)


def test_a_lost_write():
    """A memory that was answered 201 and is not stored: which request it was, and which fault."""
    miss = struck({"kind": "lost_write", "after": 1, "times": 1})
    assert miss.explanation == pinned(
        f"""
        the memory block differs: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "What do I drink?".
        Nearest in a cassette in memory (0 of 1 played): interaction 1. It differs in: memory block.

        memory, in the system prompt:
            missing: "Is vegetarian"
                #2 POST /api/v1/memories was answered 201, and it is not stored (fault: lost_write)

        system prompt, line 6:
              ## Session Context (sess_1)

            - ### Recent Actions ([-3-])
            + ### Recent Actions ({{+2+}})
              - [2026-02-07T12:00:00.000002Z] general: Works at night
            - - [2026-02-07T12:00:00.000001Z] general: Is vegetarian
              - [2026-02-07T12:00:00Z] general: Likes green tea


        (- as recorded, + as sent; [-...-] and {{+...+}} mark what changed in a line)
        {TAIL}
        """
    )


def test_a_lost_batch():
    """Memories that were stored together are each told with that one request."""

    def conversation(world):
        client = Memtrace(world.url, world.api_key)
        heading = {"agent_id": "helper", "session_id": "sess_1", "memory_type": "episodic", "event_type": "general"}
        client.add_memories([AddMemoryRequest(content=fact, **heading) for fact in FACTS])
        ask(listing(client))

    miss = miss_of(conversation, conversation, fault={"kind": "lost_write"})
    assert told(miss) == [("missing", fact) for fact in reversed(FACTS)]
    assert {(memory.facts, memory.stored_by) for memory in miss.memories} == {
        (("#1 POST /api/v1/memories was answered 201, and it is not stored (fault: lost_write)",), 1)
    }


@pytest.mark.parametrize(
    "answer",
    [None, 5, "x", {"memories": 5}, {"memories": [5, {"content": 7}], "context": [1]}, {"content": "Likes tea"}],
)
def test_answers_that_make_no_sense(answer):
    """Whatever is sent to Memtrace, and whatever a fault answers in its place, the miss is explained."""

    def conversation(known):
        def converse_badly(world):
            key = {"x-api-key": world.api_key}
            for body in ({"agent_id": "helper", "content": "Likes tea"}, {"memories": 5}, {"memories": [5, {}]}, [1]):
                httpx.post(f"{world.url}/api/v1/memories", json=body, headers=key)
            for route in ("sessions/sess_1/context", "search"):
                httpx.post(f"{world.url}/api/v1/{route}", json={"since": 5, "max_tokens": "x"}, headers=key)
            ask(f"Known:\n- {known}\n")

        return converse_badly

    fault = {"kind": "status", "status": 200, "body": answer, "route": "memtrace *"}
    miss = miss_of(conversation("Likes tea"), conversation("None"), fault=fault)
    assert told(miss) == [("missing", "Likes tea")]
    assert miss.memories[0].facts == (
        "#1 POST /api/v1/memories was answered 200, and it is not stored (fault: status)",
    )


def test_a_stale_version():
    """A memory that is stored and was not returned: who stored it, and which answer lacks it."""
    miss = struck({"kind": "stale_version"})
    assert miss.explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            missing: "Works at night"
                stored 2026-02-07T12:00:00.000002Z by helper in session sess_1 (#3 POST /api/v1/memories)
                #4 POST /api/v1/sessions/sess_1/context {"since": "4h"} at 2026-02-07T12:00:00.000003Z did not return it (fault: stale_version)
        """
    )


def test_a_truncated_write():
    """A memory of which only the start is stored: how much, and that it was sent whole."""
    miss = struck({"kind": "truncated", "bytes": 6, "after": 1, "times": 1})
    assert miss.explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            cut: "Is vegetarian"
                here only "Is veg"
                stored 2026-02-07T12:00:00.000001Z by helper in session sess_1 (#2 POST /api/v1/memories, fault: truncated)
                #2 sent it whole, and only its first 6 bytes are stored
        """
    )


@pytest.mark.parametrize(
    ("fault", "stored", "returned"),
    [
        ({"kind": "duplicate", "after": 2, "times": 1}, ", fault: duplicate", ""),
        ({"kind": "duplicate", "where": "read"}, "", " (fault: duplicate)"),
    ],
)
def test_a_duplicate(fault, stored, returned):
    """A memory that is there twice: where it was doubled, in the store or in the answer."""
    assert struck(fault).explanation.split("\n\n")[1] == pinned(
        f"""
        memory, in the system prompt:
            added: "Works at night"
                recorded once, here 2 times
                stored 2026-02-07T12:00:00.000002Z by helper in session sess_1 (#3 POST /api/v1/memories{stored})
                #4 POST /api/v1/sessions/sess_1/context returned it 2 times{returned}
        """
    )


def test_a_duplicate_that_is_not_there_any_more():
    """The other way round: what was recorded twice and is there once."""

    def twice(world):
        world.faults.add("duplicate", where="read")
        converse(world)

    assert miss_of(twice, converse).explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            missing: "Works at night"
                recorded 2 times, here once
                stored 2026-02-07T12:00:00.000002Z by helper in session sess_1 (#3 POST /api/v1/memories)
                #4 POST /api/v1/sessions/sess_1/context returned it
        """
    )


def test_a_foreign_row():
    """A memory of another org: whose it is, and which answer leaked it."""
    miss = struck({"kind": "foreign_row"}, before=owing)
    assert miss.explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            added: "Owes us money"
                stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)
                it belongs to another org, org_acme
                #5 POST /api/v1/sessions/sess_1/context returned it (fault: foreign_row)
        """
    )
    (memory,) = miss.memories
    assert memory.as_json() == {
        "verb": "added",
        "where": "the system prompt",
        "content": "Owes us money",
        "facts": [
            "stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)",
            "it belongs to another org, org_acme",
            "#5 POST /api/v1/sessions/sess_1/context returned it (fault: foreign_row)",
        ],
        "recorded_time": "",
        "sent_time": "2026-02-07T12:00:00Z",
        "id": "",
        "agent": "helper",
        "session": "sess_1",
        "org": "org_acme",
        "time": "2026-02-07T12:00:00Z",
        "stored_by": 1,
        "asked_by": 5,
    }


def test_a_memory_that_nobody_stored():
    """A memory that the program did not store this time, with the one that is most like it."""
    miss = miss_of(
        converse, lambda world: converse(world, ["Likes black tea and rum", *FACTS[1:]]), matching=Matching()
    )
    assert told(miss) == [("changed", "Likes green tea")]
    miss = miss_of(converse, lambda world: converse(world, FACTS[:2]))
    assert miss.explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            missing: "Works at night"
                nothing like it is stored in this world
        """
    )


def test_the_nearest_memory_that_is_stored():
    """Of a memory that is not stored that is named which is most like it, and who stored that."""

    def elsewhere(world):
        client = Memtrace(world.url, world.api_key)
        remember(client, "Works at night, mostly", session="sess_2")
        converse(world, FACTS[:2], client=client)

    def recorded(world):
        world.clock.advance("1us")
        converse(world)

    miss = miss_of(recorded, elsewhere)
    assert miss.memories[0].facts == (
        'it is not stored in this world; nearest: "Works at night, mostly" (#1 POST /api/v1/memories)',
    )


def test_a_memory_that_changed():
    """A memory with another content is shown with both."""
    miss = miss_of(converse, lambda world: converse(world, ["Likes black tea", *FACTS[1:]]))
    assert miss.explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            changed: "Likes green tea"
                here "Likes black tea"
                stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)
                #4 POST /api/v1/sessions/sess_1/context returned it
        """
    )


def test_memories_that_are_later():
    """Memories that only moved in time are told of at once, and how to compare without times."""

    def later(world):
        world.clock.advance("90s")
        converse(world)

    miss = miss_of(converse, later)
    assert told(miss) == [("changed", content) for content in reversed(FACTS)]
    assert miss.explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            changed: 3 memories, each 1m30s later than recorded, the first of them:
                "Works at night"
                its time is 2026-02-07T12:01:30.000002Z, recorded 2026-02-07T12:00:00.000002Z: 1m30s later
                stored 2026-02-07T12:01:30.000002Z by helper in session sess_1 (#3 POST /api/v1/memories)
                #4 POST /api/v1/sessions/sess_1/context returned it
        """
    )
    assert miss.explanation.endswith(TAIL + TIMES)


@pytest.mark.parametrize("form", [context, as_json])
def test_the_advice_about_times_works(form):
    """The pattern that an explanation gives makes the request match."""

    def later(world):
        world.clock.advance("90s")
        converse(world, form=form)
        ask("", "Goodbye then")

    pattern = TIMES.partition("r'")[2].partition("'))")[0].replace("\\\\", "\\")
    miss = miss_of(lambda world: converse(world, form=form), later, matching=Matching().normalise(pattern))
    assert miss.kind == "no such conversation"


def test_the_cause_comes_before_what_follows_from_it():
    """A memory that is missing moves those that are stored after it: they are told of last."""
    miss = miss_of(converse, lambda world: converse(world, (FACTS[0], FACTS[2])))
    assert told(miss) == [("missing", "Is vegetarian"), ("changed", "Works at night")]
    assert miss.memories[1].facts[0] == (
        "its time is 2026-02-07T12:00:00.000001Z, recorded 2026-02-07T12:00:00.000002Z: 1us earlier"
    )


@pytest.mark.parametrize("form", FORMS)
def test_memories_in_another_order(form):
    """The same memories in another order are told by their places, and are a matter of order."""

    def conversation(facts):
        return lambda world: converse(world, facts, form)

    miss = miss_of(conversation(FACTS), conversation((FACTS[1], FACTS[0], FACTS[2])))
    assert miss.kinds == ("order",)
    assert {memory.verb for memory in miss.memories} == {"reordered"}
    last = miss.memories[-1]
    places = {"Likes green tea": (3, 2), "Is vegetarian": (2, 3)}[last.content]
    assert last.facts[0] == "recorded as number {} of 3, here number {} of 3".format(*places)


def test_a_second_write_that_was_refused():
    """A memory that was recorded as new, and was a duplicate this time: its second write, and the first."""

    def again_after(span):
        def conversation(world):
            client = Memtrace(world.url, world.api_key)
            remember(client, "Likes green tea")
            world.clock.advance(span)
            converse(world, ["Likes green tea"], client=client)

        return conversation

    (memory,) = miss_of(again_after("25h"), again_after("3h")).memories
    assert (memory.verb, memory.stored_by) == ("changed", 1)
    assert memory.facts == (
        "its time is 2026-02-07T12:00:00Z, recorded 2026-02-08T13:00:00.000001Z: 1d1h0.000001s earlier",
        "stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)",
        "#2 POST /api/v1/memories was answered 409",
        "#3 POST /api/v1/sessions/sess_1/context returned it",
    )


@pytest.mark.parametrize(
    ("options", "session", "why"),
    [
        (
            {"since": "1h"},
            "sess_1",
            '{"since": "1h"} at 2026-02-07T14:00:00.000001Z did not return it: it is older than 1h',
        ),
        (
            {"since": "4h"},
            "sess_2",
            '{"since": "4h"} at 2026-02-07T14:00:00.000001Z did not return it: it is of session sess_1',
        ),
        (
            {"since": "4h"},
            "",
            '{"since": "4h"} at 2026-02-07T14:00:00.000001Z did not return it: it is of session sess_1',
        ),
    ],
)
def test_why_an_answer_does_not_have_it(options, session, why):
    """What was asked for is compared with what is stored: too old, or of another session."""

    def conversation(asked, of):
        def converse_later(world):
            client = Memtrace(world.url, world.api_key)
            remember(client, "Likes green tea")
            world.clock.advance("2h")
            ask(f"You are helpful.\n\n{context(client, of, **asked)}")

        return converse_later

    miss = miss_of(conversation({"since": "4h"}, "sess_1"), conversation(options, session or "sess_3"))
    assert miss.kind == "memory block"
    assert [memory.facts[-1] for memory in miss.memories] == [
        f"#2 POST /api/v1/sessions/{session or 'sess_3'}/context {why}"
    ]


def test_too_many_tokens():
    """A memory that does not fit into what was asked for: how many tokens that was."""
    dialect = Dialect("documented")

    def conversation(tokens):
        def converse_within(world):
            client = Memtrace(world.url, world.api_key)
            agent = client.register_agent(RegisterAgentRequest(name="helper")).id
            session = client.create_session(CreateSessionRequest(agent_id=agent)).id
            remember(client, *FACTS, session=session, agent=agent)
            ask(f"You are helpful.\n\n{context(client, session, max_tokens=tokens)}")

        return converse_within

    miss = miss_of(conversation(1000), conversation(25), dialect=dialect)
    assert ("missing", "Likes green tea") in told(miss)
    memory = next(memory for memory in miss.memories if memory.content == "Likes green tea")
    assert memory.facts[-1].endswith("did not return it: it was to have 25 tokens at most")
    assert memory.id.startswith("mem_")
    assert f" as {memory.id} by helper in session " in memory.facts[0]


def search(client, words=None):
    """What a tool returns as it is."""
    return client.search_memories(SearchQuery(agent_id="helper", content_contains=words)).results


def looked_up(*contents, tools=("memtrace_search",), facts=FACTS):
    """A program that stores facts, and then shows Claude what its tools return: texts, or functions of a client."""

    def conversation(world):
        client = Memtrace(world.url, world.api_key)
        remember(client, *facts)
        ask("You are helpful.", "What do I drink?")
        said = [content if isinstance(content, str) else content(client) for content in contents]
        ask("You are helpful.", "What do I drink?", calling(*tools), results(*said))

    return conversation


def found(client):
    """What is found, as a list."""
    return "\n".join(f"- {memory.content}" for memory in search(client)) or "No memories found."


def dumped(client):
    """What is found, as Memtrace answered it."""
    return json.dumps([memory.model_dump(mode="json", exclude_none=True) for memory in search(client)])


@pytest.mark.parametrize("tool", ["memtrace_search", "lookup"])
@pytest.mark.parametrize("form", [found, dumped])
def test_memories_in_the_result_of_a_tool(form, tool):
    """Also what a tool brought into the conversation is told by memory, with the search that did not find it."""
    program = looked_up(form, tools=[tool])
    miss = miss_of(program, program, fault={"kind": "stale_version"}, turns=2)
    assert miss.kinds == ("memory block",)
    (memory,) = miss.memories
    assert (memory.verb, memory.content) == ("missing", "Works at night")
    assert memory.where == f"the conversation, messages[2] (user), tool_result of {tool}"
    assert memory.facts == (
        "stored 2026-02-07T12:00:00.000002Z by helper in session sess_1 (#3 POST /api/v1/memories)",
        (
            '#5 POST /api/v1/search {"agent_id": "helper"} at 2026-02-07T12:00:00.000003Z did not return it '
            "(fault: stale_version)"
        ),
    )


def test_a_tool_that_finds_nothing():
    """Words that stand in for an empty list are no further difference."""
    program = looked_up(found, facts=["Likes green tea"])
    miss = miss_of(program, program, fault={"kind": "lost_write"}, turns=2)
    assert miss.explanation.split("\n\n", 1)[1] == pinned(
        f"""
        memory, in the conversation, messages[2] (user), tool_result of memtrace_search:
            missing: "Likes green tea"
                #1 POST /api/v1/memories was answered 201, and it is not stored (fault: lost_write)

        conversation, messages[2] (user), tool_result of memtrace_search:
            - - Likes green tea
            + No memories found.

        (- as recorded, + as sent)
        {TAIL}
        """
    )


def test_a_memory_that_a_tool_found_and_nobody_stored():
    """What a memory tool listed when it was recorded is a memory, although this world never heard of it."""
    miss = miss_of(looked_up(found), looked_up(found, facts=()), turns=2)
    assert told(miss) == [("missing", content) for content in reversed(FACTS)]
    assert miss.memories[0].facts == (
        "nothing was stored in this world",
        '#2 POST /api/v1/search {"agent_id": "helper"} at 2026-02-07T12:00:00Z returned no memory',
    )


def test_a_tool_that_tells_of_no_memory():
    """Where another tool says something else, that is the conversation and no memory."""
    miss = miss_of(looked_up("- rain", tools=["weather"]), looked_up("- snow", tools=["weather"]), turns=2)
    assert (miss.kinds, miss.memories) == (("conversation",), ())


def test_each_result_has_its_own_search():
    """Of two searches in one turn the one is named that belongs to the result which differs."""

    def conversation(words):
        return looked_up(
            lambda client: "\n".join(f"- {memory.content}" for memory in search(client, words)) or "Nothing.",
            lambda client: "\n".join(f"- {memory.content}" for memory in search(client, "night")),
            tools=["memtrace_search", "memtrace_search"],
        )

    (memory,) = miss_of(conversation("green"), conversation("greet"), turns=2).memories
    assert memory.where == "the conversation, messages[2] (user), content[0], tool_result of memtrace_search"
    assert memory.facts[-1] == (
        '#5 POST /api/v1/search {"agent_id": "helper", "content_contains": "greet"} at 2026-02-07T12:00:00.000003Z '
        "did not return it"
    )


def test_a_write_that_was_a_duplicate():
    """A tool that could not store what is there already: the refused write is the reason."""

    def stores_again(world, facts):
        client = Memtrace(world.url, world.api_key)
        remember(client, *facts)
        ask("You are helpful.", "Remember that I like green tea")
        world.clock.advance("2s")
        before = len(world.memory.memories())
        remember(client, "Likes green tea")
        stored = len(world.memory.memories()) > before
        ask(
            "You are helpful.",
            "Remember that I like green tea",
            calling("memtrace_remember"),
            results("Stored memory: Likes green tea" if stored else "Already stored."),
        )

    miss = miss_of(lambda world: stores_again(world, ()), lambda world: stores_again(world, FACTS[:1]), turns=2)
    (memory,) = miss.memories
    assert (memory.verb, memory.content, memory.stored_by) == ("missing", "Likes green tea", 1)
    assert memory.facts == (
        "stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)",
        "#3 POST /api/v1/memories was answered 409",
    )
    assert miss.kinds == ("memory block",)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "status", "status": 503}, "was answered 503 (fault: status)"),
        ({"kind": "drop"}, "got no answer (fault: drop)"),
    ],
)
def test_an_answer_that_failed(fault, words):
    """Where Memtrace did not answer with memories, that is why they are missing."""

    def careful(client):
        try:
            return context(client)
        except (MemtraceError, OSError, ValueError):
            return "My memory is not available."
        except Exception as error:
            assert type(error).__module__.startswith("httpx")  # noqa: PT017
            return "My memory is not available."

    route = "POST /api/v1/sessions/{id}/context"
    miss = struck({**fault, "route": route}, careful)
    assert miss.kinds == ("memory block",)
    assert {memory.facts[-1] for memory in miss.memories} == {
        f'#4 {route.replace("{id}", "sess_1")} {{"since": "4h"}} at 2026-02-07T12:00:00.000003Z {words}'
    }


def test_a_memory_that_the_program_left_out():
    """Where Memtrace returned the memory, it is the program that did not show it."""

    def conversation(most):
        def converse_with(world):
            client = Memtrace(world.url, world.api_key)
            remember(client, *FACTS)
            ask("\n".join(listing(client).split("\n")[:most]))

        return converse_with

    (memory,) = miss_of(conversation(3), conversation(2)).memories
    assert (memory.verb, memory.content) == ("missing", "Likes green tea")
    assert memory.facts[-1] == (
        "#4 GET /api/v1/memories agent_id=helper&since=24h at 2026-02-07T12:00:00.000003Z returned it, and the program "
        "left it out"
    )


def test_a_program_that_did_not_ask():
    """Where nothing was read before the request, it is said so."""

    def conversation(asks):
        def converse_with(world):
            client = Memtrace(world.url, world.api_key)
            remember(client, "Likes green tea")
            ask(f"You are helpful.\n\n{listing(client) if asks else '- None'}")

        return converse_with

    (memory,) = miss_of(conversation(True), conversation(False)).memories
    assert memory.facts[-1] == "Memtrace was not asked for memories before this request"
    assert memory.asked_by is None


def test_the_answer_of_the_right_session_is_named():
    """Of several contexts in one prompt the one is named in which the memory was recorded."""

    def conversation(world):
        client = Memtrace(world.url, world.api_key)
        remember(client, *FACTS)
        remember(client, "Is called Ada", session="sess_2")
        ask(f"Before:\n\n{context(client)}\nNow:\n\n{context(client, 'sess_2')}")

    (memory,) = miss_of(conversation, conversation, fault={"kind": "lost_write", "times": 1}).memories
    assert (memory.content, memory.asked_by) == ("Likes green tea", 5)


def test_memories_in_a_message_of_the_user():
    """Programs that put the context before the question are told the same; what the user says is no memory."""

    def conversation(question):
        def converse_with(world):
            client = Memtrace(world.url, world.api_key)
            remember(client, *FACTS, "What do I drink tonight?")
            ask("You are helpful.", f"{context(client)}\n{question}")

        return converse_with

    same = conversation("What do I drink tonight?")
    assert told(miss_of(same, same, fault={"kind": "lost_write", "times": 1})) == [("missing", "Likes green tea")]
    miss = miss_of(same, conversation("What do I eat tonight?"))
    assert (miss.kinds, miss.memories) == (("conversation",), ())


def test_a_prompt_that_changed_as_well():
    """Where the program's own words differ too, both are told, the memory first."""

    def conversation(rule):
        return lambda world: converse(world, form=lambda client: f"{context(client)}\n{rule}")

    miss = miss_of(conversation("Be kind."), conversation("Be rude."), fault={"kind": "lost_write", "times": 1})
    assert miss.kinds == ("memory block", "system prompt")
    assert told(miss) == [("missing", "Likes green tea")]


def test_a_rule_is_no_memory():
    """A list of the program's own is not taken for memories, though it looks like one."""

    def conversation(rule):
        return lambda world: converse(world, form=lambda client: f"Rules:\n- Be kind\n- {rule}\n\n{listing(client)}")

    miss = miss_of(conversation("Use metres"), conversation("Use miles"))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


def test_other_words_around_a_memory_are_the_programs():
    """A program that writes the same memories in another form has changed its prompt, and no memory."""

    def stars(client):
        return listing(client).replace("- ", "* ")

    miss = miss_of(converse_as(listing), converse_as(stars))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


def test_other_words_around_several_memories_are_the_programs():
    """The same of a line that has several: other words are the prompt's, and a memory that is missing is told too."""

    def reworded(client):
        return sentence(client).replace("Known of", "Facts about")

    miss = miss_of(converse_as(sentence), converse_as(reworded))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())
    miss = miss_of(converse_as(sentence), converse_as(reworded), fault={"kind": "lost_write", "times": 1})
    assert (miss.kinds, told(miss)) == (("memory block", "system prompt"), [("missing", "Likes green tea")])


def converse_as(form):
    """The conversation with memories in this form."""
    return lambda world: converse(world, form=form)


def test_a_blank_line_is_the_programs():
    """A prompt that differs in blank lines only is another prompt, also where they stand beside a context."""
    miss = miss_of(converse_as(context), converse_as(lambda client: f"{context(client)}\n\n"))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


def test_a_list_in_which_only_the_numbers_moved():
    """Where a program counts from another number, that is its prompt."""

    def from_two(client):
        memories = client.list_memories(ListOptions(agent_id="helper", since="24h")).memories
        return "\n".join(f"{number}. Ada said: {memory.content}!" for number, memory in enumerate(memories, 2))

    miss = miss_of(converse_as(numbered), converse_as(from_two))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


def test_the_context_of_another_session():
    """Where only the session is another, it is said that this is the context of another one."""

    def conversation(session):
        return lambda world: ask(f"You are helpful.\n\n{context(Memtrace(world.url, world.api_key), session)}")

    miss = miss_of(conversation("sess_1"), conversation("sess_2"))
    assert (miss.kinds, miss.memories) == (("memory block",), ())
    assert "    - ## Session Context ([-sess_1-])\n    + ## Session Context ({+sess_2+})\n" in miss.explanation
    assert miss.explanation.endswith(
        "What to do: look for why this is the context of another session; if it is meant to be, change what is "
        "recorded of it (or record again)."
    )


def test_a_memory_that_is_cut_for_the_prompt():
    """A memory that is stored whole and shown cut: by which answer."""
    long = "Ada " + "likes to sit by the window and read about the sea " * 2
    whole = Dialect("0.2.0").replace(context_line="content")

    def conversation(world):
        converse(world, [long.strip()])

    author = Author([Turn([text("Tea.")], 0)], "2026-02-07")
    with World(whole, author) as world:
        conversation(world)
    with World(cassette=author.cassette) as world:
        conversation(world)
        (memory,) = world.claude.misses[-1].memories
    assert (memory.verb, memory.content) == ("cut", long.strip())
    assert memory.facts == (
        (
            'here only its first 80 of 103 characters, to "...about the sea likes to sit by the window"; '
            'recorded it goes on "and read about the sea"'
        ),
        "stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)",
        "stored whole; #2 POST /api/v1/sessions/sess_1/context returned only its first 80 bytes, as a context does",
    )


def test_memories_of_several_lines():
    """A memory with line breaks is one memory."""
    facts = ["Likes tea:\n- green\n- black", "Works\n\nat night"]
    for form in (context, listing, as_json):

        def conversation(world, form=form):
            converse(world, facts, form)

        miss = miss_of(conversation, conversation, fault={"kind": "lost_write", "times": 1})
        assert told(miss) == [("missing", facts[0])], form


@pytest.mark.parametrize("form", [context, listing])
def test_what_follows_the_last_memory_is_no_memory(form):
    """The line after a list without a blank one is the program's, whether it changed or not."""

    def stripped(rule):
        return converse_as(lambda client: f"{form(client).strip()}\n{rule}")

    fault = {"kind": "lost_write", "times": 1}
    miss = miss_of(stripped("Be kind."), stripped("Be kind."), fault=fault)
    assert (miss.kinds, told(miss)) == (("memory block",), [("missing", "Likes green tea")])
    miss = miss_of(stripped("Be kind."), stripped("Be rude."))
    assert (miss.kinds, told(miss)) == (("system prompt",), [])


def test_what_claude_was_told_to_remember_is_known():
    """A recorded line that Claude had stored by a tool is a memory, whatever the program's form and this world."""
    use = tool_use("save_memory", content="Ada likes green tea", importance=0.5)
    tape = Cassette(
        [
            interaction(request("Hi"), {"content": [{**use, "id": "t"}]}),
            interaction(request("Bye", system="Known: Ada likes green tea.\nBe kind."), "Bye!"),
        ]
    )
    miss = Player(tape).play(request("Bye", system="Be kind."))
    assert told(miss) == [("missing", "Ada likes green tea")]
    assert miss.memories[0].facts == ()


def test_without_a_world_nobody_knows_more():
    """A Player on its own tells memories by their form, and nothing about the store."""
    line = "- [2026-02-07T12:00:00Z] general: Likes tea"
    head = "## Session Context (sess_1)\n\n### Recent Actions (1)\n"
    miss = Player(Cassette([interaction(request("hi", system=f"{head}{line}\n"), "A")])).play(
        request("hi", system="## Session Context (sess_1)\n\n")
    )
    assert told(miss) == [("missing", "Likes tea")]
    assert (miss.memories[0].facts, miss.memories[0].recorded_time) == ((), "2026-02-07T12:00:00Z")


def test_dozens_of_memories_are_cut():
    """Of many memories the first are told, and all are in the miss."""
    facts = [f"Fact {number:02} of the matter" for number in range(25)]
    miss = miss_of(lambda world: converse(world, facts), lambda world: converse(world, ()))
    assert len(miss.memories) == 25
    assert miss.explanation.count("    missing: ") == 10
    assert "\n    and 15 more\n" in miss.explanation


def test_a_world_keeps_its_misses():
    """world.claude.misses has each miss in order, until the world is reset."""
    with World(cassette=Cassette()) as world:
        for question in ("one", "two"):
            ask("", question)
        assert [
            question in miss.explanation for miss, question in zip(world.claude.misses, ("one", "two"), strict=True)
        ] == [
            True,
            True,
        ]
        assert [exchange.unexpected for exchange in world.journal] == [miss.explanation for miss in world.claude.misses]
        world.reset()
        assert world.claude.misses == []
        world.claude.kept_calls = 1
        for question in ("one", "two"):
            ask("", question)
        assert ["two" in miss.explanation for miss in world.claude.misses] == [True]
