"""What Claude answers in the scenario single_agent_documented, written by hand."""

from __future__ import annotations

from fakememtrace.claude.author import Turn, text, tool_use

__all__ = ["DATE", "TURNS"]

DATE = "2026-11-22"

TURNS = [
    # Run 1. "I prefer dark mode"
    Turn(
        [
            text("I'll keep that in mind."),
            tool_use("memtrace_remember", content="User prefers dark mode", tags=["preference", "ui"], importance=0.8),
            tool_use(
                "memtrace_decide",
                decision="Use the dark theme",
                reasoning="The user said that they prefer dark mode.",
            ),
        ],
        1830,
    ),
    Turn([text("Done: you get the dark theme from now on.")], 1120),
    # Run 2, in the same session. "Which theme do I get? Bye for now!"
    Turn([tool_use("memtrace_recall", since="24h"), tool_use("memtrace_search", tags=["preference"])], 1240),
    Turn([text("The dark theme, as you prefer it. Bye!")], 980),
    # Run 3, in a new session. "Is my theme still the same? Bye!"
    Turn([tool_use("memtrace_search", content_contains="dark mode")], 1310),
    Turn([text("Yes, it is still the dark one. Bye!")], 1010),
]
