"""What the fake Bot API answers, asked by a plain client."""

from __future__ import annotations

import json

import httpx
import pytest

from fakememtrace import World

from .helpers import API, Client, png, script, update

REAL_REFUSALS = [
    ("sendMessage", {"chat_id": 501}, "message text is empty"),
    ("sendMessage", {"chat_id": 501, "text": " \n"}, "text must be non-empty"),
    ("sendMessage", {"text": "hi"}, "chat_id is empty"),
    ("sendMessage", {"chat_id": 77, "text": "hi"}, "chat not found"),
    ("sendMessage", {"chat_id": 501, "text": "a" * 4097}, "message is too long"),
    ("sendMessage", {"chat_id": 501, "text": "hi", "parse_mode": "RTF"}, "unsupported parse_mode"),
    (
        "sendMessage",
        {"chat_id": 501, "text": "hi", "reply_parameters": '{"message_id": 99}'},
        "message to be replied not found",
    ),
    ("sendChatAction", {"chat_id": 77, "action": "typing"}, "chat not found"),
    ("sendChatAction", {"chat_id": 501, "action": "dancing"}, "wrong parameter action in request"),
    ("getFile", {"file_id": "none"}, "wrong file_id or the file is temporarily unavailable"),
]


@pytest.fixture
def world():
    """A world in which Nacho has written to Juan."""
    with World(telegram=script()) as world:
        Client().poll()
        yield world


@pytest.mark.parametrize(("method", "parameters", "problem"), REAL_REFUSALS)
def test_what_the_real_api_refuses_is_refused_in_its_words(world, method, parameters, problem):
    """The status, the shape and the words are Telegram's, and nothing unexpected has happened."""
    answer = httpx.post(f"{API}/bot1001:juan/{method}", data=parameters)
    assert answer.status_code == 400
    assert answer.json() == {"ok": False, "error_code": 400, "description": f"Bad Request: {problem}"}
    assert world.journal.unexpected() == []
    assert world.telegram.sent == []


def test_a_bot_knows_itself(world):
    """It is told its id, which is in the token, and its names."""
    assert Client().ask("getMe")["result"] == {
        "id": 1001,
        "is_bot": True,
        "first_name": "Juan",
        "username": "juan_bot",
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
        "has_main_web_app": False,
    }


def test_a_message_is_sent(world):
    """The answer is the message as the chat has it; the world keeps who said what to whom, and when."""
    world.clock.advance("90s")
    assert Client().ask("sendMessage", chat_id=501, text=" Hello! ") == {
        "ok": True,
        "result": {
            "message_id": 2,
            "from": {"id": 1001, "is_bot": True, "first_name": "Juan", "username": "juan_bot"},
            "chat": {"id": 501, "first_name": "Nacho", "type": "private"},
            "date": 1770465690,
            "text": "Hello!",
        },
    }
    assert [tuple(sent) for sent in world.telegram.sent] == [("Juan", "Nacho", "Hello!", 1770465690000000, 1)]


def test_4096_characters_are_one_message(world):
    """The limit counts characters, not bytes."""
    assert Client().ask("sendMessage", chat_id=501, text="ü" * 4096)["ok"]


def test_a_reply_shows_what_it_replies_to(world):
    """The message is in the answer; one that is not there is passed over where the program allows that."""
    answer = Client().ask("sendMessage", chat_id=501, text="yes", reply_parameters='{"message_id": 1}')
    assert answer["result"]["reply_to_message"]["text"] == "hi"
    lenient = '{"message_id": 9, "allow_sending_without_reply": true}'
    answer = Client().ask("sendMessage", chat_id=501, text="yes", reply_parameters=lenient)
    assert "reply_to_message" not in answer["result"]


def test_every_kind_of_body_is_read(world):
    """A query, a form, JSON and parts say the same."""
    url = f"{API}/bot1001:juan/sendMessage"
    httpx.get(url, params={"chat_id": 501, "text": "query ü"})
    httpx.post(url, data={"chat_id": 501, "text": "form ü"})
    httpx.post(url, json={"chat_id": 501, "text": "json ü"})
    httpx.post(url, data={"chat_id": 501, "text": "parts ü"}, files={"beside": ("a.txt", b"a")})
    assert [sent.text for sent in world.telegram.sent] == ["query ü", "form ü", "json ü", "parts ü"]


@pytest.mark.parametrize("body", [b"{", b"[1]"])
def test_a_body_that_is_no_json_says_nothing(world, body):
    """It is answered as if nothing was asked for."""
    answer = httpx.post(
        f"{API}/bot1001:juan/sendMessage", content=body, headers={"content-type": "application/json"}
    ).json()
    assert answer["description"] == "Bad Request: message text is empty"


def test_capitals_do_not_matter_in_a_method(world):
    """As in the real API."""
    assert Client().ask("GETME")["ok"]


def test_a_method_that_is_not_served_is_unexpected(world):
    """The answer names the method, the nearest one and those that are served; the journal has it, too."""
    problem = (
        "the method 'sendMesage' is not served by fakememtrace. Did you mean 'sendMessage'? Served: getMe, getUpdates, "
        "deleteWebhook, sendMessage, sendChatAction and getFile. What to do: leave the call out of the program that is "
        "replayed, or survive its failure."
    )
    assert Client().ask("sendMesage") == {"ok": False, "error_code": 400, "description": f"Bad Request: {problem}"}
    assert [one.unexpected for one in world.journal.unexpected()] == [problem]


@pytest.mark.parametrize(("token", "shown"), [("1001:secret", "1001:..."), ("secret", "something else than a token")])
def test_an_unknown_token_is_unexpected(token, shown):
    """It is answered as Telegram does; the journal says which tokens there are, and shows none."""
    updates = script()
    updates["bot"][0]["env"] = "BOT_TOKEN"
    with World(telegram=updates) as world:
        answer = httpx.post(f"{API}/bot{token}/getMe")
    assert (answer.status_code, answer.json()["description"]) == (401, "Unauthorized")
    assert [one.unexpected for one in world.journal.unexpected()] == [
        (
            f"no bot of the updates has the token that was sent, {shown}.\n"
            "Expected: Juan (token in $BOT_TOKEN) and Martin (token 1002:...).\n"
            "What to do: give the program the token of the script, with env = in its [[bot]] or by hand."
        )
    ]


@pytest.mark.parametrize("path", ["/", "/bot1001:juan", "/bot1001:juan/", "/file/bot1001:juan/photos/none.png", "/x/y"])
def test_what_is_nowhere_is_not_found(world, path):
    """Other paths are answered as Telegram does."""
    assert httpx.get(API + path).json() == {"ok": False, "error_code": 404, "description": "Not Found"}


def test_a_photo_can_be_downloaded(tmp_path, monkeypatch):
    """It has two sizes, each with an id; getFile says where it is, and there are the bytes of the file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bill.png").write_bytes(png(300, 100))
    photo = update(photo="bill.png", caption="My bill")
    with World(telegram=script(photo)):
        (arrived,) = Client().poll()
        small, large = arrived["message"]["photo"]
        assert arrived["message"]["caption"] == "My bill"
        assert (small["width"], small["height"], large["width"], large["height"]) == (90, 30, 300, 100)
        found = Client().ask("getFile", file_id=large["file_id"])["result"]
        assert found == {
            "file_id": large["file_id"],
            "file_unique_id": large["file_unique_id"],
            "file_size": len(png(300, 100)),
            "file_path": "photos/file_0x.png",
        }
        answer = httpx.get(f"{API}/file/bot1001:juan/{found['file_path']}")
        assert answer.content == png(300, 100)
        assert "wrong file_id" in Client("1002:martin").ask("getFile", file_id=large["file_id"])["description"]


def test_a_photo_without_words_has_no_caption(tmp_path, monkeypatch):
    """The field is left out, as the real API does."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bill.png").write_bytes(png())
    with World(telegram=script(update(photo="bill.png"))):
        (arrived,) = Client().poll()
    assert sorted(arrived["message"]) == ["chat", "date", "from", "message_id", "photo"]


def test_commands_are_marked(world):
    """Each has its place in UTF-16; a slash within a word is none."""
    text = "\U0001f44b /start@juan_bot a/b /help"
    with World(telegram=script(update(text=text))):
        (arrived,) = Client().poll()
    assert arrived["message"]["entities"] == [
        {"type": "bot_command", "offset": 3, "length": 15},
        {"type": "bot_command", "offset": 23, "length": 5},
    ]


def test_a_customer_can_be_in_a_group():
    """A chat below zero is a group, and the answer goes there."""
    updates = script()
    updates["user"][0]["chat"] = -7
    with World(telegram=updates) as world:
        (arrived,) = Client().poll()
        assert arrived["message"]["chat"] == {"id": -7, "title": "Group of Nacho", "type": "group"}
        assert Client().say(arrived["message"], "hello")["ok"]
    assert world.telegram.sent[0].user == "Nacho"


def test_nobody_is_written_to_who_has_not_written(world):
    """A bot does not know a customer who has written to another one only."""
    assert Client("1002:martin").ask("sendMessage", chat_id=501, text="hi")["description"] == (
        "Bad Request: chat not found"
    )


def test_a_webhook_is_deleted(world):
    """There is none, and the answer is yes."""
    assert Client().ask("deleteWebhook") == {"ok": True, "result": True}


def test_what_waits_can_be_dropped(world):
    """What was fetched and not confirmed does not come again after deleteWebhook with drop_pending_updates."""
    Client().ask("sendMessage", chat_id=501, text="hello")
    assert len(Client().poll(timeout=0)) == 1
    Client().ask("deleteWebhook", drop_pending_updates=True)
    assert Client().poll(timeout=0) == []


def test_the_journal_shows_who_answered(world):
    """Service and note name Telegram, the method and the bot."""
    Client().ask("getMe")
    assert [(one.service, one.response.note) for one in world.journal] == [
        ("telegram", "getUpdates Juan"),
        ("telegram", "getMe Juan"),
    ]
    assert json.loads(world.journal[1].response.body)["ok"]
