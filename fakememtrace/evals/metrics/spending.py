"""What reading cost."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Spent", "tokens"]

_CHARACTERS_PER_TOKEN = 4


class Spent(NamedTuple):
    """How many requests were made, how many memories came back, and how many tokens what came back has."""

    calls: int = 0
    returned: int = 0
    tokens: int = 0

    def plus(self, other: Spent) -> Spent:
        """Both together."""
        return Spent(self.calls + other.calls, self.returned + other.returned, self.tokens + other.tokens)

    def since(self, before: Spent) -> Spent:
        """What was spent since it was `before`."""
        return Spent(self.calls - before.calls, self.returned - before.returned, self.tokens - before.tokens)


def tokens(text: str) -> int:
    """About how many tokens `text` is: four characters each, as Memtrace's documentation counts, rounded up."""
    return -(-len(text) // _CHARACTERS_PER_TOKEN)
