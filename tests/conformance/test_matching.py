from __future__ import annotations

from typing import Any

import pytest

from fakememtrace.conformance.matching import ABSENT, MATCHERS, Difference, differences, value_at
from fakememtrace.wire import Response, json_response, text_response

ACCEPTED: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "$absent": (True, [ABSENT], [None, "", 0]),
    "$any": (True, [None, 0, "", [], {}], [ABSENT]),
    "$contains": (["a", "b"], ["xbxa", "ab"], ["a", 5, ["a", "b"], ABSENT]),
    "$every": ({"$number": True}, [[], [1, 2.5]], [[1, "2"], 1, ABSENT]),
    "$id": ("agent_", ["agent_" + "0a" * 12], ["agent_" + "0A" * 12, "agent_0", "sess_" + "0a" * 12, 5, ABSENT]),
    "$in_order": ([1, 3], [[1, 3], [0, 1, 2, 3, 4]], [[3, 1], [1], [], "13", ABSENT]),
    "$lacks": ("a", ["", "b"], ["cab", ["b"], ABSENT]),
    "$later": (
        "2026-01-01T00:00:00.5Z",
        ["2026-01-01T00:00:00.51Z", "2026-01-01T00:00:01Z"],
        ["2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.499Z", "2026-01-01T00:00:00Z", "later", 5, ABSENT],
    ),
    "$length": (2, [[1, 2]], [[1], "ab", {"a": 1, "b": 2}, ABSENT]),
    "$matches": ("a.b", ["axb", "a\nb"], ["axbc", "ab", 5, ABSENT]),
    "$none_of": ([1, {"$text": True}], [[], [2, 3]], [[2, 1], ["a"], 5, ABSENT]),
    "$not": (1, [2, "1", None, True], [1, 1.0, ABSENT]),
    "$number": (True, [0, -1, 2.5], [True, "1", None, ABSENT]),
    "$optional": ({"$number": True}, [ABSENT, 1], ["1", None]),
    "$sha256": ("a", ["ca978112ca1bbdcafac231b39a23dc4d"], ["ca978112ca1bbdcafac231b39a23dc4", "a", 5, ABSENT]),
    "$text": (True, ["a"], ["", 5, None, ABSENT]),
    "$time": (
        6,
        ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000001Z", "2026-01-01T00:00:00.1Z"],
        [
            "2026-01-01T00:00:00.0000001Z",
            "2026-01-01T00:00:00.10Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01 00:00:00Z",
            5,
            ABSENT,
        ],
    ),
}


def found(expect: dict[str, Any], response: Response, dialect: str = "0.2.0") -> list[Difference]:
    """What differs; the status is 200."""
    return differences({"status": 200, **expect}, response, dialect)


@pytest.mark.parametrize("name", MATCHERS)
def test_what_a_matcher_accepts(name: str) -> None:
    """What may vary is accepted, and nothing else: a list is no text, and what is absent is not there."""
    argument, accepted, refused = ACCEPTED[name]
    assert [value for value in accepted if not MATCHERS[name].accepts(argument, value)] == []
    assert [value for value in refused if MATCHERS[name].accepts(argument, value)] == []


def test_a_whole_body_is_compared_exactly() -> None:
    """What is missing, what is too much and what is of another type, each with its place."""
    answer = json_response(200, {"a": 1, "b": [1, {"c": True}], "d": None})
    assert found({"json": {"a": 1.0, "b": [1, {"c": True}], "d": None}}, answer) == []
    assert found({"json": {"a": "1", "b": [1, {"c": 1}], "e": 5}}, answer) == [
        ("body.a", '"1"', "1"),
        ("body.b.1.c", "1", "true"),
        ("body.e", "5", "(absent)"),
        ("body.d", "(absent)", "null"),
    ]
    assert found({"json": {"a": 1, "b": [1], "d": None}}, answer) == [("body.b", "[1]", '[1, {"c": true}]')]


def test_a_difference_says_what_was_expected_in_words() -> None:
    """Where a matcher stands for the value."""
    answer = json_response(200, {"time": "now", "n": "1"})
    assert found({"json": {"time": {"$time": 6}, "n": {"$not": "1"}}}, answer) == [
        ("body.time", "a time in UTC with at most 6 digits of a second", '"now"'),
        ("body.n", 'anything but "1"', '"1"'),
    ]


def test_places() -> None:
    """Names, numbers and all items of a list; what is not there is absent."""
    body = {"a": [{"b": 1}, {"b": 2}, {}], "c": {"d": [5]}}
    assert value_at(body, "a.1.b") == 2
    assert value_at(body, "a.*.b") == [1, 2, ABSENT]
    assert value_at(body, "c.d.*") == [5]
    assert [value_at(body, place) for place in ("x", "a.9", "a.b", "c.d.0.x", "c.*")] == [ABSENT] * 5


def test_an_error_in_each_dialect() -> None:
    """The whole body: the text, or a code by the status and the text; and the hint where there is one."""
    released = json_response(404, {"error": "no", "hint": "h"})
    documented = json_response(404, {"error": "not_found", "message": "no", "hint": "h"})
    expect = {"status": 404, "error": "no", "hint": "h"}
    assert differences(expect, released, "0.2.0") == differences(expect, documented, "documented") == []
    assert differences(expect, released, "documented") == [
        ("body.error", '"not_found"', '"no"'),
        ("body.message", '"no"', "(absent)"),
    ]


def test_status_headers_and_text() -> None:
    """Each is compared by itself."""
    answer = text_response(404, "Cannot")
    expect = {"status": 200, "headers": {"Content-Type": {"$contains": "json"}, "x": "y"}, "text": "Could"}
    assert differences(expect, answer, "0.2.0") == [
        ("status", "200", "404"),
        ("header Content-Type", 'a text that contains "json"', '"text/plain; charset=utf-8"'),
        ("header x", '"y"', "(absent)"),
        ("body", '"Could"', '"Cannot"'),
    ]


def test_a_body_that_is_no_json_differs() -> None:
    """It is shown as it came."""
    assert found({"at": {"a": 1}}, text_response(200, "oops")) == [("body", "JSON", "oops")]
    assert found({"at": {"a": {"$absent": True}}}, Response(200)) == [("body", "JSON", "(empty)")]
