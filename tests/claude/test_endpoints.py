"""What is recorded beside messages: counted tokens, models, beta headers, and answers that are no JSON."""

from __future__ import annotations

import json

import pytest

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.fake import FakeClaude
from fakememtrace.claude.interaction import COUNT_TOKENS, MODELS
from fakememtrace.clock import Clock, Ids
from fakememtrace.errors import CassetteError
from fakememtrace.wire import Request

from .helpers import interaction, request

MODEL = {"type": "model", "id": "claude-x", "display_name": "Claude X", "created_at": "2026-01-01T00:00:00Z"}
PAGE = {"data": [MODEL], "has_more": False, "first_id": "claude-x", "last_id": "claude-x"}


def cassette():
    """One recording of each endpoint."""
    return Cassette(
        [
            interaction(request("hi"), "Hello."),
            interaction(request("hi"), {"input_tokens": 12}, endpoint=COUNT_TOKENS),
            interaction({"limit": "20"}, PAGE, endpoint=MODELS),
            interaction({"id": "claude-x"}, MODEL, endpoint=MODELS),
            interaction(request("beta"), "With.", betas=("b-1", "b-2")),
            interaction(request("down"), "<html>\nBad gateway\n</html>", status=502),
        ]
    )


def fake(given):
    """A fake Claude that plays the cassette."""
    return FakeClaude(Clock(), Ids(), given)


def ask(claude, method, path, body=None, query="", **headers):
    """Status and body of the answer."""
    given = json.dumps(body).encode() if body else b""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = claude.handle(Request(method, "https://api.anthropic.com", path, query, named, given))
    return response.status, json.loads(response.body) if response.body[:1] == b"{" else response.body.decode()


def test_every_endpoint_is_kept_and_played(tmp_path):
    """A saved cassette answers counted tokens, the list of models, one model, and a text that is no JSON."""
    before = cassette()
    before.save(tmp_path / "c.json")
    after = Cassette.load(tmp_path / "c.json")
    assert after.interactions == before.interactions
    claude = fake(after)
    assert ask(claude, "POST", "/v1/messages/count_tokens", request("hi")) == (200, {"input_tokens": 12})
    assert ask(claude, "GET", "/v1/models", query="limit=20") == (200, PAGE)
    assert ask(claude, "GET", "/v1/models/claude-x") == (200, MODEL)
    assert ask(claude, "POST", "/v1/messages", request("down")) == (502, "<html>\nBad gateway\n</html>")
    assert [call.interaction for call in claude.calls] == [6]


def test_the_same_body_at_two_endpoints_is_two_requests():
    """A count of tokens is not answered with a message, nor a message with a count."""
    claude = fake(Cassette([interaction(request("hi"), {"input_tokens": 12}, endpoint=COUNT_TOKENS)]))
    assert ask(claude, "POST", "/v1/messages", request("hi"))[0] == 400


@pytest.mark.parametrize(
    ("sent", "status"), [("b-2,b-1", 200), ("b-1, b-2", 200), ("b-1", 400), ("", 400), ("b-1,b-2,b-3", 400)]
)
def test_beta_headers_are_part_of_the_request(sent, status):
    """A recording with betas answers the same betas in any order, and no others."""
    assert ask(fake(cassette()), "POST", "/v1/messages", request("beta"), anthropic_beta=sent)[0] == status


def test_a_recording_without_betas_answers_any():
    """Where nobody wrote down which betas were sent, none is asked for."""
    assert ask(fake(cassette()), "POST", "/v1/messages", request("hi"), anthropic_beta="b-9")[0] == 200


def test_an_unknown_endpoint_in_a_file_is_refused(tmp_path):
    """The nearest one is named."""
    document = json.loads(cassette().dumps())
    document["interactions"][1]["endpoint"] = "count_token"
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document), "utf-8")
    with pytest.raises(CassetteError) as found:
        Cassette.load(path)
    assert str(found.value) == (
        f"{path}, interaction 2, \"endpoint\": unknown endpoint 'count_token'. Did you mean 'count_tokens'?\n"
        "Known: messages, count_tokens and models."
    )
