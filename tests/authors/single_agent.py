"""What Claude answers in the scenario single_agent, written by hand."""

from __future__ import annotations

from fakememtrace.claude.author import Turn, text, tool_use

__all__ = ["DATE", "TURNS"]

DATE = "2026-11-22"

TURNS = [
    # Run 1. "Hi! I'm Ada. I work best with dark mode, and I'm vegetarian."
    Turn(
        [
            text("Nice to meet you, Ada! I'll remember both."),
            tool_use("memtrace_remember", content="Ada prefers dark mode", tags=["preference", "ui"], importance=0.7),
            tool_use("memtrace_remember", content="Ada is vegetarian", tags=["preference", "food"], importance=0.9),
        ],
        2140,
    ),
    Turn([text("Done: dark mode for the screen, vegetarian for the plate. What can I do for you?")], 1310),
    # "We're having a team dinner on Friday. Lucia's trattoria or Bruno's grill - you decide, please."
    Turn([text("Let me see what I know about food first."), tool_use("memtrace_search", tags=["food"])], 1480),
    Turn(
        [
            tool_use(
                "memtrace_decide",
                decision="The team dinner on Friday is at Lucia's trattoria",
                reasoning="Ada is vegetarian, and a trattoria has more for her than a grill.",
            ),
            tool_use(
                "memtrace_remember",
                content="Team dinner on Friday at Lucia's trattoria",
                tags=["event"],
                importance=0.8,
            ),
        ],
        2560,
    ),
    Turn(
        [
            text(
                "Lucia's trattoria, then.\n\n"
                "You're vegetarian, and a trattoria has more for you than a grill. "
                "I've logged the decision with that reason."
            )
        ],
        1720,
    ),
    # "What do you know about me so far?"
    Turn([tool_use("memtrace_recall", since="24h")], 1190),
    Turn(
        [
            text(
                "So far I know three things:\n\n"
                "- you prefer dark mode,\n"
                "- you are vegetarian,\n"
                "- your team has dinner on Friday, at Lucia's trattoria."
            )
        ],
        1930,
    ),
    # Run 2. "Good morning! Is there anything to keep in mind for my dinner on Friday?"
    Turn(
        [
            text("Good morning, Ada! Let me look up the dinner."),
            tool_use("memtrace_search", content_contains="dinner"),
        ],
        1650,
    ),
    Turn(
        [
            text(
                "Two things: the dinner is at Lucia's trattoria, and you are vegetarian - "
                "so a word to the kitchen beforehand won't hurt. The rest of the team may want to know where to go."
            )
        ],
        1880,
    ),
]
