"""Streams stay text until they are played: what is read then is what was written, and what is broken is told then."""

from __future__ import annotations

import json

import anthropic
import pytest

from fakememtrace import World
from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.interaction import RECORDED, WITNESS, Event, Interaction, Provenance
from fakememtrace.claude.reading import complaints
from fakememtrace.claude.sse import accumulated, events
from fakememtrace.claude.unread import set_aside
from fakememtrace.errors import CassetteError

from .helpers import answer, interaction, request

MADE_BY = "A cassette is made by fakememtrace's author or recorder and edited by hand."
RECORDING = Provenance(RECORDED, "claude-x", "2026-02-07", WITNESS)

FIRST = answer({"type": "text", "text": "Tea, and not coffee."})
SECOND = answer({"type": "text", "text": 'Still "tea":\n\\ no \u2028 doubt.'})


def streamed(sent, message):
    """An interaction that was a stream."""
    told = tuple(Event(10 * number, data) for number, data in enumerate(events(message), 1))
    return Interaction(sent, accumulated(event.data for event in told), RECORDING, stream=True, events=told)


def conversation(*more):
    """Two turns, both streams."""
    first = request("What do I drink?")
    asked = [
        *first["messages"],
        {"role": "assistant", "content": FIRST["content"]},
        {"role": "user", "content": "Sure?"},
    ]
    return Cassette([streamed(first, FIRST), streamed({**first, "messages": asked}, SECOND), *more])


def broken(tmp_path, old, new):
    """The file of the conversation with something in it changed."""
    path = tmp_path / "c.json"
    text = conversation().dumps()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")
    return path


def test_streams_that_were_left_aside_are_the_same_streams(tmp_path):
    """A canonical file, whose streams are read late, holds what the same JSON in one line holds."""
    late, early = tmp_path / "late.json", tmp_path / "early.json"
    late.write_text(conversation().dumps(), "utf-8")
    early.write_text(json.dumps(json.loads(conversation().dumps())), "utf-8")
    assert len(set_aside(late.read_text("utf-8"))[1]) == 2
    assert set_aside(early.read_text("utf-8")) == (early.read_text("utf-8"), [])
    assert Cassette.load(late).interactions == Cassette.load(early).interactions == conversation().interactions


def test_loading_and_playing_the_first_turn_reads_no_later_stream(tmp_path):
    """What nobody asks for stays text: neither the stream of the second turn nor the request that goes on with it."""
    conversation().save(tmp_path / "c.json")
    tape = Cassette.load(tmp_path / "c.json")
    with World(cassette=tape):
        client = anthropic.Anthropic()
        with client.messages.stream(**request("What do I drink?")) as stream:
            assert stream.get_final_text() == "Tea, and not coffee."
    second = tape.interactions[1]
    assert [name for name in ("events", "request", "response") if second.is_unread(name)] == [
        "events",
        "request",
        "response",
    ]
    assert second.ending == (3, {"role": "user", "content": "Sure?"})


def test_what_looks_like_a_stream_inside_of_an_answer_is_none(tmp_path):
    """A value called events elsewhere in the file is not taken for a stream, and the file is read as it is."""
    use = {"type": "tool_use", "id": "toolu_1", "name": "log", "input": {"events": 3, "text": '"events": 0'}}
    path = tmp_path / "c.json"
    conversation(interaction(request("Log it."), answer(use))).save(path)
    assert set_aside(path.read_text("utf-8"))[1] == []
    assert Cassette.load(path).interactions[2].response["content"] == [use]
    odd = path.read_text("utf-8").replace('"format"', '"interactions": 1,\n "format"')
    path.write_text(odd, "utf-8")
    assert len(Cassette.load(path)) == 3


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"text": "Still', '"text: "Still', "this is not JSON: Expecting ':' delimiter.\nCorrect the file there."),
        (
            '"delta": {"type": "text_delta", "text": "Still',
            '"dleta": {"type": "text_delta", "text": "Still',
            f"expected an object, found nothing.\n{MADE_BY}",
        ),
    ],
)
def test_a_broken_stream_is_told_when_it_is_looked_for_and_when_it_is_played(tmp_path, old, new, problem):
    """`cassette check` finds an event that is broken; a program that plays it is told the place, not a wrong answer."""
    path = broken(tmp_path, old, new)
    (found,) = complaints(path)
    assert str(path) in str(found)
    tape = Cassette.load(path)
    with pytest.raises(CassetteError) as late:
        assert tape.interactions[1].events
    assert str(late.value).endswith(problem)
    assert str(late.value).startswith(f'{path}, interaction 2, "events"')
    with World(cassette=path) as world:
        client = anthropic.Anthropic()
        with pytest.raises(anthropic.BadRequestError) as refused:
            client.messages.create(**conversation().interactions[1].request)
        assert str(late.value) in str(refused.value.body["error"]["message"])
        assert str(late.value) in world.journal.unexpected()[0].unexpected
