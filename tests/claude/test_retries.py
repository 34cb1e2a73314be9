"""The SDK's pauses between its tries, and its timeouts: on the world's clock, where that is virtual."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import anthropic
import anyio
import pytest
from anthropic import _base_client as sdk
from memtrace import Memtrace, MemtraceError

from fakememtrace.claude.cassette import Cassette
from fakememtrace.clock import RealClock, rfc3339
from fakememtrace.world import World

from .helpers import conversation, interaction, request
from .ways import JSON, WAYS, ask, http, through

NAMES = {name: vars(sdk)[name] for name in ("time", "anyio", "random")}


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    """The seconds that anybody really slept in this test; none passes."""
    seconds = []

    async def sleep(given):
        if given:
            seconds.append(given)
        await checkpoint(0)

    checkpoint = anyio.sleep
    monkeypatch.setattr(time, "sleep", seconds.append)
    monkeypatch.setattr(anyio, "sleep", sleep)
    yield seconds
    assert {name: vars(sdk)[name] for name in NAMES} == NAMES


def one_answer(**options):
    """A world with one answer to "hi"."""
    return World(cassette=Cassette([interaction(request("hi"), "A")]), **options)


def now(world):
    """The time of day in the world, without the day."""
    return rfc3339(world.clock.micros()).partition("T")[2]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"retry-after": "7"}, "12:00:07Z"),
        ({"retry-after": "0.25"}, "12:00:00.25Z"),
        ({"retry-after-ms": "1500", "retry-after": "7"}, "12:00:01.5Z"),
        ({"retry-after": "Sat, 07 Feb 2026 12:00:30 GMT"}, "12:00:30Z"),
        ({"retry-after": "Sat, 07 Feb 2026 11:59:59 GMT"}, "12:00:00.5Z"),
        ({"retry-after": "soon"}, "12:00:00.5Z"),
        ({}, "12:00:00.5Z"),
    ],
)
def test_the_clock_moves_by_what_the_answer_says(slept, way, headers, after):
    """Seconds, milliseconds or a date move the clock by exactly that; else it is the SDK's first pause."""
    with one_answer() as world:
        world.faults.add("status", status=529, route="claude *", headers=headers, times=1)
        assert ask(way)
        assert (now(world), slept) == (after, [])
        world.journal.assert_clean()


@pytest.mark.parametrize("way", JSON)
@pytest.mark.parametrize(("retries", "after"), [(0, "12:00:00Z"), (1, "12:00:00.5Z"), (5, "12:00:15.5Z")])
def test_pauses_grow_without_a_random_part(slept, way, retries, after):
    """Half a second, twice that, and so on, the same in every run."""
    with one_answer() as world:
        world.faults.add("status", status=529, route="claude *")
        with pytest.raises(anthropic.APIStatusError):
            ask(way, max_retries=retries)
        assert (now(world), slept) == (after, [])
        assert len(world.journal) == retries + 1


@pytest.mark.parametrize("way", JSON)
@pytest.mark.parametrize("door", ["patched", "transport", "respx"])
def test_it_is_so_behind_every_door_of_this_process(slept, door, way):
    """The pause belongs to the world that answered, however the request came to it."""
    world = one_answer()
    with through(door, world, way.startswith("async")) as options:
        world.faults.add("drop", route="claude *", times=1)
        assert ask(way, **options) == ["A"]
        assert (now(world), slept) == ("12:00:00.5Z", [])


@pytest.mark.parametrize("way", JSON)
def test_a_transport_without_a_block_waits(slept, way):
    """No world is open, so nobody would put the SDK back: the pause is real."""
    world = one_answer()
    world.faults.add("status", status=529, route="claude *", headers={"retry-after": "7"}, times=1)
    with through("transport", World(), way.startswith("async")):
        pass
    make = anthropic.DefaultAsyncHttpxClient if way.startswith("async") else anthropic.DefaultHttpxClient
    carrier = (world.async_transport if way.startswith("async") else world.transport)(http.__name__)
    assert ask(way, api_key="any", http_client=make(transport=carrier)) == ["A"]
    assert (now(world), slept) == ("12:00:00Z", [7.0])


@pytest.mark.parametrize("way", JSON)
def test_an_answer_that_takes_longer_than_the_client_waits_arrives(slept, way):
    """A recorded duration moves the clock and ends no patience: whoever was recorded has waited for it."""
    with World(cassette=Cassette([interaction(request("hi"), "A", duration_ms=60_000)])) as world:
        assert ask(way, timeout=30, max_retries=0) == ["A"]
        assert (now(world), slept) == ("12:01:00Z", [])
        world.journal.assert_clean()


@pytest.mark.parametrize("way", JSON)
def test_a_real_clock_waits(slept, way):
    """Where the clock goes by itself, the SDK sleeps as ever, its random part included."""
    random.seed(7)
    with one_answer(clock=RealClock()) as world:
        world.faults.add("status", status=529, route="claude *", headers={"retry-after": "7"}, times=1)
        world.faults.add("status", status=529, route="claude *", after=1, times=1)
        assert world.waits
        assert ask(way) == ["A"]
    assert slept[0] == 7.0
    assert 0.75 <= slept[1] < 1.0
    assert len(slept) == 2


@pytest.mark.parametrize("way", JSON)
def test_a_recording_world_waits(slept, monkeypatch, way):
    """While answers are recorded the API is not hammered; the virtual clock moves as it will when they are replayed."""
    with one_answer() as world:
        assert not world.waits
        monkeypatch.setattr(world.claude, "recording", True, raising=False)
        assert world.waits
        world.faults.add("status", status=529, route="claude *", headers={"retry-after": "7"}, times=1)
        assert ask(way) == ["A"]
    assert (now(world), slept) == ("12:00:07Z", [7.0])


class _Overloaded(BaseHTTPRequestHandler):
    """Answers every request with a 529."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(529)
        self.send_header("retry-after", "3")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def elsewhere():
    """The URL of a server on this machine that no world serves."""
    with HTTPServer(("127.0.0.1", 0), _Overloaded) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("way", JSON)
def test_who_is_served_elsewhere_waits(slept, elsewhere, way):
    """A client of another server on this machine sleeps as ever, right after one that the world served."""
    with one_answer() as world:
        world.faults.add("drop", route="claude *", times=1)
        assert ask(way) == ["A"]
        with pytest.raises(anthropic.APIStatusError):
            ask(way, base_url=elsewhere)
    assert (now(world), slept) == ("12:00:00.5Z", [3.0, 3.0])


def test_a_server_for_other_programs_waits(slept):
    """A client of world.serve() may be in another process, where no world knows of its pauses; so all of them wait."""
    with one_answer() as world, world.serve() as url:
        world.faults.add("status", status=529, headers={"retry-after": "7"}, times=1)
        assert ask("create", base_url=url) == ["A"]
    assert (now(world), slept) == ("12:00:00Z", [7.0])


def overloaded():
    """A client of a transport that no door knows, and that answers with a 529."""
    transport = http.MockTransport(lambda _: http.Response(529, headers={"retry-after": "3"}))
    return anthropic.Anthropic(api_key="any", http_client=http.Client(transport=transport), max_retries=1)


def test_without_a_world_it_waits(slept):
    """After the last world is left everything is as it was, for clients that a world has served, too."""
    with one_answer(), anthropic.Anthropic() as claude:
        claude.messages.create(**request("hi"))
        assert vars(sdk)["time"] is not time
    assert vars(sdk)["time"] is time
    with pytest.raises(anthropic.APIStatusError):
        overloaded().messages.create(**request("hi"))
    assert slept == [3.0]


def test_the_innermost_world_moves(slept):
    """Of nested worlds the one that answers moves, and the SDK is put back after the last one only."""
    with one_answer() as outer:
        with one_answer() as inner:
            inner.faults.add("drop", times=1)
            ask("create")
        assert (now(outer), now(inner)) == ("12:00:00Z", "12:00:00.5Z")
        outer.faults.add("drop", times=1)
        ask("create")
        assert (now(outer), now(inner), slept) == ("12:00:00.5Z", "12:00:00.5Z", [])


def test_a_world_that_was_left_does_not_move(slept):
    """Another world is open still, but it is not the one that answered."""
    with one_answer() as outer:
        with one_answer() as inner:
            ask("create")
        with pytest.raises(anthropic.APIStatusError):
            overloaded().messages.create(**request("hi"))
    assert (now(outer), now(inner), slept) == ("12:00:00Z", "12:00:00Z", [3.0])


def test_tasks_and_threads_each_move_the_clock(slept):
    """Who waits at the same time moves the clock one after the other."""

    async def talk():
        async with anthropic.AsyncAnthropic(max_retries=3) as claude:
            await asyncio.gather(*(claude.messages.create(**request("hi")) for _ in range(3)))

    def talk_in_threads():
        threads = [threading.Thread(target=ask, args=("create",), kwargs={"max_retries": 3}) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    for talks in (lambda: asyncio.run(talk()), talk_in_threads):
        with World(cassette=Cassette([interaction(request("hi"), "A")] * 3)) as world:
            world.faults.add("status", status=529, headers={"retry-after": "7"}, times=3)
            talks()
            assert (now(world), slept) == ("12:00:21Z", [])
            world.journal.assert_clean()


def test_what_a_test_has_put_in_its_place_stays(slept, monkeypatch):
    """A test that exchanged the SDK's time itself meant it."""
    own = SimpleNamespace(**{**vars(time), "sleep": lambda seconds: slept.append(f"for {seconds}")})
    with monkeypatch.context() as patch, one_answer() as world:
        patch.setattr(sdk, "time", own)
        world.faults.add("status", status=529, headers={"retry-after": "7"}, times=1)
        assert ask("create") == ["A"]
        assert vars(sdk)["time"] is own
        assert (now(world), slept) == ("12:00:00Z", ["for 7.0"])


def test_the_rest_of_the_modules_is_there(slept):
    """Inside a world the SDK's time and anyio have everything else that the real ones have."""
    with one_answer() as world:
        ask("create")
        assert vars(sdk)["time"].monotonic is time.monotonic
        assert vars(sdk)["anyio"].Lock is anyio.Lock
        assert vars(sdk)["time"].time() == world.clock.micros() / 1_000_000


PROGRAM = """
import sys
from fakememtrace import World
from fakememtrace.claude.author import Author, Turn, text
import httpx

with World(cassette=Author([Turn([text("A")], 0)], "2026-02-07")) as world:
    httpx.get(world.url + "/health", headers={"x-stainless-lang": "python"})
    assert "anthropic" not in sys.modules
    import anthropic, time
    world.faults.add("status", status=529, headers={"retry-after": "59"}, times=1)
    said = [{"role": "user", "content": "hi"}]
    message = anthropic.Anthropic().messages.create(model="m", max_tokens=9, messages=said)
    assert anthropic._base_client.time is not time
assert anthropic._base_client.time is time
print(message.content[0].text, world.clock.now())
"""


def test_the_sdk_may_come_late():
    """Nothing imports the SDK; where the program does so inside the block, its pauses are on the clock as well."""
    ended = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.stdout, ended.stderr) == ("A 2026-02-07 12:00:59+00:00\n", "")


def test_memtrace_does_not_retry(slept):
    """memtrace-sdk has no pauses: one try, one error."""
    with World() as world:
        world.faults.add("status", status=503, headers={"retry-after": "7"})
        with pytest.raises(MemtraceError):
            Memtrace(world.url, world.api_key).recall("agent_1")
        assert (len(world.journal), now(world), slept) == (1, "12:00:00Z", [])


# -- timeouts -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_who_gives_up_has_waited_that_long(slept, way):
    """Each try moves the clock by the client's timeout, not by the delay, and the pauses come on top."""
    with one_answer() as world:
        world.faults.add("delay", by="1h", route="claude *")
        with pytest.raises(anthropic.APITimeoutError) as raised:
            ask(way, timeout=20)
        assert isinstance(raised.value.__cause__, http.ReadTimeout)
        assert [rfc3339(exchange.at)[11:] for exchange in world.journal] == ["12:00:00Z", "12:00:20.5Z", "12:00:41.5Z"]
        assert (now(world), slept) == ("12:01:01.5Z", [])
        world.journal.assert_clean()


@pytest.mark.parametrize("way", WAYS)
def test_the_next_try_gets_the_answer_that_came_too_late(slept, way):
    """A recorded answer that nobody waited for is there for the retry."""
    with one_answer() as world:
        world.faults.add("delay", by="10m1s", route="claude *", times=1)
        assert ask(way)
        assert (now(world), slept) == ("12:10:00.5Z", [])
        assert [call.interaction for call in world.claude.calls] == [1, 1]
        world.journal.assert_clean()


@pytest.mark.parametrize("way", WAYS)
def test_an_answer_that_is_waited_for_is_late(slept, way):
    """A slow first byte is a delay: the clock moves by it, and the answer or the whole stream comes after it."""
    with one_answer() as world:
        world.faults.add("delay", by="9m59s", route="claude *")
        assert ask(way)[-1] in ("A", "message_stop")
        assert (now(world), slept) == ("12:09:59Z", [])


def test_the_recorded_time_is_part_of_the_wait():
    """An answer that took its time and is late on top keeps its client no longer than that waits."""
    with World(cassette=conversation()) as world:
        world.faults.add("delay", by="1h")
        first = conversation().interactions[0]
        assert first.duration_ms == 1500
        with pytest.raises(anthropic.APITimeoutError):
            anthropic.Anthropic(timeout=20, max_retries=0).messages.create(**first.request)
        assert now(world) == "12:00:20Z"


def test_other_clients_give_up_alike():
    """A client of Memtrace that times out has waited for its own timeout; one without a timeout waits for all of it."""
    with World() as world:
        world.faults.add("delay", by="6s")
        with pytest.raises(http.ReadTimeout):
            http.post(world.url + "/api/v1/agents", json={"name": "a"}, headers={"x-api-key": world.api_key}, timeout=2)
        assert len(world.memory.agents()) == 1
        assert now(world) == "12:00:02Z"
        http.get(world.url + "/health", timeout=None)
        assert now(world) == "12:00:08Z"


@pytest.mark.parametrize("way", JSON)
@pytest.mark.parametrize(("by", "waited"), [("1h", 20.0), ("3s", 3.0)])
def test_a_real_clock_waits_no_longer_than_the_client(slept, way, by, waited):
    """With a real clock the door really waits: for the delay, or until the client gives up."""
    with one_answer(clock=RealClock()) as world:
        world.faults.add("delay", by=by)
        try:
            answer = ask(way, timeout=20, max_retries=0)
        except anthropic.APITimeoutError:
            answer = None
        assert answer == (["A"] if waited == 3.0 else None)
        assert slept == [waited]
