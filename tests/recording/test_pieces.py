"""No part of an interaction is forgotten: pieces of streams, response headers, betas, and the model's name."""

from __future__ import annotations

import dataclasses
import json

import anthropic
import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import Event, Interaction
from fakememtrace.claude.recording.making import kept
from fakememtrace.claude.redact import Redactor, suspicious
from fakememtrace.claude.redaction.parts import parts
from fakememtrace.claude.sse import accumulated
from fakememtrace.world import World

from ..claude.helpers import AUTHOR, answer, interaction, request
from . import api as replies
from .programs import ask

# Put together here, so that nobody takes this file for a leak.
KEY = "sk-ant-" + "api03-" + "Ab1" * 20
GITHUB = "gh" + "p_" + "Ab1" * 12
DELTAS = {
    "text_delta": ("text", {"type": "text", "text": ""}),
    "thinking_delta": ("thinking", {"type": "thinking", "thinking": "", "signature": ""}),
    "input_json_delta": ("partial_json", {"type": "tool_use", "id": "toolu_1", "name": "x", "input": {}}),
}
ADVICE = (
    "Expected a recording that anybody may read.\n"
    "What to do: name a secret so that it is replaced, redact=[...] or --claude-redact, or take it out of what the "
    "program sends, such as its prompt; what is no secret, allow by its exact text, allow=[...].\n"
    "The API has been asked, and its answer is lost."
)


def cut(kind, *pieces):
    """The events of a message whose only block comes in such pieces."""
    key, block = DELTAS[kind]
    deltas = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": kind, key: piece}} for piece in pieces if piece
    ]
    return [
        {"type": "message_start", "message": {**answer(), "stop_reason": None}},
        {"type": "content_block_start", "index": 0, "content_block": block},
        *deltas,
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]


def streamed(told):
    """A reply of these events."""
    chunks = tuple(f"event: {data['type']}\ndata: {json.dumps(data)}\n\n".encode() for data in told)
    return replies.Reply(200, {"content-type": "text/event-stream"}, chunks)


def in_pieces(kind, secret):
    """A text with the secret, cut in the middle of it, at its start and in its last letters."""
    before, after = ('{"a": "It is ', '."}') if kind == "input_json_delta" else ("It is ", ".")
    return [before, secret[:5], secret[5:30], secret[30:], after]


@pytest.mark.parametrize("kind", DELTAS)
def test_a_secret_in_pieces_is_in_no_piece(api, tape, kind):
    """What a stream cuts is replaced in the piece where it begins; of the others nothing of it is left."""
    pieces = in_pieces(kind, KEY)
    api.will(streamed(cut(kind, *pieces)))
    with World(cassette=tape, record="once"), anthropic.Anthropic() as claude:
        list(claude.messages.create(**request("hi"), stream=True))
    (this,) = Cassette.load(tape).interactions
    key = DELTAS[kind][0]
    deltas = [event.data["delta"][key] for event in this.events if event.data["type"] == "content_block_delta"]
    assert deltas == [pieces[0], "<anthropic-api-key>", "", "", pieces[-1]]
    assert KEY[6:16] not in tape.read_text()


@pytest.mark.parametrize("kind", DELTAS)
def test_what_looks_like_a_secret_in_pieces_is_refused(api, tape, kind):
    """No piece looks like one, but what they add up to does: nothing is written."""
    api.will(streamed(cut(kind, *in_pieces(kind, GITHUB))))
    with World(cassette=tape, record="once") as world, anthropic.Anthropic() as claude:
        with pytest.raises(anthropic.BadRequestError):
            list(claude.messages.create(**request("hi"), stream=True))
        (exchange,) = world.journal.unexpected()
    place = {"text_delta": "text", "thinking_delta": "thinking", "input_json_delta": "input.a"}[kind]
    assert exchange.unexpected == (
        "tape.json, interaction 1: 1 text looks like a secret, so nothing was written.\n"
        f"  response.content[0].{place}: github-token, {GITHUB[:6]}… (40 characters)\n{ADVICE}"
    )
    assert not tape.exists()


def test_a_secret_in_a_kept_header_is_replaced(api, tape):
    """The headers that are worth keeping are kept without it."""
    api.will(replies.json_reply(200, answer("ok"), {"request-id": f"req {KEY}", "retry-after": "Ada Lovelace"}))
    with World(cassette=tape, record="once", redact=["Ada Lovelace"]):
        ask("hi")
    assert Cassette.load(tape).interactions[0].headers == {
        "request-id": "req <anthropic-api-key>",
        "retry-after": "<redacted>",
    }


def test_what_looks_like_a_secret_in_a_kept_header_is_refused(api, tape):
    """The place is told as everywhere."""
    api.will(replies.json_reply(200, answer("ok"), {"request-id": GITHUB}))
    with World(cassette=tape, record="once") as world:
        with pytest.raises(anthropic.BadRequestError):
            ask("hi")
        (exchange,) = world.journal.unexpected()
    assert exchange.unexpected == (
        "tape.json, interaction 1: 1 text looks like a secret, so nothing was written.\n"
        f"  headers.request-id: github-token, {GITHUB[:6]}… (40 characters)\n{ADVICE}"
    )
    assert not tape.exists()


def test_betas_and_the_model_are_replaced_and_found_again(api, tape):
    """What the user names is in no header that is kept of the request, and in no name of a model."""
    named = ["acme-private", "acme-llm"]
    api.will(replies.message("ok", model="acme-llm-2"))

    def program():
        with anthropic.Anthropic() as claude:
            body = request("hi", model="acme-llm-2")
            claude.messages.create(**body, extra_headers={"anthropic-beta": f"plain-1,acme-private-2,{KEY}"})

    with World(cassette=tape, record="once", redact=named):
        program()
    (this,) = Cassette.load(tape).interactions
    assert this.betas == ("<anthropic-api-key>", "<redacted>-2", "plain-1")
    assert this.provenance.model == this.request["model"] == this.response["model"] == "<redacted>-2"
    assert not any(name in tape.read_text() for name in (*named, KEY))
    with World(cassette=tape, redact=named) as world:
        program()
        world.journal.assert_clean()


def test_what_looks_like_a_secret_in_a_beta_is_refused(api, tape):
    """It is seen before anything is paid for."""
    with World(cassette=tape, record="once") as world, anthropic.Anthropic() as claude:
        with pytest.raises(anthropic.BadRequestError):
            claude.messages.create(**request("hi"), extra_headers={"anthropic-beta": GITHUB})
        (exchange,) = world.journal.unexpected()
    assert exchange.unexpected == (
        "tape.json, interaction 1: 1 text looks like a secret, so nothing was written.\n"
        f"  betas[0]: github-token, {GITHUB[:6]}… (40 characters)\n"
        + ADVICE.removesuffix("\nThe API has been asked, and its answer is lost.")
    )
    assert api.calls == 0


# Each field of an interaction that holds texts, with one in it.
TOLD = cut("text_delta", f"It is {GITHUB}")
FIELDS = {
    "request": {"request": request(GITHUB)},
    "response": {"response": answer(GITHUB)},
    "headers": {"headers": {"request-id": GITHUB}},
    "betas": {"betas": (GITHUB,)},
    "provenance": {"provenance": dataclasses.replace(AUTHOR, model=GITHUB)},
    "events": {"events": tuple(Event(1, data) for data in TOLD), "response": accumulated(TOLD)},
}
# These are checked when a cassette is read: numbers, and one of three words.
NO_TEXTS = {"status", "stream", "duration_ms", "endpoint"}


def test_no_field_is_forgotten():
    """Whoever adds a field to an interaction says here where its secrets are."""
    assert {field.name for field in dataclasses.fields(Interaction)} == FIELDS.keys() | NO_TEXTS


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_is_looked_at_and_cleaned(name):
    """A secret in any of them is found where recorder and command look, and is gone when it is named."""
    this = dataclasses.replace(interaction(request("hi"), "ok"), **FIELDS[name])
    assert {finding.place.partition(".")[0].partition("[")[0] for finding in suspicious(parts(this))} >= {name}
    redactor = Redactor([GITHUB])
    assert GITHUB in str(this)
    cleaned = kept(this, redactor)
    assert GITHUB not in str(cleaned)
    assert kept(cleaned, redactor) == cleaned
