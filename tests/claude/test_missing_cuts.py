"""A memory of which less is sent than was recorded: that it was cut, where, and by whom."""

# Explanations are pinned line by line, as they are shown.
# ruff: noqa: E501

from __future__ import annotations

import json

import pytest
from memtrace import ListOptions, Memtrace

from fakememtrace import Cassette, Dialect, World
from fakememtrace.claude.author import Author, Turn, text
from fakememtrace.claude.player import Player

from .helpers import interaction, request
from .remembering import TAIL, ask, calling, context, miss_of, pinned, remember, results, told

FACTS = ("Prefers the dark mode", "Never eats meat or fish", "Meets Bob on Tuesday")
LONG = "Ada told a long story about her trip to Porto, where somebody stole her suitcase. " * 3
READ = "GET /api/v1/memories"


def found(world, facts=FACTS):
    """Store facts and read them again, the latest first."""
    client = Memtrace(world.url, world.api_key)
    remember(client, *facts)
    return [memory.content for memory in client.list_memories(ListOptions(agent_id="helper", since="24h")).memories]


def shown(form, most=None, facts=FACTS, dots=""):
    """A program that has at most so many characters of each memory in a text, and that in its prompt."""

    def program(world):
        some = [
            content if most is None or len(content) <= most else content[:most] + dots
            for content in found(world, facts)
        ]
        ask(f"You are helpful.\n\n{form(some)}\n\nBe brief.")

    return program


def listed(contents):
    """A list."""
    return "\n".join(f"- {content}" for content in contents)


def tagged(contents):
    """Each between tags of its own."""
    return "\n".join(f"<memory>{content}</memory>" for content in contents)


def counted(contents):
    """A list with numbers, and with words around each."""
    return "\n".join(f"{number}. Ada said: {content}!" for number, content in enumerate(contents, 1))


def lines(contents):
    """One a line."""
    return "\n".join(contents)


def joined(contents):
    """All in one line."""
    return f"Known: {' | '.join(contents)}"


def sentence(contents):
    """All in one sentence."""
    return f"You know this of Ada: {'; '.join(contents)}. Be kind."


def strings(contents):
    """JSON inside of a sentence."""
    return f"You know {json.dumps(contents)} of Ada."


def objects(contents):
    """JSON on a line of its own."""
    return json.dumps({"memories": contents, "count": len(contents)})


FORMS = [listed, tagged, counted, lines, joined, sentence, strings, objects]


@pytest.mark.parametrize("dots", ["", "...", "…", " [...]"])
@pytest.mark.parametrize("form", FORMS)
def test_all_of_a_list_are_cut(form, dots):
    """Where a program has room for the start of each memory only, each is told as cut, by the program."""
    miss = miss_of(shown(form), shown(form, 15, dots=dots))
    assert told(miss) == [("cut", content) for content in reversed(FACTS)]
    assert (miss.kind, miss.kinds) == ("memory block", ("memory block",))
    assert [memory.facts[-1] for memory in miss.memories] == [
        f"#4 {READ} returned it whole, and the program cut it"
    ] * 3


@pytest.mark.parametrize("form", FORMS)
def test_a_single_memory_is_cut(form):
    """The same where there is one memory in all."""
    miss = miss_of(shown(form, facts=FACTS[1:2]), shown(form, 12, FACTS[1:2]))
    (memory,) = miss.memories
    assert (memory.verb, memory.content, miss.kinds) == ("cut", FACTS[1], ("memory block",))
    assert memory.facts[:2] == (
        'here only "Never eats m"',
        "stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)",
    )
    assert (memory.stored_by, memory.asked_by) == (1, 2)


def test_some_are_cut_and_the_rest_is_left_out():
    """A text that ends where its room does: one memory is cut, those after it are missing."""

    def program(most):
        def with_room(world):
            ask(f"You know this of Ada:\n{listed(found(world))[:most]}")

        return with_room

    miss = miss_of(program(None), program(34))
    assert miss.explanation.split("\n\n", 1)[1] == pinned(
        f"""
        memory, in the system prompt:
            cut: "Never eats meat or fish"
                here only "Never eat"
                stored 2026-02-07T12:00:00.000001Z by helper in session sess_1 (#2 POST /api/v1/memories)
                #4 {READ} returned it whole, and the program cut it
            missing: "Prefers the dark mode"
                stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)
                #4 {READ} agent_id=helper&since=24h at 2026-02-07T12:00:00.000003Z returned it, and the program left it out

        system prompt, line 3:
              You know this of Ada:
              - Meets Bob on Tuesday
            - - Never eats meat or fish
            - - Prefers the dark mode
            + - Never eat

        (- as recorded, + as sent)
        {TAIL}
        """
    )


def said(form, most=None, question="What shall I cook?"):
    """A program that puts what it found before the question of the user."""

    def program(world):
        ask("You are helpful.", f"{form([content[:most] for content in found(world)])}\n\n{question}")

    return program


@pytest.mark.parametrize("form", [listed, tagged, counted, joined, sentence])
def test_memories_before_a_question_are_cut(form):
    """What a program writes before the words of the user is told in the same way."""
    miss = miss_of(said(form), said(form, 15))
    assert told(miss) == [("cut", content) for content in reversed(FACTS)]
    assert miss.kinds == ("memory block",)
    assert miss.memories[0].where == "the conversation, messages[0] (user)"


def test_one_memory_of_a_line_before_a_question():
    """Of several memories in a line of the user's message one can be missing; the others stay as they are."""
    miss = miss_of(said(joined), said(lambda contents: joined(contents[1:])))
    assert (miss.kinds, told(miss)) == (("memory block",), [("missing", "Meets Bob on Tuesday")])


def test_a_question_that_became_shorter_is_no_memory():
    """What the user says may be stored as well, and be cut by the user: that is the conversation."""

    def program(question):
        def conversation(world):
            found(world, ("What shall I cook tonight?", *FACTS))
            ask("You are helpful.", f"Hello.\n{question}")

        return conversation

    miss = miss_of(program("What shall I cook tonight?"), program("What shall I cook"))
    assert (miss.kinds, miss.memories) == (("conversation",), ())


def test_two_sentences_of_the_user_that_nobody_read_are_no_memories():
    """A line of the user's is looked into only where Memtrace returned what stands there."""

    def program(line):
        def conversation(world):
            remember(Memtrace(world.url, world.api_key), "I live in Lisbon", "I like green tea")
            ask("You are helpful.", line)

        return conversation

    miss = miss_of(program("I live in Lisbon; I like green tea"), program("I live in Lisbon; I like gre"))
    assert (miss.kinds, miss.memories) == (("conversation",), ())


@pytest.mark.parametrize("form", [listed, lines, objects])
@pytest.mark.parametrize("tool", ["memtrace_recall", "lookup"])
def test_the_result_of_a_tool_is_cut(form, tool):
    """What a tool brings into the conversation is told so too."""

    def program(most):
        def conversation(world):
            ask("You are helpful.", "Hi")
            some = [content[:most] for content in found(world)]
            ask("You are helpful.", "Hi", calling(tool), results(form(some)))

        return conversation

    miss = miss_of(program(None), program(15), turns=2)
    assert told(miss) == [("cut", content) for content in reversed(FACTS)]
    assert miss.memories[0].facts == (
        'here only "Meets Bob on Tu"',
        "stored 2026-02-07T12:00:00.000002Z by helper in session sess_1 (#4 POST /api/v1/memories)",
        f"#5 {READ} returned it whole, and the program cut it",
    )


def test_a_long_memory_is_shown_where_it_was_cut():
    """Of a memory of which both sides show more than a line has room for, it is told where the rest is missing."""
    miss = miss_of(shown(listed, facts=[LONG.strip(), "Likes tea"]), shown(listed, 120, [LONG.strip(), "Likes tea"]))
    assert miss.explanation.split("\n\n")[1] == pinned(
        f"""
        memory, in the system prompt:
            cut: "Ada told a long story about her trip to Porto, where somebody stole her suitcase. Ada told a long..."
                here only its first 120 of 245 characters, to ".... Ada told a long story about her trip t"; recorded it goes on "o Porto, where somebody stole her suitca..."
                stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)
                #3 {READ} returned it whole, and the program cut it
        """
    )


def test_long_memories_are_shown_where_they_part():
    """The same of a memory that changed behind what is shown of its start."""
    now = LONG.replace("stole her suitcase. ", "found her suitcase. ")
    before, after = LONG.strip(), f"{LONG[:120]}{now[120:]}".strip()
    (memory,) = miss_of(shown(listed, facts=[before]), shown(listed, facts=[after])).memories
    assert (memory.verb, memory.facts[0]) == (
        "changed",
        (
            'here it goes on "found her suitcase. Ada told a long stor..." after 144 characters, '
            'recorded "stole her suitcase. Ada told a long stor..."; it has 245 characters, recorded 245'
        ),
    )


def in_context(most=None):
    """A program with its session's context in its prompt, of which each line has so many characters at most."""

    def program(world):
        client = Memtrace(world.url, world.api_key)
        remember(client, LONG.strip())
        rows = context(client).split("\n")
        ask("You are helpful.\n\n" + "\n".join(row[:most] for row in rows))

    return program


@pytest.mark.parametrize(
    ("recorded", "sent", "most", "cause"),
    [
        (
            "content",
            "hint",
            None,
            "stored whole; #2 POST /api/v1/sessions/sess_1/context returned only its first 80 bytes, as a context does",
        ),
        ("content", "content", 80, "#2 POST /api/v1/sessions/sess_1/context returned it whole, and the program cut it"),
        (
            "content",
            "hint",
            80,
            (
                "stored whole; #2 POST /api/v1/sessions/sess_1/context returned only its first 80 bytes, as a context "
                "does, and the program cut it further"
            ),
        ),
        (
            "hint",
            "hint",
            80,
            (
                "stored whole; #2 POST /api/v1/sessions/sess_1/context returned only its first 80 bytes, as a context "
                "does, and the program cut it further"
            ),
        ),
    ],
)
def test_who_cut_what_a_context_shows(recorded, sent, most, cause):
    """A line of a context has 80 bytes of a memory: whether that is what is missing, or the program cut it."""
    author = Author([Turn([text("Tea.")], 0)], "2026-02-07")
    with World(Dialect("0.2.0").replace(context_line=recorded), author) as world:
        in_context()(world)
    with World(Dialect("0.2.0").replace(context_line=sent), author.cassette) as world:
        in_context(most)(world)
        (memory,) = world.claude.misses[-1].memories
    assert (memory.verb, memory.facts[-1], memory.asked_by) == ("cut", cause, 2)


def test_a_memory_of_which_only_the_start_was_stored():
    """Where the program itself stored less, nobody cut anything afterwards."""
    (memory,) = miss_of(shown(listed, facts=FACTS[1:2]), shown(listed, facts=["Never eats meat"])).memories
    assert (memory.verb, memory.content) == ("cut", "Never eats meat or fish")
    assert memory.facts == (
        'here only "Never eats meat"',
        "stored 2026-02-07T12:00:00Z by helper in session sess_1 (#1 POST /api/v1/memories)",
        "no more than that was sent to be stored",
    )


def test_a_cut_memory_that_was_not_read():
    """Where no answer has it, that is what is said."""

    def program(most):
        def from_elsewhere(world):
            remember(Memtrace(world.url, world.api_key), *FACTS)
            ask(f"You know:\n{listed(content[:most] for content in FACTS)}")

        return from_elsewhere

    miss = miss_of(program(None), program(15))
    assert told(miss) == [("cut", content) for content in FACTS]
    assert {memory.facts[-1] for memory in miss.memories} == {"Memtrace was not asked for memories before this request"}


def test_a_memory_that_goes_on_otherwise_is_not_cut():
    """A memory that begins alike and goes on with other words changed."""
    miss = miss_of(shown(listed), shown(listed, facts=[FACTS[0], "Never eats meat or eggs", FACTS[2]]))
    assert told(miss) == [("changed", "Never eats meat or fish")]


def test_a_rule_that_is_cut_is_the_programs():
    """What is cut and is no memory stays what it is, also beside memories."""

    def program(rule):
        return shown(lambda contents: f"- {rule}\n\n{listed(contents)}")

    miss = miss_of(program("Answer in short sentences"), program("Answer in short"))
    assert (miss.kinds, miss.memories) == (("system prompt",), ())


def test_without_a_world_it_is_cut_by_nobody():
    """A Player on its own says how much there is, and no more."""
    lines = ['{"memories": ["Never eats meat or fish"]}', '{"memories": ["Never eats me"]}']
    tape = Cassette([interaction(request("hi", system=lines[0]), "A")])
    (memory,) = Player(tape).play(request("hi", system=lines[1])).memories
    assert (memory.verb, memory.facts) == ("cut", ('here only "Never eats me"',))
