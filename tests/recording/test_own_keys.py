"""The client's own key, and those of the environment, reach no file, wherever the API or the program says them."""

from __future__ import annotations

import anthropic
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.world import World

from ..claude.helpers import answer, request
from . import api as replies
from .programs import ask

# Nobody would take them for keys by their shape.
KEY = "gw-internal-93jfkq02mxl"
OTHER = "other gateway/77 & more"
SHORT = (
    "fakememtrace: the key in $ANTHROPIC_API_KEY has 2 characters, which cannot be told from ordinary texts, so it "
    "was not looked for.\n"
    "Expected at least 8 characters, and 16 where all are letters.\n"
    "What to do: use a longer key, or see for yourself that it stands nowhere in the recordings.\n"
)


def says(key):
    """Answers that say the key, each in its own way."""
    use = {"type": "tool_use", "id": "toolu_1", "name": "x", "input": {"a": [key], key: 1}}
    wrong = {"type": "error", "error": {"type": "authentication_error", "message": f"invalid x-api-key: {key}"}}
    return {
        "a text": replies.message(f"It is {key}."),
        "a tool": replies.message(use),
        "a stream": replies.stream(f"It is {key} in pieces", use),
        "an error": replies.json_reply(401, wrong),
        "HTML": replies.Reply(502, {"content-type": "text/html"}, (f"<p>{key}</p>".encode(),)),
        "a header": replies.json_reply(200, answer("ok"), {"request-id": key, "anthropic-ratelimit-x": key}),
    }


def told(streamed=False, **options):
    """Ask once, as this client, whatever comes of it."""
    with anthropic.Anthropic(max_retries=0, **options) as claude:
        try:
            got = claude.messages.create(**request("hi"), stream=streamed)
            return list(got) if streamed else got
        except anthropic.APIStatusError as error:
            return error


@pytest.mark.parametrize("how", ["x-api-key", "authorization", "environment"])
@pytest.mark.parametrize("where", says(KEY))
def test_the_client_s_own_key_is_in_no_answer(api, tape, monkeypatch, where, how):
    """Whether it is sent as a key, as a token, or only stands in the environment: what says it is kept without it."""
    api.will(says(KEY)[where])
    if how == "environment":
        monkeypatch.setenv("MEMTRACE_API_KEY", KEY)
    if how == "authorization":
        monkeypatch.delenv("ANTHROPIC_API_KEY")
        monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "another-token-1")
    options = {"x-api-key": {"api_key": KEY}, "authorization": {"auth_token": KEY}, "environment": {}}[how]
    with World(cassette=tape, record="once"):
        told(where == "a stream", **options)
    stand_in = "memtrace-key" if how == "environment" else "anthropic-api-key"
    (interaction,) = Cassette.load(tape).interactions
    assert KEY not in tape.read_text()
    assert f"<{stand_in}>" in f"{interaction.response} {interaction.headers}"


def test_the_client_s_own_key_is_in_no_request(api, tape, monkeypatch):
    """A prompt with the key is kept without it, asked for with it, and found again by who has the same one."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", OTHER)
    parameters = {"metadata": {"user_id": OTHER}, "system": "see /x?y=other+gateway%2F77+%26+more"}
    with World(cassette=tape, record="once"):
        ask(f"It is {OTHER}.", **parameters)
    assert api.asked[0][2]["messages"][0]["content"] == f"It is {OTHER}."
    assert Cassette.load(tape).interactions[0].request == {
        **request("It is <anthropic-api-key>."),
        "metadata": {"user_id": "<anthropic-api-key>"},
        "system": "see /x?y=<anthropic-api-key>",
    }
    for options in ({}, {"redact": ["somebody"]}):
        with World(cassette=tape, **options) as world:
            ask(f"It is {OTHER}.", **parameters)
            world.journal.assert_clean()


def test_who_has_no_key_finds_a_prompt_with_its_own(api, tape, monkeypatch):
    """The key that a world sets stands where the real one stood."""
    with World(cassette=tape, record="once"):
        ask("It is a-key-for-tests.")
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    with World(cassette=tape) as world:
        ask("It is sk-ant-fakememtrace.")
        world.journal.assert_clean()


@pytest.mark.parametrize("mode", ["once", "all"])
def test_a_key_that_is_sent_later_is_taken_out_of_what_came_before(api, tape, mode):
    """It is a secret for the whole recording, also when nothing is recorded after it was sent."""
    api.will(replies.message(f"The other is {KEY}."), replies.broken())
    with World(cassette=tape, record=mode, redact=["nobody"]) as world:
        ask("hi")
        with anthropic.Anthropic(api_key=KEY, max_retries=0) as claude, pytest.raises(anthropic.APIConnectionError):
            claude.messages.create(**request("ho"))
        assert KEY in (tape if mode == "once" else tape.with_name("tape.unfinished.json")).read_text()
    assert world.claude.answers.recorded == 1
    text = "".join(file.read_text() for file in tape.absolute().parent.glob("tape*"))
    assert "The other is <anthropic-api-key>." in text
    assert KEY not in text


def test_a_key_that_is_too_short_is_said(api, tape, monkeypatch, capsys):
    """It is left where it stands, since it stands in ordinary words, and the end of the recording says so."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", "k1")
    with World(cassette=tape, record="once"):
        ask("the k1 mountain")
    assert capsys.readouterr().err == SHORT
    assert "the k1 mountain" in tape.read_text()
    with World(cassette=tape, record="once"):
        ask("the k1 mountain")
    assert capsys.readouterr().err == ""
