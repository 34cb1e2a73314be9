from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from fakememtrace.conformance import chosen, load
from fakememtrace.conformance.reading import VectorError, read_file
from fakememtrace.conformance.vector import Advance, Send
from fakememtrace.errors import UnknownName

ADVICE = "\nThe README beside the vectors describes what may stand there."
SEND = {"send": "GET /health", "expect": {"status": 200}}


def written(tmp_path: Path, *vectors: Any, **more: Any) -> Path:
    """A vector file."""
    path = tmp_path / "part.json"
    path.write_text(json.dumps({"contract": "1", "about": "x", "vectors": vectors, **more}), "utf-8")
    return path


def vector(*steps: Any, **more: Any) -> dict[str, Any]:
    """A vector with these steps."""
    return {"id": "v", "fact": "f", "steps": list(steps) or [SEND], **more}


def problem(path: Path) -> str:
    """What is said about the file, without its folder and without the advice that always follows."""
    with pytest.raises(VectorError) as error:
        read_file(path)
    text = str(error.value)
    assert text.startswith(f"{path}, ")
    assert text.endswith(ADVICE)
    return text[len(f"{path}, ") : -len(ADVICE)]


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (5, "vector 1: expected an object, found 5."),
        ({"id": "v", "steps": [SEND]}, "vector 'v': the field 'fact' is missing."),
        (
            vector(colour=1),
            "vector 'v': unknown field 'colour'. Known: attribute, fact, given, id, needs and steps.",
        ),
        (vector(id="V 1"), "vector 'V 1', id: expected small letters, digits and hyphens."),
        (vector(fact=1), "vector 'v', fact: expected a text, found 1."),
        (
            vector(given="agents"),
            "vector 'v', given: unknown 'agents'. Did you mean 'agent'? Known: agent and session.",
        ),
        ({**vector(), "steps": []}, "vector 'v', steps: there is none, so nothing is checked."),
        (
            vector({"sent": "x"}),
            'vector \'v\', step 1: expected an object with one of send, remember and advance, found {"sent": "x"}.',
        ),
        (vector({"send": "GET /health"}), "vector 'v', step 1: the field 'expect' is missing."),
        (
            vector({"send": "health", "expect": {"status": 200}}),
            "vector 'v', step 1, send: expected a method and a path, found \"health\".",
        ),
        (vector({**SEND, "expect": {}}), "vector 'v', step 1, expect: the field 'status' is missing."),
        (
            vector({**SEND, "expect": {"status": True}}),
            "vector 'v', step 1, expect, status: expected a whole number, found true.",
        ),
        (
            vector({**SEND, "json": {}, "text": ""}),
            "vector 'v', step 1: there is one body, not json and text.",
        ),
        (
            vector({**SEND, "json": {"$each": "3", "of": 1}}),
            "vector 'v', step 1, $each: expected a whole number, found \"3\".",
        ),
        (
            vector({"send": "GET /{agent}", "expect": {"status": 200}}),
            "vector 'v', step 1: unknown variable {agent}. Known: key, me and me128.",
        ),
        (
            vector({**SEND, "keep": {"time": "a b"}}),
            "vector 'v', step 1, keep, time: expected a place, found \"a b\".",
        ),
        (vector({"remember": []}), "vector 'v', step 1, remember: there is nothing to remember."),
        (
            vector({"remember": [{"tags": []}]}),
            "vector 'v', step 1, remember: expected fields with a content, found {\"tags\": []}.",
        ),
        (
            vector(SEND, {"advance": "1h"}),
            "vector 'v', step 2: it moves the clock, so the vector's needs must name \"clock\".",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, raw: Any, text: str) -> None:
    """File, vector, step and field, what was expected and what was found."""
    assert problem(written(tmp_path, raw)) == text


def test_an_unknown_matcher_is_refused(tmp_path: Path) -> None:
    """With the nearest one; else it would be a value that no answer has."""
    raw = vector({**SEND, "expect": {"status": 200, "json": [{"a": {"$tme": 6}}]}})
    assert problem(written(tmp_path, raw)).startswith(
        "vector 'v', step 1, expect: unknown '$tme'. Did you mean '$time'? Known: $absent, "
    )


def test_an_unknown_need_is_refused(tmp_path: Path) -> None:
    """Else the vector would be skipped for ever."""
    assert problem(written(tmp_path, vector(needs=["clocks"]))).startswith(
        "vector 'v', needs: unknown 'clocks'. Did you mean 'clock'? Known: arc_down, "
    )


def test_two_with_one_id_are_refused(tmp_path: Path) -> None:
    """They could not be told apart."""
    path = written(tmp_path, vector(), vector())
    assert problem(path) == "vector 'part/v': there are two with this id. Give one of them another."


def test_a_file_that_is_no_json_is_refused(tmp_path: Path) -> None:
    """With the words of the JSON reader."""
    path = tmp_path / "part.json"
    path.write_text("{", "utf-8")
    assert problem(path).startswith("the whole file: this is no readable JSON: Expecting property name")


def test_a_file_that_lacks_a_field_is_refused(tmp_path: Path) -> None:
    """As a vector is."""
    path = tmp_path / "part.json"
    path.write_text('{"contract": "1", "vectors": []}', "utf-8")
    assert problem(path) == "the whole file: the field 'about' is missing."


def test_a_dialects_value_stands_for_both(tmp_path: Path) -> None:
    """Anywhere in a step."""
    raw = vector(
        {"send": {"0.2.0": "GET /a", "documented": "GET /b"}, "expect": {"status": {"0.2.0": 1, "documented": 2}}}
    )
    (read,) = read_file(written(tmp_path, raw))
    assert read.steps == {
        "0.2.0": (Send("GET", "/a", {"status": 1}),),
        "documented": (Send("GET", "/b", {"status": 2}),),
    }


def test_shorthands_become_requests(tmp_path: Path) -> None:
    """given, remember and $each are nothing but requests."""
    many = {"send": "POST /m", "json": {"$each": 2, "of": {"content": "m{n}"}}, "expect": {"status": 201}}
    (read,) = read_file(
        written(
            tmp_path, vector({"remember": [{"content": "a"}]}, many, {"advance": "1h"}, given="agent", needs=["clock"])
        )
    )
    agent, memory, seen, batch, advance = read.steps["0.2.0"]
    assert isinstance(agent, Send)
    assert (agent.target, agent.body, agent.keep) == ("/api/v1/agents", {"name": "{me}"}, {"agent": "id"})
    assert isinstance(memory, Send)
    assert memory.body == {"agent_id": "{me}", "content": "a"}
    assert isinstance(seen, Send)
    assert (seen.target, seen.expect["at"]) == ("/api/v1/memories?agent_id={me}&limit=1", {"memories.0.content": "a"})
    assert isinstance(batch, Send)
    assert batch.body == [{"content": "m0"}, {"content": "m1"}]
    assert advance == Advance("1h")


def test_vectors_are_chosen_by_section_and_by_id() -> None:
    """Those that are named, in the order of all."""
    ids = [vector.id for vector in chosen(load(), ["stats", "agents/id"])]
    assert ids[0] == "agents/id"
    assert {name.partition("/")[0] for name in ids[1:]} == {"stats"}
    assert len(chosen(load(), [])) == len(load())


def test_a_name_that_is_none_is_refused() -> None:
    """With the sections, or the ids of the section that it begins with."""
    with pytest.raises(UnknownName) as section:
        chosen(load(), ["agent"])
    assert str(section.value) == (
        "unknown section or vector 'agent'. Did you mean 'agents'? Known: agents, batch, context, dedup, errors, json, "
        "keys, list, memories, routes, search, sessions, stats and windows."
    )
    with pytest.raises(UnknownName) as vector_id:
        chosen(load(), ["errors/confict"])
    assert str(vector_id.value) == (
        "unknown section or vector 'errors/confict'. Did you mean 'errors/conflict'? Known: errors/bad-request, "
        "errors/conflict, errors/no-arc, errors/not-found, errors/plain-404 and errors/unauthorized."
    )
