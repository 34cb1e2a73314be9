"""Drift finds in our own scenarios what its documentation promises, each with its cause."""

from __future__ import annotations

from pathlib import Path

from fakememtrace.drift.comparing import compare_all, ready
from fakememtrace.drift.result import Comparison

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def found(name: str) -> Comparison:
    """What the dialects differ in for that scenario."""
    (one,) = compare_all(ready(SCENARIOS / name))
    return one


def causes(one: Comparison) -> set[str]:
    """The behaviours that change which memories are shown."""
    return {
        behaviour["name"] for finding in one.findings if finding.kind == "memory" for behaviour in finding.behaviours
    }


def test_two_agents() -> None:
    """The cut, the search that heeds capitals, the tag in another tag, and a decision that no context shows."""
    one = found("multi_agent")
    assert causes(one) >= {"context_line", "content_match", "tag_match"}
    assert [notice.headline for notice in one.notices] == [
        "Your agent logs a decision without a session: on 0.2.0 no session's context ever shows it."
    ]
    assert one.problems == ([], [])


def test_three_bots() -> None:
    """The empty context of a new session, and the window of 24 hours."""
    one = found("telegram_support")
    assert causes(one) >= {"context_line", "context_scope", "context_window"}
    assert one.problems == ([], [])


def test_the_documented_client() -> None:
    """What only the documented client has is told with the lines of the program."""
    one = found("single_agent_documented")
    extras = {extra.call: extra.where for extra in one.extras}
    assert {"search_sessions", "Memory.id", "add_memory(dict)"} <= extras.keys()
    assert all(where.startswith("single_agent_documented/program.py, line ") for where in extras["search_sessions"])
