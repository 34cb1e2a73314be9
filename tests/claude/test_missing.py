"""A request that is not recorded: its kind, the whole explanation, and the same as JSON."""

# Explanations are pinned line by line, as they are shown.
# ruff: noqa: E501

from __future__ import annotations

import base64
import copy
import hashlib
import json
from textwrap import dedent

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import COUNT_TOKENS, MODELS
from fakememtrace.claude.matching import Matching
from fakememtrace.claude.player import Miss, Player

from .helpers import TOOL, conversation, interaction, request

CHANGE_IT = "What to do: if the change is meant, make it in the cassette too (or record again); otherwise undo it in the program."
ORDER = (
    "What to do: go back to the recorded order; or, if the new one is meant, make it in the cassette too "
    "(or record again)."
)
MARKS = "(- as recorded, + as sent; [-...-] and {+...+} mark what changed in a line)"
LINES = "(- as recorded, + as sent)"
OTHER_TOOL = {"name": "forget", "description": "Forget it", "input_schema": {"type": "object"}}


def missed(cassette, body, *before, endpoint="messages", betas=(), matching=None):
    """The miss of `body`, after `before` were played; `cassette` may be the recorded bodies."""
    tape = cassette if isinstance(cassette, Cassette) else Cassette([interaction(one, "A") for one in cassette])
    player = Player(tape, matching)
    for one in before:
        player.play(one)
    miss = player.play(body, endpoint, betas)
    assert isinstance(miss, Miss)
    return miss


def text(words, *rest):
    """An explanation: its own words, dedented, and after a blank line what many have in common."""
    return "\n".join([dedent(words).strip("\n"), *(["", *rest] if rest else [])])


def three_turns():
    """A conversation of three questions."""
    return [
        request("Hi there"),
        request("Hi there", "Hello.", "What about tea?"),
        request("Hi there", "Hello.", "What about tea?", "Nice.", "And milk?"),
    ]


def test_no_cassette():
    """Without a cassette every request is a miss that says how to give one."""
    player = Player(None)
    miss = player.play(request("hi"))
    assert miss.explanation == text(
        """
        no cassette: Claude was asked without one: claude-x, 1 message, the last from user: "hi".
        Expected a recording of this request.
        What to do: give the world one, World(cassette=FILE), or override the fixture claude_cassette.
        """
    )
    assert (miss.kind, miss.cassette, miss.nearest) == ("no cassette", None, None)
    counting = player.play(request("hi"), COUNT_TOKENS)
    assert counting.explanation.startswith(
        "no cassette: Claude was asked without one: a request to count tokens: claude-x, 1 message, "
    )


def test_an_empty_cassette():
    """A cassette without interactions says so."""
    miss = missed([], request("hi", "x" * 100))
    assert miss.explanation == text(
        f"""
        no such conversation: no recorded answer for this request to Claude: claude-x, 2 messages, the last from assistant: "{"x" * 57}...".
        Expected one in a cassette in memory, which has no interactions.
        What to do: author or record the conversation, or use the cassette that holds it.
        """
    )
    assert (miss.kind, miss.cassette, miss.nearest) == ("no such conversation", "a cassette in memory", None)


def test_no_such_conversation():
    """What begins like no recording is told with the conversations that there are, and what of them is played."""
    other = [request("What time is it?", system="s"), request("What time is it?", "Noon.", "And now?")]
    miss = missed([*three_turns(), *other], request("Please book a table", system="t"), three_turns()[0])
    assert miss.explanation == text(
        """
        no such conversation: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "Please book a table".
        Expected one of the 2 conversations in a cassette in memory, which begin with:
            "Hi there": interactions 1-3, 1 played
            "What time is it?": interactions 4-5, 0 played
        What to do: author or record the conversation, or use the cassette that holds it.
        """
    )
    assert miss.kinds == ("no such conversation",)


def test_the_only_conversation():
    """Where there is one conversation, it is that which was expected."""
    assert (
        "Expected the one conversation in a cassette in memory, which begins with:\n"
        in missed([request("Hi there")], request("Please book a table")).explanation
    )


def test_many_conversations_are_not_all_listed():
    """Of dozens of conversations the first ones are shown."""
    miss = missed([request(f"question{number}") for number in range(25)], request("Please book a table"))
    assert miss.explanation.count("\n    ") == 11
    assert '    "question9": interaction 10, 0 played\n    and 15 more\n' in miss.explanation


@pytest.mark.parametrize(
    ("endpoint", "body", "asked"),
    [
        (COUNT_TOKENS, request("hi"), 'request to count tokens: claude-x, 1 message, the last from user: "hi"'),
        (MODELS, {"limit": "5"}, 'request for models: limit "5"'),
        (MODELS, {}, "request for models: all of them"),
    ],
)
def test_an_endpoint_that_is_not_recorded(endpoint, body, asked):
    """What was never recorded of an endpoint is told with what the cassette answers."""
    assert missed([request("hi"), request("hi")], body, endpoint=endpoint).explanation == (
        f"no such conversation: no recorded answer for this {asked}.\n"
        "Expected one in a cassette in memory, which answers 2 requests to Claude.\n"
        "What to do: author or record the conversation, or use the cassette that holds it."
    )


def test_exhausted():
    """A request that was answered as often as it is recorded is told from one that never was."""
    recorded = [request("a"), request("b"), request("a")]
    miss = missed(recorded, request("a"), request("a"), request("a"))
    assert miss.explanation == text(
        """
        exhausted: this request to Claude was sent more often than it is recorded: claude-x, 1 message, the last from user: "a".
        a cassette in memory answers it in interactions 1, 3, which are played.
        What to do: if the program should ask again, add the further answer to the cassette; otherwise look for what makes it ask twice (a retry, a second run, a loop).
        """
    )
    assert (miss.kind, miss.nearest) == ("exhausted", 1)
    assert "answers it in interaction 2, which is played." in missed(recorded, request("b"), request("b")).explanation


def test_system_prompt():
    """The line of the prompt that changed is shown with what was recorded and what was sent, and its words."""
    body = copy.deepcopy(conversation().interactions[0].request)
    body["system"] = "You are helpful.\nBe very brief."
    miss = missed(conversation(), body)
    assert miss.explanation == text(
        """
        the system prompt differs: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "I like tea".
        Nearest in a cassette in memory (0 of 3 played): interaction 1. It differs in: system prompt.

        system prompt, line 2:
              You are helpful.
            - Be brief.
            + Be {+very+} brief.
        """,
        MARKS,
        CHANGE_IT,
    )
    assert miss.kinds == ("system prompt",)


def test_a_system_prompt_that_is_not_there():
    """A prompt that only one side has is shown whole."""
    miss = missed([request("hi")], request("hi", system="Be kind.\nBe brief."))
    assert miss.explanation == text(
        """
        the system prompt differs: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "hi".
        Nearest in a cassette in memory (0 of 1 played): interaction 1. It differs in: system prompt.

        system prompt, not recorded:
            + Be kind.
            + Be brief.
        """,
        LINES,
        CHANGE_IT,
    )


def test_a_system_prompt_of_several_blocks():
    """The block that changed is named, and so is another cache breakpoint."""
    blocks = [{"type": "text", "text": "Be kind."}, {"type": "text", "text": "You are Bo."}]
    changed = [
        {"type": "text", "text": "Be kind.", "cache_control": {"type": "ephemeral"}},
        {"type": "text", "text": "You are Jo."},
    ]
    miss = missed([request("hi", system=blocks)], request("hi", system=changed))
    assert miss.explanation.partition("\n\n")[2] == text(
        """
        system prompt:
            system[0].cache_control: not recorded, sent {"type": "ephemeral"}

        system prompt, system[1]:
            - You are [-Bo-].
            + You are {+Jo+}.
        """,
        MARKS,
        CHANGE_IT,
    )


def test_tool_surface():
    """It is told which tools are missing or new, and which property of which schema changed, at its path."""
    sent = copy.deepcopy(TOOL)
    sent["description"] = "Store a fact\nfor later"
    sent["input_schema"]["properties"]["content"] = {"type": "number", "description": "What to keep"}
    sent["input_schema"]["required"] = []
    third = {"name": "decide", "input_schema": {"type": "object"}}
    miss = missed([request("hi", tools=[TOOL, OTHER_TOOL])], request("hi", tools=[sent, third]))
    assert miss.explanation == text(
        """
        the tool surface differs: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "hi".
        Nearest in a cassette in memory (0 of 1 played): interaction 1. It differs in: tool surface.

        tools:
            forget: recorded, not sent
            decide: sent, not recorded

        tools, remember.description, line 1:
            - Store a [-memory-]
            + Store a {+fact+}
              for later

        tools:
            remember.input_schema.properties.content.type: recorded "string", sent "number"

        tools, remember.input_schema.properties.content.description, not recorded:
            + What to keep

        tools:
            remember.input_schema.required: recorded ["content"], sent []
        """,
        MARKS,
        CHANGE_IT,
    )
    assert miss.kinds == ("tool surface",)


def test_tool_descriptions_alone():
    """Where only words for the model changed it is told how to compare without them."""
    sent = {**TOOL, "description": "Store a memory\nfor ever"}
    advice = " To compare without: World(matching=Matching().ignore('tool descriptions'))."
    assert missed([request("hi", tools=[TOOL])], request("hi", tools=[sent])).explanation.endswith(CHANGE_IT + advice)


def test_model_or_parameters():
    """Each parameter is named with what was recorded and what was sent, and how to compare without it."""
    recorded = request("hi", temperature=0.5, thinking={"type": "enabled", "budget_tokens": 1024})
    sent = {**request("hi", thinking={"type": "enabled", "budget_tokens": 2048}, stop_sequences=["x"]), "model": "y"}
    miss = missed([recorded], sent)
    assert miss.explanation == text(
        """
        the model or parameters differ: no recorded answer for this request to Claude: y, 1 message, the last from user: "hi".
        Nearest in a cassette in memory (0 of 1 played): interaction 1. It differs in: model or parameters.

        model: recorded "claude-x", sent "y"

        parameters:
            stop_sequences: not recorded, sent ["x"]
            temperature: recorded 0.5, not sent
            thinking.budget_tokens: recorded 1024, sent 2048
        """,
        CHANGE_IT
        + " To compare without: World(matching=Matching().ignore('model', 'stop_sequences', 'temperature', 'thinking')).",
    )
    assert miss.kinds == ("model or parameters",)


def test_betas():
    """Other betas are a difference like any other parameter."""
    tape = Cassette([interaction(request("hi"), "A", betas=("one-2026",))])
    miss = missed(tape, request("hi"), betas=("two-2026",))
    assert miss.kinds == ("model or parameters",)
    assert miss.explanation.partition("\n\n")[2] == (
        'betas: recorded ["one-2026"], sent ["two-2026"]\n\n'
        f"{CHANGE_IT} To compare without: World(matching=Matching().ignore('betas'))."
    )


def test_another_model_is_asked_for():
    """A request for models is explained in its own words."""
    tape = Cassette([interaction({"id": "claude-x"}, {"id": "claude-x"}, endpoint=MODELS)])
    assert missed(tape, {"id": "claude-y"}, endpoint=MODELS).explanation == text(
        """
        the model or parameters differ: no recorded answer for this request for models: id "claude-y".
        Nearest in a cassette in memory (0 of 1 played): interaction 1. It differs in: model or parameters.

        parameters:
            id: recorded "claude-x", sent "claude-y"
        """,
        CHANGE_IT + " To compare without: World(matching=Matching().ignore('id')).",
    )


def test_other_tokens_are_counted():
    """A request to count tokens is explained in its own words, against those of its endpoint."""
    tape = Cassette(
        [
            interaction(request("How are you?"), "A"),
            interaction(request("How are they?"), {"input_tokens": 8}, endpoint=COUNT_TOKENS),
        ]
    )
    assert missed(tape, request("How are you?"), endpoint=COUNT_TOKENS).explanation == text(
        """
        the conversation differs: no recorded answer for this request to count tokens: claude-x, 1 message, the last from user: "How are you?".
        Nearest in a cassette in memory (0 of 2 played): interaction 2. It differs in: conversation.

        conversation, messages[0] (user):
            - How are [-they-]?
            + How are {+you+}?
        """,
        MARKS,
        CHANGE_IT,
    )


def test_conversation():
    """It is told which message changed, of whom, and in which block of it."""
    player = Player(conversation())
    first, second = (one.request for one in conversation().interactions[:2])
    player.play(first)
    body = {**copy.deepcopy(second), "max_tokens": 200}
    body["messages"][2]["content"][0]["content"] = "ok\nduplicate"
    miss = player.play(body)
    assert miss.explanation == text(
        """
        the model or parameters differ: no recorded answer for this request to Claude: claude-x, 3 messages, the last from user: "ok duplicate".
        Nearest in a cassette in memory (1 of 3 played): interaction 2. It differs in: model or parameters, conversation.

        parameters:
            max_tokens: recorded 100, sent 200

        conversation, messages[2] (user), tool_result of remember, line 2:
              ok
            - stored
            + duplicate
        """,
        LINES,
        CHANGE_IT + " To compare without: World(matching=Matching().ignore('max_tokens')).",
    )


def test_one_block_of_many():
    """Of a message with several blocks that is shown which changed; media by their digests."""

    def digest(number):
        return f"sha256:{hashlib.sha256(bytes([number]) * 90).hexdigest()}"

    images = [base64.b64encode(bytes([number]) * 90).decode() for number in (1, 2)]
    blocks = [
        [
            {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}},
            {"type": "text", "text": "What is it?"},
            {"type": "tool_use", "id": "t", "name": "look", "input": {"at": {"x": number}}},
        ]
        for number, data in enumerate(images)
    ]
    miss = missed([request(blocks[0])], request(blocks[1]))
    assert miss.explanation.partition("\n\n")[2] == text(
        f"""
        conversation:
            messages[0] (user), content[0], image.source.data: recorded "{digest(1)} (90 bytes)", sent "{digest(2)} (90 bytes)"
            messages[0] (user), content[2], tool_use.input.at.x: recorded 0, sent 1
        """,
        CHANGE_IT,
    )


def test_messages_that_one_side_has_not():
    """History that a program drops is shown as what is not sent."""
    first, second, _ = three_turns()
    miss = missed([first, second], request("What about tea?"), first)
    assert miss.explanation == text(
        """
        the conversation differs: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "What about tea?".
        Nearest in a cassette in memory (1 of 2 played): interaction 2. It differs in: conversation.

        conversation, messages[0] to messages[1], not sent:
            - user: Hi there
            - assistant: Hello.
        """,
        LINES,
        CHANGE_IT,
    )


def test_a_message_in_the_middle():
    """What comes after a message that changed is the same, and not shown."""
    _, _, third = three_turns()
    sent = request("Hi there", "Hello.", "What about tea?", "Nice!", "And milk?")
    miss = missed(three_turns(), sent)
    assert (miss.nearest, [difference.place for difference in miss.differences]) == (3, ["messages[3] (assistant)"])
    assert third["messages"][4] == sent["messages"][4]


def test_a_question_before_its_turn():
    """A question that is recorded for a later turn is told from one that is not recorded."""
    miss = missed(three_turns(), request("Hi there", "Hello.", "And milk?"), three_turns()[0])
    assert miss.explanation == text(
        """
        the order differs: no recorded answer for this request to Claude: claude-x, 3 messages, the last from user: "And milk?".
        Nearest in a cassette in memory (1 of 3 played): interaction 3. It differs in: order.
        "And milk?" is recorded after "What about tea?", which is asked in interaction 2 and was not asked here.

        conversation, messages[2] to messages[3], not sent:
            - user: What about tea?
            - assistant: Nice.
        """,
        LINES,
        ORDER,
    )
    assert (miss.kind, miss.nearest) == ("order", 3)


def test_tools_in_another_order():
    """The same tools in another order are no other tools."""
    miss = missed([request("hi", tools=[TOOL, OTHER_TOOL])], request("hi", tools=[OTHER_TOOL, TOOL]))
    assert miss.explanation == text(
        """
        the order differs: no recorded answer for this request to Claude: claude-x, 1 message, the last from user: "hi".
        Nearest in a cassette in memory (0 of 1 played): interaction 1. It differs in: order.

        tools, in another order:
            recorded: remember, forget
            sent:     forget, remember
        """,
        ORDER,
    )


def test_blocks_and_messages_in_another_order():
    """Nor are the same blocks other blocks, or the same messages other messages."""
    blocks = [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]
    miss = missed([request(blocks)], request(blocks[::-1]))
    assert miss.kinds == ("order",)
    assert (
        "conversation, messages[0] (user), in another order:\n    recorded: one, two\n    sent:     two, one\n"
    ) in miss.explanation
    turned = {**three_turns()[1], "messages": three_turns()[1]["messages"][::-1]}
    miss = missed(three_turns(), turned, three_turns()[0])
    assert miss.kinds == ("order",)
    assert (
        "conversation, messages[0] to messages[2], in another order:\n"
        "    recorded: user: Hi there, assistant: Hello., user: What about tea?\n"
        "    sent:     user: What about tea?, assistant: Hello., user: Hi there\n"
    ) in miss.explanation


def test_the_most_important_part_comes_first():
    """Where much differs the kinds are in their order, and the first is the headline."""
    sent = {**request("Hello there", system="s", tools=[OTHER_TOOL]), "model": "y"}
    miss = missed([request("Hi there", tools=[TOOL])], sent)
    assert miss.kinds == ("system prompt", "tool surface", "model or parameters", "conversation")
    assert miss.explanation.startswith("the system prompt differs: ")
    assert "It differs in: system prompt, tool surface, model or parameters, conversation.\n" in miss.explanation


def test_what_is_not_compared_is_not_explained():
    """A part that a Matching ignores is no reason, and texts are shown as they are compared."""
    sent = {**request("It was on 8 May"), "model": "y", "max_tokens": 5}
    miss = missed([request("It was on 7 June")], sent, matching=Matching().ignore("model").normalise(r"\d+", "N"))
    assert [difference.part for difference in miss.differences] == ["parameters", "messages"]
    assert "    - It was on N [-June-]\n    + It was on N {+May+}\n" in miss.explanation


def test_when_all_is_played_the_nearest_of_all_is_shown():
    """After the end of a cassette a miss is still explained against the recording most alike."""
    body = {**conversation().interactions[0].request, "messages": [{"role": "user", "content": "I like milk"}]}
    miss = missed(conversation(), body, *(one.request for one in conversation().interactions))
    assert "(all 3 are played): interaction 1. It differs in: conversation." in miss.explanation


def test_the_nearest_is_the_one_with_the_same_conversation():
    """A changed prompt is explained against the same turn, not against the first of the file."""
    recorded = [request(words, system="one\ntwo") for words in ("a", "b", "c")]
    recorded.append(request("c", system="one\ntwo", max_tokens=5))
    assert missed(recorded, request("c", system="one\nthree")).nearest == 3


@pytest.mark.parametrize("number", [0, 1, 2])
def test_the_nearest_of_several_alike_has_the_nearest_texts(number):
    """Of recordings that have as much in common, the one with the most alike words is shown."""
    prompts = [
        f"You serve {drink}.\nBe kind.\nNow is {hour} o'clock." for drink in ("tea", "rum", "mud") for hour in "123"
    ]
    recorded = [request("What is there?", system=prompt) for prompt in prompts]
    sent = request("What is there?", system=prompts[number * 3 + 1].replace("Be kind.", "Be rude."))
    assert missed(recorded, sent).nearest == number * 3 + 2
    asked = [request(f"Is there {drink}, please?") for drink in ("tea", "rum", "mud")]
    sent = request(f"Is there any {('tea', 'rum', 'mud')[number]}, please?")
    assert missed(asked, sent).nearest == number + 1


def test_a_long_difference_is_cut():
    """A difference of hundreds of lines shows its beginning and how much there is more."""
    recorded, sent = ("\n".join(f"{number}" for number in numbers) for numbers in (range(100), range(100, 200)))
    miss = missed([request("a", system=recorded)], request("a", system=sent))
    assert miss.explanation.count("\n    ") == 41
    assert "    ... and 160 more lines\n" in miss.explanation


def test_many_differences_are_cut():
    """Of dozens of differences the first are shown, and all are in the miss."""
    tools = [{"name": f"tool_{number}"} for number in range(30)]
    miss = missed([request("a", tools=tools)], request("a", tools=[{**tool, "type": "x"} for tool in tools]))
    assert len(miss.differences) == 30
    assert '    tool_9.type: not recorded, sent "x"\n\nand 20 more differences\n\n' in miss.explanation


@pytest.mark.parametrize(
    ("recorded", "sent", "shown"),
    [
        ("You are.", "You are. ", "    - You are.\n    + You are.{+ +}\n"),
        ("a b", "a\xa0b", "    - a[- -]b\n    + a{+\\xa0+}b\n"),
        ("a\tb", "a b", "    - a[-\\t-]b\n    + a{+ +}b\n"),
        ("one", "two ", "    - one\n    + 'two '\n"),
    ],
)
def test_no_difference_is_invisible(recorded, sent, shown):
    """White space at the end of a line and odd characters can be seen."""
    assert shown in missed([request("hi", system=recorded)], request("hi", system=sent)).explanation


def test_the_division_into_blocks_is_seen():
    """The same text in other blocks is told as that."""
    blocks = [{"type": "text", "text": "a"}, {"type": "text", "text": "b\nc"}]
    assert (
        "conversation:\n    messages[0] (user), the same text: recorded 1 block of 3 lines, sent 2 blocks of 1 and 2 lines\n"
    ) in missed([request("a\nb\nc")], request(blocks)).explanation


def test_an_empty_list_of_tools_is_seen():
    """What has no place of its own is told as it is."""
    assert "\ntools:\n    tools: sent, not recorded\n" in missed([request("a")], request("a", tools=[])).explanation


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"messages": None},
        {"messages": "hi"},
        {"messages": [1, None, "x"]},
        {"a": []},
        {**request("I like tea"), "system": 7, "tools": "x"},
        {**request("I like tea"), "system": [None, {"type": "text"}], "tools": [{}, {}, 5]},
        request("I like tea", {"a": 1}, [{"type": "tool_result", "content": [1, {"text": 2}]}, None]),
    ],
)
def test_a_strange_body_is_a_miss_not_a_crash(body):
    """Whatever JSON object is sent, it is explained."""
    assert "no recorded answer" in missed(conversation(), body).explanation


def test_a_miss_is_plain_json():
    """as_json() has everything, always in the same order, and only what differs of long texts."""
    lines = [f"line {number}" for number in range(50)]
    recorded = request("hi", system="\n".join(lines), temperature=0.5)
    sent = request("hi", system="\n".join([*lines[:20], "changed", *lines[21:]]))
    miss = missed([recorded], sent)
    assert json.dumps(miss.as_json()) == json.dumps(
        {
            "kind": "system prompt",
            "kinds": ["system prompt", "model or parameters"],
            "explanation": miss.explanation,
            "cassette": "a cassette in memory",
            "nearest": 1,
            "differences": [
                {
                    "part": "system",
                    "place": "",
                    "kind": "text",
                    "line": 21,
                    "recorded": ["line 20"],
                    "sent": ["changed"],
                },
                {
                    "part": "parameters",
                    "place": "temperature",
                    "kind": "value",
                    "line": 1,
                    "recorded": ["0.5"],
                    "sent": [],
                },
            ],
            "memories": [],
        }
    )
    assert str(miss) == miss.explanation
