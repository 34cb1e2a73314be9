"""A program that stores nothing any more: the memories that stand in the recording alone are memories all the same."""

# Explanations are pinned line by line, as they are shown.
# ruff: noqa: E501

from __future__ import annotations

import json

import pytest
from memtrace import ListOptions, Memtrace

from .remembering import FACTS, ask, calling, context, miss_of, pinned, remember, results, told

ADVICE = (
    "What to do: look for the write that no longer happens, since nobody stored the memory above in this world; "
    "if that is meant, change what is recorded of it (or record again)."
)


def read(world, facts=(), agent="helper"):
    """Store facts, if there are any, and read them."""
    client = Memtrace(world.url, world.api_key)
    remember(client, *facts)
    return [memory.content for memory in client.list_memories(ListOptions(agent_id=agent, since="24h")).memories]


def prompting(facts, heading="Relevant memories:", nothing="No memories found.", reads=True, agent="helper"):
    """A program with what it read in its prompt, as a list below a heading, or the words for nothing."""

    def program(world):
        contents = read(world, facts, agent) if reads else list(facts)
        listed = "\n".join(f"- {content}" for content in contents) or nothing
        ask(f"You are helpful.\n\n{heading}\n{listed}\n\nBe brief.")

    return program


def test_nothing_is_stored_any_more():
    """An empty list stands in for recorded memories: what is missing is the write, and the prompt is as it was."""
    miss = miss_of(prompting(FACTS[:2]), prompting(()))
    assert (miss.kind, miss.kinds) == ("memory block", ("memory block",))
    assert miss.explanation == pinned(
        f"""
        the memory block differs: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "What do I drink?".
        Nearest in a cassette in memory (0 of 1 played): interaction 1. It differs in: memory block.

        memory, in the system prompt:
            missing: "Is vegetarian"
                nothing was stored in this world
                #1 GET /api/v1/memories agent_id=helper&since=24h at 2026-02-07T12:00:00Z returned no memory
            missing: "Likes green tea"
                nothing was stored in this world
                #1 GET /api/v1/memories agent_id=helper&since=24h at 2026-02-07T12:00:00Z returned no memory

        system prompt, line 4:

              Relevant memories:
            - - Is vegetarian
            - - Likes green tea
            + No memories found.

              Be brief.

        (- as recorded, + as sent)
        {ADVICE}
        """
    )


def test_other_memories_are_stored():
    """Where something else is stored, and not returned, it is not said that nothing is."""

    def elsewhere(world):
        remember(Memtrace(world.url, world.api_key), "Owes us money", agent="other")
        prompting(())(world)

    miss = miss_of(prompting(FACTS[:1]), elsewhere)
    assert told(miss) == [("missing", "Likes green tea")]
    assert miss.memories[0].facts == (
        "nothing like it is stored in this world",
        "#2 GET /api/v1/memories agent_id=helper&since=24h at 2026-02-07T12:00:00.000001Z returned no memory",
    )
    assert miss.explanation.endswith(ADVICE)


@pytest.mark.parametrize(
    ("heading", "nothing"),
    [
        ("Relevant memories:", ""),
        ("What you know of Ada:", "Nothing yet."),
        ("## Facts", "(none)"),
        ("<context>", "</context>"),
        ("From earlier conversations:", "-"),
        ("Of Ada:", "I remember nothing."),
    ],
)
def test_what_tells_a_list_of_memories(heading, nothing):
    """Its heading speaks of memory, or what stands in its place does."""
    miss = miss_of(prompting(FACTS, heading, nothing), prompting((), heading, nothing))
    assert (miss.kinds, told(miss)) == (("memory block",), [("missing", fact) for fact in reversed(FACTS)])


def test_the_heading_goes_with_its_list():
    """A program that writes no heading above nothing has no other prompt for that."""

    def program(facts):
        def without_heading(world):
            contents = read(world, facts)
            block = "\n\nRelevant memories:\n" + "\n".join(f"{n}. {text}" for n, text in enumerate(contents, 1))
            ask(f"You are helpful.{block if contents else ''}\n\nBe brief.")

        return without_heading

    miss = miss_of(program(FACTS[:1]), program(()))
    assert (miss.kinds, told(miss)) == (("memory block",), [("missing", "Likes green tea")])


def test_a_message_of_the_user():
    """The same where the list stands before the question."""

    def program(facts):
        def before_the_question(world):
            listed = "\n".join(f"* {content}" for content in read(world, facts))
            ask("You are helpful.", f"<memories>\n{listed}\n</memories>\n\nWhat do I drink?")

        return before_the_question

    miss = miss_of(program(FACTS), program(()))
    assert (miss.kinds, told(miss)) == (("memory block",), [("missing", fact) for fact in reversed(FACTS)])


def test_an_empty_context():
    """The heading of a session's context with nothing below it."""

    def program(facts):
        def conversation(world):
            client = Memtrace(world.url, world.api_key)
            remember(client, *facts)
            ask(f"You are helpful.\n\n{context(client)}")

        return conversation

    miss = miss_of(program(FACTS[:1]), program(()))
    assert miss.explanation.split("\n\n")[1] == pinned(
        """
        memory, in the system prompt:
            missing: "Likes green tea"
                nothing was stored in this world
                #1 POST /api/v1/sessions/sess_1/context {"since": "4h"} at 2026-02-07T12:00:00Z returned no memory
        """
    )
    assert miss.explanation.endswith(ADVICE)


def test_an_empty_result_of_a_tool():
    """A list in JSON with nothing in it; both are laid out in the same way, so that what is gone can be seen."""

    def program(facts):
        def conversation(world):
            ask("You are helpful.", "Hi")
            contents = read(world, facts)
            answer = json.dumps({"memories": contents, "count": len(contents)})
            ask("You are helpful.", "Hi", calling("recall"), results(answer))

        return conversation

    facts = [f"Ada has a green {thing} in her garden" for thing in ("tree", "bench", "door")]
    miss = miss_of(program(facts), program(()), turns=2)
    assert miss.kinds == ("memory block",)
    assert miss.explanation.split("\n\n", 1)[1] == pinned(
        f"""
        memory, in the conversation, messages[2] (user), tool_result of recall:
            missing: "Ada has a green door in her garden"
                nothing was stored in this world
                #2 GET /api/v1/memories agent_id=helper&since=24h at 2026-02-07T12:00:00Z returned no memory
            missing: "Ada has a green bench in her garden"
                nothing was stored in this world
                #2 GET /api/v1/memories agent_id=helper&since=24h at 2026-02-07T12:00:00Z returned no memory
            missing: "Ada has a green tree in her garden"
                nothing was stored in this world
                #2 GET /api/v1/memories agent_id=helper&since=24h at 2026-02-07T12:00:00Z returned no memory

        conversation, messages[2] (user), tool_result of recall:
              {{
                "memories": [
            -     "Ada has a green door in her garden",
            -     "Ada has a green bench in her garden",
            -     "Ada has a green tree in her garden",
                ],
            -   "count": [-3-],
            +   "count": {{+0+}},
              }}

        (- as recorded, + as sent; [-...-] and {{+...+}} mark what changed in a line)
        {ADVICE}
        """
    )


def test_where_memtrace_was_not_asked_a_list_is_the_programs():
    """A list that no answer of Memtrace can have been is not taken for memories."""
    miss = miss_of(prompting(FACTS, reads=False), prompting((), reads=False))
    # The recording world stores nothing, so nothing but its prompt says what it knows.
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


def test_where_memtrace_returned_something_a_list_is_the_programs():
    """A list that is gone although Memtrace has memories to show is the program's own."""

    def program(tips):
        def conversation(world):
            known = "\n".join(f"- {content}" for content in read(world, FACTS))
            ask(f"Known:\n{known}\n\nTips to remember:\n{tips}")

        return conversation

    miss = miss_of(program("- Be kind\n- Be brief"), program("No tips."))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


def test_where_memtrace_failed_nobody_knows():
    """An answer that is an error says nothing about what is stored."""

    def program(facts):
        def careful(world):
            try:
                contents = read(world, facts)
            except Exception as error:
                contents = [] if "503" in f"{error!r}{vars(error)}" else [f"{error!r}"]
            listed = "\n".join(f"- {content}" for content in contents) or "None."
            ask(f"Relevant memories:\n{listed}")

        return careful

    fault = {"kind": "status", "status": 503, "route": "memtrace *"}
    miss = miss_of(program(FACTS), program(()), fault=fault)
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Rules:\n- Be kind\n- Be brief", "Rules:\nNo rules."),
        ("Rules:\n- Be kind\n- Be brief", "Rules:\n- Be kind"),
        ("Things to remember:\n- Be kind\n- Be brief", "Things to remember:\n- Be kind"),
        ("Things to remember:\n- Be kind\n- Be brief", "Things to remember:\n- Be rude\n- Be long"),
        ("Things to remember:\n- Be kind\n- Be brief", "Things to remember:\nBe good.\nBe quick."),
        ("Remember: be kind.", "Remember: be rude."),
        ("Remember this:\nbe kind\nbe brief", "Remember this:\nnothing"),
    ],
)
def test_another_text_that_differs_is_the_prompt(before, now):
    """Where Memtrace has nothing, and the program changes words or rules of its own, that is its prompt."""

    def program(rules):
        def conversation(world):
            assert read(world) == []
            ask(f"You are helpful.\n\n{rules}\n\nAnswer in English.")

        return conversation

    miss = miss_of(program(before), program(now))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())
