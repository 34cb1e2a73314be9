"""The times of a recorded stream: the clock of the world moves from event to event, as the program reads them."""

from __future__ import annotations

import asyncio
import json

import anthropic
import pytest

from fakememtrace.claude.author import Author, Turn
from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.fake import FakeClaude
from fakememtrace.claude.interaction import Event
from fakememtrace.claude.sse import accumulated, events
from fakememtrace.clock import Ids, RealClock
from fakememtrace.wire import Request
from fakememtrace.world import World

from .helpers import answer, interaction, request
from .ways import http, through

SAID = "one two three four five six seven"
TOLD = list(events(answer(SAID)))
# The first event comes late, and nothing is even.
TIMES = [700, 701, 701, 950, 1200, 1300, 2000, 2010]
WHOLE = 2015
# The SDK keeps pings to itself.
SHOWN = [(event["type"], at) for event, at in zip(TOLD, TIMES, strict=True) if event["type"] != "ping"]


def recorded(times=TIMES, duration_ms=WHOLE):
    """A cassette with one stream, whose events came at those milliseconds."""
    told = tuple(Event(at, data) for at, data in zip(times, TOLD, strict=True))
    response = accumulated(TOLD)
    return Cassette([interaction(request("hi"), response, stream=True, events=told, duration_ms=duration_ms)])


def watch_of(world):
    """Tells how many milliseconds have gone by in the world since this was called."""
    start = world.clock.micros()
    return lambda: (world.clock.micros() - start) // 1000


def read(world, client):
    """The types of the events that the SDK gives, each with the time at which a program has it; and the end."""
    watch, got = watch_of(world), []
    with anthropic.Anthropic(**client) as claude:
        got.extend((event.type, watch()) for event in claude.messages.create(**request("hi"), stream=True))
    return got, watch()


def read_async(world, client):
    """The same for a program that waits for each event."""
    watch, got = watch_of(world), []

    async def program():
        async with anthropic.AsyncAnthropic(**client) as claude:
            async for event in await claude.messages.create(**request("hi"), stream=True):
                got.append((event.type, watch()))  # noqa: PERF401 (each has its own time)

    asyncio.run(program())
    return got, watch()


@pytest.mark.parametrize("door", ["patched", "transport", "respx"])
@pytest.mark.parametrize("reading", [read, read_async])
def test_the_clock_moves_from_event_to_event(door, reading):
    """Between two events the clock stands where the first of them came, and in the end at the whole duration."""
    world = World(cassette=recorded())
    with through(door, world, reading is read_async) as client:
        assert reading(world, client) == (SHOWN, WHOLE)


def test_the_stream_helper_shows_the_same_times():
    """The pieces of a text come at their times, and the final message at the end."""
    with World(cassette=recorded()) as world, anthropic.Anthropic() as claude:
        watch = watch_of(world)
        with claude.messages.stream(**request("hi")) as stream:
            assert [(piece, watch()) for piece in stream.text_stream] == [
                ("one two three four five ", 950),
                ("six seven", 1200),
            ]
            assert stream.get_final_message().content[0].text == SAID
        assert watch() == WHOLE


def test_an_answer_begins_with_its_first_event():
    """Who has the beginning of an answer has waited for the first event; who reads no further, for no other."""
    with World(cassette=recorded()) as world, anthropic.Anthropic() as claude:
        watch = watch_of(world)
        with claude.messages.create(**request("hi"), stream=True) as stream:
            assert watch() == 700
            assert next(stream).type == "message_start"
            assert watch() == 700
        assert watch() == 700
        world.journal.assert_clean()


def test_who_does_not_stream_waits_for_the_whole_answer():
    """A plain request has the message after the whole duration."""
    with World(cassette=recorded()) as world, anthropic.Anthropic() as claude:
        watch = watch_of(world)
        assert claude.messages.create(**request("hi")).content[0].text == SAID
        assert watch() == WHOLE


def test_behind_a_server_the_whole_time_goes_by_at_once():
    """What another process has read is not known here, so the time does not depend on that."""
    world = World(cassette=recorded())
    with through("server", world) as client:
        got, end = read(world, client)
        assert (got, end) == ([(kind, WHOLE) for kind, _ in SHOWN], WHOLE)


@pytest.mark.parametrize(
    ("fault", "times", "end"),
    [
        ({"kind": "cut", "events": 4}, SHOWN[:3], 1200),
        ({"kind": "cut", "events": 0}, [], 700),
        ({"kind": "stream_error", "events": 4}, SHOWN[:3], 1200),
        ({"kind": "delay", "by": "5s"}, [(kind, at + 5000) for kind, at in SHOWN], WHOLE + 5000),
    ],
)
def test_faults_strike_at_their_time(fault, times, end):
    """A stream breaks off when the next event would have come; a slow first byte makes all that follows late."""
    with World(cassette=recorded()) as world, anthropic.Anthropic(max_retries=0) as claude:
        world.faults.add(**fault)
        watch, got = watch_of(world), []
        try:
            for event in claude.messages.create(**request("hi"), stream=True):
                got.append((event.type, watch()))  # noqa: PERF401 (what came before an error is wanted)
        except (anthropic.APIStatusError, http.RemoteProtocolError):
            assert fault["kind"] != "delay"
        assert (got, watch()) == (times, end)


@pytest.mark.parametrize("times", [[0] * 8, None])
def test_where_no_times_are_known_the_answer_begins_when_it_is_whole(times):
    """Streams that were imported, and those made of a message, have a duration only: it goes by before the first."""
    tape = recorded(times) if times else Author([Turn(SAID, WHOLE)], "2026-02-07")
    with World(cassette=tape) as world:
        assert read(world, {}) == ([(kind, WHOLE) for kind, _ in SHOWN], WHOLE)


def test_no_time_goes_back():
    """Where times in a file are out of order, an event is not earlier than the one before it."""
    with World(cassette=recorded([700, 5, 0, 950, 0, 0, 2000, 10], 3)) as world:
        got, end = read(world, {})
    assert [at for _, at in got] == [700, 700, 950, 950, 950, 2000, 2000]
    assert end == 2000


def test_what_is_read_again_takes_no_time_again():
    """A body whose pieces are gone through twice has moved the clock once."""
    with World(cassette=recorded()) as world:
        body = {**request("hi"), "stream": True}
        watch = watch_of(world)
        with http.Client() as client:
            response = client.post(
                "https://api.anthropic.com/v1/messages", json=body, headers={"anthropic-version": "2023-06-01"}
            )
        assert watch() == WHOLE
        assert len(list(response.stream)) == len(TOLD)
        assert watch() == WHOLE


def test_a_real_clock_is_left_alone():
    """Time goes by of itself there, so that a stream comes at once."""
    clock = RealClock()
    body = json.dumps({**request("hi"), "stream": True}).encode()
    before = clock.micros()
    response = FakeClaude(clock, Ids(), recorded()).handle(
        Request("POST", "https://api.anthropic.com", "/v1/messages", body=body)
    )
    assert sum(response.gaps) == 1000 * (WHOLE - TIMES[0])
    assert clock.micros() - before < 700_000
