"""How often something must have happened: at least once, unless told otherwise."""

from __future__ import annotations

from typing import NamedTuple

from .given import Given

__all__ = ["KEYS", "Quantity", "quantity"]

KEYS = ("count", "at_least", "absent")


class Quantity(NamedTuple):
    """At least so often, and at most so often (None: no matter); what is absent has 0 and 0."""

    least: int = 1
    most: int | None = None

    @property
    def absent(self) -> bool:
        """Whether it must not have happened at all."""
        return self.most == 0

    @property
    def words(self) -> str:
        """The number, as it stands behind what is counted; empty for at least one."""
        if self.absent or self == Quantity():
            return ""
        return f", exactly {self.most}" if self.most is not None else f", at least {self.least}"

    def holds(self, found: int) -> bool:
        """Whether so many are right."""
        return found >= self.least and (self.most is None or found <= self.most)


def quantity(given: Given) -> Quantity:
    """What is said with ``count``, ``at_least`` or ``absent``."""
    said = [key for key in KEYS if key in given.values]
    if len(said) > 1:
        raise given.error(
            f"{said[0]!r} and {said[1]!r} say different things.", "Keep one: how many, how many at least, or none."
        )
    count, least = given.number("count"), given.number("at_least")
    if given.flag("absent"):
        return Quantity(0, 0)
    return Quantity(count, count) if count else Quantity(least or 1)
