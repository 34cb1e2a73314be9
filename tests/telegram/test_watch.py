"""When a program is quiet: what is at work after an answer holds up the next update."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from fakememtrace import World
from fakememtrace.telegram.watch import Watch
from fakememtrace.wire import Request

from .helpers import Client, script, update
from .test_library import Program

POLL = Request("POST", "https://api.telegram.org", "/bot1001:juan/getUpdates")
# So many looks are quiet, and some more.
ENOUGH = 30


async def in_a_thread(memtrace):
    """Work in a pool, in which nothing is seen to move."""

    def work():
        time.sleep(0.2)
        memtrace.remember("bot", "late")

    await asyncio.to_thread(work)


async def asleep(memtrace):
    """Sleep on the loop's clock."""
    await asyncio.sleep(0.2)
    memtrace.remember("bot", "late")


async def in_steps(memtrace):
    """Come further at every turn of the loop."""
    end = asyncio.get_running_loop().time() + 0.2
    while asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0)
    memtrace.remember("bot", "late")


@pytest.mark.parametrize("work", [in_a_thread, asleep, in_steps])
def test_work_after_the_answer_is_waited_for(work):
    """What the handler does when it has answered is in the journal before the next update is."""

    async def answer(program, update, context):
        await update.message.reply_text("hello")
        await work(program.memtrace)

    with World(telegram=script(update(), update(text="two"))) as world:
        asyncio.run(Program(world, answer).run("1001:juan"))
    assert [one.response.note for one in world.journal][2:] == [
        "getUpdates Juan",
        "sendMessage Juan",
        "POST /api/v1/memories",
    ] * 2


def test_a_plain_thread_that_moves_is_waited_for():
    """A thread that the handler leaves behind, and that works on, holds up the next update."""
    threads = []

    async def answer(program, update, context):
        def work():
            until = time.thread_time() + 0.1
            while time.thread_time() < until:
                sum(range(100))
            program.memtrace.remember("bot", "late")

        await update.message.reply_text("hello")
        threads.append(threading.Thread(target=work))
        threads[-1].start()

    with World(telegram=script(update(), update(text="two"))) as world:
        asyncio.run(Program(world, answer).run("1001:juan"))
        assert [one.response.note for one in world.journal][2:] == [
            "getUpdates Juan",
            "sendMessage Juan",
            "POST /api/v1/memories",
        ] * 2
        for thread in threads:
            thread.join()


def test_a_pause_of_the_door_does_not_move_a_frozen_clock(monkeypatch):
    """A program whose sleeping is on another clock does not have it moved by polls that are held."""
    slept = []

    async def sleep(seconds):
        slept.append(seconds)

    async def answer(program, update, context):
        await update.message.reply_text("hello")

    with World(telegram=script(update(), update(text="two"))) as world:
        monkeypatch.setattr(time, "sleep", slept.append)
        monkeypatch.setattr(asyncio, "sleep", sleep)
        monkeypatch.setattr("anyio.sleep", sleep)
        assert len(Client().poll()) == 1
        asyncio.run(Program(world, answer).run("1001:juan"))
        assert world.telegram.finished
    assert slept == []


def look(watch, times=ENOUGH):
    """Let the one poll look so often."""
    for _ in range(times):
        watch.look("Juan", POLL)


def test_while_a_fake_asks_somebody_else_nothing_is_quiet():
    """A recording waits for the real Claude, however long that takes."""
    away = [True]
    watch = Watch(lambda: 0, lambda: away[0])
    watch.patience = watch.grace = 0.02
    look(watch)
    assert (watch.quiet(set()), watch.tired()) == (False, False)
    away.clear()
    away.append(False)
    look(watch)
    assert (watch.quiet(set()), watch.tired()) == (True, True)


def test_whoever_was_answered_has_to_come_back():
    """Another bot's poll is no sign that the first one is done; its own is."""
    watch = Watch(lambda: 0, lambda: False)
    look(watch)
    watch.answered("Juan")
    other = POLL._replace(path="/bot1002:martin/getUpdates")
    for _ in range(ENOUGH):
        watch.look("Martin", other)
    assert not watch.quiet(set())
    look(watch)
    assert watch.quiet({"Juan", "Martin"})
    assert not watch.quiet({"Juan", "Cecilia"})


def test_an_exchange_begins_the_count_again():
    """What was asked since a poll looked makes its looks worthless."""
    count = [0]
    watch = Watch(lambda: count[0], lambda: False)
    look(watch)
    assert watch.quiet(set())
    count[0] = 1
    assert not watch.quiet(set())
    look(watch, 20)
    assert not watch.quiet(set())
    look(watch, 10)
    assert watch.quiet(set())


def test_a_poll_that_went_away_is_not_counted():
    """A client that gives up leaves; leaving twice, or for another, does nothing."""
    watch = Watch(lambda: 0, lambda: False)
    look(watch, 1)
    watch.leave("Juan", POLL._replace(path="/other"))
    assert watch.holds("Juan")
    watch.leave("Juan", POLL)
    watch.leave("Juan", POLL)
    assert not watch.holds("Juan")


def test_the_end_of_a_program_leaves_no_poll_behind():
    """When the library has stopped, its cancelled poll is held no more."""

    async def answer(program, update, context):
        await update.message.reply_text("hello")

    with World(telegram=script()) as world:
        asyncio.run(Program(world, answer).run("1001:juan", "1002:martin"))
        assert not any(world.telegram._watch.holds(bot) for bot in ("Juan", "Martin"))
