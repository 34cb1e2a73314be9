from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from fakememtrace.memory.dialect import Dialect
from fakememtrace.memory.fake import FakeMemtrace
from fakememtrace.memory.routes import ROUTES
from fakememtrace.wire import Request, Response

from .machines import AgainstModel, MixedDialects
from .naive import Naive
from .running import run

HOUR = 3_600_000_000


def machine(base: type, **attributes: Any) -> Any:
    """A machine with counts of its own."""
    return type(base.__name__, (base,), attributes)


@pytest.mark.parametrize(
    ("examples", "least"),
    [(60, 1_500), pytest.param(180, 5_000, marks=pytest.mark.slow)],
    ids=["many steps", "five thousand steps"],
)
@pytest.mark.parametrize("dialect", ["0.2.0", "documented"])
def test_steps_without_a_difference(dialect: str, examples: int, least: int) -> None:
    """In either dialect, ten thousand together: each answer on each route is the naive model's."""
    against = machine(AgainstModel, dialect=dialect)
    run(against, examples=examples, steps=40)
    assert against.steps >= least
    assert set(against.asked) - {""} == set(map(str, ROUTES))


def test_every_mixture_of_dialects_is_the_models() -> None:
    """Each attribute does what its row says, whatever the others are."""
    mixed = machine(MixedDialects)
    run(mixed, examples=24)
    assert mixed.steps >= 1_000


class InAnotherDialect(AgainstModel):
    """The fake matches texts in any case; the model is the released server."""

    dialect = Dialect("0.2.0").replace(content_match="any_case")

    def new_model(self) -> Naive:
        """Of another dialect than the world."""
        return Naive(Dialect("0.2.0").values(), self.world.clock.micros(), self.api_key)


def test_a_match_in_any_case_is_noticed() -> None:
    """The released server's is case-sensitive."""
    # Which of the two finds it first depends on the draws, and those on the version of Python.
    with pytest.raises(AssertionError, match=r"POST /api/v1/search|GET /api/v1/memories/"):
        run(machine(InAnotherDialect), examples=180, steps=40)


def test_a_shorter_dedup_window_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """23 hours are not 24."""
    monkeypatch.setattr("fakememtrace.memory.store.DAY", 23 * HOUR)
    with pytest.raises(AssertionError, match="model"):
        run(machine(AgainstModel), examples=180, steps=40)


def test_a_day_a_microsecond_longer_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows are strict."""
    monkeypatch.setattr("fakememtrace.memory.store.DAY", 24 * HOUR + 1)
    with pytest.raises(AssertionError, match="model"):
        run(machine(AgainstModel), examples=180, steps=40)


def one_more(handle: Callable[..., Response], fake: FakeMemtrace, request: Request) -> Response:
    """A limit of n is one of n + 1."""
    query = re.sub(r"limit=(\d+)", lambda found: f"limit={int(found[1]) + 1}", request.query)
    return handle(fake, request._replace(query=query))


def flushing_stats(handle: Callable[..., Response], fake: FakeMemtrace, request: Request) -> Response:
    """Stats show what no query has found yet."""
    if request.path.endswith("/stats"):
        handle(fake, request._replace(path="/api/v1/memories", query=""))
    return handle(fake, request)


@pytest.mark.parametrize(("defect", "route"), [(one_more, "memories?.*limit="), (flushing_stats, "stats")])
def test_a_planted_defect_is_noticed(monkeypatch: pytest.MonkeyPatch, defect: Any, route: str) -> None:
    """An off-by-one limit, and stats that see the write buffer."""
    handle = FakeMemtrace.handle
    monkeypatch.setattr(FakeMemtrace, "handle", lambda fake, request: defect(handle, fake, request))
    with pytest.raises(AssertionError, match=route):
        run(machine(AgainstModel), examples=180, steps=40)


def test_the_same_steps_every_time() -> None:
    """A second run asks the same, whatever was imported in between."""
    asked = []
    for _ in range(2):
        against = machine(AgainstModel)
        run(against, examples=3)
        asked.append((against.steps, against.asked))
        import fakememtrace.scenario.replay  # noqa: F401
    assert asked[0] == asked[1]
