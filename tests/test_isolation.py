"""Two orgs in one world, who use the same names, ids and dedup keys, and ask for each other's."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from fakememtrace.memory.dialect import Dialect
from fakememtrace.memory.fake import FakeMemtrace
from fakememtrace.strategies import batches
from fakememtrace.wire import Request, Response, json_response

from .model.machines import AgainstModel, route_of
from .model.naive import Naive
from .model.running import run

ORGS = ("acme", "globex")
V1 = "/api/v1"
# Where an org's own data comes back; stats and a deletion only have numbers and a status.
SHOWN = {
    f"GET {V1}/memories",
    f"GET {V1}/memories/{{id}}",
    f"POST {V1}/search",
    f"GET {V1}/agents",
    f"GET {V1}/agents/{{id}}",
    f"GET {V1}/agents/{{id}}/memories",
    f"GET {V1}/sessions",
    f"GET {V1}/sessions/{{id}}",
    f"GET {V1}/sessions/{{id}}/memories",
    f"PUT {V1}/sessions/{{id}}",
    f"POST {V1}/sessions/{{id}}/context",
}
PROBED = SHOWN - {f"GET {V1}/agents"} | {
    f"GET {V1}/agents/{{id}}/stats",
    f"DELETE {V1}/agents/{{id}}",
    f"POST {V1}/memories",
    f"POST {V1}/sessions",
}


def canary(org: str) -> str:
    """What is in everything that `org` stores; a tag and a text."""
    return f"canary-of-{org}"


class TwoOrgs(AgainstModel):
    """Each request is one org's, and nothing of the other one is in its answer.

    Nor does the other one make any difference: a model that knows of nobody else gives the same
    answers (unless ``compares`` is off).  ``shown`` are the routes that gave an org its own canary,
    ``probed`` those that were asked for an id or a text of the other one's.
    """

    compares: ClassVar[bool] = True
    shown: ClassVar[set[str]]
    probed: ClassVar[set[str]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.shown, cls.probed = set(), set()

    def __init__(self) -> None:
        self.owned: dict[str, set[str]] = {name: {canary(name)} for name in ORGS}
        super().__init__()
        self.models = {name: self.model_of(name) for name in ORGS}
        self.turns, self.only = 0, ""

    def model_of(self, name: str) -> Naive:
        """What the org would be on a server of its own."""
        org = self.world.org(name)
        model = Naive(Dialect(self.dialect).values(), self.world.clock.micros(), org.api_key, org.id)
        model.orgs, model.drawn = ["org_default", *(f"org_{other}" for other in ORGS)], self.model.drawn
        return model

    @initialize(batch=batches())
    def begin(self, batch: dict[str, Any]) -> None:
        """Both orgs have agents of the same names, and store the same."""
        for self.only in (*ORGS, ""):
            if self.only:
                super().begin(batch)

    @rule(org=st.sampled_from(ORGS))
    def look_for(self, org: str) -> None:
        """What everything of an org has, by either one."""
        self.get_memory(canary(org))
        self.ask("POST", "/search", {"content_contains": canary(org)})
        self.ask("GET", "/memories", query={"tags": canary(org)})

    def ask(self, method: str, path: str, body: Any = None, query: dict[str, str] | None = None) -> tuple[int, Any]:
        """As the org whose turn it is."""
        # Thue-Morse: every short pattern of turns comes up, an org's two in a row as well as its one between two.
        self.org = self.only or ORGS[self.turns.bit_count() % 2]
        self.turns += 1
        self.api_key, self.model = self.world.org(self.org).api_key, self.models[self.org]
        self.model.now = self.world.clock.micros()
        status, answer = super().ask(method, path, marked(path, body, canary(self.org)), query)
        if status == 201:
            created = answer.get("memories", [answer])
            self.owned[self.org] |= {item[name] for item in created for name in ("id", "memory_id") if name in item}
        return status, answer

    def check(self, request: Request, response: Response) -> None:
        """Nothing of the other org's, and nothing because of it."""
        asked, answered = f"{request.path}?{request.query} {request.body!r}", response.body.decode()
        if asked.startswith(f"{V1}/"):
            other = ORGS[1 - ORGS.index(self.org)]
            for mark in (canary(other), f'"org_{other}"'):
                assert mark not in answered or mark in asked, f"{mark} crossed to {self.org}: {request}"
            self.note(asked, answered, other)
        if self.compares:
            super().check(request, response)

    def note(self, asked: str, answered: str, other: str) -> None:
        """Which routes showed something, and which were probed."""
        if canary(self.org) in answered:
            self.shown.add(route_of(self))
        if any(known in asked for known in self.owned[other]):
            self.probed.add(route_of(self))


def marked(path: str, body: Any, mark: str) -> Any:
    """`body` with `mark` in whatever it stores."""
    if not isinstance(body, dict) or path.startswith("/search") or path.endswith("/context"):
        return body
    if not all(map(well_formed, body.items())):
        return body
    if isinstance(body.get("memories"), list):
        return {**body, "memories": [marked(path, item, mark) for item in body["memories"]]}
    changes: dict[str, Any] = {name: {**body[name], "mark": mark} for name in ("metadata", "config") if body.get(name)}
    if body.get("content") and isinstance(body["content"], str):
        changes |= {"content": f"{mark} {body['content']}", "tags": [*(body.get("tags") or []), mark]}
    if path == "/agents":
        changes["description"] = mark
    if path == "/sessions":
        changes["metadata"] = {**(body.get("metadata") or {}), "mark": mark}
    return {**body, **changes}


def well_formed(field: tuple[str, Any]) -> bool:
    """Whether a field has its type: the machine sends others, too."""
    kinds: dict[str, Any] = {"tags": list, "metadata": dict, "config": dict}
    return isinstance(field[1], (kinds.get(field[0], object), type(None)))


def machine(**attributes: Any) -> Any:
    """A machine with counts of its own."""
    return type("TwoOrgs", (TwoOrgs,), attributes)


@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_nothing_crosses_orgs(dialect: str) -> None:
    """No probe by id, name, filter, dedup key, stats, context, search or lookup shows or notices another org."""
    two = machine(dialect=dialect)
    run(two, examples=40, steps=40)
    assert two.steps >= 1_200
    assert two.shown >= SHOWN, "an org's own canary does come back"
    assert two.probed >= PROBED, "an org does ask for what is another's"


LEAKS = [
    ("GET", r"/memories", "crossed"),
    ("GET", r"/memories/[^/]+", "crossed"),
    ("POST", r"/search", "crossed"),
    ("GET", r"/agents", "crossed"),
    ("GET", r"/agents/[^/]+", "crossed"),
    ("GET", r"/agents/[^/]+/memories", "crossed"),
    ("GET", r"/agents/[^/]+/stats", "model"),
    ("DELETE", r"/agents/[^/]+", "model"),
    ("GET", r"/sessions", "crossed"),
    ("GET", r"/sessions/[^/]+", "crossed"),
    ("PUT", r"/sessions/[^/]+", "crossed"),
    ("GET", r"/sessions/[^/]+/memories", "crossed"),
    ("POST", r"/sessions/[^/]+/context", "crossed"),
    ("POST", r"/memories", "crossed"),
]


@pytest.mark.parametrize(("method", "path", "noticed"), LEAKS)
def test_a_leak_is_noticed(monkeypatch: pytest.MonkeyPatch, method: str, path: str, noticed: str) -> None:
    """A route that tells acme what globex has fails the test above."""
    handle = FakeMemtrace.handle

    def leaking(fake: FakeMemtrace, request: Request) -> Response:
        acme, globex = (fake.tenants.keys_of(f"org_{name}")[0].text for name in ORGS)
        own = handle(fake, request)
        if request.method != method or not re.fullmatch(V1 + path, request.path):
            return own
        if request.headers.get("x-api-key") != acme:
            return own
        other = handle(fake, request._replace(headers={**request.headers, "x-api-key": globex}))
        return max(own, other, key=lambda response: (response.status < 400, len(response.body)))

    monkeypatch.setattr(FakeMemtrace, "handle", leaking)
    with pytest.raises(AssertionError, match=noticed):
        run(machine(compares=noticed == "model"), examples=40)


def test_a_dedup_key_that_crosses_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A memory is no duplicate of another org's."""
    handle = FakeMemtrace.handle

    def leaking(fake: FakeMemtrace, request: Request) -> Response:
        taken = {memory.dedup_key for name in ORGS for memory in fake.tenants.org(f"org_{name}").memories()}
        is_one = request.method == "POST" and request.path == f"{V1}/memories" and request.body.startswith(b'{"agent')
        if is_one and json.loads(request.body).get("dedup_key") in taken:
            return json_response(409, {"error": "duplicate memory"})
        return handle(fake, request)

    monkeypatch.setattr(FakeMemtrace, "handle", leaking)
    with pytest.raises(AssertionError, match="model"):
        run(machine(compares=True), examples=40)
