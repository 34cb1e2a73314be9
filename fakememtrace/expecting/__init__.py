"""Expectations: what an agent must have stored, recalled, asked and called, and the nearest thing that it did.

In a scenario they stand in ``expectations.toml``; in a test::

    from fakememtrace.expecting import called, recalled, requested, shown_to_model, stored

    assert stored(world, contains="vegetarian", agent="assistant")
    assert shown_to_model(world, "Ada is vegetarian")
    assert called(world, "memtrace_remember")
"""

from .asserting import called, recalled, requested, sent, shown_to_model, stored, tools
from .check import Check, Expectation
from .evidence import Evidence
from .gathering import Runs

__all__ = [
    "Check",
    "Evidence",
    "Expectation",
    "Runs",
    "called",
    "recalled",
    "requested",
    "sent",
    "shown_to_model",
    "stored",
    "tools",
]
