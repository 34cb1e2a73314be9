"""The vectors themselves: enough of them, each of use, and none that passes whatever the server does."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from fakememtrace.conformance import Run, Stage, load
from fakememtrace.conformance.reading import VECTORS as FOLDER
from fakememtrace.conformance.vector import DIALECTS, NEEDS, Send, Vector
from fakememtrace.memory.dialect import ATTRIBUTES, Attribute
from fakememtrace.memory.routes import ROUTES
from fakememtrace.wire import Request, Response

from .stages import staged

VECTORS = load()
BY_ID = {vector.id: vector for vector in VECTORS}
DIFFERING = [attribute for attribute in ATTRIBUTES.values() if attribute.released != attribute.documented]
CHANGED = [(preset, attribute) for preset in DIALECTS for attribute in DIFFERING]


def sends(vector: Vector, dialect: str = "0.2.0") -> list[Send]:
    """The requests of a vector."""
    return [step for step in vector.steps[dialect] if isinstance(step, Send)]


def row_of(send: Send) -> str:
    """The row of the table that a request is for, if any."""
    path = send.target.partition("?")[0]
    for route in ROUTES:
        if route.method == send.method and re.fullmatch(re.sub(r"\\{id\\}", "[^/]+", re.escape(route.path)), path):
            return str(route)
    return ""


def test_there_are_enough() -> None:
    """At least 250, in every part of the contract that a server keeps."""
    assert len(VECTORS) >= 250
    assert {vector.contract for vector in VECTORS} == {"1", "2", "3", "4", "5", "6", "9"}


def test_no_two_are_the_same() -> None:
    """Neither by id, nor in a part by fact, nor by what they send and expect."""
    for key in (
        lambda vector: vector.id,
        lambda vector: (vector.section, vector.fact),
        lambda vector: repr((vector.steps, vector.needs)),
    ):
        counts = Counter(map(key, VECTORS))
        assert [name for name, count in counts.items() if count > 1] == []


def test_every_route_is_asked() -> None:
    """Each row of the routes' table has a vector that succeeds there, in both dialects."""
    for dialect in DIALECTS:
        good = {row_of(send) for vector in VECTORS for send in sends(vector, dialect) if send.expect["status"] < 300}
        assert good == {str(route) for route in ROUTES} | {""}


def test_every_need_is_used() -> None:
    """And known."""
    assert {need for vector in VECTORS for need in vector.needs} == set(NEEDS)


def test_most_can_be_asked_of_any_server() -> None:
    """Without what only a fake can give, 400 are left."""
    assert sum(not vector.needs for vector in VECTORS) >= 400


def test_an_attribute_is_named_where_the_dialects_differ() -> None:
    """A vector names an attribute exactly when it expects different things; that it is that one is tested below."""
    wrong = []
    for vector in VECTORS:
        released, documented = ([send.expect for send in sends(vector, dialect)] for dialect in DIALECTS)
        if (vector.attribute in ATTRIBUTES) != (released != documented):
            wrong.append(vector.id)
    assert wrong == []


@pytest.mark.parametrize(("preset", "attribute"), CHANGED, ids=lambda value: getattr(value, "name", value))
def test_an_attribute_changed_alone_makes_its_vectors_differ(preset: str, attribute: Attribute) -> None:
    """All that name it, of each preset; so each one checks what it says it checks."""
    other = attribute.documented if preset == "0.2.0" else attribute.released
    vectors = [vector for vector in VECTORS if vector.attribute == attribute.name]
    with staged(preset, **{attribute.name: other}) as stage:
        run = Run(stage)
        assert vectors
        assert [vector.id for vector in vectors if run.check(vector).state != "differing"] == []


@pytest.mark.parametrize("preset", DIALECTS)
@pytest.mark.parametrize(
    ("change", "vector_id"),
    [({"sql_guard": "on"}, "search/sql-words"), ({"visibility_delay": "100ms"}, "routes/list-memories")],
)
def test_what_is_off_in_both_presets_is_checked_too(preset: str, change: dict[str, str], vector_id: str) -> None:
    """A deployment whose Arc misreads texts or shows them late is told."""
    with staged(preset, **change) as stage:
        assert Run(stage).check(BY_ID[vector_id]).state == "differing"


def test_what_cannot_be_shown_is_said() -> None:
    """A sentence without a vector stands in the files with its reason."""
    files = [json.loads(path.read_text("utf-8")) for path in FOLDER.glob("*.json")]
    unobservable = [sentence for file in files for sentence in file.get("unobservable", {})]
    assert sorted(unobservable) == [
        "A key is `mtk_` + URL-safe base64 of 32 random bytes.",
        "Empty strings, not NULL, are stored for what is absent.",
        "Equal times: insertion order, under `asc` and `desc` alike.",
    ]


def edited(change: Callable[[Any], Any]) -> Callable[[Request, Response], Response]:
    """A server that answers with a changed JSON body."""

    def alter(request: Request, response: Response) -> Response:
        try:
            body = change(json.loads(response.body))
        except (ValueError, TypeError, KeyError):
            return response
        return response._replace(chunks=(json.dumps(body).encode(),))

    return alter


def status_for(wanted: int, instead: int) -> Callable[[Request, Response], Response]:
    """A server that answers with another status."""
    return lambda _, response: response._replace(status=instead) if response.status == wanted else response


def reversed_lists(body: Any) -> Any:
    """Every list of memories the other way round."""
    return {**body, "memories": body["memories"][::-1]}


def without_fraction(body: Any) -> Any:
    """A memory whose time has a zero too many."""
    return {**body, "time": body["time"].replace("Z", "0Z")}


MUTATIONS: dict[str, tuple[Callable[[Request, Response], Response], list[str]]] = {
    "conflicts are 400": (status_for(409, 400), ["agents/same-name", "dedup/same-memory", "errors/conflict"]),
    "creations are 200": (
        status_for(201, 200),
        ["routes/create-memory", "routes/create-agent", "routes/create-session"],
    ),
    "deletions are 200": (status_for(204, 200), ["routes/delete-agent"]),
    "errors of filters are 422": (status_for(500, 422), ["list/bad-agent", "windows/yesterday", "context/bad-include"]),
    "a list is the other way round": (edited(reversed_lists), ["list/desc", "list/asc", "routes/agent-memories-order"]),
    "a count is one more": (
        edited(lambda body: {**body, "count": body["count"] + 1}),
        ["routes/list-memories", "routes/create-batch", "search/nothing-found", "list/limit-default"],
    ),
    "has_more is turned round": (
        edited(lambda body: {**body, "has_more": not body["has_more"]}),
        ["list/more-exists", "list/more-not-full", "list/more-full-page", "list/more-empty"],
    ),
    "nothing is left out": (
        edited(lambda body: {"metadata": {}, "tags": [], "description": "", "config": {}, **body}),
        ["json/empty-tags", "json/empty-metadata", "agents/empty-config", "memories/absent-fields", "routes/health"],
    ),
    "times have trailing zeros": (edited(without_fraction), ["memories/time", "routes/create-memory"]),
    "an error has a full stop": (
        edited(lambda body: {**body, "error": body["error"] + "."}),
        ["keys/missing", "agents/unknown-get", "memories/agent-required", "batch/empty"],
    ),
    "context has one more line": (
        edited(lambda body: {**body, "context": body["context"] + "\n"}),
        ["context/empty", "context/actions", "context/entities", "context/whole"],
    ),
    "ids are shorter": (
        edited(lambda body: {**body, "id": body["id"][:-1]}),
        ["agents/id", "sessions/id", "routes/create-session"],
    ),
    "<, > and & are not escaped": (
        edited(lambda body: body),
        ["json/escaped-in-content", "json/escaped-in-list", "json/escaped-in-name"],
    ),
    "JSON does not say so": (
        lambda _, response: response._replace(headers=(("content-type", "text/html"),)),
        ["json/content-type-out", "routes/unknown-path", "routes/wrong-method"],
    ),
    "HEAD has a body": (
        lambda request, response: response._replace(chunks=(b"x",)) if request.method == "HEAD" else response,
        ["routes/head-health", "routes/head-with-key"],
    ),
}


def broken(stage: Stage, alter: Callable[[Request, Response], Response]) -> Stage:
    """`stage`, with a server that answers wrongly."""
    return stage._replace(send=lambda request: alter(request, stage.send(request)))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", MUTATIONS)
def test_a_server_that_is_wrong_is_found_out(name: str, dialect: str) -> None:
    """Vectors do not pass whatever the server answers: one that is wrong in one way makes these differ."""
    alter, expected = MUTATIONS[name]
    if name == "errors of filters are 422" and dialect == "documented":
        alter = status_for(400, 422)
    with staged(dialect) as stage:
        run = Run(broken(stage, alter))
        assert [vector_id for vector_id in expected if run.check(BY_ID[vector_id]).state != "differing"] == []


BROKEN_REQUESTS: dict[str, tuple[Callable[[Request], Request], list[str]]] = {
    "every key opens": (
        lambda request: request._replace(headers={**request.headers, "x-api-key": "{key}"}),
        [
            "keys/missing",
            "keys/unknown",
            "keys/expired",
            "keys/other-agent",
            "keys/other-memories-search",
            "keys/no-arc-list",
        ],
    ),
    "queries are not read": (
        lambda request: request._replace(query=""),
        ["list/agent", "list/order-anything-else", "list/limit", "list/offset", "list/one-tag", "windows/date"],
    ),
    "paths are decoded": (
        lambda request: request._replace(path=request.path.replace("%2F", "-")),
        ["json/path-escape-in-an-id"],
    ),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", BROKEN_REQUESTS)
def test_a_server_that_reads_wrongly_is_found_out(name: str, dialect: str) -> None:
    """The same for what a server makes of a request."""
    alter, expected = BROKEN_REQUESTS[name]
    with staged(dialect) as stage:

        def send(request: Request) -> Response:
            asked = alter(request)
            headers = {name: value.replace("{key}", stage.key) for name, value in asked.headers.items()}
            return stage.send(asked._replace(headers=headers))

        run = Run(stage._replace(send=send))
        assert [vector_id for vector_id in expected if run.check(BY_ID[vector_id]).state != "differing"] == []


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_server_that_says_nothing_passes_nothing(dialect: str) -> None:
    """200 with an empty object satisfies no vector."""
    with staged(dialect) as stage:
        run = Run(stage._replace(send=lambda request: Response(200, (), (b"{}",))))
        assert [vector.id for vector in VECTORS if run.check(vector).state != "differing"] == []
