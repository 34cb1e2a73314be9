"""What bots sent to whom."""

from __future__ import annotations

import httpx
import pytest

from fakememtrace import UsageError, World
from fakememtrace.expecting import Evidence, sent
from fakememtrace.expecting.evidence import Sent

SENT = Evidence(
    runs=2,
    sent=(
        Sent(1, 1, "Juan", "Nacho", "Hello Nacho, is the light of the router red?"),
        Sent(1, 2, "Cecilia", "Nacho", "You get a credit of 20 euros."),
        Sent(2, 3, "Juan", "Maria", "Hello Maria!"),
    ),
)
CREDIT = 'message 2, from Cecilia to Nacho: "You get a credit of 20 euros."'
RED = 'message 1, from Juan to Nacho: "Hello Nacho, is the light of the router red?"'


@pytest.mark.parametrize(
    "wanted",
    [
        {"contains": "credit of 20 euros"},
        {"bot": "Cecilia", "to": "Nacho", "contains": ["credit", "20"], "lacks": "dollars", "at_most_chars": 40},
        {"bot": "Cecilia", "matches": r"\d+ euros"},
        {"bot": "Juan", "run": 1, "count": 1},
        {"to": "Nacho", "at_least": 2},
        {"bot": "Martin", "absent": True},
        {"to": "Maria", "contains": "credit", "absent": True},
        {"every": True, "at_most_chars": 4096, "lacks": "password"},
        {"every": True, "bot": "Juan", "contains": "Hello"},
    ],
    ids=str,
)
def test_what_was_sent_holds(wanted):
    """Every way to say it, of messages that were sent."""
    assert sent(SENT, **wanted)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (
            {"bot": "Cecilia", "to": "Nacho", "contains": "credit of 30 euros"},
            (
                'expected: sent by Cecilia to Nacho: contains "credit of 30 euros"\n'
                f"found: nearest of 1 sent: {CREDIT}\n"
                '  text: expected contains "credit of 30 euros", found "You get a credit of 20 euros."'
            ),
        ),
        (
            {"bot": "Juan", "contains": "Hello", "at_most_chars": 10, "lacks": "red?", "run": 1},
            (
                'expected: sent by Juan in run 1: contains "Hello", lacks "red?" and at most 10 characters\n'
                f"found: nearest of 1 sent: {RED}\n"
                '  text: expected lacks "red?", found "Hello Nacho, is the light of the router red?"\n'
                "  characters: expected at most 10, found 44"
            ),
        ),
        (
            {"bot": "Martin"},
            (
                "expected: sent by Martin\nfound: no message was sent by Martin; sent: Juan to Nacho, "
                "Cecilia to Nacho and Juan to Maria"
            ),
        ),
        (
            {"bot": "Juan", "absent": True, "run": 1},
            f"expected: not sent by Juan in run 1\nfound: 1 of 1 sent:\n  {RED}",
        ),
        (
            {"every": True, "at_most_chars": 20},
            (
                "expected: every message: at most 20 characters\n"
                f"found: 2 of 3 sent are wrong: {RED}\n"
                "  characters: expected at most 20, found 44"
            ),
        ),
        (
            {"every": True, "bot": "Martin", "lacks": "x"},
            (
                'expected: every message by Martin: lacks "x"\n'
                "found: no message was sent by Martin; sent: Juan to Nacho, Cecilia to Nacho and Juan to Maria"
            ),
        ),
    ],
    ids=str,
)
def test_what_was_not_sent_shows_the_nearest(wanted, words):
    """The whole text of each failure: the nearest message, and what differs in it."""
    check = sent(SENT, **wanted)
    assert not check
    assert str(check) == words


def test_a_world_without_telegram_has_sent_nothing():
    """Where there is no bot, nothing was sent."""
    check = sent(World(), contains="credit")
    assert not check
    assert str(check) == 'expected: sent: contains "credit"\nfound: no message was sent'


def test_what_a_bot_sends_through_the_fake_is_seen():
    """A message that goes to the Bot API of the world is one that was sent."""
    world = World(
        telegram={
            "bot": [{"name": "Juan", "token": "1000001:juan"}],
            "user": [{"name": "Nacho"}],
            "update": [{"bot": "Juan", "user": "Nacho", "text": "Hi"}],
        }
    )
    with world:
        bot = "https://api.telegram.org/bot1000001:juan"
        (update,) = httpx.post(f"{bot}/getUpdates").json()["result"]
        said = {"chat_id": update["message"]["chat"]["id"], "text": "Hello Nacho!"}
        httpx.post(f"{bot}/sendMessage", json=said).raise_for_status()
    assert sent(world, bot="Juan", to="Nacho", contains="Hello", run=1, count=1)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({}, 'sent(): says nothing about the message.\nAdd "contains", "lacks", "matches", "bot" or "to".'),
        (
            {"lacks": "password"},
            (
                "sent(): says only what a message must not be, so any other message would do.\n"
                'Add what it "contains", or every = true.'
            ),
        ),
        ({"at_most_chars": 0}, 'sent(), "at_most_chars": expected a number above 0, found 0.\nCorrect the value.'),
        (
            {"every": True, "contains": "x", "count": 2},
            "sent(), \"every\": 'every' leaves nothing to count.\nTake one of them out.",
        ),
        (
            {"matches": ".*"},
            (
                "sent(), \"matches\": '.*' matches every text, even an empty one.\n"
                "Say what must be there: a check that always holds says nothing."
            ),
        ),
    ],
    ids=str,
)
def test_what_cannot_be_or_cannot_fail_is_refused(wanted, words):
    """A wrong value, or a check that would always hold: which one, what is allowed, and what to do."""
    with pytest.raises(UsageError) as refused:
        sent(World(), **wanted)
    assert str(refused.value) == words
