"""When the real API gives no answer, or none that can be kept: the program gets it as ever, and nothing is kept."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys

import anthropic
import httpx
import pytest
import respx

from fakememtrace.claude.cassette import Cassette
from fakememtrace.doors.asgi import App
from fakememtrace.errors import NetworkRefused, UnexpectedTraffic
from fakememtrace.world import World

from ..claude.helpers import request
from ..claude.ways import DOORS, http, through
from . import api as replies
from .programs import PROGRAMS, ask

HI = 'claude-x, 1 message, the last from user: "hi"'


def notes(world):
    """What the recorder says was not recorded."""
    return world.claude.answers.notes


def lacking(count, *reasons):
    """What is said where answers could not be kept, of a file that is added to."""
    listed = "".join(f"  {reason}\n" for reason in reasons)
    return (
        f"tape.json lacks {count} of what the real Claude was asked:\n{listed}"
        'What to do: record again in the mode "new", which asks for what is not in the file: record="new", '
        "--claude-record=new or --mode new."
    )


def not_clean(world):
    """That the journal is not clean, since an answer is missing in the file, as the recorder says it."""
    with pytest.raises(UnexpectedTraffic) as caught:
        world.journal.assert_clean()
    assert str(caught.value) == "1 problem in this world's traffic:\n\n" + lacking("1 answer", *notes(world))


def asked(program, **options):
    """The exception that the SDK raises, without trying again."""
    if program == "async":

        async def run():
            async with anthropic.AsyncAnthropic(max_retries=0, **options) as claude:
                await claude.messages.create(**request("hi"))

        asyncio.run(run())
    else:
        with anthropic.Anthropic(max_retries=0, **options) as claude:
            claude.messages.create(**request("hi"))


@pytest.mark.parametrize("program", ["sync", "async"])
def test_a_broken_connection_is_the_sdks_own_error(api, tape, program):
    """A connection that breaks is an APIConnectionError as ever; it is in the journal, which is not clean then."""
    api.will(replies.broken())
    with World(cassette=tape, record="once") as world:
        with pytest.raises(anthropic.APIConnectionError) as caught:
            asked(program)
        assert type(caught.value.__cause__).__name__ == "RemoteProtocolError"
        problem = "RemoteProtocolError: Server disconnected without sending a response."
        assert notes(world) == [f"not recorded, since the call failed ({problem}): {HI}"]
        assert str(world.journal[0]).endswith("/v1/messages -> dropped")
        assert world.journal[0].response.note == f"not recorded: {problem}"
        not_clean(world)
    assert not tape.exists()


@pytest.mark.parametrize("program", ["sync", "async"])
def test_a_timeout_is_the_sdks_own_error(api, tape, program):
    """Who waits no longer gets an APITimeoutError as ever: the program's own patience counts."""
    api.gate.clear()
    with World(cassette=tape, record="once") as world:
        with pytest.raises(anthropic.APITimeoutError):
            asked(program, timeout=0.02)
        assert notes(world) == [f"not recorded, since the call failed (ReadTimeout: timed out): {HI}"]
    assert not tape.exists()


def test_nobody_there_is_the_sdks_own_error(api, tape, monkeypatch):
    """Where nobody listens, that is a connection error as ever."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://127.0.0.1:{taken.getsockname()[1]}")
        with World(cassette=tape, record="once") as world:
            with pytest.raises(anthropic.APIConnectionError) as caught:
                asked("sync")
            assert type(caught.value.__cause__).__name__ == "ConnectError"
            assert notes(world)[0].startswith("not recorded, since the call failed (ConnectError: ")


def test_the_next_try_is_recorded(api, tape, monkeypatch):
    """The SDK tries again as ever, and the answer to that is what a replay has."""
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    api.will(replies.broken(), replies.message("Hello!"))
    with World(cassette=tape, record="once") as world:
        assert ask("hi") == "Hello!"
        world.journal.assert_clean()
    assert len(pauses) == 1
    with World(cassette=tape):
        assert ask("hi") == "Hello!"
    assert len(Cassette.load(tape)) == 1


@pytest.mark.parametrize("name", ["create with stream", "async create with stream"])
def test_a_stream_that_breaks_off_is_not_recorded(api, tape, name):
    """The program gets the error as ever; the cassette has nothing of it, and that is said."""
    api.will(replies.stream("You like tea.", cut_after=3))
    with World(cassette=tape, record="once") as world:
        with pytest.raises(Exception, match="peer closed connection"):
            PROGRAMS[name]()
        assert notes(world)[0].startswith(
            "not recorded, since the connection broke in the middle of the stream (Remote"
        )
        not_clean(world)
    assert not tape.exists()


def test_what_could_not_be_kept_is_said_though_it_is_swallowed(api, tape, capsys):
    """Of two answers one is kept: the end of the block and the journal say what is missing, until it is recorded."""
    api.will(replies.message("one"), replies.stream("You like tea.", cut_after=4))
    world = World(cassette=tape, record="once")
    with world, anthropic.Anthropic(max_retries=0) as claude:
        claude.messages.create(**request("hi"))
        with contextlib.suppress(Exception):
            list(claude.messages.create(**request("bye"), stream=True))
        not_clean(world)
    said = lacking(
        "1 answer",
        "not recorded, since the connection broke in the middle of the stream (RemoteProtocolError: peer closed "
        "connection without sending complete message body (incomplete chunked read)): "
        'claude-x, 1 message, the last from user: "bye"',
    )
    assert capsys.readouterr().err == f"fakememtrace: {said}\n"
    assert len(Cassette.load(tape)) == 1
    # What it says to do is what helps.
    api.will(replies.message("two"))
    with World(cassette=tape, record="new") as world:
        assert [ask("hi"), ask("bye")] == ["one", "two"]
        world.journal.assert_clean()
    assert capsys.readouterr().err == ""
    assert len(Cassette.load(tape)) == 2


def test_the_events_before_a_break_come_through(api, tape):
    """What had come before the stream broke off is what the program gets."""
    api.will(replies.stream("You like tea.", cut_after=3))
    types = []
    with World(cassette=tape, record="once"), anthropic.Anthropic() as claude:
        with pytest.raises(Exception, match="peer closed connection"):
            types.extend(event.type for event in claude.messages.create(**request("hi"), stream=True))
        stream = claude.messages.create(**request("hi"), stream=True)
        assert next(iter(stream)).type == "message_start"
        stream.close()


def test_a_stream_that_ends_too_early_is_not_recorded(api, tape):
    """A stream without its last event is no recording, though the connection was closed in order."""
    api.will(replies.stream("You like tea.", ends_after=4))
    with World(cassette=tape, record="once") as world:
        got = PROGRAMS["create with stream"]()
        assert [event["type"] for event in got][-1] == "content_block_delta"
        assert notes(world) == [
            "not recorded, since the stream ended after content_block_delta, and not with message_stop: " + HI
        ]
    assert not tape.exists()


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (
            replies.Reply(200, {"content-type": "text/html"}, (b"<html>",)),
            'interaction 1, "response": expected an object; only an error can be a text.',
        ),
        (
            replies.json_reply(200, {"answer": 42}),
            'interaction 1, "response", "content": expected a list of content blocks, each with a type.',
        ),
        (
            replies.Reply(200, {"content-type": "text/event-stream"}, (b"data: [DONE]\n\n",)),
            "the stream has an event that is no object with a type: '[DONE]'",
        ),
        (
            replies.Reply(200, {"content-type": "text/event-stream"}),
            "the stream ended before its first event, and not with message_stop",
        ),
    ],
    ids=["html", "other json", "other events", "no events"],
)
def test_what_is_no_answer_of_the_api_is_passed_on(api, tape, reply, problem):
    """What no cassette could hold reaches the program as it came, and is not recorded."""
    api.will(reply)
    with World(cassette=tape, record="once") as world:
        http = anthropic.DefaultHttpxClient()
        with http, anthropic.Anthropic(http_client=http) as claude:
            raw = claude.messages.with_raw_response.create(**request("hi"))
        assert raw.http_response.content == b"".join(reply.chunks)
        assert raw.headers["content-type"] == reply.headers["content-type"]
        (note,) = notes(world)
        assert note == f"not recorded, since {problem}: {HI}"
        not_clean(world)
    assert not tape.exists()


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
def test_every_door_records(api, tape, monkeypatch, door, is_async):
    """Through every door to a world the real API is asked, and asked once."""
    world = World(cassette=tape, record="once")
    # Behind a server nobody knows what the program was pointed to: it is the API's own address.
    monkeypatch.setattr("fakememtrace.doors.asgi.App.__init__", _home(api.url))
    with through(door, world, is_async) as options:
        assert _text(is_async, options) == "Hello!"
    assert api.calls == 1
    assert len(Cassette.load(tape)) == 1
    with through(door, World(cassette=tape), is_async) as options:
        assert _text(is_async, options) == "Hello!"
    assert api.calls == 1


def _home(url):
    make = App.__init__

    def __init__(self, *args, **options):  # noqa: N807
        make(self, *args, **options)
        self._claude = url

    return __init__


def _text(is_async, options):
    if is_async:

        async def run():
            async with anthropic.AsyncAnthropic(**options) as claude:
                return (await claude.messages.create(**request("hi"))).content[0].text

        return asyncio.run(run())
    with anthropic.Anthropic(**options) as claude:
        return claude.messages.create(**request("hi")).content[0].text


def test_others_go_on_meanwhile(api, tape):
    """While somebody waits for the API, the event loop and the rest of the world go on."""
    api.gate.clear()

    async def run(world):
        async with anthropic.AsyncAnthropic() as claude:
            asking = asyncio.ensure_future(claude.messages.create(**request("hi")))
            await asyncio.to_thread(api.reached.wait, 10)
            assert not asking.done()
            # Memtrace is asked in the same world, which nobody holds up.
            async with httpx.AsyncClient() as client:
                assert (await client.get(world.url + "/health")).status_code == 200
            api.gate.set()
            return (await asking).content[0].text

    with World(cassette=tape, record="once") as world:
        assert asyncio.run(run(world)) == "Hello!"
        assert [exchange.service for exchange in world.journal] == ["memtrace", "claude"]


def test_a_mock_is_not_called_recorded(api, tape, monkeypatch):
    """An answer that came from a mock of the HTTP library is not kept: recorded says that the API was asked."""

    def handle_request(self, sent):
        return http.Response(200, json={})

    monkeypatch.setattr(http.HTTPTransport, "handle_request", handle_request)
    with World(cassette=tape, record="once") as world:
        with pytest.raises(anthropic.BadRequestError):
            ask("hi")
        (exchange,) = world.journal.unexpected()
    assert exchange.unexpected == (
        f"POST {api.url}/v1/messages was answered by a mock, not by the real API, so it is not recorded.\n"
        "Expected the network.\n"
        "What to do: record without the mock (pytest_httpx, respx), or let it pass requests to that host on."
    )
    assert not tape.exists()


def test_a_router_that_is_no_door_is_in_the_way(api, tape, monkeypatch):
    """Where respx mocks the network and the world is not mounted into it, that is said."""
    # respx does not see httpx2, so that would get through.
    monkeypatch.setattr("fakememtrace.doors.outward._library", lambda: httpx)
    with World(cassette=tape, record="once") as world, respx.mock:
        answer = httpx.post(f"{api.url}/v1/messages", json=request("hi"), headers={"x-api-key": "a key"})
        assert answer.status_code == 400
        (exchange,) = world.journal.unexpected()
    assert exchange.unexpected.startswith(f"POST {api.url}/v1/messages was answered by a mock, not by the real API")
    assert not tape.exists()


def test_a_fault_is_not_recorded(api, tape):
    """An answer that a fault makes is the world's own: the API is not asked for it, and it is not in the cassette."""
    with World(cassette=tape, record="once") as world:
        world.faults.add("status", status=500, headers={"retry-after-ms": "1"}, route="claude *", times=1)
        world.faults.add("drop", handled=True, route="claude *", after=1, times=1)
        assert ask("hi") == "Hello!"
        world.journal.assert_clean()
    assert api.calls == 1
    assert [one.status for one in Cassette.load(tape).interactions] == [200]


def test_after_a_reset_what_was_recorded_is_replayed(api, tape):
    """A program that is run again in a world that was reset asks nobody: its answers are there by now."""
    with World(cassette=tape, record="once") as world:
        assert ask("hi") == "Hello!"
        world.reset()
        assert ask("hi") == "Hello!"
        world.journal.assert_clean()
    assert api.calls == len(Cassette.load(tape)) == 1


def test_only_the_recorder_gets_through_the_guard(api, tape, monkeypatch):
    """The recorder may look up and reach the host of the API; the program itself still may not."""
    host, port = "claude.example", int(api.url.rpartition(":")[2])
    looked_up = []

    def getaddrinfo(name, *arguments, **options):
        # What the real one does first, by which the guard hears of it.
        sys.audit("socket.getaddrinfo", name, *arguments)
        looked_up.append(name)
        return resolve("127.0.0.1" if name == host else name, *arguments, **options)

    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setenv("ANTHROPIC_BASE_URL", f"http://{host}:{port}")
    with World(cassette=tape, record="once") as world:
        assert ask("hi") == "Hello!"
        assert looked_up == [host]
        world.journal.assert_clean()
        with pytest.raises(NetworkRefused):
            socket.getaddrinfo(host, port)
        with pytest.raises(NetworkRefused):
            socket.create_connection((host, port))
    assert looked_up == [host]
