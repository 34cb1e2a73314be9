"""Answers written by hand: they are what the API would send, whole and labelled, and come in their order."""

from __future__ import annotations

import hashlib
import json

import anthropic
import httpx
import pytest

from fakememtrace.claude import author
from fakememtrace.claude.author import Author, Turn, authored
from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.completing import OPAQUE
from fakememtrace.claude.interaction import AUTHORED, COUNT_TOKENS, ESTIMATED, Interaction, Provenance
from fakememtrace.claude.player import Play
from fakememtrace.errors import UsageError
from fakememtrace.world import World

from .helpers import TOOL, request

DAY = "2026-11-22"

SEARCHED = [
    author.thinking("Tea? Better look."),
    author.redacted_thinking(),
    author.server_tool_use("web_search", query="green tea"),
    author.web_search_result(("https://tea.example/green", "Green tea"), ("https://tea.example/black", "Black tea")),
    author.server_tool_use("web_search", query="oolong"),
    author.web_search_result(error="max_uses_exceeded"),
    author.text(
        "Green tea is green.",
        citations=[
            author.citation("is green", url="https://tea.example/green", title="Green tea"),
            author.citation("green", document=1, title="Leaflet", start=7),
            author.citation("green", pages=(1, 3)),
            author.citation("green", blocks=(0, 1)),
        ],
    ),
    author.tool_use("remember", content="Likes green tea", name="tea"),
]

ANSWERS = {
    "a text": "Hello, Ada.",
    "a block": author.text("Hello, Ada."),
    "a call": author.tool_use("remember", content="tea"),
    "texts and blocks": ["Let me see.", author.tool_use("remember", content="tea"), author.tool_use("recall")],
    "nothing": [],
    "all kinds": SEARCHED,
    "a turn": Turn("That is as far as", 1200, "max_tokens"),
}


def world_of(*turns):
    """A world in which Claude answers with these turns."""
    return World(cassette=Author(turns, DAY))


def client(retries=0):
    """The real client."""
    return anthropic.Anthropic(max_retries=retries)


def ask(world, *said, path="/v1/messages", **parameters):
    """Status and body of the answer to a request."""
    with httpx.Client(transport=world.transport()) as sender:
        answer = sender.post(f"https://api.anthropic.com{path}", json=request(*said, **parameters))
    return answer.status_code, answer.json()


def said(answer):
    """The text of an answer, or its error."""
    status, body = answer
    return body["content"][0]["text"] if status == 200 else body["error"]["message"].partition("\n")[0]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_answer_is_a_message_to_the_sdk(answer):
    """What is authored has every field that the SDK's own model asks for, and no block is an unknown one."""
    response = authored(answer, request("hi"), 1, DAY).response
    message = anthropic.types.Message.model_validate(response)
    assert message.to_dict() == response
    assert {type(block).__name__ for block in message.content} <= {
        *("TextBlock", "ThinkingBlock", "RedactedThinkingBlock", "ToolUseBlock", "ServerToolUseBlock"),
        "WebSearchToolResultBlock",
    }


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_every_answer_comes_through_the_real_client(answer):
    """In one piece or as a stream, the client gets what the cassette keeps."""
    with world_of(answer, answer) as world:
        whole = client().messages.create(**request("hi"))
        with client().messages.stream(**request("hi")) as stream:
            streamed = stream.get_final_message()
        kept = [one.response for one in world.claude.answers.cassette.interactions]
        world.journal.assert_clean()
    assert whole.to_dict() == kept[0]
    assert plain(streamed) == plain(anthropic.types.Message.model_validate(kept[1]))


def plain(message):
    """The fields of a message that a stream tells, too; the SDK puts None where it is told nothing."""
    return message.model_dump(exclude_none=True, exclude={"content": {"__all__": {"parsed_output"}}})


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_what_was_authored_reads_back_as_it_is(tmp_path, answer):
    """A saved author's cassette is whole: reading it fills in nothing."""
    tape = Cassette([authored(answer, request("hi"), 1, DAY)])
    tape.save(tmp_path / "c.json")
    assert Cassette.load(tmp_path / "c.json").interactions == tape.interactions


def drawn(prefix, place):
    """The id of what stands there."""
    return prefix + hashlib.sha256(f"{prefix}{place}".encode()).hexdigest()[:24]


def test_what_is_filled_in():
    """Ids come from the number and the block, the usage from the length, and a result names the call before it."""
    response = authored(SEARCHED, request("hi"), 7, DAY).response
    thought, hidden, first, found, second, failed, text, call = response["content"]
    assert (thought["signature"], hidden["data"]) == (OPAQUE, OPAQUE)
    assert (found["tool_use_id"], failed["tool_use_id"]) == (first["id"], second["id"])
    assert found["content"][0] == {
        "type": "web_search_result",
        "url": "https://tea.example/green",
        "title": "Green tea",
        "encrypted_content": OPAQUE,
    }
    assert failed["content"] == {"type": "web_search_tool_result_error", "error_code": "max_uses_exceeded"}
    assert [citation["type"] for citation in text["citations"]] == [
        *("web_search_result_location", "char_location", "page_location", "content_block_location")
    ]
    assert (text["citations"][1]["start_char_index"], text["citations"][1]["end_char_index"]) == (7, 12)
    assert call["input"] == {"content": "Likes green tea", "name": "tea"}
    ids = [response["id"], first["id"], second["id"], call["id"]]
    assert ids == [
        drawn("msg_", "7"),
        drawn("srvtoolu_", "7.2"),
        drawn("srvtoolu_", "7.4"),
        drawn("toolu_", "7.7"),
    ]
    assert {key: value for key, value in response.items() if key not in ("id", "content")} == {
        "type": "message",
        "role": "assistant",
        "model": "claude-x",
        "stop_reason": "tool_use",
        "stop_sequence": None,
        "usage": {
            "input_tokens": len(json.dumps(request("hi"))) // 4 + 1,
            "output_tokens": len(json.dumps(response["content"])) // 4 + 1,
        },
    }


def test_an_authored_answer_says_so():
    """Its provenance is authored, its usage is called an estimate, and that stands in the file."""
    one = authored("Hello", request("hi"), 1, DAY)
    assert one.provenance == Provenance(AUTHORED, "claude-x", DAY, usage=ESTIMATED)
    (entry,) = json.loads(Cassette([one]).dumps())["interactions"]
    assert entry["provenance"] == {"kind": "authored", "model": "claude-x", "date": DAY, "usage": "estimated"}


def test_why_it_ends():
    """A call ends for the tool, anything else at its end, and a turn can say otherwise."""
    turns = [
        "Hi",
        author.tool_use("recall"),
        author.server_tool_use("web_search", query="tea"),
        Turn("Hm", 0, "refusal"),
    ]
    reasons = [authored(turn, request("hi"), 1, DAY).response["stop_reason"] for turn in turns]
    assert reasons == ["end_turn", "tool_use", "end_turn", "refusal"]


def test_an_error_is_one_to_the_sdk():
    """Status, type, message and retry-after arrive; the client raises what it raises for the real one."""
    turn = Turn(author.error(429, "rate_limit_error", "Slow down.", retry_after=1.5), 250)
    with world_of(turn) as world, pytest.raises(anthropic.RateLimitError) as raised:
        client().messages.create(**request("hi"))
    assert raised.value.body == {"type": "error", "error": {"type": "rate_limit_error", "message": "Slow down."}}
    assert raised.value.response.headers["retry-after"] == "1.5"
    (kept,) = world.claude.answers.cassette.interactions
    assert (kept.status, kept.duration_ms, kept.provenance.usage) == (429, 250, "")


def test_a_client_that_retries_gets_the_next_turn():
    """An error and then an answer: the real client tries again by itself."""
    with world_of(author.error(529, retry_after=0), "Here I am.") as world:
        message = client(retries=1).messages.create(**request("hi"))
        world.journal.assert_clean()
    assert message.content[0].text == "Here I am."
    assert [one.status for one in world.claude.answers.cassette.interactions] == [529, 200]


@pytest.mark.parametrize(
    ("status", "kind", "message"),
    [
        (400, "invalid_request_error", "Invalid request"),
        (413, "request_too_large", "Request too large"),
        (500, "api_error", "Internal server error"),
        (529, "overloaded_error", "Overloaded"),
        (503, "api_error", "Internal server error"),
        (422, "invalid_request_error", "Invalid request"),
    ],
)
def test_an_error_needs_only_its_status(status, kind, message):
    """The type is the API's for that status, and the message says it in words."""
    assert author.error(status) == (status, kind, message, {})


def test_turns_come_in_their_order_whatever_is_asked():
    """Each request gets the next turn; one too many is a miss that says so, and one too few is told at the end."""
    tape = Author(["One", "Two"], DAY)
    assert tape.open_ends() == "2 of 2 authored turns were never asked for."
    world = World(cassette=tape)
    assert [said(ask(world, word)) for word in ("a", "b")] == ["One", "Two"]
    assert tape.open_ends() == ""
    assert ask(world, "c")[1]["error"]["message"] == (
        "fakememtrace: the author has no turn 3 for this request to Claude: "
        'claude-x, 1 message, the last from user: "c".\n'
        "Expected at most 2 requests.\n"
        "What to do: write the turn."
    )


def test_counted_tokens_are_estimated_and_kept():
    """A request to count takes no turn, and the count is the one that the answer will have."""
    tape = Author(["One"], DAY)
    world = World(cassette=tape)
    counted = ask(world, "hi", path="/v1/messages/count_tokens")
    answered = ask(world, "hi")
    assert counted == (200, {"input_tokens": answered[1]["usage"]["input_tokens"]})
    assert [one.endpoint for one in tape.cassette.interactions] == [COUNT_TOKENS, "messages"]
    assert tape.cassette.interactions[0].provenance.usage == ESTIMATED
    again = World(cassette=tape.cassette)
    assert (ask(again, "hi", path="/v1/messages/count_tokens"), ask(again, "hi")) == (counted, answered)


def test_models_are_not_authored():
    """A request for models is a miss that says where its answer can come from."""
    with httpx.Client(transport=world_of("One").transport()) as sender:
        answer = sender.get("https://api.anthropic.com/v1/models")
    assert answer.json()["error"]["message"] == (
        "fakememtrace: an author was asked for Claude's models.\n"
        "Expected requests to /v1/messages only.\n"
        "What to do: answer this one from a cassette, or in a respx router."
    )


def test_a_reset_rewinds_an_author():
    """After World.reset() the first turn is told again, and the cassette is that of the new run."""
    tape = Author(["One", "Two"], DAY)
    world = World(cassette=tape)
    ask(world, "a")
    ask(world, "b")
    world.reset()
    assert (len(tape.cassette), tape.open_ends()) == (0, "2 of 2 authored turns were never asked for.")
    assert said(ask(world, "c")) == "One"
    assert [one.messages[0]["content"] for one in tape.cassette.interactions] == ["c"]


def test_a_restored_world_goes_on_where_it_was():
    """A snapshot knows how many turns were told."""
    tape = Author(["One", "Two", "Three"], DAY)
    world = World(cassette=tape)
    ask(world, "a")
    snapshot = world.snapshot()
    ask(world, "b")
    world.restore(snapshot)
    assert [said(ask(world, word)) for word in ("c", "d")] == ["Two", "Three"]
    assert [one.messages[0]["content"] for one in tape.cassette.interactions] == ["a", "c", "d"]


def test_a_turn_that_did_not_arrive_is_told_again():
    """An answer that is taken back comes before the next turn, and stands for the request that it then went to."""
    tape = Author(["One", "Two", "Three"], DAY)
    for word in ("a", "b"):
        assert isinstance(tape.play(request(word)), Play)
    tape.rewind([2])
    assert (tape.played(), tape.open_ends()) == ([2], "1 of 3 authored turns were never asked for.")
    assert [tape.play(request(word)).number for word in ("c", "d")] == [1, 3]
    assert [one.messages[0]["content"] for one in tape.cassette.interactions] == ["c", "b", "d"]
    assert [one.response["content"][0]["text"] for one in tape.cassette.interactions] == ["One", "Two", "Three"]


def test_what_the_program_changes_later_is_not_in_the_cassette():
    """The cassette has the request as it was sent."""
    tape = Author(["One"], DAY)
    sent = request("hi", tools=[TOOL])
    tape.play(sent)
    sent["messages"].append({"role": "assistant", "content": "One"})
    assert tape.cassette.interactions[0].request == request("hi", tools=[TOOL])


def test_the_same_turns_make_the_same_cassette():
    """Two runs of one author give the same bytes."""
    runs = [Author(ANSWERS.values(), DAY) for _ in range(2)]
    for tape in runs:
        for number in range(len(ANSWERS)):
            tape.play(request(f"question {number}"))
    assert runs[0].cassette.dumps() == runs[1].cassette.dumps()


EXPECTED = "Expected a text, content blocks such as author.tool_use(...), an author.error(...) or an author.Turn(...)."

REFUSED = [
    (3, f"turn 1 is 3. {EXPECTED}"),
    (None, f"turn 1 is None. {EXPECTED}"),
    (["Hi", 3], f"turn 1, block 1, is 3. {EXPECTED}"),
    ({"text": "Hi"}, f"turn 1, block 0, is {{'text': 'Hi'}}. {EXPECTED}"),
    ({"type": "text"}, 'turn 1, block 0, a text, "text": expected a string, found nothing.'),
    (Turn("Hi", -1), "turn 1 takes -1 ms. Expected whole milliseconds from 0."),
    (Turn("Hi", 1.5), "turn 1 takes 1.5 ms. Expected whole milliseconds from 0."),
    (author.text(["a"]), 'turn 1, block 0, a text, "text": expected a string, found a list.'),
    ({"type": "tool_use", "input": {}}, 'turn 1, block 0, a tool_use, "name": expected a string, found nothing.'),
    (
        {"type": "tool_use", "name": "n", "id": None},
        'turn 1, block 0, a tool_use, "id": expected a string, found null.',
    ),
    (
        author.tool_use("remember", content=b"tea"),
        "turn 1, block 0, cannot be sent: Object of type bytes is not JSON serializable. Expected what JSON can say.",
    ),
    *(
        (
            author.tool_use("remember", weights=[1.0, wrong]),
            "turn 1, block 0, cannot be sent: it has a number that is NaN or infinite. Expected what JSON can say.",
        )
        for wrong in (float("nan"), float("inf"), float("-inf"))
    ),
    *(
        (
            ["Hi.", author.tool_use(name)],
            (
                f"turn 1, block 1, a tool_use, has the name {name!r}, which no tool can have. "
                "Expected 1 to 128 letters, digits, _ and -, such as 'memtrace_remember'."
            ),
        )
        for name in ("", "x y", "x.y", "caf\u00e9", "x\n", "x" * 129)
    ),
    (
        Turn("Hi.", stop_reason="max_token"),
        (
            "turn 1 has the stop_reason 'max_token'. Did you mean 'max_tokens'? Known: end_turn, max_tokens, "
            "stop_sequence, tool_use, pause_turn, compaction, refusal and model_context_window_exceeded. A newer one "
            'can be written in a cassette, "response": {"content": [...], "stop_reason": ...}.'
        ),
    ),
    (
        Turn("Hi.", stop_reason=7),
        (
            "turn 1 has the stop_reason 7. Known: end_turn, max_tokens, stop_sequence, tool_use, pause_turn, "
            "compaction, refusal and model_context_window_exceeded. A newer one can be written in a cassette, "
            '"response": {"content": [...], "stop_reason": ...}.'
        ),
    ),
]


@pytest.mark.parametrize(("turn", "problem"), REFUSED)
def test_what_is_no_answer_is_refused_at_once(turn, problem):
    """An author that cannot answer is not made; the turn and the block are named."""
    with pytest.raises(UsageError) as refused:
        Author([turn], DAY)
    assert str(refused.value) == problem


@pytest.mark.parametrize("turns", ["abc", b"abc", author.text("a"), author.error(529), Turn("a")])
def test_one_answer_is_no_list_of_answers(turns):
    """One answer in place of several is refused, since it would be taken to pieces."""
    with pytest.raises(UsageError) as refused:
        Author(turns, DAY)
    assert str(refused.value) == (
        f"the turns are {turns!r}. Expected a list of answers. Write Author([{turns!r}], ...)."
    )


@pytest.mark.parametrize("name", ["x", "A-b_9", "x" * 128])
def test_what_the_api_takes_for_a_tool_is_taken(name):
    """So is any name of what the API itself calls."""
    assert Author([author.tool_use(name), author.server_tool_use("any name")], DAY).open_ends()


@pytest.mark.parametrize(
    "reason",
    [
        *("end_turn", "max_tokens", "stop_sequence", "tool_use", "pause_turn", "compaction", "refusal"),
        "model_context_window_exceeded",
    ],
)
def test_what_the_api_stops_for_is_taken(reason):
    """A turn may end for any reason that the API names."""
    told = Author([Turn("Hi.", stop_reason=reason)], DAY).play(request("hi"))
    assert told.interaction.response["stop_reason"] == reason


def test_a_newer_reason_to_stop_is_taken_in_a_cassette(tmp_path):
    """As the error about an author's says: what is written in a file is played as it is there."""
    entry = {
        "number": 1,
        "provenance": {"kind": AUTHORED, "model": "claude-x", "date": DAY},
        "request": request("hi"),
        "response": {"content": [{"type": "text", "text": "Hello!"}], "stop_reason": "newer"},
    }
    path = tmp_path / "tape.json"
    document = {"format": "fakememtrace-cassette", "version": 1, "interactions": [entry]}
    path.write_text(json.dumps(document), "utf-8")
    (got,) = Cassette.load(path).interactions
    assert got.response["stop_reason"] == "newer"


@pytest.mark.parametrize("status", [200, 600, True, "529"])
def test_an_error_has_the_status_of_one(status):
    """No other status makes an error."""
    with pytest.raises(UsageError) as refused:
        author.error(status)
    assert (
        str(refused.value) == f"an error cannot have the status {status!r}. Expected one from 400 to 599, such as 529."
    )


def test_a_web_search_finds_pages_or_fails():
    """A page is a pair of texts, and there is no page beside an error."""
    with pytest.raises(UsageError) as refused:
        author.web_search_result("https://tea.example")
    assert str(refused.value) == (
        "a page of a web search is 'https://tea.example'. Expected a URL and a title, "
        'such as ("https://example.com/tea", "All about tea").'
    )
    with pytest.raises(UsageError) as refused:
        author.web_search_result(("https://tea.example", "Tea"), error="unavailable")
    assert str(refused.value) == (
        "a web search found pages and failed with 'unavailable'. Expected one of both. Leave one out."
    )


def test_an_interaction_has_no_field_of_another_name():
    """A response that was not read yet is added up when asked for; any other missing name is an error as everywhere."""
    with pytest.raises(AttributeError, match=r"^'Interaction' object has no attribute 'respones'$"):
        _ = Interaction({}, {}, Provenance(AUTHORED, "m", DAY)).respones


def test_a_client_that_retries_a_lost_answer_gets_it():
    """A connection that breaks off under an answer does not use up the turn."""
    with world_of("One", "Two") as world:
        world.faults.add("drop", route="claude *", handled=True, times=1)
        answers = [client(retries=1).messages.create(**request(word)).content[0].text for word in ("a", "b")]
        world.journal.assert_clean()
    assert answers == ["One", "Two"]
    assert [one.messages[0]["content"] for one in world.claude.answers.cassette.interactions] == ["a", "b"]
