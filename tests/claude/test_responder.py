"""A function in the place of a cassette: it looks at the request and answers for Claude."""

from __future__ import annotations

import functools
import inspect

import anthropic
import httpx
import pytest

import fakememtrace
from fakememtrace.claude import author
from fakememtrace.claude.author import Turn
from fakememtrace.claude.responder import Responder
from fakememtrace.errors import UnexpectedTraffic, UsageError
from fakememtrace.world import World

from .helpers import interaction, request

HI = 'claude-x, 1 message, the last from user: "hi"'
EXPECTED = "Expected a text, content blocks, an author.error(...), a Turn or an Interaction."


def last(body):
    """What the user said last."""
    return body["messages"][-1]["content"]


def echo(body):
    """Claude says what the user said."""
    return f"You said: {last(body)}"


def ask(world, *said, path="/v1/messages", **parameters):
    """Status and body of the answer to a request."""
    with httpx.Client(transport=world.transport()) as sender:
        answer = sender.post(f"https://api.anthropic.com{path}", json=request(*said, **parameters))
    return answer.status_code, answer.json()


def problem(function):
    """What the journal says of a request that the function does not answer."""
    world = World(cassette=function)
    assert ask(world, "hi")[0] == 400
    (exchange,) = world.journal.unexpected()
    with pytest.raises(UnexpectedTraffic):
        world.journal.assert_clean()
    return exchange.unexpected


def test_a_function_answers_the_real_client():
    """The client gets what the function made of the request, in one piece and as a stream."""
    with World(cassette=echo) as world:
        client = anthropic.Anthropic(max_retries=0)
        message = client.messages.create(**request("hi"))
        with client.messages.stream(**request("ho")) as stream:
            streamed = stream.get_final_text()
        world.journal.assert_clean()
    assert (message.content[0].text, streamed) == ("You said: hi", "You said: ho")
    assert [last(body) for body in world.claude.answers.calls] == ["hi", "ho"]
    assert [call.interaction for call in world.claude.calls] == [1, 2]


def test_a_loop_with_a_tool():
    """A function can call a tool first and use its result then; the ids of two calls are never the same."""

    def remembering(body):
        if isinstance(last(body), str):
            return ["Let me note that.", author.tool_use("remember", content=last(body))]
        return f"Noted: {last(body)[0]['content']}"

    world = World(cassette=remembering)
    calls = [ask(world, word)[1]["content"][1] for word in ("tea", "tea")]
    assert calls[0]["id"] != calls[1]["id"]
    result = [{"type": "tool_result", "tool_use_id": calls[0]["id"], "content": "ok"}]
    assert ask(world, "tea", [calls[0]], result)[1]["content"][0]["text"] == "Noted: ok"


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ("Hello", 200),
        (author.text("Hello"), 200),
        ([author.thinking("Hm"), "Hello"], 200),
        (Turn("Hello", 1500), 200),
        (author.error(529), 529),
        (Turn(author.error(429, retry_after=3), 20), 429),
        (interaction(request("other"), "Hello"), 200),
    ],
)
def test_what_a_function_may_return(answer, status):
    """A text, a block, blocks, a Turn, an error and an Interaction are answers."""
    world = World(cassette=lambda body: answer)
    assert ask(world, "hi")[0] == status
    assert world.journal.unexpected() == []


def test_time_goes_by_while_it_thinks():
    """The duration of a Turn moves the clock."""
    world = World(cassette=lambda body: Turn("Hello", 1500))
    before = world.clock.micros()
    ask(world, "hi")
    assert world.clock.micros() - before == 1_500_000


def test_nothing_waits_to_be_asked():
    """A function that was never called is no problem of the test."""
    World(cassette=echo).journal.assert_clean()


def test_a_reset_forgets_the_calls():
    """After World.reset() a function was asked nothing, and the first id is the first again."""
    world = World(cassette=echo)
    first = ask(world, "hi")
    world.reset()
    assert world.claude.answers.calls == []
    assert ask(world, "hi") == first


def test_the_calls_are_what_was_sent():
    """Neither the function nor the program can change afterwards what was asked."""

    def careless(body):
        body["messages"].clear()
        return "Hello"

    responder = Responder(careless)
    responder.play(request("hi"))
    assert responder.calls == [request("hi")]


def test_tokens_are_counted_without_the_function():
    """A request to count is estimated, as the usage of the answer is."""
    world = World(cassette=echo)
    status, counted = ask(world, "hi", path="/v1/messages/count_tokens")
    assert (status, world.claude.answers.calls) == (200, [])
    assert counted == {"input_tokens": ask(world, "hi")[1]["usage"]["input_tokens"]}


def test_models_are_not_asked_of_a_function():
    """A request for models is a miss that says where its answer can come from."""
    world = World(cassette=echo)
    with httpx.Client(transport=world.transport()) as sender:
        sender.get("https://api.anthropic.com/v1/models")
    assert world.journal[0].unexpected == (
        "the function echo was asked for Claude's models.\n"
        "Expected requests to /v1/messages only.\n"
        "What to do: answer this one from a cassette, or in a respx router."
    )


def test_none_is_a_miss():
    """A function that has no answer fails the test, with the request in words."""

    def silent(body):
        return None

    assert problem(silent) == (
        "the function test_none_is_a_miss.<locals>.silent has no answer for this request to Claude: "
        f"{HI}.\n{EXPECTED} It returned None.\n"
        "What to do: answer this request too, or look for what makes the program ask it."
    )


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (3, "an answer is 3. "),
        (["Hi", 3], "an answer, block 1, is 3. "),
    ],
)
def test_what_is_no_answer_is_a_miss(answer, why):
    """What a function must not return is said, and what it may."""
    assert problem(functools.partial(lambda value, body: value, answer)) == (
        f"the function partial returned no answer for this request to Claude: {HI}.\n"
        f"{why}Expected a text, content blocks such as author.tool_use(...), an author.error(...) or an "
        "author.Turn(...).\nWhat to do: correct what the function returns."
    )


def broken(body):
    """A function with a defect."""
    return body["mesages"]


def test_what_the_function_raises_is_the_tests_own_error():
    """The journal has the traceback from the function on; nothing is called a defect of fakememtrace."""
    text = problem(broken)
    start = (
        f"the function broken raised KeyError for this request to Claude: {HI}.\n{EXPECTED}\n"
        "What to do: correct the function.\n\n"
        "Traceback (most recent call last):\n"
        f'  File "{__file__}", line {inspect.getsourcelines(broken)[1] + 2}, in broken\n'
        '    return body["mesages"]\n'
    )
    assert text[: len(start)] == start
    assert text.endswith("\nKeyError: 'mesages'")
    assert text.count("File ") == 1


def test_an_assertion_in_the_function_fails_the_test():
    """Even when the program under test swallows the error that it gets for it."""

    def strict(body):
        assert last(body) == "ho", "the user said something else"
        return "Hello"

    assert "AssertionError: the user said something else" in problem(strict)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (3, "3 is no function, so it cannot answer for Claude. Expected a plain function."),
        ("echo", "'echo' is no function, so it cannot answer for Claude. Expected a plain function."),
    ],
)
def test_only_a_function_answers(given, why):
    """What cannot be called is refused when it is given."""
    with pytest.raises(UsageError) as refused:
        Responder(given)
    assert str(refused.value) == why


def test_a_function_that_must_be_awaited_is_refused():
    """There is no loop to await it in."""

    async def later(body):
        return "Hello"

    with pytest.raises(UsageError) as refused:
        World(cassette=later)
    assert str(refused.value) == (
        "the function test_a_function_that_must_be_awaited_is_refused.<locals>.later must be awaited, so it cannot "
        "answer for Claude. Expected a plain function."
    )


def test_what_answers_nothing_is_refused():
    """A world takes a path, a Cassette, what answers like one, or a function."""
    with pytest.raises(UsageError) as refused:
        World(cassette=3)
    assert str(refused.value) == (
        "cassette is int. Expected the path of a cassette, a Cassette, something that answers like one (an Author), "
        "or a function from a request to its answer."
    )


def test_a_responder_can_be_made_first():
    """It is public, so that a test can keep it and look at its calls."""
    responder = fakememtrace.Responder(echo)
    ask(World(cassette=responder), "hi")
    assert [last(body) for body in responder.calls] == ["hi"]
