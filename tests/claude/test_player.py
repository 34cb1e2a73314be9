"""Matching and playing: which request gets which answer, and what is said of one that gets none."""

from __future__ import annotations

import copy

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.matching import MATCHERS, differences, normalised, outline, same
from fakememtrace.claude.player import Miss, Play, Player

from .helpers import TOOL, answer, conversation, interaction, request

WHAT_TO_DO = (
    "(- as recorded, + as sent)\n"
    "What to do: if the change is meant, make it in the cassette too (or record again); "
    "otherwise undo it in the program, its prompt or its tools."
)


def numbers(player, *bodies):
    """The numbers of the interactions that answer the bodies; None for a miss."""
    plays = [player.play(body) for body in bodies]
    return [play.number if isinstance(play, Play) else None for play in plays]


def explanation(player, body):
    """What is said of a miss."""
    miss = player.play(body)
    assert isinstance(miss, Miss)
    return miss.explanation


def test_requests_are_matched_by_content_not_by_position():
    """Two conversations may be replayed in another order than they were recorded in."""
    cassette = Cassette([interaction(request("a"), "A"), interaction(request("b"), "B")])
    assert numbers(Player(cassette), request("b"), request("a")) == [2, 1]


def test_equal_requests_are_answered_in_the_order_of_the_file():
    """The same question asked again gets its next answer, and only as often as it is recorded."""
    cassette = Cassette(
        [interaction(request("a"), "1"), interaction(request("b"), "2"), interaction(request("a"), "3")]
    )
    assert numbers(Player(cassette), request("a"), request("a"), request("a")) == [1, 3, None]


EQUAL = [
    (request("hi"), request([{"type": "text", "text": "hi"}])),
    (request("hi", system="be kind"), request("hi", system=[{"type": "text", "text": "be kind"}])),
    (request("hi"), {**request("hi"), "stream": False}),
    (request("hi"), {**request("hi"), "stream": True}),
    (request("hi"), {**request("hi"), "temperature": None}),
    (request("hi", temperature=1), request("hi", temperature=1.0)),
    (request("hi", tools=[TOOL]), request("hi", tools=[{**TOOL, "cache_control": None}])),
    (
        request([{"type": "tool_use", "id": "t", "name": "n", "input": {"b": 1, "a": "x"}}]),
        request([{"name": "n", "type": "tool_use", "input": {"a": "x", "b": 1.0}, "id": "t"}]),
    ),
    (request("hi"), dict(reversed(request("hi").items()))),
    (
        request("hi", [{"type": "text", "text": "a", "citations": None}]),
        request("hi", [{"type": "text", "text": "a"}]),
    ),
    (
        request("q", "a", [{"type": "tool_result", "tool_use_id": "t", "content": "x"}]),
        request("q", "a", [{"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "x"}]}]),
    ),
]

UNEQUAL = [
    ("model", request("hi"), {**request("hi"), "model": "claude-y"}),
    ("system", request("hi"), request("hi", system="be kind")),
    ("system", request("hi", system="a\nb"), request("hi", system="a b")),
    ("tools", request("hi"), request("hi", tools=[TOOL])),
    ("tools", request("hi", tools=[TOOL]), request("hi", tools=[{**TOOL, "description": "other"}])),
    ("tools", request("hi", tools=[TOOL, {"name": "x"}]), request("hi", tools=[{"name": "x"}, TOOL])),
    ("parameters", request("hi"), {**request("hi"), "max_tokens": 101}),
    ("parameters", request("hi", temperature=1), request("hi", temperature=0.5)),
    ("parameters", request("hi"), request("hi", tool_choice={"type": "any"})),
    ("messages", request("hi"), request("hi ")),
    ("messages", request("hi"), request("hi", "there")),
    ("messages", request(), request("hi")),
    (
        "messages",
        request("q", [{"type": "tool_use", "id": "t", "name": "n", "input": {"a": None}}]),
        request("q", [{"type": "tool_use", "id": "t", "name": "n", "input": {}}]),
    ),
    ("messages", request([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]), request("a\nb")),
]


@pytest.mark.parametrize(("one", "other"), EQUAL)
def test_what_the_api_reads_alike_matches_alike(one, other):
    """Two ways to say the same request are one request."""
    assert same(one, other)
    assert outline(one) == outline(other)
    assert differences(normalised(one), normalised(other)) == []


@pytest.mark.parametrize(("part", "one", "other"), UNEQUAL)
def test_every_meaningful_difference_is_one(part, one, other):
    """A request that means something else does not match, and the part that differs is named."""
    assert not same(one, other)
    assert [difference.part for difference in differences(normalised(one), normalised(other))] == [part]


def test_matching_leaves_the_request_as_it_is():
    """Looking for a match changes nothing in the request."""
    body = request([{"type": "text", "text": "hi", "citations": None}], system="x")
    before = copy.deepcopy(body)
    Player(conversation()).play(body)
    assert body == before


def test_the_matchers_are_named():
    """There is one matcher for each part of a request."""
    assert list(MATCHERS) == ["model", "system", "tools", "parameters", "messages"]


def test_no_cassette_is_a_miss():
    """Without a cassette every request is a miss that says how to give one."""
    player = Player(None)
    assert explanation(player, request("hi")) == (
        'Claude was asked without a cassette: claude-x, 1 message, the last from user: "hi".\n'
        "Expected a recording of this request.\n"
        "What to do: give the world one, World(cassette=FILE), or override the fixture claude_cassette."
    )
    assert player.open_ends() == ""


def test_an_empty_cassette_is_a_miss():
    """A cassette without interactions says so."""
    assert explanation(Player(Cassette()), request("hi", "x" * 100)) == (
        "no recorded answer for this request to Claude: claude-x, 2 messages, "
        f'the last from assistant: "{"x" * 57}...".\n'
        "Expected one in a cassette in memory, which has no interactions.\n"
        "What to do: author or record the conversation, or use the cassette that holds it."
    )


def test_a_changed_prompt_line_is_shown():
    """The line of the prompt that changed is shown with what was recorded and what was sent."""
    body = copy.deepcopy(conversation().interactions[0].request)
    body["system"] = "You are helpful.\nBe very brief."
    assert explanation(Player(conversation()), body) == (
        'no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "I like tea".\n'
        "Nearest in a cassette in memory (0 of 3 played): interaction 1. It differs in: system.\n\n"
        "system:\n"
        "      You are helpful.\n"
        "    - Be brief.\n"
        "    + Be very brief.\n"
        "\n" + WHAT_TO_DO
    )


def test_a_changed_tool_is_shown():
    """The property of a tool's schema that changed is shown with the lines around it."""
    body = copy.deepcopy(conversation().interactions[0].request)
    body["tools"][0]["input_schema"]["properties"]["content"]["type"] = "number"
    assert explanation(Player(conversation()), body) == (
        'no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "I like tea".\n'
        "Nearest in a cassette in memory (0 of 3 played): interaction 1. It differs in: tools.\n\n"
        "tools:\n"
        "          properties:\n"
        "            content:\n"
        '    -         type: "string"\n'
        '    +         type: "number"\n'
        "          required:\n"
        '            "content"\n'
        "\n" + WHAT_TO_DO
    )


def test_a_changed_conversation_is_shown_from_where_it_changes():
    """Of a conversation only what follows the common beginning is shown; several parts are shown together."""
    player = Player(conversation())
    first, second = (one.request for one in conversation().interactions[:2])
    player.play(first)
    body = {**copy.deepcopy(second), "max_tokens": 200}
    body["messages"][2]["content"][0]["content"] = "ok\nduplicate"
    assert explanation(player, body) == (
        "no recorded answer for this request to Claude: claude-x, 3 messages, "
        'the last from user: "ok duplicate".\n'
        "Nearest in a cassette in memory (1 of 3 played): interaction 2. It differs in: parameters, messages.\n\n"
        "parameters:\n"
        "    - max_tokens: 100\n"
        "    + max_tokens: 200\n"
        "\n"
        "messages (from messages[2] on):\n"
        "          content:\n"
        "            ok\n"
        "    -       stored\n"
        "    +       duplicate\n"
        "\n" + WHAT_TO_DO
    )


def test_an_exhausted_recording_says_so():
    """A request that was answered as often as it is recorded is told from one that never was."""
    player = Player(Cassette([interaction(request("a"), "A"), interaction(request("a"), "B")]))
    numbers(player, request("a"), request("a"))
    assert explanation(player, request("a")) == (
        "this request to Claude was sent more often than it is recorded: claude-x, 1 message, "
        'the last from user: "a".\n'
        "a cassette in memory answers it in 2 interactions, which are played.\n"
        "What to do: if the program should ask again, add the further answer to the cassette; "
        "otherwise look for what makes it ask twice (a retry, a second run, a loop)."
    )
    single = Player(Cassette([interaction(request("a"), "A")]))
    single.play(request("a"))
    assert "answers it in interaction 1, which is played." in explanation(single, request("a"))


def test_when_all_is_played_the_nearest_of_all_is_shown():
    """After the end of a cassette a miss is still explained against the recording most alike."""
    player = Player(conversation())
    for one in conversation().interactions:
        player.play(one.request)
    assert "(all 3 are played): interaction 1. It differs in: messages." in explanation(
        player, {**conversation().interactions[0].request, "messages": [{"role": "user", "content": "I like milk"}]}
    )


def test_a_long_difference_is_cut():
    """A difference of hundreds of lines shows its beginning and how much there is more."""
    cassette = Cassette([interaction(request("a", system="\n".join(map(str, range(100)))), "A")])
    text = explanation(Player(cassette), request("a", system="\n".join(map(str, range(100, 200)))))
    assert text.count("\n    ") == 41
    assert "    ... and 160 more lines\n" in text


def test_the_nearest_is_the_one_with_the_same_conversation():
    """A changed prompt is explained against the same turn, not against the first of the file."""
    cassette = Cassette(
        [interaction(request(text, system="one\ntwo"), text.upper()) for text in ("a", "b", "c")]
        + [interaction(request("c", system="one\ntwo", max_tokens=5), "C")]
    )
    assert "interaction 3." in explanation(Player(cassette), request("c", system="one\nthree"))


def test_what_was_never_asked_for_is_reported():
    """At the end, the interactions that were not played are named, with what the first one answers."""
    player = Player(Cassette([interaction(request(text), text) for text in "abcdef"]))
    numbers(player, request("b"), request("f"))
    assert player.unplayed() == [1, 3, 4, 5]
    assert player.open_ends() == (
        "4 of 6 recorded answers in a cassette in memory were never asked for: interactions 1, 3-5.\n"
        'The first of them answers claude-x, 1 message, the last from user: "a".\n'
        "What to do: look for why the program stopped asking; if that is meant, delete them from the cassette."
    )
    assert Player(Cassette()).open_ends() == ""


@pytest.mark.parametrize(
    ("recorded", "sent", "shown"),
    [
        (request("hi", system="You are."), request("hi", system="You are. "), "    - You are.\n    + 'You are. '\n"),
        (request("hi", system="a b"), request("hi", system="a\xa0b"), "    - a b\n    + 'a\\xa0b'\n"),
        (
            request("a\nb"),
            request([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),
            '    -         "text": "a\\nb",\n    +         "text": "a",\n',
        ),
    ],
)
def test_no_difference_is_invisible(recorded, sent, shown):
    """White space at the end of a line, odd characters and the division into blocks can be seen."""
    assert shown in explanation(Player(Cassette([interaction(recorded, "A")])), sent)


@pytest.mark.parametrize("body", [{}, {"messages": None}, {"messages": "hi"}, {"messages": [1, None, "x"]}, {"a": []}])
def test_a_strange_body_is_a_miss_not_a_crash(body):
    """Whatever JSON object is sent, it is explained."""
    assert "no recorded answer" in explanation(Player(conversation()), body)


def test_answers_keep_their_order_among_conversations():
    """Interleaved conversations each go their own way."""
    one = [request("a"), request("a", "A", "b")]
    two = [request("x"), request("x", "X", "y")]
    cassette = Cassette(
        [interaction(body, answer("A")) for body in one] + [interaction(body, answer("X")) for body in two]
    )
    assert numbers(Player(cassette), two[0], one[0], one[1], two[1]) == [3, 1, 2, 4]
