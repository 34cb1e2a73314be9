from __future__ import annotations

import json
from typing import Any

import pytest

from fakememtrace.memory.gojson import GoJSONError, encode, mapping, parse

from .caller import Caller

MEMORY = {"agent_id": "agent_1", "content": "x"}


def refused(server: Caller, body: bytes) -> str:
    """The error text of creating a memory from `body`, which is a 400."""
    answer = server.post("/memories", body)
    assert answer.status == 400
    return str(answer.body["error"])


def test_keys_match_in_any_case(server: Caller) -> None:
    """AGENT_ID is agent_id."""
    assert server.post("/memories", {"AGENT_ID": "agent_1", "Content": "x"}).status == 201


def test_unknown_fields_are_ignored(server: Caller) -> None:
    """A field that the server does not know changes nothing, time and ids included."""
    memory = server.remember("x", color="red", time="2020-01-01T00:00:00Z", org_id="org_x", memory_id="mem_x")
    assert memory["time"] == "2026-02-07T12:00:00Z"
    assert memory["org_id"] == "org_default"
    assert set(memory) == {"time", "org_id", "agent_id", "memory_type", "event_type", "content", "dedup_key"}


@pytest.mark.parametrize("second", ["content", "CONTENT"])
def test_of_duplicate_keys_the_last_wins(server: Caller, second: str) -> None:
    """Also when they differ in case."""
    answer = server.post("/memories", f'{{"agent_id":"agent_1","content":"a","{second}":"b"}}'.encode())
    assert answer.body["content"] == "b"


def test_null_counts_as_absent(server: Caller) -> None:
    """A null field takes its default, and a required one is missing."""
    memory = server.remember("x", memory_type=None, tags=None, metadata=None, importance=None)
    assert memory["memory_type"] == "episodic"
    assert refused(server, b'{"agent_id":null,"content":"x"}') == "agent_id is required"
    assert refused(server, b"null") == "agent_id is required"


@pytest.mark.parametrize(
    ("field", "value", "got", "wanted"),
    [
        ("content", 5, "number", "string"),
        ("content", True, "bool", "string"),
        ("agent_id", {}, "object", "string"),
        ("tags", "a", "string", "[]string"),
        ("tags", [1], "number", "string"),
        ("metadata", [], "array", "map[string]interface {}"),
        ("importance", "0.5", "string", "float64"),
        ("importance", False, "bool", "float64"),
    ],
)
def test_a_wrong_type_is_refused(server: Caller, field: str, value: Any, got: str, wanted: str) -> None:
    """The text is Go's and names the field."""
    place = f"Go struct field CreateRequest.{field}"
    assert refused(server, json.dumps({**MEMORY, field: value}).encode()) == (
        f"invalid request body: json: cannot unmarshal {got} into {place} of type {wanted}"
    )


@pytest.mark.parametrize(("value", "got"), [(2.0, "number 2.0"), (1 << 63, f"number {1 << 63}"), ("2", "string")])
def test_an_integer_has_no_fraction(server: Caller, value: Any, got: str) -> None:
    """2.0 is no integer for Go, and neither is what 64 bits cannot hold."""
    answer = server.post("/search", {"limit": value})
    text = f"invalid request body: json: cannot unmarshal {got} into Go struct field SearchQuery.limit of type int"
    assert (answer.status, answer.body) == (400, {"error": text})


@pytest.mark.parametrize(("body", "kind"), [(b"[]", "array"), (b'"x"', "string"), (b"true", "bool"), (b"5", "number")])
def test_a_body_that_is_no_object_is_refused(server: Caller, body: bytes, kind: str) -> None:
    """Every body is an object or null."""
    assert refused(server, body) == (
        f"invalid request body: json: cannot unmarshal {kind} into Go value of type memory.CreateRequest"
    )


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "unexpected end of JSON input"),
        (b'{"agent_id": ', "unexpected end of JSON input"),
        (b'{"agent_id": "a', "unexpected end of JSON input"),
        (b"{'a': 1}", "invalid character ''' looking for beginning of object key string"),
        (b'{"a" 1}', "invalid character '1' after object key"),
        (b'{"a": 1 "b"}', "invalid character '\"' after object key:value pair"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b'{"a": "\n"}', "invalid character '\\n' in string literal"),
        (b'{"a": tru}', "invalid character 't' looking for beginning of value"),
        (b'{"importance": NaN}', "invalid character 'N' looking for beginning of value"),
        (b'{"importance": -Infinity}', "invalid character 'I' looking for beginning of value"),
        (b"\xef\xbb\xbf{}", "invalid character '\\ufeff' looking for beginning of value"),
    ],
)
def test_what_is_no_json_is_refused(server: Caller, body: bytes, problem: str) -> None:
    """The text says where reading stopped."""
    # decision: the contract gives the start of this text only; the rest is as close to Go's as Python's parser allows.
    assert refused(server, body) == f"invalid request body: {problem}"


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"metadata":' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001])
def test_deep_nesting_is_refused(server: Caller, body: bytes) -> None:
    """A body nested deeper than the parser goes is an error, not a crash."""
    assert refused(server, body) == "invalid request body: exceeded max depth"


@pytest.mark.parametrize(("depth", "status"), [(199, 201), (200, 400), (2_000, 400), (50_000, 400)])
@pytest.mark.parametrize("frames", [0, 400])
def test_the_depth_that_is_borne_is_always_the_same(server: Caller, depth: int, status: int, frames: int) -> None:
    """200 levels are stored and 201 are refused, however deep the program's own stack is."""
    # decision: Go bears 10,000 levels; Python's stack does not, and where it ends is nobody's business.
    metadata = b'{"a":' * depth + b"1" + b"}" * depth
    body = b'{"agent_id":"a","content":"\\u0041 [[{","metadata":' + metadata + b"}"

    def called_from(frames: int) -> int:
        return called_from(frames - 1) if frames else server.post("/memories", body).status

    assert called_from(frames) == status
    assert len(server.fake.memories()) == (status == 201)


@pytest.mark.parametrize("digits", ["1e999", "9" * 400])
def test_a_number_beyond_a_double_is_refused(server: Caller, digits: str) -> None:
    """Numbers are doubles; what is larger is an error."""
    assert refused(server, f'{{"agent_id":"a","content":"x","importance":{digits}}}'.encode()).startswith(
        "invalid request body: json: cannot unmarshal number"
    )


def test_a_number_of_endless_digits_is_refused(server: Caller) -> None:
    """Python's own limit on digits does not become a crash."""
    assert refused(server, b'{"importance":' + b"9" * 5_000 + b"}") == "invalid request body: number out of range"


@pytest.mark.parametrize("content", [b"a\xffb", b"a\\ud800b"])
def test_what_is_no_unicode_becomes_the_replacement_character(server: Caller, content: bytes) -> None:
    """Invalid UTF-8 and lone surrogates are replaced, not refused."""
    answer = server.post("/memories", b'{"agent_id":"agent_1","content":"' + content + b'"}')
    assert answer.body["content"] == "a\ufffdb"


def test_surrogates_are_replaced_wherever_they_are() -> None:
    """In keys, lists and objects as well."""
    assert parse(b'{"\\udfff":["\\ud800",{"a":1}]}') == {"\ufffd": ["\ufffd", {"a": 1}]}


@pytest.mark.parametrize("kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/json ;"])
def test_a_content_type_that_is_not_json_is_refused(server: Caller, kind: str | None) -> None:
    """The body is not even looked at."""
    headers = {"content_type": kind} if kind else {}
    response = server.raw("POST", "/api/v1/memories", "", json.dumps(MEMORY).encode(), x_api_key=server.key, **headers)
    assert (response.status, json.loads(response.body)) == (
        400,
        {"error": "invalid request body: Unprocessable Entity"},
    )


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=utf-8", "application/vnd.x+json"])
def test_every_kind_of_json_is_read(server: Caller, kind: str) -> None:
    """Parameters, letter case and vendor types do not matter."""
    response = server.raw(
        "POST", "/api/v1/memories", "", json.dumps(MEMORY).encode(), x_api_key=server.key, content_type=kind
    )
    assert response.status == 201


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("1.0", "1"),
        ("0.5", "0.5"),
        ("9007199254740993", "9007199254740992"),
        ("1e20", "100000000000000000000"),
        ("1e21", "1e+21"),
        ("12345678901234567890", "12345678901234567000"),
        ("-2.0", "-2"),
    ],
)
def test_free_numbers_go_through_a_double(given: str, shown: str) -> None:
    """A whole number has no fraction again, and a long one is rounded."""
    assert encode(mapping(parse(f'{{"n":[{given}]}}'.encode()))) == f'{{"n":[{shown}]}}'.encode()


def test_free_objects_come_back_with_sorted_keys(server: Caller) -> None:
    """Metadata loses the order that its keys had, at every depth, and keeps its nulls."""
    memory = server.remember("x", metadata={"b": {"z": 1, "y": None}, "a": [True, "t"]})
    assert json.dumps(memory["metadata"]) == '{"a": [true, "t"], "b": {"y": null, "z": 1}}'


def test_angle_brackets_and_ampersands_are_escaped(server: Caller) -> None:
    """As Go writes them; once parsed nothing has changed."""
    row = server.raw(
        "POST",
        "/api/v1/memories",
        "",
        b'{"agent_id":"agent_1","content":"<a> & b"}',
        x_api_key=server.key,
        content_type="application/json",
    ).body
    assert b'"content":"\\u003ca\\u003e \\u0026 b"' in row
    assert json.loads(row)["content"] == "<a> & b"


def test_a_lone_surrogate_can_still_be_written() -> None:
    """Text that did not come through a body (a path) cannot break the encoder."""
    assert encode("\udc80") == b'"\\udc80"'


def test_the_parser_raises_its_own_error() -> None:
    """One exception stands for all that is wrong with a text."""
    with pytest.raises(GoJSONError):
        parse(b"{")
