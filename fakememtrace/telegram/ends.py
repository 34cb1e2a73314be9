"""The words about what the script has and the program did not do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .script import Script, Update

__all__ = ["open_ends"]

_MOST = 10


def open_ends(
    script: Script, undelivered: Sequence[Update], unanswered: Sequence[Update], run: int, deaf: Mapping[str, object]
) -> str:
    """What was never answered and never fetched, by name; empty when there is none.

    `run` is how far the program came; `deaf` the bots that ask for no messages, and what they ask for.
    """
    parts = []
    if unanswered:
        parts.append(
            f"{script.source}: {_count(unanswered)} never answered:\n{_shown(unanswered)}\n"
            "Expected: the bot sends a message to that chat.\n"
            "What to do: look at what the bot does with it; where no answer is meant, write reply = false."
        )
    if undelivered:
        parts.append(
            f"{script.source}: {_count(undelivered)} never delivered:\n{_shown(undelivered)}\n"
            f"Expected: each bot polls (getUpdates) until the end; {_reason(undelivered[0], unanswered, run, deaf)}.\n"
            "What to do: look at what ends or stops the program; or take the updates out of the script."
        )
    return "\n".join(parts)


def _reason(first: Update, unanswered: Sequence[Update], run: int, deaf: Mapping[str, object]) -> str:
    if first.run > run:
        return f"run {first.run} of the program did not begin"
    if unanswered and unanswered[-1].number == first.number - 1:
        return "each update waits until the one before is answered"
    if first.bot.name in deaf:
        return f"{first.bot.name} asks for no messages, its allowed_updates are {deaf[first.bot.name]}"
    return f"{first.bot.name} did not, or no more"


def _count(updates: Sequence[Update]) -> str:
    return "1 update was" if len(updates) == 1 else f"{len(updates)} updates were"


def _shown(updates: Sequence[Update]) -> str:
    lines = [f"  {update}" for update in updates[:_MOST]]
    more = [f"  ... and {len(updates) - _MOST} more"] if len(updates) > _MOST else []
    return "\n".join(lines + more)
