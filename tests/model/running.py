"""How the suite runs a state machine: the same steps every time, and nothing left on the disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.configuration import set_hypothesis_home_dir
from hypothesis.internal.conjecture import providers
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

__all__ = ["deterministic", "run"]


@contextmanager
def deterministic() -> Iterator[None]:
    """No constants out of whatever modules happen to be imported, and no folder of Hypothesis's own."""
    # Hypothesis draws constants that it finds in the source of imported modules, however derandomized it is,
    # so that what a test draws would depend on the tests before it.
    none = type(providers.GLOBAL_CONSTANTS)()
    with pytest.MonkeyPatch.context() as patch, tempfile.TemporaryDirectory() as home:
        patch.setattr(providers, "_get_local_constants", lambda: none)
        set_hypothesis_home_dir(home)
        try:
            yield
        finally:
            set_hypothesis_home_dir(None)


def run(machine: type[RuleBasedStateMachine], examples: int, steps: int = 50, *, shrink: bool = False) -> None:
    """Run `machine` for at most `examples` times `steps` steps; raise what a step raised."""
    chosen = settings(
        max_examples=examples,
        stateful_step_count=steps,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        derandomize=True,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    with deterministic():
        run_state_machine_as_test(machine, settings=chosen)
