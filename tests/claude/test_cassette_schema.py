"""The JSON Schema of the cassette format: it takes what the reader takes, and refuses what is out of shape."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import pytest

import fakememtrace.claude
from fakememtrace import Cassette, CassetteError

ROOT = Path(__file__).parents[2]
SCHEMA = json.loads(Path(fakememtrace.claude.__file__).with_name("cassette.schema.json").read_text("utf-8"))
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)
OURS = sorted([*ROOT.glob("scenarios/*/cassette*.json"), *ROOT.glob("evals/cassettes/*.json")])
FIRST = {
    "number": 1,
    "provenance": {"kind": "authored", "model": "claude-sonnet-5", "date": "2026-11-22"},
    "request": {"model": "claude-sonnet-5", "messages": [{"role": "user", "content": "Hi"}]},
    "response": "Hello!",
}
RECORDED = {"kind": "recorded", "model": "claude-sonnet-5", "date": "2026-11-22"}
START = {"type": "message_start", "message": {}}


def cassette(**changes):
    """A cassette of one interaction with some of its keys changed; a key of None is taken away."""
    entry = {**copy.deepcopy(FIRST), **changes}
    entry = {key: value for key, value in entry.items() if value is not None}
    return {"format": "fakememtrace-cassette", "version": 1, "interactions": [entry]}


def is_read(value, folder):
    """Whether the reader takes it, to the last event."""
    path = folder / "cassette.json"
    path.write_text(json.dumps(value), "utf-8")
    try:
        for interaction in Cassette.load(path).interactions:
            assert interaction.request is not None
            assert interaction.response is not None
    except CassetteError:
        return False
    return True


def test_the_schema_is_one():
    """It is a schema of the draft that it names."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", OURS, ids=lambda path: str(path.relative_to(ROOT)))
def test_our_cassettes_are_of_it(path):
    """Every cassette of this project is valid."""
    assert [error.message for error in VALIDATOR.iter_errors(json.loads(path.read_text("utf-8")))] == []


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"response": ["Two", "lines"]},
        {"response": {"content": [{"type": "tool_use", "name": "f", "input": {}}]}},
        {"duration_ms": 12, "betas": ["a"], "headers": {"request-id": "req_1"}},
        {"status": 529, "response": {"error": {"message": "Overloaded"}}},
        {"status": 502, "response": "<html>"},
        {"response": None, "events": [[0, START]], "provenance": RECORDED},
        {"endpoint": "count_tokens", "response": {"input_tokens": 3}},
    ],
    ids=str,
)
def test_what_is_read_is_valid(changes, tmp_path):
    """What the reader takes the schema takes."""
    assert is_read(cassette(**changes), tmp_path)
    assert VALIDATOR.is_valid(cassette(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"number": 0},
        {"answer": "Hello!"},
        {"provenance": {**RECORDED, "kind": "invented"}},
        {"provenance": {"kind": "authored", "model": "claude-sonnet-5"}},
        {"provenance": {**RECORDED, "usage": "guessed"}},
        {"provenance": RECORDED, "response": {"content": []}},
        {"duration_ms": -1},
        {"duration_ms": 0.5},
        {"endpoint": "embeddings"},
        {"betas": "a"},
        {"stream": "yes"},
        {"status": 302},
        {"status": 99, "provenance": RECORDED},
        {"headers": {"a": 1}},
        {"request": None},
        {"request": []},
        {"response": None},
        {"response": 7},
        {"events": [[0, START]]},
        {"response": None, "events": []},
        {"response": None, "events": [[-1, START]]},
        {"response": None, "events": [[0, {"message": {}}]]},
        {"response": None, "events": [[0]]},
    ],
    ids=str,
)
def test_what_is_out_of_shape_is_refused_by_both(changes, tmp_path):
    """What the reader refuses for its shape an editor can show at once."""
    assert not is_read(cassette(**changes), tmp_path)
    assert not VALIDATOR.is_valid(cassette(**changes))


@pytest.mark.parametrize("change", [{"format": "vcr"}, {"version": 2}, {"interactions": {}}, {"more": 1}], ids=str)
def test_another_file_is_refused_by_both(change, tmp_path):
    """The head of the file is part of it."""
    assert not is_read({**cassette(), **change}, tmp_path)
    assert not VALIDATOR.is_valid({**cassette(), **change})
