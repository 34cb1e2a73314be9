"""Faults of the Messages API as the SDK shows them: in JSON and in streams, sync and async, behind every door."""

from __future__ import annotations

import asyncio
import contextlib
import json

import anthropic
import httpx
import pytest

from fakememtrace.claude.author import Author, Turn, text
from fakememtrace.claude.cassette import Cassette
from fakememtrace.errors import UnexpectedTraffic
from fakememtrace.faults.kinds import CLAUDE_ERRORS
from fakememtrace.world import World

from .helpers import answer, interaction, request
from .ways import DOORS, JSON, STREAMS, WAYS, ask, http, through

SAID = "one two three four five six seven"
EVENTS = [
    "message_start",
    "content_block_start",
    "ping",
    "content_block_delta",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
]
# The SDK keeps pings to itself.
SHOWN = [event for event in EVENTS if event != "ping"]
ERRORS = (json.JSONDecodeError, anthropic.APIError, http.RemoteProtocolError)
OVERLOADED = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}


def recorded(*answers):
    """A world with these answers to "hi", in this order."""
    return World(cassette=Cassette([interaction(request("hi"), said) for said in answers or (SAID,)]))


def failed(world, door, way, error, **options):
    """The error that comes out, and what came before it."""
    got = []
    with through(door, world, way.startswith("async")) as client, pytest.raises(error) as raised:
        ask(way, got, **{"max_retries": 0, **client, **options})
    return raised.value, got


def each_door(*others):
    """Every door with one number of events, and the nearest door with the others."""
    return pytest.mark.parametrize(
        ("door", "events"), [(door, 4) for door in DOORS] + [("patched", events) for events in others]
    )


def shown(events):
    """What the SDK shows of the first events of the stream."""
    return [event for event in EVENTS[:events] if event != "ping"]


doors = pytest.mark.parametrize("door", DOORS)
json_ways = pytest.mark.parametrize("way", JSON)
stream_ways = pytest.mark.parametrize("way", STREAMS)


# -- cut ------------------------------------------------------------------------------------------


@each_door(0, 1, 7)
@stream_ways
def test_a_stream_is_cut_after_so_many_events(door, way, events):
    """The events before the cut arrive, then the library's own error for a lost connection does."""
    world = recorded()
    world.faults.add("cut", route="claude *", events=events)
    error, got = failed(world, door, way, http.RemoteProtocolError)
    assert str(error) == "peer closed connection without sending complete message body (incomplete chunked read)"
    assert got == shown(events)
    assert world.journal[0].fault == "cut"


@pytest.mark.parametrize("way", STREAMS)
def test_a_stream_that_is_not_longer_is_whole(way):
    """After its last event there is nothing to cut."""
    with recorded() as world:
        world.faults.add("cut", events=len(EVENTS))
        assert ask(way) == SHOWN


@doors
@json_ways
def test_a_json_answer_counts_as_one_event(door, way):
    """It is cut before its first byte, or not at all."""
    world = recorded()
    world.faults.add("cut", events=0, times=1)
    world.faults.add("cut", events=1)
    error, _ = failed(world, door, way, anthropic.APIConnectionError)
    assert isinstance(error.__cause__, http.RemoteProtocolError)
    assert "(received 0 bytes, expected " in str(error.__cause__)
    with through(door, world, way.startswith("async")) as options:
        assert ask(way, **options) == [SAID]


# -- stream_error ---------------------------------------------------------------------------------


@each_door(0, 1, 99)
@stream_ways
def test_a_stream_ends_with_an_error(door, way, events):
    """So many events arrive, then an error event, which the SDK raises; the status of the answer was fine."""
    world = recorded()
    world.faults.add("stream_error", events=events)
    error, got = failed(world, door, way, anthropic.APIStatusError)
    assert (error.status_code, error.body) == (200, OVERLOADED)
    assert got == shown(events)
    assert str(world.journal[0]).endswith("/v1/messages -> 200 (fault: stream_error)")


@doors
@json_ways
def test_an_answer_that_is_no_stream_is_that_error(door, way):
    """The same fault answers a request for JSON with the error and its status, and the API's headers."""
    world = recorded()
    world.faults.add("stream_error", message="Try later")
    error, _ = failed(world, door, way, anthropic.APIStatusError)
    assert error.status_code == 529
    assert error.body == {"type": "error", "error": {"type": "overloaded_error", "message": "Try later"}}
    assert error.response.headers["content-type"] == "application/json"
    assert error.response.headers["request-id"].startswith("req_")


@pytest.mark.parametrize("error_type", CLAUDE_ERRORS)
def test_every_type_of_error_has_its_status(error_type):
    """The error names its type in a stream, and has the status that the API gives it in JSON."""
    with recorded() as world:
        world.faults.add("stream_error", error_type=error_type)
        for way in ("create", "stream"):
            with pytest.raises(anthropic.APIStatusError) as raised:
                ask(way, max_retries=0)
            assert raised.value.status_code == (200 if way == "stream" else CLAUDE_ERRORS[error_type])
            assert raised.value.body["error"]["type"] == error_type


def test_what_is_no_success_stays():
    """An answer that is an error already is not another one: neither a recorded one, nor what is not recorded."""
    error = {"type": "error", "error": {"type": "not_found_error", "message": "model: none"}}
    with World(cassette=Cassette([interaction(request("hi"), error, status=404)])) as world:
        world.faults.add("stream_error")
        with pytest.raises(anthropic.NotFoundError):
            ask("create")
        with pytest.raises(anthropic.BadRequestError, match="no recorded answer"):
            ask("create", said="what?")
        with pytest.raises(UnexpectedTraffic, match=r"400 \(fault: stream_error\)"):
            world.journal.assert_clean()


def test_another_service_fails_in_its_own_words():
    """Of Memtrace, which has no streams, the fault makes an error as Memtrace writes them."""
    with World() as world:
        world.faults.add("stream_error", route="memtrace *", error_type="timeout_error")
        response = httpx.get(world.url + "/health")
        assert (response.status_code, response.json()) == (504, {"error": "Gateway Timeout"})


# -- malformed ------------------------------------------------------------------------------------


@doors
@json_ways
def test_json_stops_in_the_middle(door, way):
    """The answer is complete for the transport, and no JSON for the SDK, which lets json's own error through."""
    world = recorded("tea 🍵 " * 50)
    world.faults.add("malformed")
    failed(world, door, way, json.JSONDecodeError)
    response = world.journal[0].response
    assert (response.status, response.ending) == (200, "")
    whole = json.dumps(answer("tea 🍵 " * 50), ensure_ascii=False, separators=(",", ":"))
    assert whole.startswith(response.body.decode())
    assert len(whole.encode()) // 2 - len(response.body) in range(4)


@doors
def test_its_length_is_right(door):
    """The length in the headers is the length of what comes."""
    world = recorded()
    world.faults.add("malformed")
    with through(door, world) as options:
        base_url = options.get("base_url", "https://api.anthropic.com")
        carrier = {"transport": world.transport()} if door == "transport" else {}
        with httpx.Client(**carrier) as client:
            response = client.post(f"{base_url}/v1/messages", json=request("hi"), headers={"anthropic-version": "x"})
    assert response.headers["content-length"] == str(len(response.content))
    with pytest.raises(json.JSONDecodeError):
        response.json()


@each_door(0, 1, 2, 7)
@stream_ways
def test_an_event_is_no_json(door, way, events):
    """So many events are good, then one is cut off in the middle; a ping, which no client reads, is left out."""
    world = recorded()
    world.faults.add("malformed", events=events)
    _, got = failed(world, door, way, json.JSONDecodeError)
    assert EVENTS[2] == "ping"
    assert got == shown(3 if events == 2 else events)


def test_the_stream_goes_on_after_it():
    """Only that one event is broken: who survives it reads the rest."""
    with recorded() as world:
        world.faults.add("malformed", events=1)
        body = {**request("hi"), "stream": True}
        lines = httpx.post("https://api.anthropic.com/v1/messages", json=body).text.splitlines()
    assert [line.partition(": ")[2] for line in lines if line.startswith("event")] == EVENTS
    data = [line.partition(": ")[2] for line in lines if line.startswith("data")]
    assert [is_json(text) for text in data] == [number != 1 for number in range(len(EVENTS))]


def is_json(text):
    """Whether a text can be read."""
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return False
    return True


@pytest.mark.parametrize("way", STREAMS)
def test_a_short_stream_is_not_malformed(way):
    """Where there are no more events than are to be good, nothing is broken."""
    with recorded() as world:
        world.faults.add("malformed", events=len(EVENTS))
        assert ask(way) == SHOWN


def test_an_error_can_be_malformed_as_well():
    """Its status is what it was, so the SDK raises what it would, and shows the text."""
    with recorded() as world:
        world.faults.add("status", status=400)
        world.faults.add("malformed")
        with pytest.raises(anthropic.BadRequestError) as raised:
            ask("create")
        assert raised.value.body == raised.value.response.text == '{"type":"error","error":{"type":"invalid'
        assert world.journal[0].fault == "status, malformed"


def test_json_of_the_wrong_shape_is_another_thing():
    """A strict client refuses an answer that is JSON and no message: that is a `status` with a body."""
    with recorded() as world:
        world.faults.add("status", status=200, body={"id": 7})
        with pytest.raises(anthropic.APIResponseValidationError, match="Data returned by API invalid"):
            ask("create", _strict_response_validation=True)


# -- other faults ---------------------------------------------------------------------------------


# decision: there is no kind `overloaded`; this is all it would be
@doors
@pytest.mark.parametrize("way", WAYS)
def test_overloaded_is_a_status(door, way):
    """status=529 is the API's own answer when it has too much to do, in streams as well."""
    world = recorded()
    world.faults.add("status", route="claude *", status=529)
    error, got = failed(world, door, way, anthropic.APIStatusError)
    assert (error.status_code, error.body, got) == (529, OVERLOADED, [])


@pytest.mark.parametrize("way", WAYS)
def test_a_dropped_connection(way):
    """Without an answer the SDK tries again, and then raises its own error for a connection that failed."""
    with recorded() as world:
        world.faults.add("drop", route="claude *", handled=True)
        with pytest.raises(anthropic.APIConnectionError) as raised:
            ask(way)
        assert not isinstance(raised.value, anthropic.APITimeoutError)
        assert isinstance(raised.value.__cause__, http.RemoteProtocolError)
        assert [exchange.fault for exchange in world.journal] == ["drop"] * 3


def test_several_faults_strike_one_stream():
    """Each changes what the one before it left; what is not whole any more stays as it is."""
    with recorded() as world:
        world.faults.add("stream_error", events=4)
        world.faults.add("cut", events=2)
        world.faults.add("malformed", events=0)
        world.faults.add("delay", by="2s")
        got = []
        with pytest.raises(http.RemoteProtocolError):
            ask("stream", got)
        assert got == EVENTS[:2]
        assert world.journal[0].fault == "stream_error, cut, malformed, delay"
        assert world.clock.now().second == 2


# -- who asks again -------------------------------------------------------------------------------

SPOILT = [
    {"kind": "cut", "bytes": 10},
    {"kind": "cut", "events": 0},
    {"kind": "stream_error"},
    {"kind": "malformed"},
    {"kind": "drop", "handled": True},
    {"kind": "delay", "by": "1h"},
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fault", SPOILT, ids=lambda fault: " ".join(map(str, fault.values())))
def test_who_asks_again_gets_the_answer(way, fault):
    """A recorded answer that did not arrive as it is can be asked for again, though it is recorded once."""
    with recorded("A", "B") as world:
        world.faults.add(**fault, route="claude *", times=1)
        assert [insisting(way)[-1], ask(way)[-1]] == (["A", "B"] if way in JSON else ["message_stop"] * 2)
        assert [call.interaction for call in world.claude.calls] == [1, 1, 2]
        world.journal.assert_clean()
        with pytest.raises(anthropic.BadRequestError, match="sent more often than it is recorded"):
            ask(way)


def insisting(way):
    """An agent that tries once more, if the SDK has not done so itself."""
    try:
        return ask(way)
    except ERRORS:
        return ask(way)


def test_the_answer_outlasts_the_fault():
    """Who asks again after the faults were taken away gets it as well."""
    with recorded() as world:
        world.faults.add("malformed")
        with pytest.raises(json.JSONDecodeError):
            ask("create")
        world.faults.clear()
        assert ask("create") == [SAID]
        world.journal.assert_clean()


def test_who_gives_up_has_no_open_ends():
    """The answer was asked for, so nobody complains that it was not."""
    with recorded() as world:
        world.faults.add("cut", events=3)
        with pytest.raises(http.RemoteProtocolError):
            ask("stream")
        world.journal.assert_clean()
        assert world.claude.played() == [1]


def test_another_question_gets_its_own_answer():
    """What did not arrive is for whoever asks the same, however much later."""
    cassette = Cassette([interaction(request(said), said.upper()) for said in "abc"])
    with World(cassette=cassette) as world:
        world.faults.add("malformed", times=1)
        with pytest.raises(json.JSONDecodeError):
            ask("create", said="a")
        assert [ask("create", said=said) for said in "bc"] == [["B"], ["C"]]
        # Who gives up here has left nothing over.
        world.journal.assert_clean()
        assert ask("create", said="a") == ["A"]
        world.journal.assert_clean()


def test_an_answer_that_arrives_is_not_given_twice():
    """A delay that is waited for, and a cut behind the end, take nothing away."""
    with recorded() as world:
        world.faults.add("delay", by="1s")
        world.faults.add("cut", bytes=100_000)
        assert ask("create") == [SAID]
        with pytest.raises(anthropic.BadRequestError, match="sent more often than it is recorded"):
            ask("create")


def test_a_world_that_is_put_back_owes_nothing():
    """What a snapshot says was played was played, whatever did not arrive before it was restored."""
    with recorded() as world:
        assert ask("create") == [SAID]
        snapshot = world.snapshot()
        world.reset()
        world.faults.add("malformed")
        with pytest.raises(json.JSONDecodeError):
            ask("create")
        world.restore(snapshot)
        with pytest.raises(anthropic.BadRequestError, match="sent more often than it is recorded"):
            ask("create")


def test_an_author_tells_it_again():
    """The turn that did not arrive is told to who asks again, and then the next one."""
    with World(cassette=Author([Turn([text("A")], 0), Turn([text("B")], 0)], "2026-02-07")) as world:
        world.faults.add("cut", bytes=0, times=1)
        assert [ask("create"), ask("create")] == [["A"], ["B"]]
        world.journal.assert_clean()


# -- how they are set -----------------------------------------------------------------------------

OPTIONS = [
    {"kind": "cut", "events": 2},
    {"kind": "stream_error", "events": 2, "error_type": "api_error", "message": "oh"},
    {"kind": "malformed", "events": 2},
]


@pytest.mark.parametrize("fault", OPTIONS, ids=lambda fault: fault["kind"])
def test_they_can_be_set_from_any_language(fault):
    """The control surface of a server takes them, tells them, and gives them on in a snapshot."""
    world = recorded(SAID, SAID)
    with world.serve(control=True) as url, httpx.Client(base_url=f"{url}/_fakememtrace", trust_env=False) as control:
        told = control.post("/faults", json={**fault, "times": 1, "after": 1}).json()
        assert fault.items() <= told.items()
        options = {"base_url": url, "api_key": "any", "max_retries": 0}
        assert ask("stream", **options) == SHOWN
        snapshot = control.get("/snapshot").json()
        got = []
        with pytest.raises(ERRORS):
            ask("stream", got, **options)
        assert got == EVENTS[:2]
        assert control.get("/journal").json()["exchanges"][1]["fault"] == fault["kind"]
        assert [one["struck"] for one in control.get("/faults").json()["faults"]] == [1]
        assert control.put("/snapshot", json=snapshot).status_code == 200
        with pytest.raises(ERRORS):
            ask("stream", **options)


def test_they_strike_the_same_way_every_time():
    """Two worlds with the same faults that are asked the same answer the same."""

    def history():
        with recorded(*"ABCDE") as world:
            for number, fault in enumerate(SPOILT):
                world.faults.add(**fault, after=2 * number, times=1)
            for way in ("create", "stream") * 4:
                with contextlib.suppress(*ERRORS):
                    ask(way)
            return [(str(exchange), exchange.response) for exchange in world.journal]

    assert history() == history()


# -- good answers ---------------------------------------------------------------------------------


@doors
def test_raw_responses(door):
    """with_raw_response shows status and headers, and parses to the message or to the stream."""
    world = recorded(SAID, SAID)
    with through(door, world) as options, anthropic.Anthropic(**options) as claude:
        raw = claude.messages.with_raw_response.create(**request("hi"))
        assert raw.http_response.status_code == 200
        assert raw.headers["content-type"] == "application/json"
        assert raw.headers["request-id"].startswith("req_")
        assert raw.parse().content[0].text == SAID
        streamed = claude.messages.with_raw_response.create(**request("hi"), stream=True)
        assert streamed.headers["content-type"].startswith("text/event-stream")
        assert [event.type for event in streamed.parse()] == SHOWN


@doors
def test_streaming_responses(door):
    """with_streaming_response reads a body in lines or in bytes, or parses it."""
    world = recorded(SAID, SAID, SAID, SAID)
    with through(door, world) as options, anthropic.Anthropic(**options) as claude:
        open_response = claude.messages.with_streaming_response.create
        with open_response(**request("hi")) as response:
            assert response.headers["request-id"].startswith("req_")
            assert json.loads("".join(response.iter_lines()))["content"][0]["text"] == SAID
        with open_response(**request("hi")) as response:
            assert response.parse().content[0].text == SAID
        with open_response(**request("hi"), stream=True) as response:
            lines = [line for line in response.iter_lines() if line.startswith("event: ")]
            assert lines == [f"event: {event}" for event in EVENTS]
        with open_response(**request("hi"), stream=True) as response:
            assert [event.type for event in response.parse()] == SHOWN


@doors
def test_raw_and_streaming_responses_of_the_async_client(door):
    """AsyncAnthropic shows the same."""

    async def talk(options):
        async with anthropic.AsyncAnthropic(**options) as claude:
            raw = await claude.messages.with_raw_response.create(**request("hi"))
            message = raw.parse()
            if asyncio.iscoroutine(message):
                message = await message
            headers = raw.headers["content-type"]
            open_response = claude.messages.with_streaming_response.create
            async with open_response(**request("hi"), stream=True) as response:
                lines = [line async for line in response.iter_lines() if line.startswith("event: ")]
            async with open_response(**request("hi"), stream=True) as response:
                kinds = [event.type async for event in await response.parse()]
            async with open_response(**request("hi")) as response:
                body = json.loads(b"".join([piece async for piece in response.iter_bytes()]))
        return headers, message.content[0].text, lines, kinds, body["content"][0]["text"]

    world = recorded(*[SAID] * 4)
    with through(door, world, is_async=True) as options:
        told = asyncio.run(talk(options))
    assert told == ("application/json", SAID, [f"event: {event}" for event in EVENTS], SHOWN, SAID)
    world.journal.assert_clean()
