"""Telegram as a part of a world."""

from __future__ import annotations

import asyncio

import httpx
import pytest
import respx

from fakememtrace import NetworkRefused, UnexpectedTraffic, UsageError, World

from .helpers import API, Client, script, update


def test_a_world_without_a_script_has_no_telegram():
    """It says how to have one, and does not serve the address; a token in the URL is not shown."""
    with World() as world:
        with pytest.raises(UsageError) as refused:
            _ = world.telegram
        with pytest.raises(NetworkRefused) as unserved:
            httpx.post(f"{API}/bot123:secret/getMe")
    assert str(refused.value) == (
        'this world has no Telegram. Give it a script of updates: World(telegram="updates.toml").'
    )
    assert "POST https://api.telegram.org/bot123:.../getMe was refused" in str(unserved.value)
    assert "secret" not in str(unserved.value)


def test_what_was_not_answered_fails_the_test():
    """The journal is not clean as long as an update is open."""
    with World(telegram=script()) as world:
        Client().poll(timeout=0)
    with pytest.raises(UnexpectedTraffic, match="1 update was never answered"):
        world.journal.assert_clean()


def test_reset_begins_the_script_again():
    """Everything is as new: the same updates with the same ids, nothing sent."""
    with World(telegram=script(update(after="1h"))) as world:
        first = Client().poll()
        Client().say(first[0]["message"], "hello")
        world.reset()
        assert (world.telegram.sent, len(world.journal), world.telegram.finished) == ([], 0, False)
        assert Client().poll() == first


def test_a_world_can_be_entered_again():
    """It goes on where it was left."""
    world = World(telegram=script(update(), update(text="two")))
    client = Client()
    with world:
        (first,) = client.poll()
        client.say(first["message"], "hello")
    with world:
        (second,) = client.poll()
    assert second["message"]["text"] == "two"


@pytest.mark.parametrize("act", [lambda world: world.snapshot(), lambda world: world.restore(World().snapshot())])
def test_no_snapshot_in_the_middle_of_a_script(act):
    """Before the first update there is nothing that it would not hold; after it, it is refused in words."""
    with World(telegram=script()) as world:
        act(world)
        Client().poll()
        with pytest.raises(UsageError) as refused:
            act(world)
    assert str(refused.value) == (
        "a world in the middle of the updates cannot be put into a snapshot nor restored from one: "
        "how far the customers are is not in it. "
        "Take it before the first update comes, or begin again with reset()."
    )


def test_faults_of_other_services_leave_telegram_alone():
    """A fault on every route there is strikes Memtrace and Claude."""
    with World(telegram=script()) as world:
        world.faults.add("status", route="*", status=503)
        assert Client().ask("getMe")["ok"]
        assert httpx.get(f"{world.url}/api/v1/agents", headers={"x-api-key": world.api_key}).status_code == 503


def test_the_transports_serve_it_without_a_block():
    """world.transport() is a door to Telegram as to the other fakes."""
    world = World(telegram=script())
    with httpx.Client(transport=world.transport()) as client:
        answer = client.post(f"{API}/bot1001:juan/getUpdates", data={"timeout": 5})
    assert answer.json()["result"][0]["message"]["text"] == "hi"


def test_httpx2_is_served_as_well():
    """The other library, too, waits for what comes."""
    httpx2 = pytest.importorskip("httpx2")
    with World(telegram=script()):
        answer = httpx2.post(f"{API}/bot1001:juan/getUpdates", data={"timeout": 5})
    assert answer.json()["result"][0]["message"]["text"] == "hi"


def test_a_respx_router_serves_it_without_holding_up_the_loop():
    """A poll that is held in a mounted router lets the other bot's poll, and the answer, come."""
    updates = script(update("Martin"), update(text="two"))

    async def serve(token):
        async with httpx.AsyncClient(base_url=f"{API}/bot{token}/") as client:
            answer = await client.post("getUpdates", data={"timeout": 30})
            (one,) = answer.json()["result"]
            await client.post("sendMessage", data={"chat_id": one["message"]["chat"]["id"], "text": "hello"})
            await client.post("getUpdates", data={"offset": one["update_id"] + 1})
            return one["message"]["text"]

    async def both():
        return await asyncio.gather(serve("1001:juan"), serve("1002:martin"))

    with World(telegram=updates) as world, respx.mock(assert_all_called=False) as router:
        world.mount(router)
        assert asyncio.run(both()) == ["two", "hi"]
        assert [sent.bot for sent in world.telegram.sent] == ["Martin", "Juan"]
