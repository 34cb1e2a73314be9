"""Playing: which request gets which answer, and what is said at the end."""

from __future__ import annotations

import base64
import copy

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import COUNT_TOKENS, MODELS
from fakememtrace.claude.matching import Matching
from fakememtrace.claude.media import digested
from fakememtrace.claude.player import Miss, Play, Player
from fakememtrace.claude.redact import Redactor

from .helpers import answer, conversation, interaction, request

SECRET = "-".join(("sk", "ant", "api03", "aB3" * 31, "AA"))


def numbers(player, *bodies):
    """The numbers of the interactions that answer the bodies; None for a miss."""
    plays = [player.play(body) for body in bodies]
    return [play.number if isinstance(play, Play) else None for play in plays]


def image(text, media_type="image/png"):
    """An image block with these bytes in it; `text` is base64."""
    return {"type": "image", "source": {"type": "base64", "media_type": media_type, "data": text}}


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


@pytest.mark.parametrize("matching", [None, Matching().normalise("x"), Matching().ignore("cache_control")])
def test_matching_leaves_the_request_as_it_is(matching):
    """Looking for a match changes nothing in the request, and nothing in the recordings."""
    cassette = conversation()
    recorded = copy.deepcopy([one.request for one in cassette.interactions])
    body = request([{"type": "text", "text": "hi", "citations": None}], system="x")
    before = copy.deepcopy(body)
    assert isinstance(Player(cassette, matching).play(body), Miss)
    assert body == before
    assert [one.request for one in cassette.interactions] == recorded


def test_each_endpoint_has_its_own_recordings():
    """The same body sent to another endpoint is another request."""
    cassette = Cassette(
        [
            interaction(request("hi"), {"input_tokens": 8}, endpoint=COUNT_TOKENS),
            interaction(request("hi"), "A"),
            interaction({"id": "claude-x"}, {"id": "claude-x"}, endpoint=MODELS),
        ]
    )
    player = Player(cassette, Matching().ignore("messages"))
    assert player.play(request("hi")).number == 2
    assert player.play(request("hi"), COUNT_TOKENS).number == 1
    assert player.play({"id": "claude-x"}, MODELS).number == 3
    assert player.play(request("hi")).kind == "exhausted"


def test_media_match_by_what_they_decode_to():
    """An image that is recorded by its digest is that image; line breaks in base64 do not matter."""
    data = base64.b64encode(bytes(range(256))).decode()
    broken = "\n".join(data[start : start + 76] for start in range(0, len(data), 76))
    other = base64.b64encode(bytes(range(1, 256)) + b"\0").decode()
    body = request([image(data), {"type": "text", "text": "What is it?"}])
    for recorded in (body, digested(body)):
        player = Player(Cassette([interaction(recorded, "A")] * 2))
        assert numbers(player, request([image(other), body["messages"][0]["content"][1]])) == [None]
        assert numbers(player, request([image(broken), body["messages"][0]["content"][1]]), body) == [1, 2]


def test_media_anywhere_in_a_conversation_match():
    """Also earlier in the conversation, and in the result of a tool."""
    data = base64.b64encode(bytes(300)).decode()
    result = {"type": "tool_result", "tool_use_id": "t", "content": [image(data)]}
    body = request([image(data)], "a", [result], "b", "c")
    assert numbers(Player(Cassette([interaction(digested(body), "A")])), body) == [1]


def test_a_request_is_found_as_it_would_have_been_written():
    """What the recorder replaced is replaced before a second look; what is recorded as it is sent comes first."""
    body = request(f"my key is {SECRET}")
    redactor = Redactor()
    cleaned = redactor.clean(body)
    assert SECRET not in str(cleaned)
    asked = []

    def clean(request):
        asked.append(request)
        return redactor.clean(request)

    player = Player(Cassette([interaction(body, "A"), interaction(cleaned, "B")]), clean=clean)
    assert numbers(player, body) == [1]
    assert asked == []
    assert numbers(player, body, body) == [2, None]
    assert numbers(Player(Cassette([interaction(cleaned, "B")])), body) == [None]


def test_a_miss_does_not_tell_a_secret():
    """The explanation shows the request as it would have been written."""
    cassette = Cassette([interaction(request("my key is here"), "A")])
    miss = Player(cassette, clean=Redactor().clean).play(request(f"my key is {SECRET}"))
    assert "    + my key is {+<anthropic-api-key>+}\n" in miss.explanation
    assert SECRET not in str(miss.as_json())


def test_answers_keep_their_order_among_conversations():
    """Interleaved conversations each go their own way."""
    one = [request("a"), request("a", "A", "b")]
    two = [request("x"), request("x", "X", "y")]
    cassette = Cassette(
        [interaction(body, answer("A")) for body in one] + [interaction(body, answer("X")) for body in two]
    )
    assert numbers(Player(cassette), two[0], one[0], one[1], two[1]) == [3, 1, 2, 4]


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
    assert Player(None).open_ends() == ""


@pytest.mark.parametrize(
    ("endpoint", "body", "words"),
    [
        (COUNT_TOKENS, request("a"), 'a request to count tokens: claude-x, 1 message, the last from user: "a".'),
        (MODELS, {"id": "claude-x"}, 'a request for models: id "claude-x".'),
        (MODELS, {}, "a request for models: all of them."),
    ],
)
def test_what_was_never_asked_of_another_endpoint_is_named(endpoint, body, words):
    """Of an unplayed answer it is said what it answers, also where that is no message."""
    player = Player(Cassette([interaction(body, {"input_tokens": 1}, endpoint=endpoint)]))
    assert player.open_ends() == (
        "1 of 1 recorded answers in a cassette in memory were never asked for: interaction 1.\n"
        f"The first of them answers {words}\n"
        "What to do: look for why the program stopped asking; if that is meant, delete them from the cassette."
    )
