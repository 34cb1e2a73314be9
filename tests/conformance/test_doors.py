from __future__ import annotations

import pytest

from fakememtrace.conformance import Outcome, Run, Vector, load
from fakememtrace.conformance.report import difference_lines
from fakememtrace.conformance.vector import DIALECTS

from .stages import DOORS, staged

VECTORS = load()


def told(outcomes: list[Outcome]) -> str:
    """What differs or was skipped, as it is shown to a user."""
    wrong = [outcome for outcome in outcomes if outcome.state != "passed"]
    return "\n".join(text for outcome in wrong for text, _ in (*difference_lines(outcome, str), (outcome.reason, "")))


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_fake_keeps_the_whole_contract_through_every_door(dialect: str, door: str) -> None:
    """Nothing differs and nothing is skipped, all vectors one after the other against one server."""
    with staged(dialect, door) as stage:
        run = Run(stage)
        outcomes = [run.check(vector) for vector in VECTORS]
    assert told(outcomes) == ""
    assert len(outcomes) == len(VECTORS)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector.id)
def test_each_vector_stands_alone(vector: Vector) -> None:
    """It passes in both dialects against a new server, where no other went before."""
    for dialect in DIALECTS:
        with staged(dialect) as stage:
            assert told([Run(stage).check(vector)]) == ""


@pytest.mark.parametrize("dialect", DIALECTS)
def test_vectors_pass_in_reverse_on_a_server_in_use(dialect: str) -> None:
    """What other runs left behind does not matter, nor does the order."""
    with staged(dialect) as stage:
        for name in ("first", "second"):
            run = Run(stage._replace(run=name))
            assert told([run.check(vector) for vector in reversed(VECTORS)]) == ""
