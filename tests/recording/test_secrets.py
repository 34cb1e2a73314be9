"""No secret in a cassette: what is known or named is replaced, and with what only looks like one nothing is written."""

from __future__ import annotations

import base64
import json

import anthropic
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.errors import UsageError
from fakememtrace.world import World

from ..claude.helpers import request
from . import api as replies
from .programs import ask

# Put together here, so that nobody takes this file for a leak.
KEY = "sk-ant-" + "api03-" + "Ab1" * 20
GITHUB = "gh" + "p_" + "Ab1" * 12
NAME = "Ada Lovelace"


def test_secrets_are_replaced_in_what_is_written(api, tape):
    """Keys, and what the user names, are in no part of the file; the program and the API get them as they are."""
    api.will(replies.message(f"{NAME} has {KEY}."))
    with World(cassette=tape, record="once", redact=[NAME]):
        assert ask(f"I am {NAME}", system=f"The key is {KEY}.") == f"{NAME} has {KEY}."
    ((_, headers, body),) = api.asked
    assert body["system"] == f"The key is {KEY}."
    text = tape.read_text()
    assert KEY not in text
    assert NAME not in text
    assert headers.get("x-api-key", headers.get("authorization")) not in text
    (interaction,) = Cassette.load(tape).interactions
    assert interaction.request["system"] == "The key is <anthropic-api-key>."
    assert interaction.answer["content"][0]["text"] == "<redacted> has <anthropic-api-key>."


def test_what_was_replaced_is_replayed(api, tape):
    """The same program finds its recordings: what it sends is looked for as it would have been written."""

    def converse():
        first = ask(f"I am {NAME}", system=f"The key is {KEY}.")
        return first, ask(f"I am {NAME}", first, "Who am I?", system=f"The key is {KEY}.")

    api.will(replies.message(f"Hello, {NAME}!"), replies.message(f"{NAME}."))
    with World(cassette=tape, record="once", redact=[NAME]):
        assert converse() == (f"Hello, {NAME}!", f"{NAME}.")
    with World(cassette=tape, redact=[NAME]) as world:
        assert converse() == ("Hello, <redacted>!", "<redacted>.")
        world.journal.assert_clean()


def test_a_secret_in_pieces_is_replaced(api, tape):
    """A stream tells a text in pieces: a secret is found all the same, and replaced in the piece where it begins."""
    text = f"So you are {NAME}, and your key is {KEY}; well, {NAME}."
    use = {"type": "tool_use", "id": "toolu_1", "name": "remember", "input": {"content": f"{NAME} has {KEY}"}}
    api.will(replies.stream({"type": "thinking", "thinking": text, "signature": "c2ln"}, text, use))
    with World(cassette=tape, record="once", redact=[NAME]), anthropic.Anthropic() as claude:
        got = list(claude.messages.create(**request("hi"), stream=True))
    with World(cassette=tape, redact=[NAME]), anthropic.Anthropic() as claude:
        again = list(claude.messages.create(**request("hi"), stream=True))
    assert [event.type for event in again] == [event.type for event in got]
    assert KEY[:12] not in tape.read_text()
    (interaction,) = Cassette.load(tape).interactions
    thought, said, called = interaction.answer["content"]
    replaced = text.replace(NAME, "<redacted>").replace(KEY, "<anthropic-api-key>")
    assert thought["thinking"] == said["text"] == replaced
    assert called["input"] == {"content": "<redacted> has <anthropic-api-key>"}


@pytest.mark.parametrize("where", ["request", "response"])
def test_what_looks_like_a_secret_is_refused(api, tape, where):
    """Where we cannot be sure nothing is written: the test fails, and learns the place, but not the secret."""
    said = GITHUB if where == "request" else "hi"
    api.will(replies.message(f"It is {GITHUB}."))
    with World(cassette=tape, record="once") as world:
        with pytest.raises(anthropic.BadRequestError):
            ask(said)
        (exchange,) = world.journal.unexpected()
    place = "request.messages[0].content" if where == "request" else "response.content[0].text"
    lost = "" if where == "request" else "\nThe API has been asked, and its answer is lost."
    assert exchange.unexpected == (
        "tape.json, interaction 1: 1 text looks like a secret, so nothing was written.\n"
        f"  {place}: github-token, {GITHUB[:6]}… (40 characters)\n"
        "Expected a recording that anybody may read.\n"
        "What to do: name a secret so that it is replaced, redact=[...] or --claude-redact, or take it out of what "
        "the program sends, such as its prompt; what is no secret, allow by its exact text, allow=[...]." + lost
    )
    assert not tape.exists()
    # What the request has is seen before anything is paid for.
    assert api.calls == (0 if where == "request" else 1)


def test_what_came_before_the_refusal_stays(api, tape):
    """The file has what was recorded before, and nothing of the interaction with the secret."""
    with World(cassette=tape, record="once"):
        ask("hi")
        before = tape.read_text()
        with pytest.raises(anthropic.BadRequestError):
            ask(GITHUB)
    assert tape.read_text() == before


def test_what_is_no_secret_is_allowed(api, tape):
    """A text that only looks like a secret is recorded as it is, where the user says so."""
    with World(cassette=tape, record="once", allow=[GITHUB]) as world:
        ask(GITHUB)
        world.journal.assert_clean()
    assert GITHUB in tape.read_text()


def test_only_the_headers_worth_keeping_are_kept(api, tape):
    """Who the organization is, and cookies, are not in the file."""
    hello = replies.message("Hello!")
    others = {"set-cookie": "session=" + "a1" * 10, "anthropic-organization-id": "0" * 36, "date": "today"}
    api.will(hello._replace(headers={**hello.headers, **others, "anthropic-ratelimit-requests-limit": "50"}))
    with World(cassette=tape, record="once"):
        ask("hi")
    assert Cassette.load(tape).interactions[0].headers == {
        "anthropic-ratelimit-requests-limit": "50",
        "request-id": "req_message",
    }


def test_media_are_told_by_their_digest(api, tape):
    """A picture is sent as it is, and written as its digest; it is found again by what it shows."""
    data = base64.b64encode(bytes(range(256))).decode()
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": data}}
    with World(cassette=tape, record="once"):
        ask([picture])
    assert api.asked[0][2]["messages"][0]["content"] == [picture]
    assert data not in tape.read_text()
    assert json.loads(tape.read_text())["interactions"][0]["request"]["messages"][0]["content"][0]["source"][
        "data"
    ].startswith("sha256:")
    with World(cassette=tape) as world:
        assert ask([picture]) == "Hello!"
        world.journal.assert_clean()


@pytest.mark.parametrize("name", ["redact", "allow"])
def test_one_text_is_no_list(tape, name):
    """A text in place of a list is refused before anything runs: its letters are not what is meant."""
    with pytest.raises(UsageError, match=f"^{name}: one text was given in place of a list"):
        World(cassette=tape, record="once", **{name: NAME})


def test_lists_may_be_of_any_kind(api, tape):
    """What can be gone through only once is gone through once."""
    with World(cassette=tape, record="once", redact=iter([NAME]), allow=iter([GITHUB])) as world:
        ask(f"I am {NAME}, {GITHUB}")
        ask(f"I was {NAME}, {GITHUB}")
        world.journal.assert_clean()
    assert NAME not in tape.read_text()
