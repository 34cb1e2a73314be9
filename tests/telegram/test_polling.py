"""When updates come: in order, each when the one before is answered and the program is quiet."""

from __future__ import annotations

import threading

import httpx
import pytest
from memtrace import Memtrace

from fakememtrace import UsageError, World

from .helpers import API, Client, echo, script, traffic, update


def texts(updates):
    """What was written."""
    return [one["message"]["text"] for one in updates]


def test_an_update_is_what_telegram_sends():
    """Sender, chat, date on the virtual clock, and ids that count."""
    with World(telegram=script(update(user="Maria", after="1h")), start="2026-02-07T12:00:00Z"):
        assert Client().poll() == [
            {
                "update_id": 100000001,
                "message": {
                    "message_id": 1,
                    "from": {"id": 502, "is_bot": False, "first_name": "Maria", "username": "maria"},
                    "chat": {"id": 502, "first_name": "Maria", "username": "maria", "type": "private"},
                    "date": 1770469200,
                    "text": "hi",
                },
            }
        ]


def test_updates_come_in_order_on_the_virtual_clock():
    """One at a time, each after its time, and to its bot only."""
    updates = script(update(text="one"), update(text="two", after="2h", bot="Martin"), update(text="three", after="1d"))
    juan, martin = Client("1001:juan"), Client("1002:martin")
    with World(telegram=updates, start="2026-02-07T12:00:00Z") as world:
        (first,) = juan.poll(timeout=0)
        assert martin.poll(timeout=0) == []
        juan.say(first["message"], "1")
        assert juan.poll(timeout=0) == []
        (second,) = martin.poll(timeout=0)
        martin.say(second["message"], "2")
        (third,) = juan.poll(timeout=0)
        juan.say(third["message"], "3")
    assert texts([first, second, third]) == ["one", "two", "three"]
    assert [str(one.at) for one in world.telegram.sent] == ["1770465600000000", "1770472800000000", "1770559200000000"]


def test_the_next_update_waits_for_the_answer():
    """A message to somebody else, and one that was refused, are no answers."""
    with World(telegram=script(update(), update(text="two"))):
        client = Client()
        (first,) = client.poll()
        client.ask("sendMessage", chat_id=501, text="a" * 5000)
        assert client.poll(timeout=0) == []
        client.say(first["message"], "hello")
        assert texts(client.poll(timeout=0)) == ["two"]


def test_what_needs_no_reply_is_not_waited_for():
    """With reply = false the next one comes without an answer."""
    with World(telegram=script(update(reply=False), update(text="two"))) as world:
        client = Client()
        assert texts(client.poll()) == ["hi"]
        (second,) = client.poll()
        client.say(second["message"], "hello")
        assert client.poll(timeout=0) == []
        world.journal.assert_clean()
        assert world.telegram.finished


def test_a_poll_is_held_until_there_is_something():
    """It is one exchange, however long it was held; a poll that brings nothing is none."""
    with World(telegram=script(update(bot="Martin"), update(text="two"))) as world:
        got = []
        held = threading.Thread(target=lambda: got.extend(Client().poll()))
        held.start()
        martin = Client("1002:martin")
        (first,) = martin.poll()
        assert got == []
        martin.say(first["message"], "hello")
        assert martin.poll(timeout=0) == []
        held.join()
        assert texts(got) == ["two"]
        assert [one.response.note for one in world.journal] == [
            "getUpdates Martin",
            "sendMessage Martin",
            "getUpdates Martin",
            "getUpdates Juan",
        ]


def test_a_poll_that_only_confirms_is_written_down_once():
    """Nothing came, but something was confirmed: that is an exchange; the next empty one is none."""
    with World(telegram=script()) as world:
        client = Client()
        client.poll()
        for _ in range(3):
            assert client.poll(timeout=0) == []
        assert len(world.journal) == 2


def test_what_is_not_confirmed_comes_again():
    """As in the real API: until a poll asks for what is behind it."""
    with World(telegram=script(update(), update(text="two"))):
        client = Client()
        first = client.poll()
        client.say(first[0]["message"], "hello")
        assert client.poll(offset=0) == first
        assert client.poll(offset=first[0]["update_id"]) == first
        assert texts(client.poll(offset=first[0]["update_id"] + 1)) == ["two"]


def test_a_negative_offset_counts_from_the_end():
    """The last one stays, what is before it is forgotten."""
    with World(telegram=script()):
        client = Client()
        first = client.poll()
        assert client.poll(offset=-1) == first


def test_threads_get_the_same_traffic_in_every_run():
    """Two pollers in threads that also use Memtrace: one order, one set of times, whatever the threads do."""
    updates = script(
        update(text="a"), update("Martin", text="b", after="3h"), update("Martin", "Maria", text="c"), update(text="d")
    )

    def once():
        with World(telegram=updates) as world, Memtrace(world.url, world.api_key) as memtrace:
            echo(world, "1001:juan", "1002:martin", then=lambda text: memtrace.remember("bot", text))
            assert world.telegram.finished
            world.journal.assert_clean()
            return traffic(world)

    runs = [once() for _ in range(3)]
    assert runs[0] == runs[1] == runs[2]
    assert len(runs[0]) == 12


def test_the_end_is_told_once():
    """The callback is called when all is answered and quiet, and not again."""
    told = []
    with World(telegram=script()) as world:
        world.telegram.when_finished = lambda: told.append(world.telegram.finished)
        client = Client()
        (first,) = client.poll()
        assert not world.telegram.finished
        client.say(first["message"], "hello")
        assert client.poll(timeout=0) == client.poll(timeout=0) == []
    assert told == [True]


def test_after_the_end_a_poll_is_held_for_its_own_time():
    """Then it is answered with nothing, as the real API does, and the journal does not know of it."""
    with World(telegram=script(update(reply=False))) as world:
        client = Client()
        client.poll()
        assert client.poll(timeout=1) == []
        assert len(world.journal) == 1


def test_a_second_poll_ends_the_first():
    """Of two that poll for one bot the one that came first gets a conflict."""
    with World(telegram=script(update("Martin"), update(text="two"))) as world:
        answers = []
        first = threading.Thread(target=lambda: answers.append(Client().ask("getUpdates", timeout=30)))
        second = threading.Thread(target=lambda: answers.append(Client().ask("getUpdates", timeout=30)))
        first.start()
        while not world.telegram._watch.holds("Juan"):
            pass
        second.start()
        first.join()
        assert answers == [
            {
                "ok": False,
                "error_code": 409,
                "description": "Conflict: terminated by other getUpdates request; make sure that only one bot instance "
                "is running",
            }
        ]
        martin = Client("1002:martin")
        martin.say(martin.poll()[0]["message"], "hello")
        martin.poll(timeout=0)
        second.join()
        assert texts(answers[1]["result"]) == ["two"]


def test_a_bot_that_never_answers_is_given_up():
    """After the patience of the world the run is over, but not finished, and the callback is called."""
    told = []
    with World(telegram=script(update(), update(text="two"))) as world:
        world.telegram.patience = 0.2
        world.telegram.when_finished = lambda: told.append("over")
        client = Client()
        client.poll()
        assert client.poll(timeout=1) == []
        assert (told, world.telegram.over, world.telegram.finished) == (["over"], True, False)
    assert world.telegram.open_ends() == (
        "the updates: 1 update was never answered:\n"
        "  [[update]] 1, Nacho to Juan: 'hi'\n"
        "Expected: the bot sends a message to that chat.\n"
        "What to do: look at what the bot does with it; where no answer is meant, write reply = false.\n"
        "the updates: 1 update was never delivered:\n"
        "  [[update]] 2, Nacho to Juan: 'two'\n"
        "Expected: each bot polls (getUpdates) until the end; each update waits until the one before is answered.\n"
        "What to do: look at what ends or stops the program; or take the updates out of the script."
    )
    assert world.telegram.open_ends() in world.journal.problems()


def test_a_bot_that_never_polls_is_named():
    """The others are held until the patience is over; what waits for it is told, the first ten of it."""
    updates = script(*(update("Martin", text="long " * 20) for _ in range(12)))
    with World(telegram=updates) as world:
        world.telegram.patience = 0.2
        assert Client().poll(timeout=1) == []
    ends = world.telegram.open_ends().splitlines()
    assert ends[0] == "the updates: 12 updates were never delivered:"
    assert ends[1] == f"  [[update]] 1, Nacho to Martin: '{('long ' * 12)[:56]} ...'"
    assert ends[10].startswith("  [[update]] 10, ")
    assert ends[11] == "  ... and 2 more"
    assert ends[12] == "Expected: each bot polls (getUpdates) until the end; Martin did not, or no more."


def test_a_bot_that_asks_for_no_messages_is_named():
    """The update waits, as the bot's allowed_updates leave messages out; asking for them brings it."""
    with World(telegram=script()) as world:
        world.telegram.patience = 0.2
        client = Client()
        assert client.poll(timeout=1, allowed_updates='["callback_query"]') == []
        assert "Juan asks for no messages, its allowed_updates are ['callback_query']." in world.telegram.open_ends()
        world.telegram.begin_run(1)
        assert texts(client.poll(allowed_updates="[]")) == ["hi"]


def test_a_second_run_begins_when_it_is_told():
    """Its updates come then, and ids and chats go on."""
    with World(telegram=script(update(), update(text="again", run=2, after="1d"))) as world:
        client = Client()
        (first,) = client.poll()
        client.say(first["message"], "hello")
        assert client.poll(timeout=0) == []
        assert world.telegram.finished
        assert "run 2 of the program did not begin." in world.telegram.open_ends()
        world.telegram.begin_run(2)
        assert not world.telegram.finished
        (second,) = Client().poll()
        client.say(second["message"], "hello again")
        client.poll(timeout=0, offset=second["update_id"] + 1)
        assert world.telegram.finished
    assert (second["update_id"], second["message"]["message_id"]) == (100000002, 3)
    assert [(sent.text, sent.run) for sent in world.telegram.sent] == [("hello", 1), ("hello again", 2)]
    world.journal.assert_clean()


def test_a_program_that_died_gets_again_what_it_did_not_confirm():
    """It comes before what is new, and has to be answered before that comes."""
    with World(telegram=script(update(), update(text="again", run=2))) as world:
        first = Client().poll()
        world.telegram.begin_run(2)
        client = Client()
        assert client.poll() == first
        assert client.poll(timeout=0) == []
        client.say(first[0]["message"], "hello")
        assert texts(client.poll(timeout=0)) == ["again"]


def test_what_was_confirmed_and_not_answered_holds_up_no_later_run():
    """It stays an open end."""
    with World(telegram=script(update(), update(text="again", run=2))) as world:
        client = Client()
        client.poll()
        client.poll(timeout=0)
        world.telegram.begin_run(2)
        assert texts(Client().poll()) == ["again"]
    assert "2 updates were never answered" in world.telegram.open_ends()


@pytest.mark.parametrize(("number", "runs"), [(0, "1 run"), (2, "1 run"), (3, "2 runs")])
def test_a_run_that_cannot_be_is_refused(number, runs):
    """The script says which runs there are, and they follow each other."""
    updates = script(update(), *([update(run=2)] if runs == "2 runs" else []))
    with World(telegram=updates) as world, pytest.raises(UsageError) as refused:
        world.telegram.begin_run(number)
    assert str(refused.value) == (
        f"run {number} cannot begin: the updates has {runs}, and this is run 1. "
        f"Write run = {number} with the updates that come in it."
    )


def test_a_program_that_is_never_quiet_gets_its_updates_all_the_same():
    """A thread that never stands still holds them up for a while only."""
    over = threading.Event()

    def turn():
        while not over.is_set():
            sum(range(50))

    with World(telegram=script()) as world:
        world.telegram.patience = 0.2
        thread = threading.Thread(target=turn)
        thread.start()
        try:
            assert texts(Client().poll()) == ["hi"]
        finally:
            over.set()
            thread.join()


def test_a_poll_that_is_held_when_the_world_ends_is_dropped():
    """The program sees that the server went away."""
    raised = []

    def poll():
        with pytest.raises(httpx.RemoteProtocolError) as error:
            httpx.post(f"{API}/bot1001:juan/getUpdates", data={"timeout": 30})
        raised.append(str(error.value))

    with World(telegram=script(update("Martin"))) as world:
        thread = threading.Thread(target=poll)
        thread.start()
        while not world.telegram._watch.holds("Juan"):
            pass
    thread.join()
    assert raised == ["Server disconnected without sending a response."]
    assert len(world.journal) == 0
