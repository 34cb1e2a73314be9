"""``/ui``: the same report, of a world that goes on."""

from __future__ import annotations

import httpx
import pytest

from fakememtrace import World
from fakememtrace.doors import server
from fakememtrace.report import live
from fakememtrace.report.live import PATH, Live, serving
from fakememtrace.wire import Request

from .pages import Parsed
from .worlds import Program


def asked(world, host="localhost:9100", method="GET"):
    """What is answered to somebody who asks under that name."""
    return Live(world)(Request(method, "http://localhost:9100", PATH, headers={"host": host}))


def test_it_shows_what_happened_until_now():
    """Each answer has what was stored before it; asking leaves no trace in the journal."""
    with World() as world:
        program = Program(world)
        agent, session = program.session()
        program.remember(agent, "likes green tea", session)
        first, count = asked(world), len(world.journal)
        program.remember(agent, "likes it with milk", session)
        second = asked(world)
    assert (first.status, second.status, count) == (200, 200, 3)
    assert "likes it with milk" not in first.body.decode()
    assert "likes it with milk" in second.body.decode()
    assert "It is 2026-02-07 12:00:00 UTC." in Parsed(second.body.decode()).text


def test_a_test_can_serve_it_too():
    """The page of a world that a test serves is that of the command; looking leaves no trace there either."""
    with World() as world:
        Program(world).session("Ada")
        with serving(world) as url:
            shown = httpx.get(f"{url}{PATH}")
            missing = httpx.get(f"{url}/ui/more")
        assert shown.status_code == 200
        assert "agent 'Ada' registered" in Parsed(shown.text).text
        assert missing.status_code == 404
        assert PATH not in [exchange.request.path for exchange in world.journal]


def test_nothing_but_looking_is_possible():
    """Every other method is refused, and the page is kept by nobody and framed by nobody."""
    with World() as world:
        refused, answered = asked(world, method="POST"), asked(world)
    assert (refused.status, refused.header("allow")) == (405, "GET, HEAD")
    assert refused.body.decode() == "/ui does not take POST. It takes GET.\n"
    assert answered.header("cache-control") == "no-store"
    assert answered.header("x-frame-options") == "DENY"


@pytest.mark.parametrize(
    "host", ["localhost", "app.localhost:80", "127.0.0.1:9100", "[::1]:9100", "10.0.0.7", "memtrace:80"]
)
def test_it_is_shown_under_names_that_nobody_else_can_have(host):
    """At addresses, at localhost, and at names without dots, as containers have them."""
    with World() as world:
        assert asked(world, host).status == 200


def test_a_name_that_anybody_can_point_here_is_refused():
    """Else a page of somebody else's could read along: the error says what to do."""
    with World() as world:
        refused = asked(world, "rebound.example.com:9100")
    assert refused.status == 403
    assert refused.body.decode() == (
        "this page is for people at this machine, and is not shown under the name rebound.example.com.\n"
        "Expected localhost, an address such as 127.0.0.1, or a name without dots.\n"
        "What to do: open it under one of these. Anybody can point another name here, and have a page of theirs read "
        "along.\n"
    )


def test_of_very_many_memories_the_newest_are_shown(monkeypatch):
    """A page of all of them would be of no use; how many there are is said."""
    monkeypatch.setattr(live, "_MOST", 2)
    with World() as world:
        program = Program(world)
        agent, session = program.session()
        for number in range(3):
            program.remember(agent, f"memory number {number}", session)
        page = Parsed(asked(world).body.decode())
    assert "the 2 most recent of 3 memories" in page.text
    assert [told for told in page.values("id") if told.startswith("a1-m") and told[4:].isdigit()] == ["a1-m1", "a1-m2"]


def test_the_application_answers_it_in_a_thread():
    """The report is made beside the event loop, and every other path is answered as before."""
    import asyncio
    import threading

    import httpx

    threads = []

    def page(request):
        threads.append(threading.current_thread())
        return Live(world)(request)

    async def ask(path):
        transport = httpx.ASGITransport(server.app(world, apart={PATH: page}))
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get(path)

    with World() as world:
        assert asyncio.run(ask(PATH)).status_code == 200
        assert asyncio.run(ask("/health")).status_code == 200
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
