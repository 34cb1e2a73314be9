"""Short histories for tests."""

from __future__ import annotations

from fakememtrace.clock import moment
from fakememtrace.evals.datasets import Entry, History, Question

START = moment("2026-03-01T10:00:00Z")
HOUR = 3_600_000_000


def history(*contents, questions=(), agent="Ada", session="talk", apart=HOUR):
    """Memories m1, m2, ... with these contents, an hour apart, asked about an hour after the last."""
    entries = [
        Entry(f"m{number}", START + number * apart, agent, content, session)
        for number, content in enumerate(contents, 1)
    ]
    return History("story", entries, list(questions), entries[-1].at + HOUR, (agent,))


def question(text, *gold, **more):
    """A question whose gold are these keys."""
    return Question("q1", "any", text, gold, **more)
