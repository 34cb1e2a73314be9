from __future__ import annotations

from typing import Any

import pytest

from fakememtrace.memory.dialect import ATTRIBUTES
from fakememtrace.memory.fake import FakeMemtrace
from fakememtrace.wire import Request, Response

from .machines import DialectAgainstDialect
from .running import run
from .table import SHOWS


def machine(**attributes: Any) -> Any:
    """A machine with counts of its own."""
    return type("DialectAgainstDialect", (DialectAgainstDialect,), attributes)


def test_the_table_has_every_attribute() -> None:
    """Each difference says where it shows."""
    assert set(SHOWS) == set(ATTRIBUTES)


@pytest.mark.parametrize("preset", ["0.2.0", "documented"])
def test_dialects_differ_only_where_the_table_says_so(preset: str) -> None:
    """One attribute changed alone shows on its own routes and nowhere else."""
    against = machine(dialect=preset)
    run(against, examples=30, steps=40)
    assert against.steps >= 750
    # Which ones show is luck; tests/memory/test_differences.py shows each of them.
    assert len(against.showed) >= 18


def test_a_difference_without_a_row_is_noticed() -> None:
    """Without has_more in the table the machine stops at a list."""
    allowed = {name: shows for name, shows in SHOWS.items() if name != "has_more"}
    with pytest.raises(AssertionError, match="with has_more changed"):
        run(machine(allowed=allowed), examples=30, steps=40)


def test_a_difference_that_is_no_attribute_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dialect is its attributes: one that is asked for by name behaves no other way."""
    handle = FakeMemtrace.handle

    def by_name(fake: FakeMemtrace, request: Request) -> Response:
        response = handle(fake, request)
        is_documented = fake.dialect.name.startswith("documented")
        return response._replace(status=202) if is_documented and response.status == 201 else response

    monkeypatch.setattr(FakeMemtrace, "handle", by_name)
    with pytest.raises(AssertionError, match="with no attribute changed"):
        run(machine(), examples=30, steps=40)
