"""Whatever is in a cassette comes back as it was; whatever is cut off a file is refused in words."""

from __future__ import annotations

import gc
import json
from collections import deque

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fakememtrace.claude.cassette import Cassette
from fakememtrace.claude.entry import EntryReader
from fakememtrace.claude.interaction import (
    AUTHORED,
    COUNT_TOKENS,
    ESTIMATED,
    MESSAGES,
    MODELS,
    RECORDED,
    WITNESS,
    Event,
    Interaction,
    Provenance,
)
from fakememtrace.claude.lines import (
    join_content,
    join_free,
    join_message,
    join_tools,
    split_content,
    split_free,
    split_message,
    split_tools,
)
from fakememtrace.claude.reading import complaints
from fakememtrace.claude.sse import accumulated, events
from fakememtrace.errors import CassetteError
from fakememtrace.report.conversation import conversation_lines

from .helpers import answer, conversation, request
from .test_streams import MESSAGE, recorded

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

# What JSON can carry: a pair of surrogates is there the one character that it means, and so not two.
TEXTS = st.text(st.characters() | st.sampled_from("\n\n\r\x00\ud800\udfff\u2028\"\\'{[")).filter(
    lambda text: json.loads(json.dumps(text)) == text
)
NAMES = (
    st.sampled_from(["text", "content", "type", "thinking", "description", "$lines", "$literal", "messages"]) | TEXTS
)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
OBJECTS = st.dictionaries(NAMES, VALUES, max_size=3)

BLOCKS = (
    st.builds(lambda text: {"type": "text", "text": text}, TEXTS)
    | st.builds(lambda text, mark: {"type": "thinking", "thinking": text, "signature": mark}, TEXTS, TEXTS)
    | st.builds(lambda name, value: {"type": "tool_use", "id": name, "name": name, "input": value}, TEXTS, OBJECTS)
    | st.builds(lambda value: {"type": "newer", "content": value}, VALUES)
)
CONTENTS = TEXTS | st.lists(BLOCKS, max_size=3) | VALUES
MESSAGES_SENT = st.lists(
    st.builds(
        lambda role, content: {"role": role, "content": content}, st.sampled_from(["user", "assistant"]), CONTENTS
    ),
    max_size=3,
)
PARAMETERS = st.fixed_dictionaries(
    {"model": st.sampled_from(["claude-x", "claude-y"])},
    optional={
        "system": CONTENTS.filter(lambda value: value is not None),
        "tools": st.lists(OBJECTS, max_size=2),
        "temperature": st.integers(0, 1),
        "metadata": OBJECTS,
    },
)
ORIGINS = st.builds(
    lambda kind, model, date, usage: Provenance(kind, model, date, WITNESS, usage),
    st.sampled_from([AUTHORED, RECORDED]),
    TEXTS,
    TEXTS,
    st.sampled_from(["", ESTIMATED]),
)
ANSWERS = st.builds(
    lambda content, more: {**more, **answer(stop_reason=None), "content": content},
    st.lists(BLOCKS, max_size=3),
    OBJECTS,
)
ERRORS = st.tuples(st.integers(400, 599), st.builds(lambda told: {"type": "error", "told": told}, VALUES) | TEXTS)


def with_results(body):
    """The request, each of its tool results with the id that no authored one may lack."""
    return json.loads(json.dumps(body), object_hook=named)


def named(value):
    """A result that says which call it answers."""
    return {"tool_use_id": "t", **value} if value.get("type") == "tool_result" else value


@st.composite
def interactions(draw, earlier):
    """One interaction of any valid shape; some go on from an earlier one, or have its parameters."""
    body = {**draw(PARAMETERS), "messages": draw(MESSAGES_SENT)}
    if earlier and draw(st.booleans()):
        base = draw(st.sampled_from(earlier))
        goes_on = base.status == 200 and base.endpoint == MESSAGES and draw(st.booleans())
        before = [*base.messages, base.answer] if goes_on else []
        body = {**base.request, "messages": [*before, *body["messages"]]}
    fields = {
        "provenance": draw(ORIGINS),
        "duration_ms": draw(st.integers(0, 10**6)),
        "headers": draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
        "betas": draw(st.none() | st.lists(TEXTS, max_size=2).map(lambda names: tuple(sorted(names)))),
    }
    kind = draw(st.sampled_from(["message", "stream", "error", COUNT_TOKENS, MODELS]))
    if kind == "error":
        status, response = draw(ERRORS)
        return Interaction(with_results(body), response, status=status, **fields)
    if kind == MODELS:
        asked = draw(st.dictionaries(TEXTS.filter(lambda name: name != "messages"), TEXTS, max_size=2))
        return Interaction(asked, draw(OBJECTS), endpoint=MODELS, **fields)
    if kind == COUNT_TOKENS:
        return Interaction(with_results(body), {"input_tokens": 3}, endpoint=COUNT_TOKENS, **fields)
    response = draw(ANSWERS)
    if kind == "message":
        return Interaction(with_results(body), response, stream=draw(st.booleans()), **fields)
    told = tuple(Event(at, data) for at, data in enumerate(events(response)))
    added_up = accumulated(event.data for event in told)
    return Interaction(with_results(body), added_up, stream=True, events=told, **fields)


@st.composite
def cassettes(draw):
    """A few interactions that may have to do with each other."""
    found = []
    for _ in range(draw(st.integers(0, 4))):
        found.append(draw(interactions(found)))
    return Cassette(found)


def read(tape):
    """What a file with the text of the cassette would be read as, without the file."""
    # As write_whole encodes it: a lone surrogate has no UTF-8 form, and its escape is JSON.
    document = json.loads(tape.dumps().encode("utf-8", "backslashreplace"))
    reader = EntryReader("c.json", document["interactions"])
    return Cassette([reader.interaction(number) for number in reader.numbers()])


@unhurried
@given(cassettes())
@example(Cassette([recorded(MESSAGE), *conversation().interactions]))
def test_any_interaction_comes_back_as_it_was(tape):
    """Written and read, every interaction of valid shape is equal, and written again it is the same text."""
    again = read(tape)
    assert again.interactions == tape.interactions
    assert again.dumps() == tape.dumps()


@unhurried
@given(cassettes(), st.booleans())
def test_any_interaction_can_be_shown(tape, full):
    """Whatever is in it, a cassette has lines to show, and none of them can steer a terminal."""
    lines = [line.text for line in conversation_lines(tape, full=full)]
    lines += [line.text for number in range(1, len(tape) + 1) for line in conversation_lines(tape, number, full)]
    assert sum(line.startswith("interaction ") for line in lines) == 2 * len(tape)
    assert all(line.isprintable() for line in lines)


@pytest.mark.parametrize(
    ("split", "join"),
    [
        (split_content, join_content),
        (split_free, join_free),
        (split_message, join_message),
        (split_tools, join_tools),
    ],
    ids=["content", "free", "message", "tools"],
)
@unhurried
@given(value=VALUES)
@example(value=["a", "b"])
@example(value=[{"$lines": ["a", "b"]}, "a\nb"])
@example(value={"content": ["a", "b"], "text": ["a", "b"], "$lines": "x"})
@example(value=[{"description": ["a", "b"], "text": ["a\n", "b"], "content": ["a"]}])
@example(value={"$literal": ["a\nb"]})
def test_texts_as_lines_lose_nothing(split, join, value):
    """Whatever a part of a request is, also where the API would refuse it, it comes back as it was."""
    assert join(json.loads(json.dumps(split(value)))) == value


def test_reading_changes_nothing_that_it_was_given():
    """What needs no change is shared and not copied, so it had better stay as it is."""
    written = json.loads(conversation().dumps())["interactions"]
    before = json.dumps(written)
    reader = EntryReader("c.json", written)
    deque((reader.interaction(number) for number in reader.numbers()), maxlen=0)
    assert json.dumps(written) == before


def test_a_response_that_nobody_asks_for_is_not_added_up(tmp_path):
    """Of a stream that was read there are the events; the message is made of them once, when it is asked for."""
    Cassette([recorded(MESSAGE)]).save(tmp_path / "c.json")
    (one,) = Cassette.load(tmp_path / "c.json").interactions
    assert "response" not in vars(one)
    assert one.response == MESSAGE
    assert one.response is one.response


@pytest.mark.parametrize("was_on", [True, False])
def test_garbage_is_collected_as_before(tmp_path, was_on):
    """Reading a file, good or broken, leaves the collector on or off as it was."""
    (tmp_path / "broken.json").write_text("{", "utf-8")
    conversation().save(tmp_path / "good.json")
    try:
        (gc.enable if was_on else gc.disable)()
        Cassette.load(tmp_path / "good.json")
        assert gc.isenabled() == was_on
        with pytest.raises(CassetteError):
            Cassette.load(tmp_path / "broken.json")
        assert gc.isenabled() == was_on
    finally:
        gc.enable()


def short():
    """A cassette that has something of everything: texts in any language, a stream, an error, numbers and words."""
    one = Cassette([recorded(MESSAGE), *conversation().interactions[:2]])
    odd = request("\U0001f375 \x00 \ud800 é", temperature=0.5, cache=True, other=False, top_p=1e-09, many=1.5e22)
    one.interactions.append(Interaction(odd, "Bad\ngateway", Provenance(AUTHORED, "m", "d"), status=502))
    return one


def test_a_file_that_was_cut_anywhere_is_refused_in_words(tmp_path):
    """Whatever byte a file ends at, reading it says that it was cut short, or that it is empty."""
    path = tmp_path / "c.json"
    short().save(path)
    content = path.read_bytes()
    assert len(content) > 2000
    for length in range(len(content.rstrip())):
        path.write_bytes(content[:length])
        with pytest.raises(CassetteError) as refused:
            Cassette.load(path)
        problem = "the file is empty." if length == 0 else "the file ends in the middle: it was cut short."
        assert refused.value.problem == problem, content[:length][-40:]
        assert refused.value.advice.startswith("Restore it from version control.")
        assert [str(error) for error in complaints(path)] == [str(refused.value)]


def test_a_byte_that_is_another_is_read_or_refused(tmp_path):
    """A damaged file is an equal cassette, another one, or refused in words: never a crash."""
    path = tmp_path / "c.json"
    short().save(path)
    content = path.read_bytes()
    refused = 0
    for position in range(0, len(content), 7):
        path.write_bytes(content[:position] + b"0" + content[position + 1 :])
        found = complaints(path)
        refused += bool(found)
        assert all(error.advice for error in found)
        if not found:
            Cassette.load(path).dumps()
    assert refused > 100


def test_every_broken_interaction_is_named(tmp_path):
    """Each is complained about once, what goes on from a broken one is not, and what stands after it is looked at."""
    document = json.loads(conversation().dumps())
    document["interactions"][0]["duration_ms"] = -1
    document["interactions"].append({"number": 4})
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document), "utf-8")
    assert [(error.place, error.problem) for error in complaints(path)] == [
        ('interaction 1, "duration_ms"', "expected milliseconds from 0, found -1."),
        ('interaction 4, "provenance"', "expected an object, found nothing."),
    ]


def test_a_key_that_nobody_knows_is_refused(tmp_path):
    """What would be lost when the file is written again is not overlooked."""
    path = tmp_path / "c.json"
    path.write_text('{"format": "fakememtrace-cassette", "version": 1, "interaction": []}', "utf-8")
    with pytest.raises(CassetteError) as refused:
        Cassette.load(path)
    assert str(refused.value) == (
        f"{path}: unknown key 'interaction'. Did you mean 'interactions'?\nKnown: format, version and interactions."
    )
